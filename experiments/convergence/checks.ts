/**
 * What the convergence theorem says, against what happens on exact problems: every check counts the problems on which a
 * bound is broken, and how near to it they come.
 *
 * @module
 */

import {
  adamHarm,
  adamVariants,
  type Aggregator,
  aggregators,
  anyRuleBound,
  ascend,
  descentBound,
  preservationRatio,
  type Problem,
  sharpExample,
  softmaxCertificate,
  type SoftmaxProblem,
  type Trajectory,
  weighted,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import type { AnyRuleFinding, ConvergenceFindings, ProblemKind } from "./findings.ts";
import { drawPreference, drawProblem, exactWeights, objectives } from "./problems.ts";
import { type Tally, tally } from "../exact/tally.ts";

/** Step sizes of the checks, relative to 1 / L. */
export const relativeSteps = [0.1, 0.5, 1, 1.5, 1.9] as const;

/** The run of one instance at the step size c / L. */
function exactRun(
  problem: Problem,
  preference: readonly number[],
  metric: Float64Array | undefined,
  c: number,
  steps: number,
): { run: Trajectory; smoothness: number; gap: number } {
  const smoothness = Math.max(...problem.smoothness(metric));
  const run = ascend(problem, {
    rule: exactWeights,
    preference,
    stepSize: c / smoothness,
    steps,
    ...(metric !== undefined && { metric }),
  });
  return { run, smoothness, gap: problem.best(preference) - weighted(run.values[0]!, preference) };
}

/** The largest fall of an objective from the start, relative to what the preferred sum gained; 0 where nothing falls. */
function harmToGain(values: readonly (readonly number[])[], preference: readonly number[]): number {
  let worst = 0;
  const start = values[0]!;
  for (const now of values.slice(1)) {
    const gain = weighted(now, preference) - weighted(start, preference);
    const harm = Math.max(...now.map((value, i) => start[i]! - value));
    if (harm > 1e-12 && gain > 1e-12) worst = Math.max(worst, harm / gain);
  }
  return worst;
}

/** What {@linkcode checkPreservation} compares. */
export interface PreservationTallies {
  /** The step-by-step rise of `F_p` (Theorem 7a). */
  readonly descent: Tally;
  /** `min ||d||^2` against its bound (7a). */
  readonly norm: Tally;
  /** Harm relative to gain against c / (2 - c) (7b). */
  readonly harm: Tally;
}

/**
 * Starts to count what {@linkcode checkPreservation} compares.
 *
 * @returns counters that all kinds and step sizes share
 */
export function preservationTallies(): PreservationTallies {
  return {
    descent: tally("F_p rises by eta (1 - c/2) ||d||^2 (7a)"),
    norm: tally("min ||d||^2 (7a)"),
    harm: tally("harm / gain (7b)"),
  };
}

/**
 * Runs problems of a kind at c / L; a random diagonal metric on every second one.
 *
 * @param kind which problems
 * @param c step size in units of 1 / L
 * @param size number of problems, and of steps
 * @param tallies where every comparison is counted
 * @returns the largest harm relative to gain
 */
export function checkPreservation(
  kind: ProblemKind,
  c: number,
  { instances, steps }: { readonly instances: number; readonly steps: number },
  { descent, norm, harm }: PreservationTallies,
): number {
  let worst = 0;
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "preservation", kind);
    const problem = drawProblem(kind, seed);
    const preference = drawPreference(problem.objectives, random);
    const metric = seed % 2 === 0
      ? undefined
      : Float64Array.from({ length: problem.size }, () => Math.exp(random.normal()));
    const { run, smoothness, gap } = exactRun(problem, preference, metric, c, steps);
    const name = `${kind} ${seed}`;
    let least = Infinity;
    run.squared.forEach((squared, t) => {
      least = Math.min(least, squared);
      const rise = weighted(run.values[t + 1]!, preference) - weighted(run.values[t]!, preference);
      descent.compare(name, c / smoothness * (1 - c / 2) * squared, rise);
    });
    norm.compare(name, least, descentBound(smoothness, gap, c, steps));
    const found = harmToGain(run.values, preference);
    harm.compare(name, found, preservationRatio(c));
    worst = Math.max(worst, found);
  }
  return worst;
}

/**
 * Harm relative to gain of the sharp example after one step of c / L: exactly c / (2 - c) in the limit.
 *
 * @param c step size in units of 1 / L
 * @returns harm relative to gain
 */
export function sharpHarm(c: number): number {
  const problem = sharpExample(1);
  const preference = [1 - 1e-9, 1e-9];
  const run = ascend(problem, { rule: exactWeights, preference, stepSize: c, steps: 1 });
  return harmToGain(run.values, preference);
}

/** Squared norms below the square of rounding: nothing is left to measure. */
const LEAST = 1e-30;

/**
 * `min_{t < T} ||d_t||^2` over T, averaged in logarithms over problems, and the mean bound.
 *
 * @param kind which problems
 * @param instances their number
 * @param horizons numbers of steps T
 * @returns both for each T, on how many problems only rounding is left, and on how many the bound is exceeded
 */
