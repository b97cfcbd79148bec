/** Drawing the next token of each row from its logits. @module */

import { type RandomStream, recorded, sparseCrossEntropy, tf } from "../../runtime/mod.ts";
import { MASKED } from "../core/batch.ts";

/** How a token is drawn; the names are those of transformers, in camel case. */
export interface TokenSampling {
  /** Logits are divided by this; 0 takes the likeliest token. */
  readonly temperature?: number;
  /** Only the likeliest tokens that together have this probability are sampled; 1 keeps all. */
  readonly topP?: number;
  /** Only this many of the likeliest tokens are sampled; 0 keeps all. */
  readonly topK?: number;
  /** Only tokens with at least this share of the likeliest token's probability are sampled; 0 keeps all. */
  readonly minP?: number;
  /** Logits of tokens that the row holds already are divided by this where positive, else multiplied; 1 does nothing. */
  readonly repetitionPenalty?: number;
  /** Also return the log-probabilities of the tokens drawn. */
  readonly logProbs?: boolean;
}

/** The tokens drawn, one a row. */
export interface Drawn {
  /** Their ids, `[B]`. */
  readonly ids: Int32Array;
  /** Their log-probabilities under the model at temperature 1, `[B]`, where asked for. */
  readonly logProbs?: Float32Array;
  /** Their log-probabilities under the distribution that they were drawn from, `[B]`, where asked for. */
  readonly samplingLogProbs?: Float32Array;
}

/** Logits below `least` `[B, 1]` become {@linkcode MASKED}. */
function keepFrom(logits: tf.Tensor2D, least: tf.Tensor): tf.Tensor2D {
  return tf.where(tf.less(logits, least), MASKED, logits) as tf.Tensor2D;
}

/** Masks the logits of tokens that top-k, top-p or min-p exclude, in the order of transformers. */
function restrict(
  logits: tf.Tensor2D,
  { topK = 0, topP = 1, minP = 0 }: TokenSampling,
): tf.Tensor2D {
  if (topK > 0 && topK < logits.shape[1]) {
    const { values } = tf.topk(logits, topK);
    logits = keepFrom(logits, tf.slice(values, [0, topK - 1], [-1, 1]));
  }
  if (topP < 1) {
    const { values } = tf.topk(logits, logits.shape[1]);
    const probabilities = tf.softmax(values);
    // A token is kept while the probability before it is below topP; the first one always is.
    const before = tf.sub(tf.cumsum(probabilities, 1), probabilities);
    const kept = tf.where(tf.less(before, topP), values, Infinity);
    logits = keepFrom(logits, tf.min(kept, -1, true));
  }
  if (minP > 0) logits = keepFrom(logits, tf.add(tf.max(logits, -1, true), Math.log(minP)));
  return logits;
}

/** Lowers the logits of tokens that each row holds (Keskar et al. 2019, arXiv 1909.05858). */
function penalize(
  logits: tf.Tensor2D,
  penalty: number,
  held: readonly (readonly number[])[],
): tf.Tensor2D {
  const [rows, vocabulary] = logits.shape;
  const mask = new Uint8Array(rows * vocabulary);
  held.forEach((ids, row) => ids.forEach((id) => mask[row * vocabulary + id] = 1));
  const lowered = tf.where(tf.less(logits, 0), tf.mul(logits, penalty), tf.div(logits, penalty));
  return tf.where(tf.tensor2d(mask, [rows, vocabulary], "bool"), lowered, logits) as tf.Tensor2D;
}

/** Lowers the logits of tokens that a row's mask does not have as 1; rows without a mask stay as they are. */
function withinMasks(
  logits: tf.Tensor2D,
  masks: readonly (Uint8Array | undefined)[],
): tf.Tensor2D {
  const [rows, vocabulary] = logits.shape;
  const allowed = new Uint8Array(rows * vocabulary).fill(1);
  masks.forEach((mask, row) => {
    if (mask === undefined) return;
    // The model's vocabulary may be larger than the tokenizer's.
    allowed.fill(0, row * vocabulary, (row + 1) * vocabulary);
    allowed.set(mask.subarray(0, vocabulary), row * vocabulary);
  });
  return tf.where(tf.tensor2d(allowed, [rows, vocabulary], "bool"), logits, MASKED) as tf.Tensor2D;
}

/** Log-probability of one token a row, `[B]`. */
function logProbAt(logits: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor1D {
  return tf.neg(sparseCrossEntropy(logits, ids).loss) as tf.Tensor1D;
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

/**
 * Draws one token a row at one uniform number each; rows without a stream draw 0.
 *
 * @param logits `[B, V]`
 * @param streams a stream of random numbers for each row
 * @param options how to draw
 * @param held tokens that each row holds already, read only where there is a repetition penalty
 * @param masks 1 for each token that a row may draw, by id; all of them where there is no mask
 */
export function sampleRows(
  logits: tf.Tensor2D,
  streams: readonly (Pick<RandomStream, "next"> | undefined)[],
  options: TokenSampling,
  held: readonly (readonly number[])[] = [],
  masks?: readonly (Uint8Array | undefined)[],
): Drawn {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 } = options;
  return tf.tidy(() => {
    const penalized = repetitionPenalty === 1 ? logits : penalize(logits, repetitionPenalty, held);
    const scores = masks === undefined ? penalized : withinMasks(penalized, masks);
    let ids: tf.Tensor1D;
    if (temperature === 0) ids = tf.argMax(scores, -1);
    else {
      const draws = Float32Array.from(streams, (s) => s?.next() ?? 0);
      ids = recorded(
        `sample ${temperature} ${topK} ${topP} ${minP}`,
        { scores, uniform: tf.tensor2d(draws, [draws.length, 1]) },
        (t) => {
          const scaled = tf.div(t.scores, temperature) as tf.Tensor2D;
          return invert(tf.softmax(restrict(scaled, options)), t.uniform) as tf.Tensor1D;
        },
      );
    }
    const drawn = { ids: ids.dataSync() as Int32Array };
    if (!options.logProbs) return drawn;
    const samplingLogProbs = temperature === 0
      ? new Float32Array(drawn.ids.length) // the likeliest token is certain
      : logProbAt(restrict(tf.div(scores, temperature) as tf.Tensor2D, options), ids)
        .dataSync() as Float32Array;
    return {
      ...drawn,
      logProbs: logProbAt(logits, ids).dataSync() as Float32Array,
      samplingLogProbs,
    };
  }) as unknown as Drawn;
}
