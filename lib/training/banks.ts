/**
 * Banks: parts of one low-rank adapter, each for one capability (theory section 1, theorem 3). Bank i holds some of the
 * ranks of every projection: columns of A and rows of B.
 *
 * What bank i's update does to capability j to first order is `w_i <P_i g_j, P_i g_i>`, P_i the bank's mask. Disjoint banks
 * do not make it 0, nor do banks whose A are orthogonal to each other (O-LoRA). It is 0 where A_i is frozen and A_i h = 0 for
 * every state h that j's prompts reach: then j does not depend on bank i at all. The price is that nothing is shared.
 *
 * @module
 */

import {
  type Batch,
  forEachLayerInputs,
  type Policy,
  type ProjectionGroup,
  type Trainable,
} from "../model/mod.ts";
import { tf, UsageError } from "../runtime/mod.ts";

/** A trainable adapter. */
export type LoraTrainable = Extract<Trainable, { kind: "lora" }>;

function adapterOf(trainable: Trainable): LoraTrainable {
  if (trainable.kind !== "lora") {
    throw new UsageError("Expected an adapter to cut into banks but found all weights");
  }
  return trainable;
}

/**
 * The ranks of each bank: the shared ones, the last, are in all of them; the others are dealt out in runs of nearly equal
 * length.
 *
 * @param r Rank of the adapter.
 * @param count Number of banks.
 * @param shared Ranks that all banks have.
 * @returns Ranks of each bank, [count] lists of indices below r.
 * @throws UsageError when there are fewer ranks of one's own than banks.
 * @example
 * ```ts
 * import { bankRanks } from "./banks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bankRanks(6, 2, 1), [[0, 1, 2, 5], [3, 4, 5]]);
 * ```
 */
export function bankRanks(r: number, count: number, shared = 0): number[][] {
  const own = r - shared;
  if (!(shared >= 0 && count >= 1 && own >= count)) {
    throw new UsageError(
      `Expected a rank of at least ${
        count + shared
      } for ${count} banks and ${shared} shared ranks but found ${r}`,
    );
  }
  const start = (bank: number) => Math.ceil(bank * own / count);
  return Array.from({ length: count }, (_, bank) => [
    ...Array.from({ length: start(bank + 1) - start(bank) }, (_, i) => start(bank) + i),
    ...Array.from({ length: shared }, (_, i) => own + i),
  ]);
}

/** How an adapter is cut into banks. */
export interface BankOptions {
  /** Ranks that all banks have; 0 when left out. */
  readonly shared?: number;
  /** Whether A is in no bank, so that it stays as it is; it does not when left out. */
  readonly freezeA?: boolean;
}

/**
 * Masks of zeros and ones over an adapter's vector, `[n]`, one a bank, for the `banks` of GRPO. The caller disposes of
 * them.
 *
 * @param trainable The adapter, of n values.
 * @param count Number of banks.
 * @param options Shared ranks, and whether A is frozen.
 * @returns Masks, [count] vectors [n].
 * @throws UsageError when the rank is too small, or all weights are trained.
 */
export function capabilityBanks(
  trainable: Trainable,
  count: number,
  options: BankOptions = {},
): tf.Tensor1D[] {
  const { config: { r }, segments, layerSize, values } = adapterOf(trainable);
  const layers = values.size / layerSize;
  return bankRanks(r, count, options.shared).map((ranks) => {
    const layer = new Float32Array(layerSize);
    for (const { factor, shape: [rows, columns], offset } of segments) {
      if (factor === "A" && options.freezeA) continue;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const rank = factor === "A" ? j % r : i;
          if (ranks.includes(rank)) layer[offset + i * columns + j] = 1;
        }
      }
    }
    return tf.tidy(() => tf.tile(tf.tensor1d(layer), [layers]));
  });
}

/** A loss of the parameters with its gradient, which the caller disposes of. */
export type Penalty = (
  values: tf.Tensor1D,
) => { readonly loss: number; readonly gradient: tf.Tensor1D };

/**
 * The penalty of O-LoRA (arXiv 2310.14152) on banks that are trained together: `weight` times the sum over
 * projections and pairs of banks of `||A_i' A_j||^2`, for the `penalty` of GRPO. Shared ranks have no part in it.
 *
 * @param trainable The adapter, of n values.
 * @param count Number of banks.
 * @param weight Weight of the penalty, lambda_1 in the paper.
 * @param shared Ranks that all banks have.
 * @returns A function from the adapter's vector, [n], to the penalty and its gradient, [n].
 * @throws UsageError when the rank is too small, or all weights are trained.
 */
