/** What noisy gradients cost at step sizes `a T^-alpha`: Theorem 7d of `lib/balance/THEORY.md`. @module */

import {
  anyRuleBound,
  ascend,
  quadraticForms,
  quadraticProblem,
  weighted,
} from "../../lib/balance/mod.ts";
import { logSlope } from "../../lib/evaluation/mod.ts";
import { type RandomStream, randomStream } from "../../lib/runtime/mod.ts";
import type { NoisePower, NoiseRow } from "./findings.ts";
import { drawPreference, exactWeights } from "./problems.ts";

/** Noise of this size on every gradient entry. */
const DEVIATION = 0.3;

/** What happened on one problem, on average over its runs. */
type Outcome = Omit<NoiseRow, "alpha" | "steps">;

/** Runs from where the preferred sum is highest, so that noise has everything to lose. */
function noisyRuns(seed: number, alpha: number, steps: number, runs: number): Outcome {
  const problem = quadraticProblem(quadraticForms({ size: 4, objectives: 3, seed }));
  const preference = drawPreference(3, randomStream(seed, "noise"));
  const smoothness = Math.max(...problem.smoothness());
  const stepSize = steps ** -alpha / smoothness;
  const rule = exactWeights;
  const start = ascend(problem, { rule, preference, stepSize: 1 / smoothness, steps: 200 }).point;
  const change = [0, 0, 0];
  const spread = problem.size * DEVIATION ** 2;
  let [squared, eps] = [0, 0];
  for (let r = 0; r < runs; r++) {
    const random = randomStream(seed, "noise", alpha, steps, r);
    const noise = { deviation: DEVIATION, random };
    const run = ascend(problem, { rule, preference, stepSize, steps, start, noise });
    run.values.at(-1)!.forEach((value, i) =>
      change[i]! += (value - run.values[0]![i]! - run.luck[i]!) / runs
    );
    squared += run.squared.reduce((a, b) => a + b, 0) / runs;
    eps += run.eps.reduce((a, b) => a + b, 0) / runs;
  }
  return {
    harm: Math.max(0, ...change.map((x) => -x)),
    harmBound: smoothness * stepSize ** 2 / 2 * (squared + steps * spread),
    stationarity: squared / steps,
    stationarityBound: anyRuleBound({
      smoothness,
      gap: problem.best(preference) - weighted(problem.evaluate(start).values, preference),
      stepSize,
      eps: new Array<number>(steps).fill(eps / steps),
      variance: new Array<number>(steps).fill(spread),
    }),
  };
}

const RESAMPLES = 1000;

/** Power of the number of steps as which a mean over problems goes; null where it is 0 somewhere. */
function powerOf(
  horizons: readonly number[],
  harms: readonly (readonly number[])[],
  problems: readonly number[],
): number | null {
  const means = harms.map((row) => problems.reduce((sum, k) => sum + row[k]!, 0));
  return means.every((mean) => mean > 0) ? logSlope(horizons, means) : null;
}

/** Fewer problems than these have no interval: a bootstrap over them would be far too narrow. */
const FEWEST = 5;

/** The ends of a 95 % bootstrap interval over problems; none with few problems, or where a resample has no power. */
function powerInterval(
  horizons: readonly number[],
  harms: readonly (readonly number[])[],
  random: RandomStream,
): Pick<NoisePower, "low" | "high"> {
  const count = harms[0]!.length;
  const drawn = Array.from({ length: RESAMPLES }, () =>
    powerOf(
      horizons,
      harms,
      Array.from({ length: count }, () => random.integer(count)),
    ));
  if (count < FEWEST || drawn.includes(null)) return { low: null, high: null };
  const sorted = drawn.map((power) => power!).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (RESAMPLES - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}

/**
 * Runs with noise at every step size and number of steps.
 *
 * @param alphas exponents of the step size
 * @param horizons numbers of steps T
 * @param problems number of problems
 * @param runs runs of each
 * @returns harm, stationarity and their bounds as means over problems, and as which power of T the harm goes
 */
export function noiseRuns(
  alphas: readonly number[],
  horizons: readonly number[],
  problems: number,
  runs: number,
): { rows: NoiseRow[]; powers: NoisePower[] } {
  const each = Array.from({ length: problems }, (_, seed) => seed);
  const found = alphas.map((alpha) => {
    const outcomes = horizons.map((steps) =>
      each.map((seed) => noisyRuns(seed, alpha, steps, runs))
    );
    const mean = (own: readonly Outcome[], of: keyof Outcome) =>
      own.reduce((sum, outcome) => sum + outcome[of] / problems, 0);
    const rows = horizons.map((steps, h): NoiseRow => ({
      alpha,
      steps,
      harm: mean(outcomes[h]!, "harm"),
      harmBound: mean(outcomes[h]!, "harmBound"),
      stationarity: mean(outcomes[h]!, "stationarity"),
      stationarityBound: mean(outcomes[h]!, "stationarityBound"),
    }));
    const harms = outcomes.map((own) => own.map(({ harm }) => harm));
    const power: NoisePower = {
      alpha,
      power: powerOf(horizons, harms, each),
      ...powerInterval(horizons, harms, randomStream(0, "noise powers", alpha)),
      bound: logSlope(horizons, rows.map(({ harmBound }) => harmBound)),
    };
    return { rows, power };
  });
  return { rows: found.flatMap(({ rows }) => rows), powers: found.map(({ power }) => power) };
}
