/**
 * What the convergence theorem says, against what happens on exact problems: every check counts how often a bound is
 * broken and how near it comes.
 *
 * @module
 */

import {
  type AdamHarm,
  adamHarm,
  type AdamVariant,
  adamVariants,
  type Aggregator,
  aggregators,
  anyRuleBound,
  ascend,
  capabilityAwareWeights,
  descentBound,
  gramMatrix,
  marginWeights,
  preservationRatio,
  type Problem,
  quadraticForms,
  quadraticProblem,
  rewardTable,
  sharpExample,
  softmaxCertificate,
  type SoftmaxProblem,
  softmaxProblem,
  type Trajectory,
  weighted,
} from "../../lib/balance/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { type BoundCheck, counter } from "../exact/bound_check.ts";
import { drawPreference, drawProblem, objectives, tables } from "./problems.ts";

const plain: Aggregator = (gram, preference) =>
  capabilityAwareWeights({ gram, preference }).weights;

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
    rule: plain,
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

/** Checks of Theorem 7a and 7b on one kind of problem at one step size. */
export interface PreservationChecks {
  /** `min ||d||^2` against its bound, harm against c / (2 - c), and the step-by-step rise of `F_p`. */
  readonly bounds: BoundCheck[];
  /** Largest harm relative to gain. */
  readonly worst: number;
}

/** Runs `instances` problems of a kind at c / L; a random diagonal metric on every second one. */
export function checkPreservation(
  kind: "quadratic" | "softmax",
  c: number,
  instances: number,
  steps: number,
): PreservationChecks {
  const descent = counter("F_p rises by eta (1 - c/2) ||d||^2 (7a)");
  const norm = counter("min ||d||^2 (7a)");
  const harm = counter("harm / gain (7b)");
  let worst = 0;
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "preservation", kind);
    const problem = drawProblem(kind, seed);
    const preference = drawPreference(problem.objectives, random);
    const metric = seed % 2 === 0
      ? undefined
      : Float64Array.from({ length: problem.size }, () => Math.exp(random.normal()));
    const { run, smoothness, gap } = exactRun(problem, preference, metric, c, steps);
    let least = Infinity;
    run.squared.forEach((squared, t) => {
      least = Math.min(least, squared);
      const rise = weighted(run.values[t + 1]!, preference) - weighted(run.values[t]!, preference);
      descent.compare(c / smoothness * (1 - c / 2) * squared, rise);
    });
    norm.compare(least, descentBound(smoothness, gap, c, steps));
    const found = harmToGain(run.values, preference);
    harm.compare(found, preservationRatio(c));
    worst = Math.max(worst, found);
  }
  return { bounds: [descent, norm, harm].map((x) => x.result()), worst };
}

/** Harm relative to gain of the sharp example after one step of c / L: exactly c / (2 - c) in the limit. */
export function sharpHarm(c: number): number {
  const problem = sharpExample(1);
  const preference = [1 - 1e-9, 1e-9];
  const run = ascend(problem, { rule: plain, preference, stepSize: c, steps: 1 });
  return harmToGain(run.values, preference);
}

/** `min_{t < T} ||d_t||^2` over T, averaged in logarithms over instances, and the mean bound. */
export function normsOverSteps(
  kind: "quadratic" | "softmax",
  instances: number,
  horizons: readonly number[],
): { measured: number[]; bound: number[] } {
  const steps = Math.max(...horizons);
  const logs = horizons.map(() => ({ measured: 0, bound: 0 }));
  for (let seed = 0; seed < instances; seed++) {
    const problem = drawProblem(kind, seed);
    const preference = drawPreference(problem.objectives, randomStream(seed, "norms"));
    const { run, smoothness, gap } = exactRun(problem, preference, undefined, 1, steps);
    horizons.forEach((T, h) => {
      const least = Math.min(...run.squared.slice(0, T));
      // Below the square of rounding there is nothing left to measure.
      logs[h]!.measured += Math.log(Math.max(least, 1e-30)) / instances;
      logs[h]!.bound += Math.log(descentBound(smoothness, gap, 1, T)) / instances;
    });
  }
  return {
    measured: logs.map(({ measured }) => Math.exp(measured)),
    bound: logs.map(({ bound }) => Math.exp(bound)),
  };
}