export function orthogonalityPenalty(
  trainable: Trainable,
  count: number,
  weight: number,
  shared = 0,
): Penalty {
  const { config: { r }, segments, layerSize } = adapterOf(trainable);
  const ranks = bankRanks(r, count, shared);
  const bankOf = (rank: number) =>
    rank < r - shared ? ranks.findIndex((b) => b.includes(rank)) : -1;
  /** 1 where two columns of one projection belong to different banks, `[columns, columns]`. */
  const apart = (columns: number) =>
    Array.from({ length: columns }, (_, a) =>
      Array.from({ length: columns }, (_, b) => {
        const [i, j] = [bankOf(a % r), bankOf(b % r)];
        return Math.floor(a / r) === Math.floor(b / r) && i >= 0 && j >= 0 && i !== j ? 1 : 0;
      }));
  const masks = segments.map(({ factor, shape }) => factor === "A" ? apart(shape[1]) : undefined);
  return (values) =>
    tf.tidy(() => {
      const layers = values.size / layerSize;
      const rows = tf.reshape(values, [layers, layerSize]);
      let squares = 0;
      const parts = segments.map(({ shape: [height, columns], offset }, s) => {
        const size = height * columns;
        const mask = masks[s];
        if (mask === undefined) return tf.zeros([layers, size]);
        const a = tf.reshape(tf.slice(rows, [0, offset], [layers, size]), [
          layers,
          height,
          columns,
        ]);
        // Every pair stands twice in the product.
        const products = tf.mul(tf.matMul(a, a, true), tf.tensor2d(mask));
        squares += tf.sum(tf.square(products)).dataSync()[0]! / 2;
        return tf.reshape(tf.mul(tf.matMul(a, products), 2 * weight), [layers, size]);
      });
      return {
        loss: weight * squares,
        gradient: tf.reshape(tf.concat(parts, 1), [-1]) as tf.Tensor1D,
      };
    });
}

/** An orthonormal basis of what the projections of a group read, by layer; a group that is not adapted has none. */
export type InputBases = readonly Readonly<
  Partial<Record<ProjectionGroup, readonly Float64Array[]>>
>[];

/** `v` without its part in the span of the basis, twice, so that rounding leaves nothing. */
function withoutSpan(basis: readonly Float64Array[], v: Float64Array): Float64Array {
  const rest = v.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const u of basis) {
      let product = 0;
      for (let k = 0; k < rest.length; k++) product += u[k]! * rest[k]!;
      for (let k = 0; k < rest.length; k++) rest[k]! -= product * u[k]!;
    }
  }
  return rest;
}

const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

/**
 * Bases of the states that the adapted projections read on batches of prompts with completions.
 *
 * @param policy The model at the adapter's present values.
 * @param trainable The adapter.
 * @param batches What another capability's prompts reach.
 * @param tolerance A state whose part outside the basis is at most this share of it adds nothing; the default only
 * leaves rounding out, a larger one gives a smaller basis that the states almost lie in.
 * @returns Orthonormal bases in float64, [layers] by projection group.
 * @throws UsageError when all weights are trained.
 */
export function inputBases(
  policy: Policy,
  trainable: Trainable,
  batches: readonly Batch[],
  tolerance = 1e-6,
): InputBases {
  const groups = [...new Set(adapterOf(trainable).segments.map(({ group }) => group))];
  const bases = policy.layers.map(() =>
    Object.fromEntries(groups.map((group) => [group, [] as Float64Array[]])) as Partial<
      Record<ProjectionGroup, Float64Array[]>
    >
  );
  for (const batch of batches) {
    forEachLayerInputs(policy, batch, (inputs, l) => {
      for (const group of groups) {
        const basis = bases[l]![group]!;
        const [tokens, width] = inputs[group].shape;
        const states = inputs[group].dataSync();
        for (let t = 0; t < tokens && basis.length < width; t++) {
          const state = Float64Array.from(states.subarray(t * width, (t + 1) * width));
          const rest = withoutSpan(basis, state);
          const length = norm(rest);
          if (length > tolerance * norm(state)) basis.push(rest.map((x) => x / length));
        }
      }
    });
  }
  return bases;
}

/** An adapter whose bank reads nothing of some states. */
export interface RemovedInputs {
  /** The adapter's vector, `[n]`; the caller disposes of it. */
  readonly values: tf.Tensor1D;
  /** Share of the bank's squared norm in A that is left; 0 where the states fill the whole space. */
  readonly kept: number;
}

/**
 * Takes out of a bank's A what reads the given states, A_i h = 0 (theorem 3). Do it before training, while B is 0: then
 * the states do not change by it. It holds as long as A is frozen and the states stay in the bases' span.
 *
 * @param trainable The adapter, of n values; it stays as it is.
 * @param ranks The bank's ranks, of {@linkcode bankRanks}.
 * @param bases Of {@linkcode inputBases} on the other capabilities' prompts.
 * @returns The changed vector, [n], and the share of the bank's A that is left.
 * @throws UsageError when all weights are trained.
 */
export function removeInputs(
  trainable: Trainable,
  ranks: readonly number[],
  bases: InputBases,
): RemovedInputs {
  const { config: { r }, segments, layerSize, values } = adapterOf(trainable);
  const data = (values.dataSync() as Float32Array).slice();
  let [before, after] = [0, 0];
  bases.forEach((layer, l) => {
    for (const { factor, group, shape: [height, columns], offset } of segments) {
      if (factor === "B") continue;
      const basis = layer[group] ?? [];
      const start = l * layerSize + offset;
      for (let j = 0; j < columns; j++) {
        if (!ranks.includes(j % r)) continue;
        const column = Float64Array.from(
          { length: height },
          (_, i) => data[start + i * columns + j]!,
        );
        const rest = withoutSpan(basis, column);
        before += norm(column) ** 2;
        after += norm(rest) ** 2;
        rest.forEach((x, i) => data[start + i * columns + j] = x);
      }
    }
  });
  return { values: tf.tensor1d(data), kept: before === 0 ? 0 : after / before };
}
