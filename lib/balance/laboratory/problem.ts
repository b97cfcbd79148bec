/** What a problem of the laboratory is: several objectives with exact gradients and known constants. @module */

import type { Vector } from "../types.ts";

/** Values and gradients at a point. */
export interface Evaluation {
  /** `J_i`, [m]. */
  readonly values: number[];
  /** `g_i = grad J_i`, [m] vectors of `size`. */
  readonly gradients: Float64Array[];
}

/** m objectives to be raised, of `size` parameters. */
export interface Objectives {
  /** Number of parameters. */
  readonly size: number;
  /** Number of objectives, m. */
  readonly objectives: number;
  /** Values and gradients at a point. */
  readonly evaluate: (point: Float64Array) => Evaluation;
}

/** Objectives of which more is known. */
export interface Problem extends Objectives {
  /** `L_i` in a diagonal metric M, the Euclidean one when left out (THEORY.md, section 0), [m]. */
  readonly smoothness: (metric?: Float64Array) => number[];
  /** The largest value of `sum_i w_i J_i` for weights w >= 0 that are not all 0. */
  readonly best: (weights: readonly number[]) => number;
}

/** `sum_i w_i J_i`. */
export function weighted(values: readonly number[], weights: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + weights[i]! * value, 0);
}

/** `sum_i w_i g_i`. */
export function combination(
  gradients: readonly Vector[],
  weights: readonly number[],
): Float64Array {
  const sum = new Float64Array(gradients[0]!.length);
  gradients.forEach((g, i) => {
    for (let k = 0; k < sum.length; k++) sum[k]! += weights[i]! * g[k]!;
  });
  return sum;
}

/** `sum_k a_k b_k`. */
export function inner(a: Vector, b: Vector): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