/** The four ways to use Adam, on softmax problems with opposed rewards (Theorem 5). */
export function compareAdam(
  instances: number,
  steps: number,
): { variant: AdamVariant; runs: AdamHarm[] }[] {
  return adamVariants.map((variant) => ({
    variant,
    runs: Array.from({ length: instances }, (_, seed) =>
      adamHarm(
        softmaxProblem(
          rewardTable({ ...tables, rewards: objectives[seed % 3]!, seed }),
        ),
        {
          variant,
          preference: drawPreference(objectives[seed % 3]!, randomStream(seed, "adam")),
          learningRate: 0.05,
          steps,
          betas: [0.9, 0.99],
        },
      )),
  }));
}

/** Caps and ridges keep eps at most 0, and harm at the reported multiplier (Theorem 6). */
export function checkBoundedWeights(instances: number): BoundCheck[] {
  const cap = counter("eps with a cap (6)");
  const ridge = counter("eps with a ridge (6)");
  const ridged = counter("e sum G_ii w_i^2 with a ridge (6)");
  for (let seed = 0; seed < instances; seed++) {
    const random = randomStream(seed, "bounded");
    const m = objectives[seed % 3]!;
    const gram = gramMatrix(
      Array.from({ length: m }, () => Float64Array.from({ length: 3 }, () => random.normal())),
    );
    const preference = drawPreference(m, random);
    cap.compare(capabilityAwareWeights({ gram, preference, cap: 2 * random.next() }).eps, 0);
    const e = 10 ** (-3 * random.next());
    const { eps, weights } = capabilityAwareWeights({ gram, preference, ridge: e });
    ridge.compare(eps, 0);
    const more = gram.map((row, i) => row.map((x, j) => i === j ? x * (1 + e) : x));
    const limit = preference.reduce(
      (sum, p, i) => sum + p * more[i]!.reduce((s, x, j) => s + x * preference[j]!, 0),
      0,
    );
    ridged.compare(e * weights.reduce((sum, w, i) => sum + gram[i]![i]! * w * w, 0), limit);
  }
  return [cap, ridge, ridged].map((x) => x.result());
}

/** The largest weight when one gradient is `size (-1, 0.1)` against `(1, 0)`: it grows without limit, or to the cap. */
export function blowUp(size: number, cap: number | undefined): number {
  const gram = gramMatrix([Float64Array.of(1, 0), Float64Array.of(-size, 0.1 * size)]);
  const { weights } = capabilityAwareWeights({
    gram,
    preference: [0.5, 0.5],
    ...(cap !== undefined && { cap }),
  });
  return Math.max(...weights);
}

/** Every accepted step of the margin variant keeps or raises every objective; plain steps may lower some at second order. */
export function checkMargin(instances: number, steps: number): {
  margin: BoundCheck;
  plain: { steps: number; lower: number };
} {
  const margin = counter("fall of an objective in a margin step (6)");
  const plainSteps = { steps: 0, lower: 0 };
  for (let seed = 0; seed < instances; seed++) {
    const problem = drawProblem("softmax", seed);
    const preference = drawPreference(problem.objectives, randomStream(seed, "margin"));
    const smoothness = problem.smoothness();
    const first = 1 / Math.max(...smoothness);
    const point = new Float64Array(problem.size);
    for (let t = 0; t < steps; t++) {
      const { values, gradients } = problem.evaluate(point);
      const gram = gramMatrix(gradients);
      const found = marginWeights({ gram, preference }, smoothness, first);
      if (found.stepSize === 0) break;
      gradients.forEach((g, i) => {
        for (let k = 0; k < point.length; k++) {
          point[k]! += found.stepSize * found.weights[i]! * g[k]!;
        }
      });
      problem.evaluate(point).values.forEach((value, i) => margin.compare(values[i]! - value, 0));
    }
    const { values } = ascend(problem, { rule: plain, preference, stepSize: first, steps });
    for (let t = 1; t < values.length; t++) {
      plainSteps.steps++;
      if (values[t]!.some((value, i) => value < values[t - 1]![i]! - 1e-12)) plainSteps.lower++;
    }
  }
  return { margin: margin.result(), plain: plainSteps };
}

/** One run of Theorem 7c: mean `||d||^2` and its bound. */
export interface AnyRulePoint {
  readonly rule: string;
  readonly measured: number;
  readonly bound: number;
}

