/**
 * AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) on one flat vector, with PyTorch's conventions.
 *
 * @module
 */

import { tf } from "../runtime/mod.ts";

/** Options of the optimizer, under PyTorch's names. */
export interface AdamWOptions {
  /** Decay rates of the two moments. */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment. */
  readonly eps: number;
  /** Decoupled weight decay, times the learning rate. */
  readonly weightDecay: number;
}

/** PyTorch's defaults, without weight decay. */
export const adamWDefaults: AdamWOptions = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
};

/** Both moments and the number of steps taken. */
export interface AdamWState {
  /** Decayed mean of the gradients, `[n]`. */
  readonly momentum: tf.Tensor1D;
  /** Decayed mean of their squares, `[n]`. */
  readonly secondMoment: tf.Tensor1D;
  /** Steps taken. */
  readonly step: number;
}

/**
 * The state before the first step.
 *
 * @param size Number of parameters n.
 * @returns Zero moments, [n] each; the caller disposes of them.
 */
export function adamWState(size: number): AdamWState {
  return {
    momentum: tf.zeros([size]),
    secondMoment: tf.zeros([size]),
    step: 0,
  };
}

/**
 * Frees a state's tensors.
 *
 * @param state Not to be used any more.
 */
export function disposeAdamWState(state: AdamWState): void {
  tf.dispose([state.momentum, state.secondMoment]);
}

/**
 * One step of descent. Returns the new values and the new state; the caller disposes of the old ones.
 *
 * With g the gradient: `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
 * `x = x (1 - lr wd) - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)`.
 *
 * @param values Parameters x, [n].
 * @param gradient Gradient g, [n].
 * @param state Moments before the step.
 * @param learningRate Step size lr.
 * @param options Decay rates, eps and weight decay.
 * @returns New values, [n], and the state after the step.
 */
export function adamWStep(
  values: tf.Tensor1D,
  gradient: tf.Tensor1D,
  state: AdamWState,
  learningRate: number,
  options: AdamWOptions,
): { values: tf.Tensor1D; state: AdamWState } {
  const [b1, b2] = options.betas;
  const step = state.step + 1;
  const [next, momentum, secondMoment] = tf.tidy(() => {
    const m = tf.add(tf.mul(state.momentum, b1), tf.mul(gradient, 1 - b1));
    const v = tf.add(
      tf.mul(state.secondMoment, b2),
      tf.mul(tf.square(gradient), 1 - b2),
    );
    const root = tf.add(
      tf.mul(tf.sqrt(v), 1 / Math.sqrt(1 - b2 ** step)),
      options.eps,
    );
    const update = tf.mul(tf.div(m, root), learningRate / (1 - b1 ** step));
    const decayed = options.weightDecay === 0
      ? values
      : tf.mul(values, 1 - learningRate * options.weightDecay);
    return [tf.sub(decayed, update), m, v];
  }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  return { values: next, state: { momentum, secondMoment, step } };
}

/**
 * Diagonal metric in which the next step moves, `1 / (sqrt(v / (1 - b2^t)) + eps)`, from the second moment before the
 * step (theory section 0); the identity before the first step.
 *
 * @param state Moments before the step.
 * @param options Decay rates and eps.
 * @returns The diagonal, [n], which the caller disposes of.
 */
export function adamWMetric(
  state: AdamWState,
  options: AdamWOptions,
): tf.Tensor1D {
  if (state.step === 0) return tf.ones([state.secondMoment.size]);
  const correction = 1 / Math.sqrt(1 - options.betas[1] ** state.step);
  return tf.tidy(() =>
    tf.reciprocal(
      tf.add(tf.mul(tf.sqrt(state.secondMoment), correction), options.eps),
    )
  );
}

/**
 * Euclidean norm of a vector.
 *
 * @param vector [n].
 * @returns The norm, read from the backend.
 */
export function vectorNorm(vector: tf.Tensor1D): number {
  return tf.tidy(() => tf.sqrt(tf.sum(tf.square(vector))).dataSync()[0]!);
}

/**
 * The gradient scaled to at most `maxNorm`, and its norm before; the caller disposes of the result.
 *
 * @param gradient [n]; it stays the caller's.
 * @param maxNorm Largest norm.
 * @returns The scaled gradient, [n], and the norm before.
 */
export function clipNorm(
  gradient: tf.Tensor1D,
  maxNorm: number,
): { gradient: tf.Tensor1D; norm: number } {
  const norm = vectorNorm(gradient);
  // The guard against division by zero is PyTorch's.
  const factor = Math.min(1, maxNorm / (norm + 1e-6));
  return { gradient: tf.tidy(() => tf.mul(gradient, factor)), norm };
}
