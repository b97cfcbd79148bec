/**
 * Gradients of the completions' log-probabilities: a forward pass that keeps what the backward passes need.
 *
 * The backward pass is the loop over layers from the last down. Where memory allows, a layer's forward pass keeps what
 * its gradient reads; else only the residual stream between layers is kept, and each layer is computed again inside
 * its gradient. One forward pass serves as many backward passes as there are losses.
 *
 * @module
 */

import {
  isRecording,
  type Pullback,
  recorded,
  recordedPullback,
  rmsNorm,
  scatterRows,
  tf,
} from "../../runtime/mod.ts";
import { type Batch, type BatchContext, batchContext, rowsAt } from "./batch.ts";
import {
  headGradient,
  type HeadOutput,
  type HeadTape,
  logitBytes,
  padTokens,
  recordHead,
  type ScoreOptions,
} from "./head.ts";
import { keptRoom } from "./kept_memory.ts";
import { batchLayer, type LayerWeights } from "./layer.ts";
import {
  batchKey,
  embedBatch,
  embeddingGradient,
  layerRows,
  runLayer,
  worthRecording,
} from "./run_layers.ts";
import { layerAt, layerSlice, outsideSlices, type Trainable, trainableKey } from "./trainable.ts";
import type { Policy } from "./transformer.ts";

/** What a layer's gradient needs. */
export interface LayerTape {
  /** Residual stream before the layer, `[N, D]`. */
  readonly x: tf.Tensor2D;
  /** The layer's part of the trainable parameters, where the forward pass was kept. */
  readonly values?: tf.Tensor1D;
  /** The kept forward pass. */
  readonly pullback?: Pullback;
}

/** What a forward pass keeps for the backward passes that follow; free it with {@linkcode disposeTape}. */
export interface Tape {
  /** The batch. */
  readonly batch: Batch;
  /** Tensors shared by the layers. */
  readonly context: BatchContext;
  /** Each layer's part. */
  readonly layers: readonly LayerTape[];
  /** Residual stream after the last layer, `[N, D]` or `[R, D]`. */
  readonly stream: tf.Tensor2D;
  /** The head's part. */
  readonly head: HeadTape;
}

/** Options of {@linkcode recordBatch}. */
export interface TapeOptions extends ScoreOptions {
  /**
   * Keep only the residual stream between layers and compute each layer again in its gradient. Left out, as many
   * layers are kept as fit into a quarter of the memory ({@linkcode keptRoom}).
   */
  readonly gradientCheckpointing?: boolean | undefined;
  /** Tell the likeliest tokens, too. */
  readonly predict?: boolean | undefined;
}

/** What {@linkcode recordBatch} gives. */
export interface RecordedBatch extends HeadOutput {
  /** What the backward passes need; free it with {@linkcode disposeTape}. */
  readonly tape: Tape;
}

/** Bytes of tensors. */
export const tensorBytes = (tensors: readonly tf.Tensor[]): number =>
  tensors.reduce((sum, { size }) => sum + 4 * size, 0);

/** Frees what a forward pass kept. */
export function disposeTape({ context, layers, stream, head }: Tape): void {
  tf.dispose(Object.values(context));
  for (const { x, values, pullback } of layers) {
    x.dispose();
    tf.dispose([...values === undefined ? [] : [values], ...pullback?.kept ?? []]);
  }
  tf.dispose([stream, head.jacobian, ...head.logitGradients]);
}

/** What the gradient of a layer is computed from. */
interface LayerInput {
  readonly x: tf.Tensor2D;
  readonly values: tf.Tensor1D;
  readonly context: BatchContext;
  /** The layer's weights where an adapter is trained on top of them. */
  readonly weights?: LayerWeights;
}

/** How a layer is computed, besides its tensors. */
interface LayerPlace {
  /** What a recording depends on. */
  readonly key: string;
  /** Number of rows that it gives, undefined where it gives all. */
  readonly rows: number | undefined;
}