/** Rules of every kind, one with random signed weights among them, at eta = 1 / L with exact and noisy gradients. */
export function checkAnyRule(
  instances: number,
  steps: number,
): { check: BoundCheck; points: AnyRulePoint[] } {
  const check = counter("mean ||d||^2 for any rule (7c)");
  const points: AnyRulePoint[] = [];
  const random = randomStream(0, "signed weights");
  const rules: Record<string, Aggregator> = {
    static: aggregators.static,
    capability_aware: plain,
    upgrad: aggregators.upgrad,
    pcgrad: aggregators.pcgrad,
    mgda: aggregators.mgda,
    "random signs": (gram) => gram.map(() => random.normal()),
  };
  for (const [rule, weigh] of Object.entries(rules)) {
    for (let seed = 0; seed < instances; seed++) {
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
      check.compare(measured, bound);
      points.push({ rule, measured, bound });
    }
  }
  return { check: check.result(), points };
}

/** What noise does at step sizes `a T^-alpha` (Theorem 7d), averaged over problems and runs. */
export interface NoiseRow {
  readonly alpha: number;
  readonly steps: number;
  /** Mean over problems of the largest mean fall of an objective from the start; at least 0. */
  readonly harm: number;
  /** Bound on it. */
  readonly harmBound: number;
  /** Mean of `||d||^2` over the run. */
  readonly stationarity: number;
}

/** Noise of this size on every gradient entry. */
const DEVIATION = 0.3;

/** Runs that start where the preferred sum is highest, so that noise has everything to lose. */
export function noiseRuns(
  alphas: readonly number[],
  horizons: readonly number[],
  problems: number,
  runs: number,
): NoiseRow[] {
  return alphas.flatMap((alpha) =>
    horizons.map((steps): NoiseRow => {
      let [harm, harmBound, stationarity] = [0, 0, 0];
      for (let seed = 0; seed < problems; seed++) {
        const problem = quadraticProblem(quadraticForms({ size: 4, objectives: 3, seed }));
        const preference = drawPreference(3, randomStream(seed, "noise"));
        const constants = problem.smoothness();
        const stepSize = steps ** -alpha / Math.max(...constants);
        const start = ascend(problem, {
          rule: plain,
          preference,
          stepSize: 1 / Math.max(...constants),
          steps: 200,
        }).point;
        const change = [0, 0, 0];
        let squared = 0;
        for (let r = 0; r < runs; r++) {
          const random = randomStream(seed, "noise", alpha, steps, r);
          const { values, squared: norms, luck } = ascend(problem, {
            rule: plain,
            preference,
            stepSize,
            steps,
            start,
            noise: { deviation: DEVIATION, random },
          });
          values.at(-1)!.forEach((value, i) =>
            change[i]! += (value - values[0]![i]! - luck[i]!) / runs
          );
          squared += norms.reduce((a, b) => a + b, 0) / runs;
        }
        harm += Math.max(0, ...change.map((x) => -x)) / problems;
        stationarity += squared / steps / problems;
        const spread = problem.size * DEVIATION ** 2;
        harmBound += Math.max(...constants) * stepSize ** 2 / 2 * (squared + steps * spread) /
          problems;
      }
      return { alpha, steps, harm, harmBound, stationarity };
    })
  );
}

/** Concave problems: the gap to points that dominate the run, and the softmax certificate (Theorem 7'). */
export function checkPareto(instances: number, steps: number): BoundCheck[] {
  const gap = counter("gap to a dominating point (7'b)");
  const certificate = counter("gain left under the last weights (7'c)");
  for (let seed = 0; seed < instances; seed++) {
    const preference = drawPreference(objectives[seed % 3]!, randomStream(seed, "pareto"));
    const problem = drawProblem("quadratic", seed);
    const stepSize = 0.2 / Math.max(...problem.smoothness());
    // A later point of the same run dominates the earlier ones unless an objective fell at second order.
    const { values, point } = ascend(problem, {
      rule: plain,
      preference,
      stepSize,
      steps: 10 * steps,
    });
    const far = values.at(-1)!;
    if (values.slice(0, steps).every((at) => at.every((v, i) => far[i]! >= v))) {
      const distance = point.reduce((sum, x) => sum + x * x, 0);
      gap.compare(
        weighted(far, preference) - weighted(values[steps]!, preference),
        distance / (2 * stepSize * steps),
      );
    }
    const policy = drawProblem("softmax", seed) as SoftmaxProblem;
    const path = ascend(policy, {
      rule: plain,
      preference,
      stepSize: 1 / Math.max(...policy.smoothness()),
      steps,
    });
    const weights = path.weights.at(-1)!;
    certificate.compare(
      policy.best(weights) - weighted(path.values.at(-1)!, weights),
      softmaxCertificate(policy, path.point, weights),
    );
  }
  return [gap.result(), certificate.result()];
}
