/** Inner products between the exact gradients of single prompts: what noise over prompts is made of. @module */

import type { PromptProducts } from "../balance/mod.ts";
import {
  type Batch,
  currentPolicy,
  disposePolicy,
  packTrees,
  type Policy,
  streamRows,
  type Trainable,
} from "../model/mod.ts";
import { memoryLimit, tf } from "../runtime/mod.ts";
import { gradientProducts } from "../training/mod.ts";
import { batchGradients } from "./exact_gradients.ts";
import type { Laboratory, LaboratoryBatch } from "./laboratory.ts";

/** Lengths are padded further than in a laboratory's batches, so that many prompts have one shape. */
const LENGTH_MULTIPLE = 16;

/** Share of the memory that gradients may take. */
const KEPT_SHARE = 0.25;

/** What the lower layers computed for one prompt of a batch, as rows of the prompt's own batch. */
function ownResidual({ batch: whole }: LaboratoryBatch, k: number, own: Batch): tf.Tensor2D {
  // A prompt's tree is the same in both; behind it there is padding.
  const rows = own.stream!.places.map((place) =>
    place < own.promptLengths[0]!
      ? whole.stream!.rows[k * whole.promptLength + place]!
      : streamRows(whole) - 1
  );
  return tf.tidy(() => tf.gather(whole.residual!, tf.tensor1d(rows, "int32")));
}

/** One prompt of a batch as a batch of its own, whose residual stream the caller disposes of. */
function alone(part: LaboratoryBatch, k: number): LaboratoryBatch {
  const groups = [part.groups[k]!];
  const { batch, tokens } = packTrees(groups, LENGTH_MULTIPLE);
  const residual = part.batch.residual && { residual: ownResidual(part, k, batch) };
  return {
    batch: { ...batch, ...residual },
    members: [part.members[k]!],
    groups,
    tokens,
    starts: [part.starts[k]!],
  };
}

/** Gradients of some prompts, one prompt after the other, `[prompts * m]`. */
function ownGradients(
  lab: Laboratory,
  policy: Policy,
  trainable: Trainable,
  prompts: readonly { readonly part: LaboratoryBatch; readonly k: number }[],
): tf.Tensor1D[] {
  return prompts.flatMap(({ part, k }) => {
    const own = alone(part, k);
    const { gradients } = batchGradients(lab, policy, trainable, own);
    own.batch.residual?.dispose();
    return gradients.map((gradient) => gradient ?? tf.zerosLike(trainable.values));
  });
}

/**
 * Inner products `<grad J_i(x), grad J_j(y)>` between prompts x, y and rewards i, j, where `J_i` is the mean over x of
 * `J_i(x)`. Gradients are kept in as many blocks of prompts as a quarter of the memory asks for, at least one: with b
 * blocks they are computed about b / 2 times.
 *
 * @param lab the laboratory
 * @param trainable parameters, made for the laboratory's model
 * @param metric positive diagonal of M, `[n]`; the identity when left out
 * @returns the products, `[prompts, prompts][m, m]`
 */
export function promptProducts(
  lab: Laboratory,
  trainable: Trainable,
  metric?: tf.Tensor1D,
): PromptProducts {
  const m = lab.rewardNames.length;
  const room = KEPT_SHARE * memoryLimit() / (4 * trainable.values.size * m);
  return promptProductsInBlocks(lab, trainable, metric, Math.max(1, Math.floor(room / 2)));
}

/** As {@linkcode promptProducts}, with the gradients of at most twice so many prompts at a time. */
export function promptProductsInBlocks(
  lab: Laboratory,
  trainable: Trainable,
  metric: tf.Tensor1D | undefined,
  blockPrompts: number,
): PromptProducts {
  const m = lab.rewardNames.length;
  const prompts = lab.batches.flatMap((part) => part.members.map((x, k) => ({ part, k, x })));
  const blocks = Array.from(
    { length: Math.ceil(prompts.length / blockPrompts) },
    (_, b) => prompts.slice(b * blockPrompts, (b + 1) * blockPrompts),
  );
  const policy = currentPolicy(lab.model, trainable);
  const products: number[][][][] = lab.prompts.map(() => []);
  blocks.forEach((rows, b) => {
    const gradients = ownGradients(lab, policy, trainable, rows);
    blocks.slice(b).forEach((columns, c) => {
      const others = c === 0 ? gradients : ownGradients(lab, policy, trainable, columns);
      const found = gradientProducts(gradients, others, metric);
      rows.forEach(({ x }, r) =>
        columns.forEach(({ x: y }, s) => {
          const block = found.slice(r * m, (r + 1) * m).map((row) => row.slice(s * m, (s + 1) * m));
          products[x]![y] = block;
          products[y]![x] = block.map((_, i) => block.map((row) => row[i]!));
        })
      );
      if (c > 0) tf.dispose(others);
    });
    tf.dispose(gradients);
  });
  disposePolicy(policy, trainable);
  return products;
}
