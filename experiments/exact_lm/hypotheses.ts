/**
 * The four hypotheses, judged by the rules of PROTOCOL.md: one number a replicate, an exact sign test over replicates,
 * Holm's correction for four.
 *
 * @module
 */

import { preservationRatio } from "../../lib/balance/mod.ts";
import { average, signTest, studentInterval, wilsonInterval } from "../../lib/evaluation/mod.ts";
import { holm } from "../stages/statistics.ts";
import type { ExactLmConfig } from "./config.ts";
import {
  type AscentRow,
  type ExactLmFindings,
  type Hypothesis,
  hypothesisNames,
  type NoiseRow,
  type OptimizerRow,
  type OptimizerWay,
} from "./findings.ts";

/** Share of the replicates in which a number has to lie on the claimed side. */
const SHARE = 5 / 6;

/** Least gain of capability-aware weights relative to static ones that hypothesis 2 claims. */
const LEAST_GAIN = 0.5;

/** Share of harmful steps that hypothesis 3 claims version 0.1 exceeds. */
const HARMFUL_SHARE = 0.2;

/** Largest harm of the shrunk gate relative to the hard one that hypothesis 4 claims. */
const LEFT_HARM = 0.5;

/** Relative size up to which an identity holds but for rounding. */
const IDENTITY = 1e-6;

/** Harm below which there is nothing to compare. */
const NO_HARM = 1e-9;

/** What a hypothesis is judged by in one replicate. */
export interface ReplicateNumber {
  /** The replicate. */
  readonly seed: number;
  /** The number; infinite where a reward falls without any gain. */
  readonly value: number;
  /** Whether the replicate breaks what the theorem says of all. */
  readonly exception: boolean;
}

type Studies = Pick<ExactLmFindings, "ascents" | "optimizers" | "noise">;
type Options = Pick<ExactLmConfig, "ascent" | "noise">;

const seedsOf = (rows: readonly { readonly seed: number }[]): number[] =>
  [...new Set(rows.map(({ seed }) => seed))].sort((a, b) => a - b);

/** A ratio as a number; null, a fall without a gain, exceeds every bound. */
const finite = (ratio: number | null): number => ratio ?? Infinity;

/** Runs of study 1 but for the controls. */
const main = (ascents: readonly AscentRow[]): AscentRow[] =>
  ascents.filter(({ control }) => control === null);

/**
 * Largest fall relative to the gain with static weights at the lopsided preference; an exception is a run with
 * capability-aware weights, at any preference, above c / (2 - c).
 */
function fallRatios(ascents: readonly AscentRow[], { ascent }: Options): ReplicateNumber[] {
  const bound = preservationRatio(ascent.c);
  return seedsOf(ascents).flatMap((seed) => {
    const own = main(ascents).filter((row) => row.seed === seed);
    const fixed = own.find(({ rule, preference }) =>
      rule === "static" && preference === ascent.lopsided
    );
    const aware = own.filter(({ rule }) => rule === "capability_aware");
    return fixed === undefined || aware.length === 0 ? [] : [{
      seed,
      value: finite(fixed.ratio),
      exception: aware.some((row) => finite(row.ratio) > bound),
    }];
  });
}

/**
 * Gain of the preferred sum with capability-aware weights relative to static ones, the least over the preferences; an
 * exception is a run whose price is not that of Theorem 4d, or whose gain is further from its first order than c / 2.
 */
function gainShares(ascents: readonly AscentRow[], { ascent }: Options): ReplicateNumber[] {
  return seedsOf(ascents).flatMap((seed) => {
    const own = main(ascents).filter((row) => row.seed === seed);
    const aware = own.filter(({ rule }) => rule === "capability_aware");
    const shares = aware.flatMap(({ preference, gain }) =>
      own.filter((row) => row.rule === "static" && row.preference === preference && row.gain > 0)
        .map((fixed) => gain / fixed.gain)
    );
    return shares.length === 0 ? [] : [{
      seed,
      value: Math.min(...shares),
      exception: aware.some(({ gain, predicted, residual }) =>
        residual > IDENTITY || !(Math.abs(gain / predicted - 1) <= ascent.c / 2 + IDENTITY)
      ),
    }];
  });
}

/** Share of harmful steps of version 0.1; an exception is one harmful step where weights are solved before the step. */
function harmfulShares(optimizers: readonly OptimizerRow[]): ReplicateNumber[] {
  return seedsOf(optimizers).flatMap((seed) => {
    const of = (way: OptimizerWay) =>
      optimizers.find((row) => row.seed === seed && row.way === way);
    const [before, aware] = [of("version_0_1"), of("capability_aware")];
    return before === undefined || aware === undefined
      ? []
      : [{ seed, value: before.harmful / before.steps, exception: aware.harmful > 0 }];
  });
}

