/** What the projections of every layer read: the inputs of low-rank updates. @module */

import { matmul, rmsNorm, swiGlu, tf } from "../../runtime/mod.ts";
import { type Batch, type BatchContext, batchContext, rowsAt } from "./batch.ts";
import { batchLayer, type LayerWeights } from "./layer.ts";
import type { ProjectionGroup } from "./lora.ts";
import { embedBatch, runLayer } from "./run_layers.ts";
import type { Policy } from "./transformer.ts";

/** Inputs of a layer's projections on every valid token of a batch, `[tokens, in]` each. */
export type ProjectionInputs = Readonly<Record<ProjectionGroup, tf.Tensor2D>>;

/** Rows of the residual stream that hold a token, padding left out. */
function validRows(batch: Batch): number[] {
  const { groups, promptLength, promptLengths, slots } = batch;
  const prompts = Array.from(
    { length: groups },
    (_, g) => Array.from({ length: promptLengths[g]! }, (_, t) => g * promptLength + t),
  );
  const own = Array.from(slots, (slot) => groups * promptLength + slot);
  return [...rowsAt(batch, Int32Array.from([...prompts.flat(), ...own]))];
}

/**
 * Runs a policy over a batch and shows what each layer's projections read, one layer at a time. The tensors are freed
 * behind the visit.
 *
 * @param policy the model, updates merged
 * @param batch prompts with completions whose tokens are all scored, as `packGroups` makes it
 * @param visit told of each layer, from the first
 */
export function forEachLayerInputs(
  policy: Policy,
  batch: Batch,
  visit: (inputs: ProjectionInputs, layer: number) => void,
): void {
  const context = batchContext(policy.config, batch);
  const rows = validRows(batch);
  let x = embedBatch(policy, batch);
  for (const [l, layer] of policy.layers.entries()) {
    tf.tidy(() => visit(layerInputs(policy, batch, context, layer.weights, x, rows), l));
    const next = runLayer(policy, batch, context, l, x);
    x.dispose();
    x = next;
  }
  tf.dispose([x, ...Object.values(context)]);
}

function layerInputs(
  { config }: Policy,
  batch: Batch,
  context: BatchContext,
  weights: LayerWeights,
  x: tf.Tensor2D,
  rows: readonly number[],
): ProjectionInputs {
  const valid = (t: tf.Tensor) => tf.gather(t, tf.tensor1d([...rows], "int32")) as tf.Tensor2D;
  // Without its feed-forward part a layer gives x + attention W, the stream that the feed-forward part reads.
  const upToAttention = (output: tf.Tensor) =>
    batchLayer(
      config,
      batch,
      { weights: { ...weights, output, down: tf.zerosLike(weights.down) } },
      context,
      x,
    ).x;
  const stream = upToAttention(weights.output);
  const h = rmsNorm(stream, weights.postNorm, config.rmsNormEps);
  return {
    qkv: valid(rmsNorm(x, weights.inputNorm, config.rmsNormEps)),
    output: attentionRows(upToAttention, weights.output, rows, x.shape),
    gateUp: valid(h),
    down: valid(swiGlu(matmul(h, weights.gateUp))),
  };
}

/**
 * Rows of the attention's result, exactly: the derivative of x + attention W with respect to W is attention' dy, and a dy
 * with a single 1 in a row and in a column picks that row. As many rows at a time as the stream is wide.
 */
function attentionRows(
  layer: (output: tf.Tensor) => tf.Tensor,
  output: tf.Tensor,
  rows: readonly number[],
  [tokens, width]: [number, number],
): tf.Tensor2D {
  const gradient = tf.grad(layer);
  const parts: tf.Tensor[] = [];
  for (let start = 0; start < rows.length; start += width) {
    const here = rows.slice(start, start + width);
    const dy = tf.buffer<tf.Rank.R2>([tokens, width]);
    here.forEach((row, column) => dy.set(1, row, column));
    const columns = tf.slice(gradient(output, dy.toTensor()), [0, 0], [-1, here.length]);
    parts.push(tf.transpose(columns));
  }
  return tf.concat(parts) as tf.Tensor2D;
}
