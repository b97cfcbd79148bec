/** The loop over layers of a forward pass on a batch. @module */

import { recorded, scatterRows, tf } from "../../runtime/mod.ts";
import { type Batch, type BatchContext, inStream } from "./batch.ts";
import { batchLayer } from "./layer.ts";
import type { Policy } from "./transformer.ts";

/** A model of fewer layers and less width than this is a toy whose steps are too short for its graphs to pay. */
const RECORDED_LAYERS = 3;
const RECORDED_WIDTH = 128;

/** Whether a graph of one of the policy's layers pays in its first batches. */
export function worthRecording({ layers, config }: Policy): boolean {
  return layers.length >= RECORDED_LAYERS || config.hiddenSize >= RECORDED_WIDTH;
}

/** What a recorded layer depends on besides its tensors. */
export function batchKey(
  { config }: Policy,
  { groups, promptLength, completions, completionLength }: Batch,
): string {
  return JSON.stringify([config, groups, promptLength, completions, completionLength]);
}

/** Token of each row of the residual stream, `[N]`. */
const streamIds = (batch: Batch): tf.Tensor1D => tf.tensor1d(inStream(batch, batch.ids), "int32");

/** The residual stream before the first layer, `[N, D]`. */
export function embedBatch(policy: Policy, batch: Batch): tf.Tensor2D {
  if (batch.residual !== undefined) return tf.clone(batch.residual);
  return tf.tidy(() => tf.gather(policy.embedding, streamIds(batch)));
}

/** The embedding's gradient `[V, D]` from that of the stream before the first layer; 0 where other layers lie between. */
export function embeddingGradient(policy: Policy, batch: Batch, dx: tf.Tensor2D): tf.Tensor2D {
  return batch.residual === undefined
    ? scatterRows(dx, streamIds(batch), policy.config.vocabSize)
    : tf.zerosLike(policy.embedding);
}

/** Number of rows that a policy's layer gives: undefined where it gives all. */
export function layerRows(
  { layers }: Policy,
  { outputRows }: Pick<Batch, "outputRows">,
  layer: number,
): number | undefined {
  return layer === layers.length - 1 ? outputRows : undefined;
}

/** A policy's layer on a batch, `[N, D]` to `[N, D]`, or `[R, D]` where it is the last. */
export function runLayer(
  policy: Policy,
  batch: Batch,
  context: BatchContext,
  layer: number,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const rows = layerRows(policy, batch, layer);
  return recorded(
    `layer ${batchKey(policy, batch)} ${rows}`,
    { layer: policy.layers[layer]!, context, x },
    (t) => batchLayer(policy.config, batch, t.layer, t.context, t.x, rows).x,
    worthRecording(policy),
  );
}

/** All layers, keeping nothing: the residual stream after the last, `[N, D]` or `[R, D]`. */
export function runLayers(policy: Policy, batch: Batch, context: BatchContext): tf.Tensor2D {
  let x = embedBatch(policy, batch);
  for (const layer of policy.layers.keys()) {
    const next = runLayer(policy, batch, context, layer, x);
    x.dispose();
    x = next;
  }
  return x;
}
