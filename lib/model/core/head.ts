/**
 * The last part of the model, from the residual stream to the log-probabilities of a batch's tokens: final norm and
 * output projection, a chunk of tokens at a time, so that `[tokens, V]` never stands in memory as a whole.
 *
 * @module
 */

import { matmul, recorded, rmsNorm, sparseCrossEntropy, tf } from "../../runtime/mod.ts";
import { type Batch, roundUp, rowsAt } from "./batch.ts";
import { worthRecording } from "./run_layers.ts";
import type { Policy } from "./transformer.ts";

/** How log-probabilities are read off the logits. */
export interface ScoreOptions {
  /** Logits are divided by this first, as in sampling. */
  readonly temperature?: number;
}

/** What the head tells of a batch's scored tokens. */
export interface HeadOutput {
  /** Log-probability of every valid completion token, `[n]`, in the order of `batch.targets`. */
  readonly logProbs: Float32Array;
  /** Entropy of the whole distribution that each of them is predicted from, at the temperature, in nats, `[n]`. */
  readonly entropies: Float32Array;
  /** The likeliest token in the place of each of them, `[n]`, where asked for. */
  readonly predictions?: Int32Array | undefined;
}

/** Most logits that are held at a time, in numbers: larger chunks are hardly faster, and each takes three arrays of them. */
const CHUNK_LOGITS = 10 * 2 ** 20;

/** Tokens whose logits are held at a time. */
function chunkSize(vocabSize: number): number {
  const most = Math.floor(CHUNK_LOGITS / vocabSize / TOKEN_MULTIPLE);
  return TOKEN_MULTIPLE * Math.max(1, most);
}

/** Logits `[c, V]` of final hidden states, divided by the temperature. */
function scaledLogits(hidden: tf.Tensor, projection: tf.Tensor, temperature: number): tf.Tensor2D {
  const logits = matmul(hidden, projection);
  return temperature === 1 ? logits : tf.div(logits, temperature);
}

/** Numbers of tokens are rounded up to a multiple of this, so that shapes repeat. */
const TOKEN_MULTIPLE = 64;

/** A number for each scored token, with zeros behind them up to the padded number of tokens. */
export function padTokens<T extends Int32Array | Float32Array>(values: T): T {
  const padded = new (values.constructor as new (length: number) => T)(
    roundUp(values.length, TOKEN_MULTIPLE),
  );
  padded.set(values);
  return padded;
}

/** The final norm of the residual stream. */
export function finalHidden(policy: Policy, stream: tf.Tensor2D): tf.Tensor2D {
  return rmsNorm(stream, policy.norm, policy.config.rmsNormEps) as tf.Tensor2D;
}

/** Visits the scored tokens a chunk at a time with their final hidden states `[c, D]` and targets `[c]`, padded. */
export function forEachChunk(
  policy: Policy,
  batch: Batch,
  hidden: tf.Tensor2D,
  visit: (hidden: tf.Tensor2D, targets: tf.Tensor1D, start: number) => void,
): void {
  const rows = padTokens(rowsAt(batch, batch.predictors));
  const targets = padTokens(batch.targets);
  const size = chunkSize(policy.config.vocabSize);
  for (let start = 0; start < rows.length; start += size) {
    tf.tidy(() => {
      const here = tf.tensor1d(rows.subarray(start, start + size), "int32");
      visit(
        tf.gather(hidden, here),
        tf.tensor1d(targets.subarray(start, start + size), "int32"),
        start,
      );
    });
  }
}

/** Log-probability of every scored token, `[n]`, from the residual stream after the last layer. */
export function headLogProbs(
  policy: Policy,
  batch: Batch,
  stream: tf.Tensor2D,
  temperature: number,
): Float32Array {
  const hidden = tf.tidy(() => finalHidden(policy, stream));
  const logProbs = padTokens(new Float32Array(batch.predictors.length));
  forEachChunk(policy, batch, hidden, (h, targets, start) => {
    const scored = recorded(
      `head ${temperature}`,
      { h, targets, projection: policy.projection },
      (t) => {
        const logits = scaledLogits(t.h, t.projection, temperature);
        return tf.neg(sparseCrossEntropy(logits, t.targets).loss);
      },
      worthRecording(policy),
    );
    logProbs.set(scored.dataSync(), start);
  });
  hidden.dispose();
  return logProbs.subarray(0, batch.predictors.length);
}

/** What the head gives to the backward pass. */
export interface HeadTape {
  /** Derivative of each token's log-probability with respect to its hidden state after the final norm, `[n', D]`. */
  readonly jacobian: tf.Tensor2D;
  /** Derivative of minus each token's log-probability with respect to its logits, `[c, V]` a chunk, where kept. */
  readonly logitGradients: readonly tf.Tensor2D[];
}

