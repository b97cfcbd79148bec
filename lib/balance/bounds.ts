/** Bounds on convergence and preservation. @module */
import { dot, multiply } from "./algebra.ts";
import type { Gram } from "./types.ts";

/**
 * Lower bounds on the change of every capability in one step `eta M sum_i w_i g_i` (THEORY.md, Theorem 1a):
 * `eta (Gw)_i - L_i eta^2 w'Gw / 2`.
 *
 * @param gram Gram matrix [m, m].
 * @param weights Weights w, [m], of any sign.
 * @param stepSize Step size eta.
 * @param smoothness `L_i` in the metric M, [m].
 * @returns Bounds [m].
 */
export function stepBounds(
  gram: Gram,
  weights: readonly number[],
  stepSize: number,
  smoothness: readonly number[],
): number[] {
  const rates = multiply(gram, weights);
  const squared = dot(weights, rates);
  return rates.map((rate, i) => stepSize * rate - smoothness[i]! * stepSize ** 2 * squared / 2);
}

/**
 * Largest harm to any capability relative to the gain of the preferred objective, `c / (2 - c)` with `c = eta L`
 * (Theorem 7b). Sharp. Holds for exact capability-aware weights.
 *
 * @param c Step size times smoothness, in (0, 2).
 * @returns The ratio.
 */
export function preservationRatio(c: number): number {
  return c / (2 - c);
}

/**
 * The largest `c = eta L` that keeps the harm ratio of {@linkcode preservationRatio} at a target: `2 e / (1 + e)`.
 *
 * @param ratio Target e, at least 0.
 * @returns c.
 */
export function stepForHarm(ratio: number): number {
  return 2 * ratio / (1 + ratio);
}

/**
 * Bound on `min_{t < T} ||d_t||^2` for capability-aware weights with `eta = c / L` (Theorem 7a): `L gap / (c (1 - c / 2) T)`.
 *
 * @param smoothness L.
 * @param gap Upper bound on what the preferred objective can still gain.
 * @param c Step size times smoothness, in (0, 2).
 * @param steps T.
 * @returns The bound.
 */
export function descentBound(
  smoothness: number,
  gap: number,
  c: number,
  steps: number,
): number {
  return smoothness * gap / (c * (1 - c / 2) * steps);
}

/** What the bound for any weighting rule averages over a run. */
export interface AnyRuleRun {
  /** L. */
  readonly smoothness: number;
  /** Upper bound on what the preferred objective can still gain. */
  readonly gap: number;
  /** Step size eta, at most 1 / L. */
  readonly stepSize: number;
  /** `eps_t = (w_t - p)' G_t w_t` of every step, [T]. */
  readonly eps: readonly number[];
  /** Variance of the step's gradient in the metric M, `s_t^2` of every step, [T]. */
  readonly variance: readonly number[];
}

/**
 * Bound on the mean of `||d_t||^2` for any weights fixed before the step's batch (Theorem 7c):
 * `2 gap / (eta T) + 2 mean eps + L eta mean s^2`.
 *
 * @param run The run's constants and its per-step series.
 * @returns The bound.
 */
export function anyRuleBound(run: AnyRuleRun): number {
  const average = (values: readonly number[]) =>
    values.reduce((sum, x) => sum + x, 0) / values.length;
  return 2 * run.gap / (run.stepSize * run.eps.length) + 2 * average(run.eps) +
    run.smoothness * run.stepSize * average(run.variance);
}

/**
 * `eps = (w - p)' G w`: the deviation from projection, 0 for exact capability-aware weights and for `w = p`. For an
 * unbiased estimate take w from one fold of the prompts and G as the cross Gram matrix of two others; with w and G from
 * the same data it is 0 by construction.
 *
 * @param gram Gram matrix [m, m].
 * @param weights Weights w, [m].
 * @param preference Preference p, [m].
 * @returns eps.
 */
export function projectionGap(
  gram: Gram,
  weights: readonly number[],
  preference: readonly number[],
): number {
  return dot(
    weights.map((w, i) => w - preference[i]!),
    multiply(gram, weights),
  );
}
