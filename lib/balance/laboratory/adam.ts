/**
 * Adam on the laboratory's problems with exact gradients: which ways of weighing, solving, dividing and clipping keep the
 * promise of THEORY.md, Theorem 5, and which do not.
 *
 * @module
 */

import { capabilityAwareWeights } from "../rules/capability_aware.ts";
import { gramMatrix } from "../gram.ts";
import { combination, inner, type Problem } from "./problem.ts";

/** How weights and optimizer work together, under the names of the trainer's options. */
export interface AdamWay {
  /** The preference throughout, or capability-aware weights. */
  readonly weighting: "static" | "capability_aware";
  /** Metric of the Gram matrix: the optimizer's before the step, or none. */
  readonly gramMetric: "optimizer" | "euclidean";
  /** Whether the weights know the momentum. */
  readonly momentumAware: boolean;
  /** `before`: the step divides by the root of `v_{t-1}`; `after`: by that of `v_t`, which holds the present gradient. */
  readonly secondMoment: "before" | "after";
  /** What is clipped: the whole step, or the gradient that goes into the momentum. */
  readonly clip: "step" | "gradient";
  /** Whether weights are used in the step that they are solved in, or from the next one on. */
  readonly solve: "this_step" | "next_step";
  /** Steps from one solution to the next. */
  readonly gramSteps: number;
  /** Largest addition to a weight. */
  readonly cap: number;
  /** Ridge, relative to the Gram matrix's diagonal. */
  readonly ridge: number;
}

/** The way of Theorem 5: solve for the whole step in the metric that it will be made in, step, then update `v`. */
const wholeStep: AdamWay = {
  weighting: "capability_aware",
  gramMetric: "optimizer",
  momentumAware: true,
  secondMoment: "before",
  clip: "step",
  solve: "this_step",
  gramSteps: 1,
  cap: Infinity,
  ridge: 0,
};

/** Ways that are compared; every one but the last leaves something out. */
const ways = {
  static: { ...wholeStep, weighting: "static" },
  euclidean: { ...wholeStep, gramMetric: "euclidean", momentumAware: false },
  metric: { ...wholeStep, momentumAware: false },
  "current metric": { ...wholeStep, secondMoment: "after" },
  "next step": { ...wholeStep, secondMoment: "after", clip: "gradient", solve: "next_step" },
  "every fourth step": { ...wholeStep, gramSteps: 4 },
  "clipped gradient": { ...wholeStep, clip: "gradient" },
  "cap and ridge": { ...wholeStep, cap: 4, ridge: 0.01 },
  "momentum-aware": wholeStep,
} as const satisfies Record<string, AdamWay>;

/** Name of a way; `momentum-aware` is the one that Theorem 5 speaks of. */
export type AdamVariant = keyof typeof ways;

/** All names. */
export const adamVariants = Object.keys(ways) as AdamVariant[];

/** What {@linkcode adamHarm} needs. */
export interface AdamOptions {
  /** Which way. */
  readonly variant: AdamVariant;
  /** Preference p, [m]. */
  readonly preference: readonly number[];
  /** Learning rate. */
  readonly learningRate: number;
  /** Number of steps. */
  readonly steps: number;
  /** Decay rates of the moments. */
  readonly betas: readonly [number, number];
  /** Largest Euclidean norm of the gradient or of the momentum corrected for its bias; nothing is clipped when left out. */
  readonly maxNorm?: number;
}

/** How often an update points against an objective. */
export interface AdamHarm {
  /** Steps in which `g_i'D < 0` for some i, beyond rounding. */
  readonly harmed: number;
  /** Steps. */
  readonly steps: number;
  /** Least cosine of the update with an objective's gradient, in the metric of the update. */
  readonly worstCosine: number;
  /** Steps in which something was clipped. */
  readonly clipped: number;
  /** Largest entry of the metric over all steps. */
  readonly largestMetric: number;
}

/** Added to the root of the second moment. */
const EPSILON = 1e-8;

/** Cosines and relative lengths below this are rounding. */
const ROUNDING = 1e-9;

/** The optimizer's moments. */
interface Moments {
  readonly momentum: Float64Array;
  readonly second: Float64Array;
}

/** `1 / (sqrt(v) + 1e-8)`. */
const metricOf = (second: Float64Array): Float64Array =>
  second.map((v) => 1 / (Math.sqrt(v) + EPSILON));

