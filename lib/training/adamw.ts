/**
 * AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) on one flat vector, with PyTorch's conventions unless the order says
 * otherwise: capability-aware weights need a metric that is known before they are (THEORY.md, Theorem 5).
 *
 * @module
 */

import { tf } from "../runtime/mod.ts";

/** In what order a step uses the gradient that it is given. */
export interface OptimizerOrder {
  /**
   * Second moment that the step divides by; the state holds that of all gradients in either case.
   *
   * - `after`: with the step's own gradient, as PyTorch. Its metric depends on the weights that made the gradient.
   * - `before`: without it, so that the metric does not depend on the weights (THEORY.md, Theorem 5). In its place stands
   *   the mean, over {@linkcode NEIGHBOURS} neighbouring parameters, of the squares of the gradient under the preferred
   *   weights: it starts the second moment, and keeps steps short where parameters are reached for the first time. The mean
   *   hardly depends on any one parameter, so that products of the batch's gradients stay unbiased in the metric (Theorem
   *   10); with a parameter's own square in it those that point apart would count for more.
   */
  readonly secondMoment: "before" | "after";
  /**
   * What is scaled down to the largest norm. `gradient`: the gradient, before it goes into the momentum, as PyTorch users
   * do. `step`: the momentum behind it, corrected for its bias, and with it the whole change, whose direction stays.
   */
  readonly clip: "step" | "gradient";
}

/** Parameters side by side whose squared gradients are averaged in the order `before`. */
export const NEIGHBOURS = 256;

/** PyTorch's order. */
export const pytorchOrder: OptimizerOrder = { secondMoment: "after", clip: "gradient" };