/** Harm under the shrunk gate relative to the hard one, where that harms at all. */
function harmLeft(noise: readonly NoiseRow[]): ReplicateNumber[] {
  return seedsOf(noise).flatMap((seed) => {
    const rows = noise.filter((row) => row.seed === seed && row.target);
    const harm = (gate: string) =>
      average(rows.map(({ gates }) => gates.find((found) => found.gate === gate)!.harm));
    const hard = harm("veto");
    return rows.length > 0 && hard > NO_HARM
      ? [{ seed, value: harm("shrink") / hard, exception: false }]
      : [];
  });
}

/** What is claimed, and the number that it is about. */
interface Claim {
  readonly statement: string;
  /** One number a replicate. */
  readonly numbers: readonly ReplicateNumber[];
  /** How far on the claimed side a number lies. */
  readonly margin: (value: number) => number;
  /** Whether a number on the border is on the claimed side. */
  readonly closed: boolean;
  /** What is estimated. */
  readonly estimated: "share of replicates" | "mean";
}

/** Judges a claim, without Holm's correction. */
function judge({ numbers, statement, margin, closed, estimated }: Claim): Hypothesis {
  const margins = numbers.map(({ value }) => margin(value));
  const n = numbers.length;
  const favourable = margins.filter((x) => closed ? x >= 0 : x > 0).length;
  const exceptions = numbers.filter(({ exception }) => exception).length;
  const { mean, low, high } = estimated === "mean"
    ? studentInterval(numbers.map(({ value }) => value))
    : { mean: favourable / n, ...wilsonInterval(favourable, n) };
  const { p, least } = signTest(margins);
  return {
    statement,
    estimate: mean,
    low: Number.isNaN(low) ? null : low,
    high: Number.isNaN(high) ? null : high,
    p,
    p_holm: p,
    p_least: least,
    n,
    favourable,
    exceptions,
    holds: exceptions === 0 && favourable >= SHARE * n - 1e-9,
  };
}

/**
 * The numbers that each hypothesis is judged by.
 *
 * @param studies what was measured
 * @param config options of the run
 * @returns a list for each hypothesis, empty where its study did not run or nothing can be compared
 */
export function replicateNumbers(
  { ascents = [], optimizers = [], noise = [] }: Studies,
  config: Options,
): Record<typeof hypothesisNames[number], ReplicateNumber[]> {
  return {
    H1: fallRatios(ascents, config),
    H2: gainShares(ascents, config),
    H3: harmfulShares(optimizers),
    H4: harmLeft(noise),
  };
}

/**
 * Judges the hypotheses.
 *
 * @param studies what was measured
 * @param config options of the run
 * @returns what came out; a hypothesis whose study did not run, or that nothing can be said of, is left out
 */
export function judgeHypotheses(
  studies: Studies,
  config: Options,
): ExactLmFindings["hypotheses"] {
  const { ascent, noise } = config;
  const numbers = replicateNumbers(studies, config);
  const bound = preservationRatio(ascent.c);
  const claims: Record<typeof hypothesisNames[number], Omit<Claim, "numbers">> = {
    H1: {
      statement:
        `With capability-aware weights no reward falls by more than c / (2 - c) = ${
          bound.toFixed(3)
        } of what the preferred ` +
        `sum gains; with static weights at the preference ${ascent.lopsided} one does`,
      margin: (value) => value - bound,
      closed: false,
      estimated: "share of replicates",
    },
    H2: {
      statement:
        "The price of harmlessness is that of Theorem 4d, and capability-aware weights gain at least half of what static " +
        "ones gain in as many steps",
      margin: (value) => value - LEAST_GAIN,
      closed: true,
      estimated: "mean",
    },
    H3: {
      statement:
        "No step harms a reward to first order where weights are solved before the step; in version 0.1 more than 20 % do",
      margin: (value) => value - HARMFUL_SHARE,
      closed: false,
      estimated: "mean",
    },
    H4: {
      statement:
        `At a signal to noise of ${noise.signal} shrunk products leave at most half of the harm that a hard gate leaves`,
      margin: (value) => LEFT_HARM - value,
      closed: true,
      estimated: "mean",
    },
  };
  const judged = hypothesisNames.filter((name) => numbers[name].length > 0)
    .map((name) => ({ name, found: judge({ ...claims[name], numbers: numbers[name] }) }));
  // Those that were not tested count in the correction as if they had said nothing.
  const untested = hypothesisNames.slice(judged.length).map(() => 1);
  const corrected = holm([...judged.map(({ found }) => found.p), ...untested]);
  return Object.fromEntries(
    judged.map(({ name, found }, k) => [name, { ...found, p_holm: corrected[k]! }]),
  );
}
