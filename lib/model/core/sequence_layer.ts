/**
 * A layer over prompts and over completions by themselves, with gradients for several losses that differ by a number for each
 * completion, and for blocks of prompts.
 *
 * @module
 */

import { type Pullback, recordedPullback, type RowGroups, tf } from "../../runtime/mod.ts";
import { type Batch, type BatchContext, batchContext, streamRows } from "./batch.ts";
import { batchLayer, completionLayer } from "./layer.ts";
import { batchKey } from "./run_layers.ts";
import { type Streams, streamsOf } from "./sequence_streams.ts";
import { layerAt, layerSlice, type Trainable, trainableKey } from "./trainable.ts";
import type { Policy } from "./transformer.ts";

/** What is trained here: an adapter. */
export type AdapterTrainable = Trainable & { readonly kind: "lora" };

/** A layer's forward pass over prompts, and over completions. */
export interface SequenceLayer {
  /** Rows, keys and values of the prompts. */
  readonly prompts: Pullback;
  /** Rows of the completions. */
  readonly completions: Pullback;
  /** Inputs of the forward passes, which live until the tape is disposed of. */
  readonly inputs: readonly tf.Tensor[];
}

/** Frees what a layer kept. */
export function disposeLayer({ prompts, completions, inputs }: SequenceLayer): void {
  tf.dispose([...prompts.kept, ...completions.kept, ...inputs]);
}

/** What the layers of a forward pass share. */
export interface SequencePlan extends Streams {
  /** Number of losses m. */
  readonly losses: number;
  /** Block of each prompt, [G]. */
  readonly blocks: readonly number[];
  /** Rows of the prompts in the stream; those of the completions follow. */
  readonly promptRows: number;
  /** Rows of the completions. */
  readonly completionRows: number;
  /** The policy. */
  readonly policy: Policy;
  /** What is trained. */
  readonly trainable: AdapterTrainable;
  /** What a recorded layer depends on besides its tensors. */
  readonly key: string;
  /** What every layer needs to know of the prompts. */
  readonly promptContext: BatchContext;
  /** The same of the completions. */
  readonly completionContext: BatchContext;
  /** The prompts' rows, and in which block each of them counts, `[G, B]`. */
  readonly promptGroups: RowGroups;
  /** Row of each place of the completions, `[G K C]`. */
  readonly completionPlaces: tf.Tensor;
  /** All of its tensors. */
  readonly shared: readonly tf.Tensor[];
}

/** Number of blocks. */
export const blockCount = (blocks: readonly number[]): number => Math.max(...blocks) + 1;

/** Lays a batch out for the layers. */
export function planOf(
  policy: Policy,
  trainable: AdapterTrainable,
  batch: Batch,
  losses: number,
  blocks: readonly number[],
): SequencePlan {
  const streams = streamsOf(batch);
  const [promptRows, completionRows] = [streams.prompts, streams.completions].map(streamRows);
  const promptContext = batchContext(policy.config, streams.prompts);
  const completionContext = batchContext(policy.config, streams.completions);
  const placesOf = ({ rows }: BatchContext, count: number) =>
    rows === undefined ? tf.range(0, count, 1, "int32") : tf.clone(rows);
  const promptGroups = {
    places: placesOf(promptContext, promptRows!),
    factors: tf.tidy(() =>
      tf.oneHot(tf.tensor1d([...blocks], "int32"), blockCount(blocks), 1, 0, "float32")
    ),
  };
  const completionPlaces = placesOf(completionContext, completionRows!);
  const contexts = [promptContext, completionContext].flatMap((of) => Object.values(of));
  return {
    ...streams,
    policy,
    trainable,
    losses,
    blocks,
    key: `${trainableKey(trainable)} ${batchKey(policy, batch)} ${losses} ${blockCount(blocks)}`,
    promptContext,
    completionContext,
    promptGroups,
    completionPlaces,
    promptRows: promptRows!,
    completionRows: completionRows!,
    shared: [...contexts, promptGroups.places, promptGroups.factors, completionPlaces],
  };
}

/** Tensors one behind the other. */
export const flat = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat(tensors.map((t) => tf.reshape(t, [-1]))) as tf.Tensor1D;