/** Factor that brings a vector to a norm of at most `maxNorm`. */
function clipFactor(vector: Float64Array, maxNorm: number): number {
  const norm = Math.sqrt(inner(vector, vector));
  return norm > maxNorm ? maxNorm / norm : 1;
}

/** Capability-aware weights at a point, as far as the way knows the optimizer. */
function solve(
  gradients: readonly Float64Array[],
  { momentum }: Moments,
  metric: Float64Array,
  { gramMetric, momentumAware, cap, ridge }: AdamWay,
  { preference, betas: [beta1] }: AdamOptions,
): number[] {
  const scaled = momentum.map((x, k) => x * metric[k]!);
  return capabilityAwareWeights({
    gram: gramMatrix(gradients, gramMetric === "optimizer" ? metric : undefined),
    preference,
    cap,
    ridge,
    ...(momentumAware && { beta1, momentumProducts: gradients.map((g) => inner(g, scaled)) }),
  }).weights;
}

/** Least cosine of an update with an objective's gradient, norms taken in the metric and in its inverse. */
function leastCosine(
  gradients: readonly Float64Array[],
  update: Float64Array,
  metric: Float64Array,
  rounding: number,
): number {
  const length = Math.sqrt(update.reduce((sum, d, k) => sum + d * d / metric[k]!, 0));
  return Math.min(...gradients.map((g) => {
    const norm = Math.sqrt(g.reduce((sum, x, k) => sum + x * x * metric[k]!, 0));
    return norm > 0 && length > rounding ? inner(g, update) / (norm * length) : 0;
  }));
}

/**
 * Ascends with Adam and counts the steps that harm an objective to first order. Where a step divides by `v_{t-1}`, each
 * entry of `v` starts at the square of its first preferred gradient that is not 0, without bias correction. Where it
 * divides by `v_t`, v is PyTorch's, which starts at 0 and is corrected; the metric before the first step is the identity.
 */
export function adamHarm(problem: Problem, options: AdamOptions): AdamHarm {
  const { preference, learningRate, steps, betas: [b1, b2], maxNorm = Infinity } = options;
  const way: AdamWay = ways[options.variant];
  const after = way.secondMoment === "after";
  const point = new Float64Array(problem.size);
  const momentum = new Float64Array(problem.size);
  let second = new Float64Array(problem.size);
  let weights: readonly number[] = preference;
  let [harmed, worstCosine, clipped, largestMetric] = [0, 1, 0, 0];
  for (let t = 0; t < steps; t++) {
    const { gradients } = problem.evaluate(point);
    const preferred = combination(gradients, preference);
    if (!after) second = second.map((v, k) => v === 0 ? preferred[k]! ** 2 : v);
    const corrected = (step: number) => second.map((v) => v / (after ? 1 - b2 ** step : 1));
    const before = after && t === 0 ? second.map(() => 1) : metricOf(corrected(t));
    const solved = way.weighting === "static" || t % way.gramSteps > 0
      ? weights
      : solve(gradients, { momentum, second }, before, way, options);
    if (way.solve === "this_step") weights = solved;
    const gradient = combination(gradients, weights);
    weights = solved;
    const factor = way.clip === "gradient" ? clipFactor(gradient, maxNorm) : 1;
    const length = Math.sqrt(preferred.reduce(
      (sum, u, k) => sum + (b1 * momentum[k]! + (1 - b1) * u) ** 2 * before[k]!,
      0,
    ));
    for (let k = 0; k < point.length; k++) {
      momentum[k] = b1 * momentum[k]! + (1 - b1) * factor * gradient[k]!;
      second[k] = b2 * second[k]! + (1 - b2) * (factor * gradient[k]!) ** 2;
    }
    const metric = after ? metricOf(corrected(t + 1)) : before;
    const bias = 1 - b1 ** (t + 1);
    const stepFactor = way.clip === "step" ? clipFactor(momentum, maxNorm * bias) : 1;
    const rate = learningRate * stepFactor / bias;
    const update = momentum.map((x, k) => rate * metric[k]! * x);
    // Where every gain is another's loss the projected update is 0: what is left of it is rounding and harms nobody.
    const worst = leastCosine(gradients, update, metric, ROUNDING * rate * length);
    worstCosine = Math.min(worstCosine, worst);
    largestMetric = metric.reduce((a, b) => Math.max(a, b), largestMetric);
    if (worst < -ROUNDING) harmed++;
    if (factor < 1 || stepFactor < 1) clipped++;
    for (let k = 0; k < point.length; k++) point[k]! += update[k]!;
  }
  return { harmed, steps, worstCosine, clipped, largestMetric };
}
