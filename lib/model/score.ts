/**
 * Log-probabilities of the completions in a batch, and their gradients.
 *
 * The forward pass is a loop over layers. {@linkcode backward} is the loop from the last layer down: it asks for the
 * gradient of one layer at a time, which recomputes inside that layer, so memory holds one layer's intermediates and
 * the residual stream between layers. One forward pass serves as many backward passes as there are token gradients.
 *
 * @module
 */

import { matmul, rmsNorm, scatterRows, sparseCrossEntropy } from "../runtime/kernels.ts";
import { recorded, tf } from "../runtime/mod.ts";
import { type Batch, type BatchContext, batchContext } from "./batch.ts";
import { batchLayer } from "./layer.ts";
import { layerAt, layerSlice, outsideSlices, type Trainable, trainableKey } from "./trainable.ts";
import type { Policy } from "./transformer.ts";

/** What a forward pass keeps for the backward passes that follow; free it with {@linkcode disposeTape}. */
export interface Tape {
  /** The batch. */
  readonly batch: Batch;
  /** Tensors shared by the layers. */
  readonly context: BatchContext;
  /** Residual stream before each layer and after the last, each `[N, D]`. */
  readonly streams: readonly tf.Tensor2D[];
  /** Derivative of each token's log-probability with respect to the final hidden state, `[n, D]`. */
  readonly jacobian: tf.Tensor2D;
}

/** How log-probabilities are read off the logits. */
export interface ScoreOptions {
  /** Logits are divided by this first, as in sampling. */
  readonly temperature?: number;
}

const disposeContext = (context: BatchContext): void => tf.dispose(Object.values(context));

/** Frees what a forward pass kept. */
export function disposeTape(tape: Tape): void {
  disposeContext(tape.context);
  tf.dispose([...tape.streams, tape.jacobian]);
}

/** Layers from which on a graph of one of them pays in its first batch already. */
const RECORDED_LAYERS = 8;

/** A small model meets too few equal shapes in training for its graphs to pay. */
function worthRecording(policy: Policy): boolean {
  return policy.layers.length >= RECORDED_LAYERS;
}

/** Tokens whose logits are held at a time: about 2^24 numbers. */
function headChunk(vocabSize: number): number {
  return Math.max(16, Math.floor(2 ** 24 / vocabSize));
}

/** Visits the scored tokens a chunk at a time with their final hidden states `[c, D]` and targets `[c]`. */
function forEachChunk(
  policy: Policy,
  batch: Batch,
  hidden: tf.Tensor2D,
  visit: (hidden: tf.Tensor2D, targets: tf.Tensor1D, start: number) => void,
): void {
  const size = headChunk(policy.config.vocabSize);
  for (let start = 0; start < batch.rows.length; start += size) {
    tf.tidy(() => {
      const rows = tf.tensor1d(
        batch.rows.subarray(start, start + size),
        "int32",
      );
      const targets = tf.tensor1d(
        batch.targets.subarray(start, start + size),
        "int32",
      );
      visit(tf.gather(hidden, rows), targets, start);
    });
  }
}

/** What a recorded layer depends on besides its tensors. */
function batchKey(
  { config }: Policy,
  { groups, promptLength, completions, completionLength }: Batch,
): string {
  return JSON.stringify([config, groups, promptLength, completions, completionLength]);
}

/** Runs the layers; returns the residual stream before each of them and after the last. */
function runLayers(
  policy: Policy,
  batch: Batch,
  context: BatchContext,
  keep: boolean,
): tf.Tensor2D[] {
  const ids = tf.tensor1d(batch.ids, "int32");
  const streams = [tf.gather(policy.embedding, ids)];
  ids.dispose();
  const key = `layer ${batchKey(policy, batch)}`;
  for (const layer of policy.layers) {
    const before = streams.at(-1)!;
    const after = recorded(
      key,
      { layer, context, x: before },
      (t) => batchLayer(policy.config, batch, t.layer, t.context, t.x).x,
      worthRecording(policy),
    );
    if (!keep) {
      before.dispose();
      streams.pop();
    }
    streams.push(after);
  }
  return streams;
}