/** Cuts a flat vector into tensors of the given shapes. */
function unflat(vector: tf.Tensor, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  const sizes = shapes.map((shape) => tf.util.sizeFromShape([...shape]));
  return tf.split(vector, sizes).map((t, k) => tf.reshape(t, [...shapes[k]!]));
}

/** Equal copies of a tensor, one behind the other. */
const copiesOf = (t: tf.Tensor, count: number): tf.Tensor =>
  tf.tile(tf.expandDims(t, 0), [count, ...t.shape.map(() => 1)]);

/** Runs a layer over both streams. */
export function recordLayer(
  plan: SequencePlan,
  l: number,
  x: tf.Tensor2D,
  rows: tf.Tensor2D,
): { readonly layer: SequenceLayer; readonly streams: readonly [tf.Tensor2D, tf.Tensor2D] } {
  const { policy: { config }, trainable, promptRows, prompts: { groups, promptLength } } = plan;
  const parameters = layerSlice(trainable, l);
  const heads = [groups * config.kvHeads, promptLength, config.headDim];
  const shapes = [[promptRows, config.hiddenSize], heads, heads];
  const prompts = promptPullback(plan, l, shapes, x, parameters);
  const [nextX, keys, values] = tf.tidy(() => unflat(prompts.value, shapes)) as [
    tf.Tensor2D,
    tf.Tensor,
    tf.Tensor,
  ];
  prompts.value.dispose();
  const completions = completionPullback(plan, l, { x: rows, keys, values, parameters });
  return {
    layer: { prompts, completions, inputs: [x, rows, parameters, keys, values] },
    streams: [nextX, completions.value as tf.Tensor2D],
  };
}

/**
 * A layer over the prompts: their rows, keys and values behind each other, and the gradients of rows and, for each block, of
 * the parameters.
 */
function promptPullback(
  { policy, trainable, prompts, promptContext, promptGroups, key, blocks }: SequencePlan,
  l: number,
  shapes: readonly (readonly number[])[],
  x: tf.Tensor2D,
  parameters: tf.Tensor,
): Pullback {
  const { config, layers } = policy;
  const { weights } = layers[l]!;
  const size = shapes.reduce((n, shape) => n + tf.util.sizeFromShape([...shape]), 0);
  const input = { x, parameters, context: promptContext, weights, groups: promptGroups };
  return recordedPullback(`prompts ${key}`, input, [size], (t, dy) => {
    const { value, grads } = tf.valueAndGrads((x: tf.Tensor, parameters: tf.Tensor) => {
      const layer = layerAt(config, trainable, t.weights, parameters);
      const grouped = { ...layer, adapter: { ...layer.adapter!, groups: t.groups } };
      const out = batchLayer(config, prompts, grouped, t.context, x);
      return flat([out.x, out.keys, out.values]);
    })([t.x, copiesOf(t.parameters, blockCount(blocks))], dy as tf.Tensor1D);
    return { value, gradients: grads };
  });
}

/**
 * A layer over the completions, and the gradients of rows, of the prompts' keys and values for each loss, and of the
 * parameters for each block and loss. The completions' factors come with the derivative.
 */
function completionPullback(
  { policy, trainable, completions, completionContext, completionPlaces, key, losses, blocks }:
    SequencePlan,
  l: number,
  inputs: Readonly<Record<"x" | "keys" | "values" | "parameters", tf.Tensor>>,
): Pullback {
  const { config, layers } = policy;
  const { weights } = layers[l]!;
  const input = { ...inputs, context: completionContext, weights, places: completionPlaces };
  const count = completions.groups * completions.completions;
  const each = losses * blockCount(blocks);
  const late = [[count, losses], [count, each]];
  return recordedPullback(`completions ${key}`, input, inputs.x.shape, (t, dy, factors, wide) => {
    const { value, grads } = tf.valueAndGrads(
      (x: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, parameters: tf.Tensor) => {
        const layer = layerAt(config, trainable, t.weights, parameters);
        const groups = { places: t.places, factors: wide! };
        const grouped = { ...layer, adapter: { ...layer.adapter!, groups } };
        const prefix = { keys, values, factors: factors! };
        return completionLayer(config, completions, grouped, t.context, x, prefix);
      },
    )(
      [t.x, copiesOf(t.keys, losses), copiesOf(t.values, losses), copiesOf(t.parameters, each)],
      dy as tf.Tensor2D,
    );
    return { value, gradients: grads };
  }, late);
}
