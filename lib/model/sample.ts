/** Drawing the next token of each row from its logits. @module */

import { type RandomStream, recorded, tf } from "../runtime/mod.ts";
import { MASKED } from "./batch.ts";

/** How a token is drawn; the names are those of transformers, in camel case. */
export interface TokenSampling {
  /** Logits are divided by this; 0 takes the likeliest token. */
  readonly temperature?: number;
  /** Only the likeliest tokens that together have this probability are sampled; 1 keeps all. */
  readonly topP?: number;
  /** Only this many of the likeliest tokens are sampled; 0 keeps all. */
  readonly topK?: number;
}

/** Logits of tokens that must not be sampled become {@linkcode MASKED}. */
function restrict(logits: tf.Tensor2D, topK: number, topP: number): tf.Tensor2D {
  if (topK > 0 && topK < logits.shape[1]) {
    const { values } = tf.topk(logits, topK);
    const least = tf.slice(values, [0, topK - 1], [-1, 1]);
    logits = tf.where(tf.less(logits, least), MASKED, logits) as tf.Tensor2D;
  }
  if (topP < 1) {
    const { values } = tf.topk(logits, logits.shape[1]);
    const probabilities = tf.softmax(values);
    // A token is kept while the probability before it is below topP; the first one always is.
    const before = tf.sub(tf.cumsum(probabilities, 1), probabilities);
    const kept = tf.where(tf.less(before, topP), values, Infinity);
    logits = tf.where(tf.less(logits, tf.min(kept, -1, true)), MASKED, logits) as tf.Tensor2D;
  }
  return logits;
}

/** Draws stay this far below 1, so that rounding never leads past the last token with a probability. */
const BELOW_ONE = 1 - 2 ** -20;

/** Tokens in a block of the two-level search. */
const SEARCH_BLOCK = 256;

/** Index of the first cumulative weight above `at` `[B, 1]`: weights `[B, n]` to `[B]`. */
function firstAbove(cumulative: tf.Tensor, at: tf.Tensor): tf.Tensor {
  return tf.sum(tf.cast(tf.lessEqual(cumulative, at), "int32"), -1);
}

/** The last column, `[B, 1]`. */
function lastColumn(matrix: tf.Tensor): tf.Tensor {
  return tf.slice(matrix, [0, matrix.shape[1]! - 1], [-1, 1]);
}

/** Inverts the distribution function of each row of `probabilities` `[B, V]` at `uniform` `[B, 1]`: block, then token. */
function invert(probabilities: tf.Tensor, uniform: tf.Tensor): tf.Tensor {
  const [rows, vocabulary] = probabilities.shape as [number, number];
  const blocks = Math.max(2, Math.ceil(vocabulary / SEARCH_BLOCK));
  const padded = tf.pad(probabilities, [[0, 0], [0, blocks * SEARCH_BLOCK - vocabulary]]);
  const table = tf.reshape(padded, [rows, blocks, SEARCH_BLOCK]);
  const sums = tf.sum(table, -1);
  const cumulative = tf.cumsum(sums, 1);
  const threshold = tf.mul(tf.mul(uniform, BELOW_ONE), lastColumn(cumulative));
  const block = firstAbove(cumulative, threshold);
  const chosen = tf.cast(tf.oneHot(block, blocks), "float32");
  const before = tf.sum(tf.mul(tf.sub(cumulative, sums), chosen), -1, true);
  const inside = tf.cumsum(
    tf.reshape(tf.matMul(tf.reshape(chosen, [rows, 1, blocks]), table), [rows, SEARCH_BLOCK]),
    1,
  );
  // The block's sum and its running sum may round apart.
  const rest = tf.minimum(
    tf.maximum(tf.sub(threshold, before), 0),
    tf.mul(lastColumn(inside), BELOW_ONE),
  );
  return tf.add(tf.mul(block, tf.scalar(SEARCH_BLOCK, "int32")), firstAbove(inside, rest));
}

/** Draws one token a row at one uniform number each; rows without a stream draw 0. Returns ids, `[B]`. */
export function sampleRows(
  logits: tf.Tensor2D,
  streams: readonly (RandomStream | undefined)[],
  options: TokenSampling,
): Int32Array {
  const { temperature = 1, topK = 0, topP = 1 } = options;
  if (temperature === 0) {
    return tf.tidy(() => tf.argMax(logits, -1).dataSync() as Int32Array);
  }
  return tf.tidy(() => {
    const draws = Float32Array.from(streams, (s) => s?.next() ?? 0);
    const uniform = tf.tensor2d(draws, [draws.length, 1]);
    const sampled = recorded(
      `sample ${temperature} ${topK} ${topP}`,
      { logits, uniform },
      (t) => {
        const scaled = restrict(tf.div(t.logits, temperature) as tf.Tensor2D, topK, topP);
        return invert(tf.softmax(scaled), t.uniform);
      },
    );
    return sampled.dataSync() as Int32Array;
  });
}
