/**
 * Gradients of several losses that differ by a number for each completion: `sum_s a_is sum_t c_st log p(st)`, as rewards of
 * GRPO do, whose advantages are such numbers. Nothing flows from one completion to another, so behind the prompts one
 * backward pass with the coefficients c serves all losses: what comes to a completion's rows is the same times `a_is`. Only
 * the prompts' rows, which all completions read, have a pass for each loss.
 *
 * Prompts and completions are two streams here: layers of the one give keys and values that layers of the other read.
 *
 * @module
 */

import {
  isRecording,
  memoryLimit,
  type Pullback,
  recordedPullback,
  tf,
} from "../../runtime/mod.ts";
import {
  type Batch,
  type BatchContext,
  batchContext,
  type BatchShape,
  streamLayout,
  streamRows,
} from "./batch.ts";
import { type HeadOutput, recordHead } from "./head.ts";
import { batchLayer, completionLayer } from "./layer.ts";
import { batchKey, embedBatch, worthRecording } from "./run_layers.ts";
import { finalGradient, KEPT_SHARE, type Tape, type TapeOptions, tensorBytes } from "./tape.ts";
import { layerAt, layerSlice, type Trainable, trainableKey } from "./trainable.ts";
import type { Policy } from "./transformer.ts";

/** What is trained here: an adapter. */
type AdapterTrainable = Trainable & { readonly kind: "lora" };

/** A layer's forward pass over prompts, and over completions. */
interface SequenceLayer {
  readonly prompts: Pullback;
  readonly completions: Pullback;
  /** Inputs of the forward passes, which live until the tape is disposed of. */
  readonly inputs: readonly tf.Tensor[];
}

/** What a forward pass keeps; free it with {@linkcode disposeSequenceTape}. */
export interface SequenceTape extends Pick<Tape, "batch" | "stream" | "head"> {
  /** Number of losses m. */
  readonly losses: number;
  /** Rows of the prompts in the stream; those of the completions follow. */
  readonly promptRows: number;
  /** Rows of the completions. */
  readonly completionRows: number;
  readonly layers: readonly SequenceLayer[];
  /** What the layers share. */
  readonly shared: readonly tf.Tensor[];
}

/** What {@linkcode recordSequences} gives. */
export interface RecordedSequences extends HeadOutput {
  /** What the backward passes need. */
  readonly tape: SequenceTape;
}

/** Frees what a forward pass kept. */
export function disposeSequenceTape({ stream, head, layers, shared }: SequenceTape): void {
  tf.dispose([...shared]);
  layers.forEach(disposeLayer);
  tf.dispose([stream, head.jacobian, ...head.logitGradients]);
}

function disposeLayer({ prompts, completions, inputs }: SequenceLayer): void {
  tf.dispose([...prompts.kept, ...completions.kept, ...inputs]);
}

/** The two streams of a batch. */
interface Streams {
  /** The prompts alone. */
  readonly prompts: Batch;
  /** The completions alone. */
  readonly completions: Batch;
  /** The batch with one stream behind the other. */
  readonly joined: Batch;
}

function streamsOf(batch: Batch): Streams {
  const { groups: G, promptLength: P, completions: K, completionLength: C, ids, positions } = batch;
  const middle = G * P;
  const padding = batch.stream && batch.stream.places.length - 1;
  const holds = (place: number) => batch.stream?.rows[place] !== padding || padding === undefined;
  const part = (from: number, to: number, shape: Partial<BatchShape>): Batch => ({
    ...batch,
    ...shape,
    ids: ids.subarray(from, to),
    positions: positions.subarray(from, to),
    stream: streamLayout(Array.from({ length: to - from }, (_, k) => holds(from + k))),
  });
  const prompts = part(0, middle, { completions: 0, completionLength: 0 });
  const completions = part(middle, middle + G * K * C, {});
  const placesOf = ({ stream, ids }: Batch) => stream?.places ?? ids.map((_, place) => place);
  const rowsOf = ({ stream, ids }: Batch) => stream?.rows ?? ids.map((_, place) => place);
  const behind = streamRows(prompts);
  const join = (a: Int32Array, b: Int32Array, offset: number) =>
    Int32Array.from([...a, ...b.map((x) => x + offset)]);
  return {
    prompts,
    completions,
    joined: {
      ...batch,
      stream: {
        places: join(placesOf(prompts), placesOf(completions), middle),
        rows: join(rowsOf(prompts), rowsOf(completions), behind),
      },
    },
  };
}