export function normsOverSteps(
  kind: ProblemKind,
  instances: number,
  horizons: readonly number[],
): { measured: number[]; bound: number[]; rounded: number[]; above: number } {
  const steps = Math.max(...horizons);
  const logs = horizons.map(() => ({ measured: 0, bound: 0, rounded: 0 }));
  const check = tally("min ||d||^2 over T");
  for (let seed = 0; seed < instances; seed++) {
    const problem = drawProblem(kind, seed);
    const preference = drawPreference(problem.objectives, randomStream(seed, "norms"));
    const { run, smoothness, gap } = exactRun(problem, preference, undefined, 1, steps);
    horizons.forEach((T, h) => {
      const least = Math.min(...run.squared.slice(0, T));
      logs[h]!.measured += Math.log(Math.max(least, LEAST)) / instances;
      const bound = descentBound(smoothness, gap, 1, T);
      check.compare(`${kind} ${seed}`, least, bound);
      logs[h]!.bound += Math.log(bound) / instances;
      if (least <= LEAST) logs[h]!.rounded++;
    });
  }
  return {
    measured: logs.map(({ measured }) => Math.exp(measured)),
    bound: logs.map(({ bound }) => Math.exp(bound)),
    rounded: logs.map(({ rounded }) => rounded),
    above: check.result().broken,
  };
}

/** Options of Adam in {@linkcode compareAdam}; the norm is one that clips some steps of some problems. */
export const adamOptions = { learningRate: 0.05, betas: [0.9, 0.99], maxNorm: 0.02 } as const;

/**
 * The ways to use Adam, on softmax problems with opposed rewards (Theorem 5).
 *
 * @param instances number of problems
 * @param steps steps on each
 * @returns one run for each way and problem
 */
export function compareAdam(
  instances: number,
  steps: number,
): ConvergenceFindings["adam"][number][] {
  return adamVariants.map((variant) => ({
    variant,
    runs: Array.from({ length: instances }, (_, seed) => {
      const problem = drawProblem("softmax", seed);
      const preference = drawPreference(objectives[seed % 3]!, randomStream(seed, "adam"));
      const found = adamHarm(problem, { ...adamOptions, variant, preference, steps });
      const { harmed, clipped, worstCosine, largestMetric } = found;
      const allowed = 1 / (Math.max(...problem.smoothness()) * largestMetric);
      return { harmed, steps, clipped, worstCosine, allowed };
    }),
  }));
}

/**
 * Rules of every kind, one with random signed weights among them, at eta = 1 / L with exact gradients (Theorem 7c).
 *
 * @param instances number of problems
 * @param steps steps on each
 * @returns the comparisons, and what each rule came to on each problem
 */
export function checkAnyRule(
  instances: number,
  steps: number,
): { check: Tally; rules: AnyRuleFinding[] } {
  const check = tally("mean ||d||^2 for any rule (7c)");
  const random = randomStream(0, "signed weights");
  const rules: Record<string, Aggregator> = {
    static: aggregators.static,
    "capability-aware": exactWeights,
    UPGrad: aggregators.upgrad,
    PCGrad: aggregators.pcgrad,
    MGDA: aggregators.mgda,
    "random signs": (gram) => gram.map(() => random.normal()),
  };
  const found = Object.entries(rules).map(([rule, weigh]): AnyRuleFinding => ({
    rule,
    points: Array.from({ length: instances }, (_, seed) => {
      const problem = drawProblem("softmax", seed);
      const preference = drawPreference(problem.objectives, randomStream(seed, "any rule"));
      const smoothness = Math.max(...problem.smoothness());
      const run = ascend(problem, { rule: weigh, preference, stepSize: 1 / smoothness, steps });
      const measured = run.squared.reduce((a, b) => a + b, 0) / steps;
      const bound = anyRuleBound({
        smoothness,
        gap: problem.best(preference) - weighted(run.values[0]!, preference),
        stepSize: 1 / smoothness,
        eps: run.eps,
        variance: run.squared.map(() => 0),
      });
      check.compare(`softmax ${seed}`, measured, bound);
      return { measured, bound };
    }),
  }));
  return { check, rules: found };
}

/**
 * Concave problems: the gap to points that dominate the run, and the softmax certificate (Theorem 7').
 *
 * @param instances number of problems of each kind
 * @param steps steps on each
 * @returns the comparisons of either bound
 */
export function checkPareto(instances: number, steps: number): Tally[] {
  const gap = tally("gap to a dominating point (7'b)");
  const certificate = tally("gain left under the last weights (7'c)");
  for (let seed = 0; seed < instances; seed++) {
    const preference = drawPreference(objectives[seed % 3]!, randomStream(seed, "pareto"));
    const problem = drawProblem("quadratic", seed);
    const stepSize = 0.2 / Math.max(...problem.smoothness());
    // A later point of the same run dominates the earlier ones unless an objective fell at second order.
    const { values, point } = ascend(problem, {
      rule: exactWeights,
      preference,
      stepSize,
      steps: 10 * steps,
    });
    const far = values.at(-1)!;
    if (values.slice(0, steps).every((at) => at.every((v, i) => far[i]! >= v))) {
      const distance = point.reduce((sum, x) => sum + x * x, 0);
      gap.compare(
        `quadratic ${seed}`,
        weighted(far, preference) - weighted(values[steps]!, preference),
        distance / (2 * stepSize * steps),
      );
    }
    const policy = drawProblem("softmax", seed) as SoftmaxProblem;
    const path = ascend(policy, {
      rule: exactWeights,
      preference,
      stepSize: 1 / Math.max(...policy.smoothness()),
      steps,
    });
    const weights = path.weights.at(-1)!;
    certificate.compare(
      `softmax ${seed}`,
      policy.best(weights) - weighted(path.values.at(-1)!, weights),
      softmaxCertificate(policy, path.point, weights),
    );
  }
  return [gap, certificate];
}