/** Bytes that {@linkcode HeadTape.logitGradients} takes. */
export function logitBytes(policy: Policy, batch: Batch): number {
  return 4 * roundUp(batch.predictors.length, TOKEN_MULTIPLE) * policy.config.vocabSize;
}

/**
 * As {@linkcode headLogProbs}, with entropies and the derivatives; those with respect to the logits if `keepLogits`.
 *
 * Entropies cost no pass over the vocabulary: with logits `z_v = h . head[v] / temperature`, the derivative of
 * `log p(y)` with respect to `h` is `(head[y] - sum_v p_v head[v]) / temperature`, so its product with `h` is
 * `z_y - sum_v p_v z_v`, and `H = log sum_v exp(z_v) - sum_v p_v z_v` is that minus `log p(y)`. In single precision an
 * entropy is right to about 1e-6 times the size of the logits; it is never below 0.
 */
export function recordHead(
  policy: Policy,
  batch: Batch,
  stream: tf.Tensor2D,
  temperature: number,
  keepLogits: boolean,
  predict: boolean,
): HeadOutput & { readonly head: HeadTape } {
  const hidden = tf.tidy(() => finalHidden(policy, stream));
  const count = batch.predictors.length;
  const logProbs = padTokens(new Float32Array(count));
  const entropies = padTokens(new Float32Array(count));
  const predictions = predict ? padTokens(new Int32Array(count)) : undefined;
  const parts: tf.Tensor2D[] = [];
  const logitGradients: tf.Tensor2D[] = [];
  forEachChunk(policy, batch, hidden, (h, targets, start) => {
    const scored = recorded(
      `head gradient ${temperature} ${keepLogits} ${predict}`,
      { h, targets, head: policy.head, projection: policy.projection },
      (t) => {
        const logits = scaledLogits(t.h, t.projection, temperature);
        const { loss, gradient } = sparseCrossEntropy(logits, t.targets);
        const jacobian = tf.mul(matmul(gradient, t.head), -1 / temperature) as tf.Tensor2D;
        return {
          logProbs: tf.neg(loss),
          entropies: tf.relu(tf.add(loss, tf.sum(tf.mul(t.h, jacobian), -1))),
          predictions: predict ? [tf.argMax(logits, -1)] : [],
          jacobian,
          logits: keepLogits ? [gradient] : [],
        };
      },
      worthRecording(policy),
    );
    logProbs.set(scored.logProbs.dataSync(), start);
    entropies.set(scored.entropies.dataSync(), start);
    scored.predictions.forEach((ids) => predictions!.set(ids.dataSync(), start));
    parts.push(tf.keep(scored.jacobian));
    logitGradients.push(...scored.logits.map((gradient) => tf.keep(gradient)));
  });
  hidden.dispose();
  const jacobian = parts.length === 0
    ? tf.zeros<tf.Rank.R2>([0, policy.config.hiddenSize])
    : tf.concat(parts) as tf.Tensor2D;
  tf.dispose(parts);
  return {
    logProbs: logProbs.subarray(0, count),
    entropies: entropies.subarray(0, count),
    predictions: predictions?.subarray(0, count),
    head: { jacobian, logitGradients },
  };
}

/** Gradient of `sum_n coefficients[n] log p(target_n)` with respect to the output projection, `[V, D]`. */
export function headGradient(
  policy: Policy,
  batch: Batch,
  stream: tf.Tensor2D,
  { logitGradients }: HeadTape,
  coefficients: Float32Array,
  temperature: number,
): tf.Tensor2D {
  const padded = padTokens(coefficients);
  let total: tf.Tensor = tf.zerosLike(policy.head);
  const kept = logitGradients.values();
  const hidden = tf.tidy(() => finalHidden(policy, stream));
  forEachChunk(policy, batch, hidden, (h, targets, start) => {
    const here = padded.subarray(start, start + targets.shape[0]);
    const scale = tf.tensor2d(here, [here.length, 1]);
    const gradient = kept.next().value;
    const part = recorded(
      `head weights ${temperature}`,
      gradient === undefined
        ? { h, scale, targets, projection: policy.projection }
        : { h, scale, gradient },
      (t) => {
        const gradient = t.gradient ?? sparseCrossEntropy(
          scaledLogits(t.h, t.projection!, temperature),
          t.targets!,
        ).gradient;
        return matmul(gradient, tf.mul(t.h, tf.mul(t.scale, -1 / temperature)), true);
      },
      worthRecording(policy),
    );
    const sum = tf.keep(tf.add(total, part));
    total.dispose();
    total = sum;
  });
  hidden.dispose();
  // The sum was kept out of each chunk's tidying; the caller's counts for what is returned.
  const gradient = tf.clone(total) as tf.Tensor2D;
  total.dispose();
  return gradient;
}