/**
 * As {@linkcode recordBatch}, for {@linkcode backwardSequences}. Only an adapter can be trained so, where forward passes are
 * recorded and those of all layers fit into memory.
 *
 * @param policy Built from `trainable`.
 * @param trainable What is trained.
 * @param batch Prompts with completions.
 * @param losses Number of losses m.
 * @param options As those of {@linkcode recordBatch}.
 * @returns What the head tells and the tape; undefined where it cannot be done.
 */
export function recordSequences(
  policy: Policy,
  trainable: Trainable,
  batch: Batch,
  losses: number,
  options: TapeOptions = {},
): RecordedSequences | undefined {
  const possible = trainable.kind === "lora" && batch.completions > 0 && isRecording() &&
    worthRecording(policy) && options.gradientCheckpointing !== true;
  if (!possible || batch.parents !== undefined || batch.residual !== undefined) return undefined;
  const room = options.gradientCheckpointing === false ? Infinity : KEPT_SHARE * memoryLimit();
  const plan = planOf(policy, trainable, batch, losses);
  const { joined, promptRows, completionRows } = plan;
  const layers: SequenceLayer[] = [];
  let [prompts, completions] = tf.tidy(() =>
    tf.split(embedBatch(policy, joined), [promptRows, completionRows])
  ) as [tf.Tensor2D, tf.Tensor2D];
  for (let l = 0; l < policy.layers.length; l++) {
    const next = recordLayer(plan, l, prompts, completions);
    layers.push(next.layer);
    [prompts, completions] = next.streams;
    const { layer: { prompts: own, completions: others, inputs } } = next;
    if (policy.layers.length * tensorBytes([...own.kept, ...others.kept, ...inputs]) > room) {
      layers.forEach(disposeLayer);
      tf.dispose([prompts, completions, ...plan.shared]);
      return undefined;
    }
  }
  const stream = tf.concat([prompts, completions]) as tf.Tensor2D;
  tf.dispose([prompts, completions]);
  const { temperature = 1, predict = false } = options;
  const { head, ...told } = recordHead(policy, joined, stream, temperature, false, predict);
  const { shared } = plan;
  return {
    ...told,
    tape: { batch: joined, stream, head, losses, promptRows, completionRows, layers, shared },
  };
}

/** What the layers of a forward pass share. */
interface Plan extends Streams, Pick<SequenceTape, "losses" | "promptRows" | "completionRows"> {
  readonly policy: Policy;
  readonly trainable: AdapterTrainable;
  /** What a recorded layer depends on besides its tensors. */
  readonly key: string;
  readonly promptContext: BatchContext;
  readonly completionContext: BatchContext;
  /** Row of each place of the completions, [G K C]. */
  readonly places: tf.Tensor1D;
  /** All of its tensors. */
  readonly shared: readonly tf.Tensor[];
}

function planOf(
  policy: Policy,
  trainable: AdapterTrainable,
  batch: Batch,
  losses: number,
): Plan {
  const streams = streamsOf(batch);
  const promptContext = batchContext(policy.config, streams.prompts);
  const completionContext = batchContext(policy.config, streams.completions);
  const completionRows = streamRows(streams.completions);
  const places = completionContext.rows === undefined
    ? tf.range(0, completionRows, 1, "int32")
    : tf.clone(completionContext.rows);
  const contexts = [promptContext, completionContext].flatMap((of) => Object.values(of));
  return {
    ...streams,
    policy,
    trainable,
    losses,
    key: `${trainableKey(trainable)} ${batchKey(policy, batch)} ${losses}`,
    promptContext,
    completionContext,
    places,
    promptRows: streamRows(streams.prompts),
    completionRows,
    shared: [...contexts, places],
  };
}