function finalHidden(policy: Policy, stream: tf.Tensor2D): tf.Tensor2D {
  return rmsNorm(stream, policy.norm, policy.config.rmsNormEps) as tf.Tensor2D;
}

/** Log-probability of every valid completion token, `[n]`, in the order of `batch.targets`. */
export function scoreBatch(
  policy: Policy,
  batch: Batch,
  options: ScoreOptions = {},
): Float32Array {
  const temperature = options.temperature ?? 1;
  const context = batchContext(policy.config, batch);
  const [stream] = runLayers(policy, batch, context, false) as [tf.Tensor2D];
  disposeContext(context);
  const hidden = tf.tidy(() => finalHidden(policy, stream));
  const logProbs = new Float32Array(batch.rows.length);
  forEachChunk(policy, batch, hidden, (h, targets, start) => {
    const scored = recorded(
      `head ${temperature}`,
      { h, targets, projection: policy.projection },
      (t) => {
        const logits = tf.div(matmul(t.h, t.projection), temperature) as tf.Tensor2D;
        return tf.neg(sparseCrossEntropy(logits, t.targets).loss);
      },
      worthRecording(policy),
    );
    logProbs.set(scored.dataSync(), start);
  });
  tf.dispose([stream, hidden]);
  return logProbs;
}

/** Logits at the given rows of a batch, `[n, V]`; the caller disposes of them. */
export function batchLogits(
  policy: Policy,
  batch: Batch,
  rows: Int32Array,
): tf.Tensor2D {
  const context = batchContext(policy.config, batch);
  const [stream] = runLayers(policy, batch, context, false) as [tf.Tensor2D];
  disposeContext(context);
  const logits = tf.tidy(() => {
    const hidden = tf.gather(stream, tf.tensor1d(rows, "int32")) as tf.Tensor2D;
    return matmul(finalHidden(policy, hidden), policy.projection);
  });
  stream.dispose();
  return logits;
}

/** As {@linkcode scoreBatch}, keeping what {@linkcode backward} needs. */
export function recordBatch(
  policy: Policy,
  batch: Batch,
  options: ScoreOptions = {},
): { logProbs: Float32Array; tape: Tape } {
  const temperature = options.temperature ?? 1;
  const context = batchContext(policy.config, batch);
  const streams = runLayers(policy, batch, context, true);
  const hidden = tf.tidy(() => finalHidden(policy, streams.at(-1)!));
  const logProbs = new Float32Array(batch.rows.length);
  const parts: tf.Tensor2D[] = [];
  forEachChunk(policy, batch, hidden, (h, targets, start) => {
    const scored = recorded(
      `head gradient ${temperature}`,
      { h, targets, head: policy.head, projection: policy.projection },
      (t) => {
        const logits = tf.div(matmul(t.h, t.projection), temperature) as tf.Tensor2D;
        const { loss, gradient } = sparseCrossEntropy(logits, t.targets);
        // d log p(y) / d h = (head[y] - sum_v p_v head[v]) / temperature
        return {
          logProbs: tf.neg(loss),
          jacobian: tf.mul(matmul(gradient, t.head), -1 / temperature),
        };
      },
      worthRecording(policy),
    );
    logProbs.set(scored.logProbs.dataSync(), start);
    parts.push(tf.keep(scored.jacobian) as tf.Tensor2D);
  });
  hidden.dispose();
  const jacobian = parts.length === 0
    ? tf.zeros<tf.Rank.R2>([0, policy.config.hiddenSize])
    : tf.concat(parts) as tf.Tensor2D;
  tf.dispose(parts);
  return { logProbs, tape: { batch, context, streams, jacobian } };
}

/** Gradient of `sum_n coefficients[n] log p(target_n)` with respect to the output projection, `[V, D]`. */
function headGradient(
  policy: Policy,
  tape: Tape,
  coefficients: Float32Array,
  temperature: number,
): tf.Tensor2D {
  let total = tf.zeros<tf.Rank.R2>(policy.head.shape as [number, number]);
  const hidden = tf.tidy(() => finalHidden(policy, tape.streams.at(-1)!));
  forEachChunk(policy, tape.batch, hidden, (h, targets, start) => {
    const logits = tf.div(
      matmul(h, policy.projection),
      temperature,
    ) as tf.Tensor2D;
    const { gradient } = sparseCrossEntropy(logits, targets);
    const part = coefficients.subarray(start, start + targets.shape[0]);
    const scale = tf.mul(tf.tensor2d(part, [part.length, 1]), -1 / temperature);
    const sum = tf.keep(
      tf.add(total, matmul(tf.mul(gradient, scale), h, true)),
    ) as tf.Tensor2D;
    total.dispose();
    total = sum;
  });
  hidden.dispose();
  // The sum is kept across chunks; its copy belongs to the caller's tidy.
  const result = tf.clone(total);
  total.dispose();
  return result;
}

