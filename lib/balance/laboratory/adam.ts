/**
 * Adam on the laboratory's problems with capability-aware weights, measured in the metric and for the update that Adam
 * really makes, or not (THEORY.md, Theorem 5).
 *
 * @module
 */

import { capabilityAwareWeights } from "../rules/capability_aware.ts";
import { gramMatrix } from "../gram.ts";
import { combination, inner, type Problem } from "./problem.ts";

/** What the weights know of the optimizer. */
export const adamVariants = ["euclidean", "metric", "current metric", "momentum-aware"] as const;

/**
 * `euclidean`: the Gram matrix of the plain gradients. `metric`: in `M(v_{t-1})`, the momentum left out.
 * `momentum-aware`: in `M(v_{t-1})`, for the whole update; the only one that Theorem 5 speaks of. `current metric`: the
 * same weights, but the update uses `v_t`, which holds the present gradient, as stock Adam does.
 */
export type AdamVariant = typeof adamVariants[number];

/** What {@linkcode adamHarm} needs. */
export interface AdamOptions {
  /** What the weights know. */
  readonly variant: AdamVariant;
  /** Preference p, [m]. */
  readonly preference: readonly number[];
  /** Learning rate. */
  readonly learningRate: number;
  /** Number of steps. */
  readonly steps: number;
  /** Decay rates of the moments. */
  readonly betas: readonly [number, number];
}

/** How often an update points against an objective. */
export interface AdamHarm {
  /** Steps in which `g_i'D < 0` for some i, beyond rounding. */
  readonly harmed: number;
  /** Steps. */
  readonly steps: number;
  /** Least cosine of the update with an objective's gradient, in the metric of the update. */
  readonly worstCosine: number;
}

/** Added to the root of the second moment. */
const EPSILON = 1e-8;

/** Cosines and relative lengths below this are rounding. */
const ROUNDING = 1e-9;

/** Ascends with Adam and counts the steps that harm an objective to first order. */
export function adamHarm(problem: Problem, options: AdamOptions): AdamHarm {
  const { variant, preference, learningRate, steps, betas: [b1, b2] } = options;
  const { size } = problem;
  const point = new Float64Array(size);
  const momentum = new Float64Array(size);
  const second = new Float64Array(size);
  let harmed = 0;
  let worstCosine = 1;
  for (let t = 0; t < steps; t++) {
    const { gradients } = problem.evaluate(point);
    const metricAt = (v: Float64Array, step: number) =>
      step === 0
        ? new Float64Array(size).fill(1)
        : v.map((x) => 1 / (Math.sqrt(x / (1 - b2 ** step)) + EPSILON));
    const before = metricAt(second, t);
    const measured = variant === "euclidean" ? undefined : before;
    const aware = variant === "momentum-aware" || variant === "current metric";
    const scaled = momentum.map((x, k) => x * before[k]!);
    const { weights } = capabilityAwareWeights({
      gram: gramMatrix(gradients, measured),
      preference,
      ...(aware && { beta1: b1, momentumProducts: gradients.map((g) => inner(g, scaled)) }),
    });
    const direction = combination(gradients, weights);
    const preferred = combination(gradients, preference);
    const baseLength = Math.sqrt(
      preferred.reduce(
        (sum, u, k) => sum + (b1 * momentum[k]! + (1 - b1) * u) ** 2 * before[k]!,
        0,
      ),
    );
    for (let k = 0; k < size; k++) {
      momentum[k] = b1 * momentum[k]! + (1 - b1) * direction[k]!;
      second[k] = b2 * second[k]! + (1 - b2) * direction[k]! ** 2;
    }
    const metric = variant === "current metric" ? metricAt(second, t + 1) : before;
    const rate = learningRate / (1 - b1 ** (t + 1));
    const update = momentum.map((x, k) => rate * metric[k]! * x);
    // Norms of gradient and update in the metric and its inverse: their product bounds g'D.
    const length = Math.sqrt(update.reduce((sum, d, k) => sum + d * d / metric[k]!, 0));
    // Where every gain is another's loss the projected update is 0: what is left of it is rounding and harms nobody.
    const rest = ROUNDING * rate * baseLength;
    const cosines = gradients.map((g) => {
      const norm = Math.sqrt(g.reduce((sum, x, k) => sum + x * x * metric[k]!, 0));
      return norm > 0 && length > rest ? inner(g, update) / (norm * length) : 0;
    });
    const worst = Math.min(...cosines);
    worstCosine = Math.min(worstCosine, worst);
    if (worst < -ROUNDING) harmed++;
    for (let k = 0; k < size; k++) point[k]! += update[k]!;
  }
  return { harmed, steps, worstCosine };
}
