/** Ascent along weighted gradients with exact or noisy gradients, and what the theorems speak of at every step. @module */

import type { OnProgress, RandomStream } from "../../runtime/mod.ts";
import { projectionGap } from "../bounds.ts";
import { gramMatrix } from "../gram.ts";
import type { Aggregator } from "../types.ts";
import { combination, type Objectives } from "./problem.ts";

/** What {@linkcode ascend} needs. */
export interface AscendOptions {
  /** Weights from the Gram matrix. */
  readonly rule: Aggregator;
  /** Preference p, [m]. */
  readonly preference: readonly number[];
  /** Step size eta. */
  readonly stepSize: number;
  /** Number of steps T. */
  readonly steps: number;
  /** First point; zero when left out. */
  readonly start?: Float64Array;
  /** Positive diagonal of the metric M; the identity when left out. */
  readonly metric?: Float64Array;
  /** Normal noise on the step's gradient, `E ||noise||_M^2 = size * deviation^2` in the metric M. */
  readonly noise?: { readonly deviation: number; readonly random: RandomStream };
  /** Told after each step. */
  readonly onStep?: OnProgress;
}

/** What a run went through. */
export interface Trajectory {
  /** `J_i` at the start and after every step, [T + 1, m]. */
  readonly values: number[][];
  /** `||d_t||_M^2` of every step's expected direction, [T]. */
  readonly squared: number[];
  /** `eps_t = (w_t - p)'G_t w_t` of every step, [T]. */
  readonly eps: number[];
  /** Weights of every step, [T, m]. */
  readonly weights: number[][];
  /** The last point. */
  readonly point: Float64Array;
  /**
   * What noise did to every objective to first order, `sum_t eta <g_i, M noise_t>`, [m]: 0 in expectation, so that
   * taking it off a change leaves the mean and removes most of the variance.
   */
  readonly luck: number[];
}

/** Steps `x + eta M sum_i w_i g_i`, with w from the exact Gram matrix of the point. */
export function ascend(problem: Objectives, options: AscendOptions): Trajectory {
  const { rule, preference, stepSize, steps, metric, noise } = options;
  const point = Float64Array.from(options.start ?? new Float64Array(problem.size));
  const values: number[][] = [];
  const squared: number[] = [];
  const eps: number[] = [];
  const weights: number[][] = [];
  const luck = new Array<number>(problem.objectives).fill(0);
  for (let t = 0; t < steps; t++) {
    const found = problem.evaluate(point);
    const gram = gramMatrix(found.gradients, metric);
    const w = rule(gram, preference);
    const direction = combination(found.gradients, w);
    values.push(found.values);
    weights.push(w);
    eps.push(projectionGap(gram, w, preference));
    let norm = 0;
    for (let k = 0; k < point.length; k++) {
      const scale = metric?.[k] ?? 1;
      norm += direction[k]! ** 2 * scale;
      const shake = noise === undefined
        ? 0
        : noise.deviation * noise.random.normal() / Math.sqrt(scale);
      point[k]! += stepSize * scale * (direction[k]! + shake);
      if (noise !== undefined) {
        found.gradients.forEach((g, i) => luck[i]! += stepSize * scale * g[k]! * shake);
      }
    }
    squared.push(norm);
    options.onStep?.(t + 1, steps);
  }
  values.push(problem.evaluate(point).values);
  return { values, squared, eps, weights, point, luck };
}