/**
 * Gradient of `sum_n coefficients[n] log p(target_n)` with respect to the trainable parameters, as one flat vector.
 *
 * `coefficients` has one number per valid token of the tape's batch, `[n]`: the derivative of any loss with respect
 * to the log-probabilities. `policy` must be the one that recorded the tape, built from `trainable`.
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
 * As {@linkcode backward} for several losses on the same batch. In a recorded graph the layers' recomputation is
 * shared: TensorFlow computes equal operations once.
 */
export function backwardEach(
  policy: Policy,
  trainable: Trainable,
  tape: Tape,
  losses: readonly Float32Array[],
  options: ScoreOptions = {},
): tf.Tensor1D[] {
  const { batch, context, streams } = tape;
  const { config } = policy;
  const last = streams.length - 1;
  const starts = losses.map((coefficients) => finalGradient(policy, tape, coefficients));
  let dys = starts.map(([stream]) => stream);
  const key = `backward ${trainableKey(trainable)} ${batchKey(policy, batch)}`;
  const byLayer: tf.Tensor1D[][] = [];
  for (let l = last - 1; l >= 0; l--) {
    const values = layerSlice(trainable, l);
    const { weights } = policy.layers[l]!;
    const input = { dys, x: streams[l]!, values, context };
    const gradients = recorded(
      key,
      trainable.kind === "lora" ? { ...input, weights } : input,
      (t: typeof input & { weights?: typeof weights }) => {
        const layer = tf.grads((x: tf.Tensor, flat: tf.Tensor) =>
          batchLayer(
            config,
            batch,
            layerAt(config, trainable, t.weights ?? weights, flat),
            t.context,
            x,
          ).x
        );
        return t.dys.map((dy) => layer([t.x, t.values], dy));
      },
      worthRecording(policy),
    ) as [tf.Tensor2D, tf.Tensor1D][];
    tf.dispose([values, ...dys]);
    dys = gradients.map(([dx]) => dx);
    byLayer.unshift(gradients.map(([, dValues]) => dValues));
  }
  return losses.map((coefficients, i) => {
    const dNorm = starts[i]![1];
    const flat = tf.tidy(() =>
      tf.concat([
        ...byLayer.map((gradients) => gradients[i]!),
        ...outsideSlices(config, trainable, () => ({
          embedding: scatterRows(dys[i]!, tf.tensor1d(batch.ids, "int32"), config.vocabSize),
          norm: dNorm,
          head: headGradient(policy, tape, coefficients, options.temperature ?? 1),
        })),
      ])
    ) as tf.Tensor1D;
    tf.dispose([...byLayer.map((gradients) => gradients[i]!), dys[i]!, dNorm]);
    return flat;
  });
}

/** Gradients with respect to the residual stream after the last layer, `[N, D]`, and to the final norm, `[D]`. */
function finalGradient(
  policy: Policy,
  { batch, streams, jacobian }: Tape,
  coefficients: Float32Array,
): [tf.Tensor2D, tf.Tensor1D] {
  return tf.tidy(() => {
    const weighted = tf.mul(jacobian, tf.tensor2d(coefficients, [coefficients.length, 1]));
    const rows = tf.tensor1d(batch.rows, "int32");
    const dHidden = scatterRows(weighted as tf.Tensor2D, rows, batch.ids.length);
    return tf.grads((x: tf.Tensor, w: tf.Tensor) => rmsNorm(x, w, policy.config.rmsNormEps))(
      [streams.at(-1)!, policy.norm],
      dHidden,
    );
  }) as [tf.Tensor2D, tf.Tensor1D];
}
