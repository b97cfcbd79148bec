/**
 * Log-probabilities of the completions in a batch. {@linkcode recordBatch} gives their gradients too.
 *
 * @module
 */

import { matmul, tf } from "../../runtime/mod.ts";
import { type Batch, batchContext, rowsAt } from "./batch.ts";
import { finalHidden, headLogProbs, type ScoreOptions } from "./head.ts";
import { runLayers } from "./run_layers.ts";
import type { Policy } from "./transformer.ts";

/** The residual stream after the last layer. */
function lastStream(policy: Policy, batch: Batch): tf.Tensor2D {
  const context = batchContext(policy.config, batch);
  const stream = runLayers(policy, batch, context);
  tf.dispose(Object.values(context));
  return stream;
}

/** Log-probability of every valid completion token, `[n]`, in the order of `batch.targets`. */
export function scoreBatch(
  policy: Policy,
  batch: Batch,
  options: ScoreOptions = {},
): Float32Array {
  const stream = lastStream(policy, batch);
  const logProbs = headLogProbs(policy, batch, stream, options.temperature ?? 1);
  stream.dispose();
  return logProbs;
}

/** Logits at the given places of a batch, `[n, V]`; the caller disposes of them. */
export function batchLogits(
  policy: Policy,
  batch: Batch,
  places: Int32Array,
): tf.Tensor2D {
  const stream = lastStream(policy, batch);
  const logits = tf.tidy(() => {
    const hidden = tf.gather(stream, tf.tensor1d(rowsAt(batch, places), "int32")) as tf.Tensor2D;
    return matmul(finalHidden(policy, hidden), policy.projection);
  });
  stream.dispose();
  return logits;
}
