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
  /** Metric of the Gram matrix: the optimizer's, as far as it is known before the weights, or none. */
  readonly gramMetric: "optimizer" | "euclidean";
  /** Whether the weights know the momentum. */
  readonly momentumAware: boolean;
  /**
   * What the step divides by the root of. `after`: `v_t`, which holds the step's own gradient, as in PyTorch; `before`: in
   * the place of its square the mean square of the preferred gradient, which does not depend on the weights. The trainer
   * takes that mean over neighbouring parameters, of which a problem of the laboratory has too few to part them.
   */
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

/** The way of Theorem 5: solve for the whole step in the metric that it will be made in, whatever the weights. */
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

/** Names of the ways that are compared. */
export const adamVariants = [
  "static",
  "euclidean",
  "metric",
  "current metric",
  "next step",
  "every fourth step",
  "clipped gradient",
  "cap and ridge",
  "momentum-aware",
] as const;

/** Name of a way; `momentum-aware` is the one that Theorem 5 speaks of, the others lack something. */
export type AdamVariant = typeof adamVariants[number];

const ways: Readonly<Record<AdamVariant, AdamWay>> = {
  static: { ...wholeStep, weighting: "static" },
  euclidean: { ...wholeStep, gramMetric: "euclidean", momentumAware: false },
  metric: { ...wholeStep, momentumAware: false },
  "current metric": { ...wholeStep, secondMoment: "after" },
  "next step": { ...wholeStep, secondMoment: "after", clip: "gradient", solve: "next_step" },
  "every fourth step": { ...wholeStep, gramSteps: 4 },
  "clipped gradient": { ...wholeStep, clip: "gradient" },
  "cap and ridge": { ...wholeStep, cap: 4, ridge: 0.01 },
  "momentum-aware": wholeStep,
};

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

/** `1 / (sqrt(v / bias) + 1e-8)`, 0 where no gradient has been. */
const metricOf = (second: Float64Array, bias: number): Float64Array =>
  second.map((v) => v > 0 ? 1 / (Math.sqrt(v / bias) + EPSILON) : 0);

/** `b2 v + (1 - b2) g^2`. */
const averaged = (second: Float64Array, gradient: Float64Array, b2: number): Float64Array =>
  second.map((v, k) => b2 * v + (1 - b2) * gradient[k]! ** 2);

/** The metric at step t as far as it is known before the weights: PyTorch's is that of the step before. */
function metricBefore(
  second: Float64Array,
  preferred: Float64Array,
  { secondMoment }: AdamWay,
  t: number,
  b2: number,
): Float64Array {
  if (secondMoment === "after") {
    return t === 0 ? second.map(() => 1) : metricOf(second, 1 - b2 ** t);
  }
  const square = inner(preferred, preferred) / preferred.length;
  const even = new Float64Array(preferred.length).fill(Math.sqrt(square));
  return metricOf(averaged(second, even, b2), 1 - b2 ** (t + 1));
}

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
  const length = Math.sqrt(
    update.reduce((sum, d, k) => sum + (d === 0 ? 0 : d * d / metric[k]!), 0),
  );
  return Math.min(...gradients.map((g) => {
    const norm = Math.sqrt(g.reduce((sum, x, k) => sum + x * x * metric[k]!, 0));
    return norm > 0 && length > rounding ? inner(g, update) / (norm * length) : 0;
  }));
}

/**
 * Ascends with Adam, whose v starts at 0 and is corrected for it, and counts the steps that harm an objective to first
 * order. An entry that no gradient has reached does not move.
 */
export function adamHarm(problem: Problem, options: AdamOptions): AdamHarm {
  const { preference, learningRate, steps, betas: [b1, b2], maxNorm = Infinity } = options;
  const way = ways[options.variant];
  const point = new Float64Array(problem.size);
  const momentum = new Float64Array(problem.size);
  let second: Float64Array = new Float64Array(problem.size);
  let weights: readonly number[] = preference;
  let [harmed, worstCosine, clipped, largestMetric] = [0, 1, 0, 0];
  for (let t = 0; t < steps; t++) {
    const { gradients } = problem.evaluate(point);
    const preferred = combination(gradients, preference);
    const before = metricBefore(second, preferred, way, t, b2);
    const solved = way.weighting === "static" || t % way.gramSteps > 0
      ? weights
      : solve(gradients, { momentum, second }, before, way, options);
    if (way.solve === "this_step") weights = solved;
    const gradient = combination(gradients, weights);
    weights = solved;
    const factor = way.clip === "gradient" ? clipFactor(gradient, maxNorm) : 1;
    const used = gradient.map((x) => factor * x);
    const length = Math.sqrt(preferred.reduce(
      (sum, u, k) => sum + (b1 * momentum[k]! + (1 - b1) * u) ** 2 * before[k]!,
      0,
    ));
    used.forEach((x, k) => momentum[k] = b1 * momentum[k]! + (1 - b1) * x);
    second = averaged(second, used, b2);
    const metric = way.secondMoment === "after" ? metricOf(second, 1 - b2 ** (t + 1)) : before;
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
    update.forEach((x, k) => point[k]! += x);
  }
  return { harmed, steps, worstCosine, clipped, largestMetric };
}