/** Options of the optimizer, under PyTorch's names where it has them. */
export interface AdamWOptions {
  /** Decay rates of the two moments. */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment. */
  readonly eps: number;
  /** Decoupled weight decay, times the learning rate. */
  readonly weightDecay: number;
  /** Second moment that a step divides by, see {@linkcode OptimizerOrder}; `after` when left out. */
  readonly secondMoment?: OptimizerOrder["secondMoment"];
  /** Largest norm of the corrected momentum, which scales the whole change down, decay included; none when left out. */
  readonly maxStepNorm?: number;
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
    momentum: tf.fill([size], 0) as tf.Tensor1D,
    secondMoment: tf.fill([size], 0) as tf.Tensor1D,
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
 * `x = x (1 - lr wd) - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)`. With `secondMoment` before, the v that divides
 * has the neighbours' mean of the preferred gradient's squares in place of g^2.
 *
 * @param values Parameters x, [n].
 * @param gradient Gradient g, [n].
 * @param state Moments before the step.
 * @param learningRate Step size lr.
 * @param options Decay rates, eps, weight decay and order.
 * @param preferred Gradient under the preferred weights, [n]; g when left out.
 * @returns New values, [n], and the state after the step.
 */
export function adamWStep(
  values: tf.Tensor1D,
  gradient: tf.Tensor1D,
  state: AdamWState,
  learningRate: number,
  options: AdamWOptions,
  preferred: tf.Tensor1D = gradient,
): { values: tf.Tensor1D; state: AdamWState } {
  const [b1, b2] = options.betas;
  const step = state.step + 1;
  const [next, momentum, secondMoment] = tf.tidy(() => {
    const m = tf.add(tf.mul(state.momentum, b1), tf.mul(gradient, 1 - b1)) as tf.Tensor1D;
    const v = tf.add(
      tf.mul(state.secondMoment, b2),
      tf.mul(tf.square(gradient), 1 - b2),
    ) as tf.Tensor1D;
    const root = options.secondMoment === "before"
      ? rootBefore(state, options, preferred)
      : rootOf(v, 1 - b2 ** step, options.eps);
    const rate = learningRate * stepFactor(m, 1 - b1 ** step, options.maxStepNorm);
    const update = tf.mul(tf.div(m, root), rate / (1 - b1 ** step));
    const decayed = options.weightDecay === 0
      ? values
      : tf.mul(values, 1 - rate * options.weightDecay);
    return [tf.sub(decayed, update), m, v];
  }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  return { values: next, state: { momentum, secondMoment, step } };
}

/** `sqrt(v / bias) + eps`. */
function rootOf(secondMoment: tf.Tensor1D, bias: number, eps: number): tf.Tensor1D {
  return tf.add(tf.mul(tf.sqrt(secondMoment), 1 / Math.sqrt(bias)), eps);
}

/** What brings the norm of the momentum, corrected for its bias, down to at most `maxNorm`. */
function stepFactor(momentum: tf.Tensor1D, bias: number, maxNorm: number | undefined): number {
  return maxNorm === undefined ? 1 : clipFactor(vectorNorm(momentum) / bias, maxNorm);
}

/**
 * What a step in the order `before` divides by. Infinite for a parameter that no gradient has reached, nor its neighbours:
 * a weight may be large where the preferred ones cancel, and eps is no scale.
 */
function rootBefore(
  { secondMoment, step }: AdamWState,
  { betas: [, b2], eps }: AdamWOptions,
  preferred: tf.Tensor1D,
): tf.Tensor1D {
  const squares = neighbourMean(tf.square(preferred));
  const v = tf.add(tf.mul(secondMoment, b2), tf.mul(squares, 1 - b2)) as tf.Tensor1D;
  const root = rootOf(v, 1 - b2 ** (step + 1), eps);
  return tf.where(tf.greater(v, 0), root, Infinity) as tf.Tensor1D;
}

/** Each entry replaced by the mean over its run of {@linkcode NEIGHBOURS} entries; the last run may be shorter. */
function neighbourMean(vector: tf.Tensor1D): tf.Tensor1D {
  const { size } = vector;
  const runs = Math.ceil(size / NEIGHBOURS);
  const padded = tf.reshape(tf.pad(vector, [[0, runs * NEIGHBOURS - size]]), [runs, NEIGHBOURS]);
  const counts = Float32Array.from(
    { length: runs },
    (_, r) => Math.min(NEIGHBOURS, size - r * NEIGHBOURS),
  );
  const means = tf.div(tf.sum(padded, 1, true), tf.tensor2d(counts, [runs, 1]));
  return tf.slice(tf.reshape(tf.tile(means, [1, NEIGHBOURS]), [-1]), 0, size) as tf.Tensor1D;
}

/**
 * Diagonal metric in which the next step moves, as far as it is known before the step's gradient (THEORY.md, setting): one
 * over what the step divides by, 0 for a parameter that no gradient has reached. In PyTorch's order, where that depends on
 * the gradient, it is what the step before divided by, see {@linkcode passedMetric}.
 *
 * @param state Moments before the step.
 * @param options Decay rates, eps and order.
 * @param preferred Gradient under the preferred weights, [n].
 * @returns The diagonal, [n], which the caller disposes of.
 */
export function adamWMetric(
  state: AdamWState,
  options: AdamWOptions,
  preferred: tf.Tensor1D,
): tf.Tensor1D {
  if (options.secondMoment !== "before") return passedMetric(state, options);
  return tf.tidy(() => tf.reciprocal(rootBefore(state, options, preferred)) as tf.Tensor1D);
}

/**
 * Diagonal metric in which the last step moved in PyTorch's order, `1 / (sqrt(v / (1 - b2^t)) + eps)`.
 *
 * @param state Moments behind the step.
 * @param options Decay rates and eps.
 * @returns The diagonal, [n], which the caller disposes of; the identity before the first step.
 */
export function passedMetric(
  { step, secondMoment }: AdamWState,
  { betas: [, b2], eps }: AdamWOptions,
): tf.Tensor1D {
  if (step === 0) return tf.ones<tf.Rank.R1>([secondMoment.size]);
  return tf.tidy(() => tf.reciprocal(rootOf(secondMoment, 1 - b2 ** step, eps)) as tf.Tensor1D);
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
  return { gradient: tf.tidy(() => tf.mul(gradient, clipFactor(norm, maxNorm))), norm };
}

/** What brings a norm down to at most `maxNorm`; the guard against division by zero is PyTorch's. */
function clipFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}