/** The layer as a function of the residual stream and its part of the trainable parameters. */
function layerFunction(
  { config }: Policy,
  batch: Batch,
  trainable: Trainable,
  { context, weights }: LayerInput,
  rows: number | undefined,
): (x: tf.Tensor, values: tf.Tensor) => tf.Tensor {
  return (x, values) =>
    batchLayer(config, batch, layerAt(config, trainable, weights!, values), context, x, rows).x;
}

function layerInput(
  policy: Policy,
  trainable: Trainable,
  context: BatchContext,
  x: tf.Tensor2D,
  l: number,
): LayerInput {
  const input = { x, values: layerSlice(trainable, l), context };
  return trainable.kind === "lora" ? { ...input, weights: policy.layers[l]!.weights } : input;
}

function layerPlace(policy: Policy, trainable: Trainable, batch: Batch, l: number): LayerPlace {
  const rows = layerRows(policy, batch, l);
  return { key: `${trainableKey(trainable)} ${batchKey(policy, batch)} ${rows}`, rows };
}

/**
 * As {@linkcode scoreBatch}, with entropies, keeping what {@linkcode backward} needs. `policy` must have been built from `trainable`.
 */
export function recordBatch(
  policy: Policy,
  trainable: Trainable,
  batch: Batch,
  options: TapeOptions = {},
): RecordedBatch {
  const context = batchContext(policy.config, batch);
  const layers: LayerTape[] = [];
  const keeps = isRecording() && worthRecording(policy);
  let room = keeps ? keptRoom(policy.config, options.gradientCheckpointing) : 0;
  const keepLogits = trainable.kind === "full" && logitBytes(policy, batch) <= room;
  if (keepLogits) room -= logitBytes(policy, batch);
  let x = embedBatch(policy, batch);
  for (const l of policy.layers.keys()) {
    if (room <= 0) {
      layers.push({ x });
      x = runLayer(policy, batch, context, l, x);
      continue;
    }
    const input = layerInput(policy, trainable, context, x, l);
    const { key, rows } = layerPlace(policy, trainable, batch, l);
    const output = [rows ?? x.shape[0], x.shape[1]];
    const pullback = recordedPullback(key, input, output, (t, dy) => {
      const { value, grads } = tf.valueAndGrads(layerFunction(policy, batch, trainable, t, rows))(
        [t.x, t.values],
        dy,
      );
      return { value, gradients: grads };
    });
    layers.push({ x, values: input.values, pullback });
    // The next layer takes as much as this one.
    room -= tensorBytes(pullback.kept);
    if (room < tensorBytes(pullback.kept)) room = 0;
    x = pullback.value as tf.Tensor2D;
  }
  const temperature = options.temperature ?? 1;
  const { head, ...told } = recordHead(
    policy,
    batch,
    x,
    temperature,
    keepLogits,
    options.predict === true,
  );
  return { ...told, tape: { batch, context, layers, stream: x, head } };
}

/**
 * Gradient of `sum_n coefficients[n] log p(target_n)` with respect to the trainable parameters, as one flat vector.
 *
 * `coefficients` has one number per valid token of the tape's batch, `[n]`: the derivative of any loss with respect
 * to the log-probabilities. `policy` and `trainable` must be those that recorded the tape.
 */
export function backward(
  policy: Policy,
  trainable: Trainable,
  tape: Tape,
  coefficients: Float32Array,
  options: ScoreOptions = {},
): tf.Tensor1D {
  return backwardEach(policy, trainable, tape, [coefficients], options)[0]!;
}

/**
 * As {@linkcode backward} for several losses on the same batch. Where layers are computed again, the losses share that:
 * in a graph, TensorFlow computes equal operations once. A loss whose coefficients are all 0, as that of a reward that
 * tells no completions apart, costs nothing.
 */