const flat = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat(tensors.map((t) => tf.reshape(t, [-1]))) as tf.Tensor1D;

/** Cuts a flat vector into tensors of the given shapes. */
function unflat(vector: tf.Tensor, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  const sizes = shapes.map((shape) => tf.util.sizeFromShape([...shape]));
  return tf.split(vector, sizes).map((t, k) => tf.reshape(t, [...shapes[k]!]));
}

/** Runs a layer over both streams. */
function recordLayer(
  plan: Plan,
  l: number,
  x: tf.Tensor2D,
  rows: tf.Tensor2D,
): { readonly layer: SequenceLayer; readonly streams: readonly [tf.Tensor2D, tf.Tensor2D] } {
  const { policy: { config }, trainable, losses } = plan;
  const values = layerSlice(trainable, l);
  const heads = [plan.prompts.groups * config.kvHeads, plan.prompts.promptLength, config.headDim];
  const shapes = [[plan.promptRows, config.hiddenSize], heads, heads];
  const prompts = promptPullback(plan, l, shapes, x, values);
  const [nextX, keys, vals, copies] = tf.tidy(() => {
    const [nextX, keys, vals] = unflat(prompts.value, shapes) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const each = (t: tf.Tensor) => tf.tile(tf.expandDims(t, 0), [losses, ...t.shape.map(() => 1)]);
    return [nextX, each(keys), each(vals), each(values)];
  }) as [tf.Tensor2D, tf.Tensor, tf.Tensor, tf.Tensor];
  prompts.value.dispose();
  const completions = completionPullback(plan, l, rows, keys, vals, copies);
  return {
    layer: { prompts, completions, inputs: [x, rows, values, keys, vals, copies] },
    streams: [nextX, completions.value as tf.Tensor2D],
  };
}

/** A layer over the prompts: their rows, keys and values behind each other, and the gradients of rows and parameters. */
function promptPullback(
  { policy, trainable, prompts, promptContext, key }: Plan,
  l: number,
  shapes: readonly (readonly number[])[],
  x: tf.Tensor2D,
  values: tf.Tensor1D,
): Pullback {
  const { config, layers } = policy;
  const like = tf.zeros([shapes.reduce((n, shape) => n + tf.util.sizeFromShape([...shape]), 0)]);
  const input = { x, values, context: promptContext, weights: layers[l]!.weights };
  const pullback = recordedPullback(`prompts ${key}`, input, like, (t, dy) => {
    const { value, grads } = tf.valueAndGrads((x: tf.Tensor, values: tf.Tensor) => {
      const layer = layerAt(config, trainable, t.weights, values);
      const out = batchLayer(config, prompts, layer, t.context, x);
      return flat([out.x, out.keys, out.values]);
    })([t.x, t.values], dy as tf.Tensor1D);
    return { value, gradients: grads };
  });
  like.dispose();
  return pullback;
}

/**
 * A layer over the completions, and the gradients of rows and, for each loss, of the prompts' keys and values and of the
 * parameters. The completions' factors come with the derivative.
 */
function completionPullback(
  { policy, trainable, completions, completionContext, places, key, losses }: Plan,
  l: number,
  x: tf.Tensor2D,
  keys: tf.Tensor,
  values: tf.Tensor,
  parameters: tf.Tensor,
): Pullback {
  const { config, layers } = policy;
  const { weights } = layers[l]!;
  const input = { x, keys, values, parameters, context: completionContext, weights, places };
  const like = tf.zeros([completions.groups * completions.completions, losses]);
  const pullback = recordedPullback(`completions ${key}`, input, x, (t, dy, factors) => {
    const { value, grads } = tf.valueAndGrads(
      (x: tf.Tensor, keys: tf.Tensor, values: tf.Tensor, parameters: tf.Tensor) => {
        const layer = layerAt(config, trainable, t.weights, parameters);
        const groups = { places: t.places, factors: factors! };
        const grouped = { ...layer, adapter: { ...layer.adapter!, groups } };
        return completionLayer(config, completions, grouped, t.context, x, { keys, values });
      },
    )([t.x, t.keys, t.values, t.parameters], dy as tf.Tensor2D);
    return { value, gradients: grads };
  }, [like]);
  like.dispose();
  return pullback;
}

