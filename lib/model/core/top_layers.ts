/**
 * The last layers of a model as a model of their own, on batches that carry what the layers below compute. Where those
 * layers stay as they are, they are computed once.
 *
 * @module
 */

import { tf, UsageError } from "../../runtime/mod.ts";
import { type Batch, batchContext } from "./batch.ts";
import type { Adapter } from "./lora.ts";
import { runLayers } from "./run_layers.ts";
import { basePolicy, type Transformer } from "./transformer.ts";

/** Some neighbouring layers of a model, with the weights outside the layers. */
function someLayers(model: Transformer, from: number, to: number): Transformer {
  const layers = model.layers.slice(from, to);
  return { ...model, config: { ...model.config, layers: layers.length }, layers };
}

/**
 * The last layers of a model, with its output projection. Its batches need {@linkcode withLowerLayers}.
 *
 * @param model the whole model; its tensors are shared, nothing has to be freed
 * @param count number of layers
 * @returns a model whose `config.layers` is `count`
 * @throws UsageError when the model has no so many layers
 */
export function topLayers(model: Transformer, count: number): Transformer {
  const { layers } = model.config;
  if (!(Number.isInteger(count) && count >= 1 && count <= layers)) {
    throw new UsageError(
      `Expected topLayers to be an integer from 1 to ${layers} but found ${count}`,
    );
  }
  return someLayers(model, layers - count, layers);
}

/**
 * The batch with the residual stream that the layers below {@linkcode topLayers} compute.
 *
 * @param model the whole model
 * @param batch a batch
 * @param count number of layers that are not computed
 * @returns the batch with a `residual`, `[N, D]`, which the caller disposes of: 4 N D bytes
 */
export function withLowerLayers(model: Transformer, batch: Batch, count: number): Batch {
  const policy = basePolicy(someLayers(model, 0, model.config.layers - count));
  const context = batchContext(policy.config, batch);
  const { outputRows: _, ...all } = batch;
  const residual = runLayers(policy, all, context);
  tf.dispose(Object.values(context));
  return { ...batch, residual };
}

/**
 * An adapter of the last layers as one of the whole model, to write it or to sample with. Its factors below are 0, so
 * that it does nothing there, and cannot be trained there.
 *
 * @param model the whole model
 * @param adapter an adapter that was made for {@linkcode topLayers}
 * @returns an adapter whose values the caller disposes of
 */
export function wholeAdapter<A extends Adapter>({ config }: Transformer, adapter: A): A {
  const below = config.layers * adapter.layerSize - adapter.values.size;
  const values = tf.tidy(() => tf.concat([tf.zeros([below]), adapter.values]));
  return { ...adapter, values };
}