export function backwardEach(
  policy: Policy,
  trainable: Trainable,
  tape: Tape,
  losses: readonly Float32Array[],
  options: ScoreOptions = {},
): tf.Tensor1D[] {
  const moving = losses.filter((coefficients) => coefficients.some((c) => c !== 0));
  const gradients = backwardAll(policy, trainable, tape, moving, options);
  let next = 0;
  return losses.map((coefficients) =>
    coefficients === moving[next]
      ? gradients[next++]!
      : tf.zeros<tf.Rank.R1>([trainable.values.size])
  );
}

function backwardAll(
  policy: Policy,
  trainable: Trainable,
  tape: Tape,
  losses: readonly Float32Array[],
  options: ScoreOptions,
): tf.Tensor1D[] {
  if (losses.length === 0) return [];
  const { batch } = tape;
  const { config } = policy;
  const starts = losses.map((coefficients) => finalGradient(policy, tape, coefficients));
  let dys = starts.map(([stream]) => stream);
  const byLayer: tf.Tensor1D[][] = [];
  for (let l = tape.layers.length - 1; l >= 0; l--) {
    const gradients = layerGradients(policy, trainable, tape, l, dys);
    tf.dispose(dys);
    dys = gradients.map(([dx]) => dx);
    byLayer.unshift(gradients.map(([, dValues]) => dValues));
  }
  return losses.map((coefficients, i) => {
    const dNorm = starts[i]![1];
    const flat = tf.tidy(() =>
      tf.concat([
        ...byLayer.map((gradients) => gradients[i]!),
        ...outsideSlices(config, trainable, () => ({
          embedding: embeddingGradient(policy, batch, dys[i]!),
          norm: dNorm,
          head: headGradient(
            policy,
            batch,
            tape.stream,
            tape.head,
            coefficients,
            options.temperature ?? 1,
          ),
        })),
      ])
    ) as tf.Tensor1D;
    tf.dispose([...byLayer.map((gradients) => gradients[i]!), dys[i]!, dNorm]);
    return flat;
  });
}

/** Gradients of a layer with respect to its residual stream and its parameters, for each loss. */
function layerGradients(
  policy: Policy,
  trainable: Trainable,
  { batch, context, layers }: Tape,
  l: number,
  dys: readonly tf.Tensor2D[],
): [tf.Tensor2D, tf.Tensor1D][] {
  const { x, pullback } = layers[l]!;
  if (pullback !== undefined) {
    return dys.map((dy) => pullback.gradients(dy) as [tf.Tensor2D, tf.Tensor1D]);
  }
  const input = layerInput(policy, trainable, context, x, l);
  const { key, rows } = layerPlace(policy, trainable, batch, l);
  const gradients = recorded(
    `backward ${key}`,
    { ...input, dys },
    (t) => {
      const layer = tf.grads(layerFunction(policy, batch, trainable, t, rows));
      return t.dys.map((dy) => layer([t.x, t.values], dy));
    },
    worthRecording(policy),
  );
  input.values.dispose();
  return gradients as [tf.Tensor2D, tf.Tensor1D][];
}

/** Gradients with respect to the residual stream after the last layer, `[N, D]`, and to the final norm, `[D]`. */
export function finalGradient(
  policy: Policy,
  { batch, stream, head }: Pick<Tape, "batch" | "stream" | "head">,
  coefficients: Float32Array,
): [tf.Tensor2D, tf.Tensor1D] {
  return tf.tidy(() => {
    const padded = padTokens(coefficients);
    const weighted = tf.mul(head.jacobian, tf.tensor2d(padded, [padded.length, 1])) as tf.Tensor2D;
    const rows = tf.tensor1d(padTokens(rowsAt(batch, batch.predictors)), "int32");
    const dHidden = scatterRows(weighted, rows, stream.shape[0]);
    return tf.grads((x: tf.Tensor, w: tf.Tensor) => rmsNorm(x, w, policy.config.rmsNormEps))(
      [stream, policy.norm],
      dHidden,
    );
  }) as [tf.Tensor2D, tf.Tensor1D];
}