/**
 * Gradients of the losses with respect to the adapter, m flat vectors. The policy must be that which recorded the tape.
 *
 * @param policy The policy.
 * @param tape What the forward pass kept.
 * @param coefficients c: the derivative of a loss with respect to each token's log-probability, for factors of 1, [n].
 * @param factors a: what each completion counts in each loss, [losses][G K], at most as many losses as were recorded for.
 * @returns A gradient for each loss, [n], which the caller disposes of.
 */
export function backwardSequences(
  policy: Policy,
  tape: SequenceTape,
  coefficients: Float32Array,
  factors: readonly (readonly number[])[],
): tf.Tensor1D[] {
  const start = startGradients(policy, tape, coefficients, factors);
  let { completions, prompts } = start;
  const byLayer: tf.Tensor1D[][] = [];
  for (const layer of tape.layers.toReversed()) {
    const next = tf.tidy(() => layerGradients(layer, completions, prompts, start.factors));
    tf.dispose([completions, ...prompts]);
    [completions, prompts] = [next.completions, next.prompts];
    byLayer.unshift(next.parameters);
  }
  tf.dispose([completions, ...prompts, start.factors]);
  const gradients = factors.map((_, i) => tf.concat(byLayer.map((found) => found[i]!)));
  tf.dispose(byLayer.flat());
  return gradients as tf.Tensor1D[];
}

/** Derivatives with respect to the streams before a layer, and to its parameters, for each loss. */
function layerGradients(
  layer: SequenceLayer,
  completions: tf.Tensor2D,
  prompts: readonly tf.Tensor2D[],
  factors: tf.Tensor2D,
): { completions: tf.Tensor2D; prompts: tf.Tensor2D[]; parameters: tf.Tensor1D[] } {
  const [dx, ...each] = layer.completions.gradients(completions, factors);
  const [keys, values, own] = each.map((d) => tf.unstack(d)) as [
    tf.Tensor[],
    tf.Tensor[],
    tf.Tensor[],
  ];
  const read = prompts.map((dy, i) =>
    layer.prompts.gradients(flat([dy, keys[i]!, values[i]!])) as [tf.Tensor2D, tf.Tensor1D]
  );
  return {
    completions: dx as tf.Tensor2D,
    prompts: read.map(([dx]) => dx),
    parameters: read.map(([, d], i) => tf.add(d, own[i]!)),
  };
}

/** Derivatives of the losses with respect to the streams after the last layer, and the completions' factors. */
function startGradients(
  policy: Policy,
  tape: SequenceTape,
  coefficients: Float32Array,
  factors: readonly (readonly number[])[],
): { completions: tf.Tensor2D; prompts: tf.Tensor2D[]; factors: tf.Tensor2D } {
  const { batch, promptRows, completionRows, losses } = tape;
  const sequences = Array.from(batch.slots, (slot) => Math.floor(slot / batch.completionLength));
  const cut = (weighted: Float32Array, from: number, rows: number) =>
    tf.tidy(() => tf.slice(finalGradient(policy, tape, weighted)[0], [from, 0], [rows, -1]));
  const count = batch.groups * batch.completions;
  const columns = Array.from(
    { length: losses },
    (_, i) => [...factors[i] ?? new Array<number>(count).fill(0)],
  );
  return {
    completions: cut(coefficients, promptRows, completionRows),
    prompts: factors.map((of) =>
      cut(coefficients.map((c, n) => c * of[sequences[n]!]!), 0, promptRows)
    ),
    factors: tf.tidy(() => tf.transpose(tf.tensor2d(columns, [losses, count]))),
  };
}
