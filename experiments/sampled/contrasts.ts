/**
 * Differences between arms over the replicates: a replicate is one start with its own draw of prompts, from which every
 * arm was trained with the same seeds, so differences are paired. Intervals draw the replicates again and, in each, its
 * prompts, the same for all arms.
 *
 * @module
 */

import { randomStream } from "../../lib/runtime/mod.ts";
import type { Estimate } from "../stages/findings.ts";
import { estimate, type ResampleOptions, RESAMPLES } from "../stages/statistics.ts";
import {
  type OutcomeName,
  outcomeNames,
  outcomesOf,
  type Part,
  type RunValues,
  valuesOn,
} from "./outcomes.ts";

/** Outcomes of every run on some prompts, and of runs that were drawn again. */
export interface ResampledOutcomes {
  /** `[conditions][outcomes][replicates]` */
  readonly values: readonly (readonly (readonly number[])[])[];
  /** Their means over the replicates in every resample, `[conditions][outcomes][resamples]`. */
  readonly draws: readonly (readonly Float64Array[])[];
}

/** A replicate's values, so that means under other counts of its prompts are one weighted sum of rows. */
interface ReplicateRows {
  readonly prompts: number;
  /** Judged steps of each condition. */
  readonly judged: readonly number[];
  /** `[prompts * width]`; a row holds, condition after condition, the judged steps with all rewards. */
  readonly rows: Float64Array;
  readonly width: number;
}

function replicateRows(runs: readonly RunValues[], part: Part): ReplicateRows {
  const own = runs.map((run) => valuesOn(run, part));
  const prompts = own[0]![0]!.length;
  const flat = Array.from(
    { length: prompts },
    (_, x) => own.flatMap((judged) => judged.flatMap((rows) => rows[x]!)),
  );
  return {
    prompts,
    judged: own.map((judged) => judged.length),
    rows: Float64Array.from(flat.flat()),
    width: flat[0]!.length,
  };
}

/** Outcomes of all conditions in one replicate, `[conditions * outcomes]`, where prompts count as often as `counts` says. */
function replicateOutcomes(
  { prompts, judged, rows, width }: ReplicateRows,
  preferences: readonly (readonly number[])[],
  counts: Int32Array,
): number[] {
  const sums = new Float64Array(width);
  for (let x = 0; x < prompts; x++) {
    const count = counts[x]! / prompts;
    if (count === 0) continue;
    for (let k = 0, at = x * width; k < width; k++, at++) sums[k]! += count * rows[at]!;
  }
  let at = 0;
  return judged.flatMap((steps, c) => {
    const preference = preferences[c]!;
    const means = Array.from(
      { length: steps },
      () => sums.subarray(at, at += preference.length),
    );
    return outcomesOf(means, preference);
  });
}

/**
 * Outcomes of every condition, as they are and under replicates and prompts drawn again with replacement.
 *
 * @param runs exact values, [replicates][conditions]; the prompts of a replicate are the same in all its conditions
 * @param preferences preference of each condition, [conditions][rewards]
 * @param part prompts on which values are judged
 * @param options how often, 20,000 times when left out, and the seed of the draws
 * @returns outcomes by replicate, and draws of their means
 */
export function resampledOutcomes(
  runs: readonly (readonly RunValues[])[],
  preferences: readonly (readonly number[])[],
  part: Part,
  { resamples = RESAMPLES, seed = 0 }: ResampleOptions = {},
): ResampledOutcomes {
  const replicates = runs.map((own) => replicateRows(own, part));
  const measured = replicates.map((own) =>
    replicateOutcomes(own, preferences, new Int32Array(own.prompts).fill(1))
  );
  const size = measured[0]!.length;
  const draws = Array.from({ length: size }, () => new Float64Array(resamples));
  const random = randomStream(seed, "replicates and prompts");
  for (let r = 0; r < resamples; r++) {
    for (let n = 0; n < replicates.length; n++) {
      const own = replicates[random.integer(replicates.length)]!;
      const counts = new Int32Array(own.prompts);
      for (let x = 0; x < own.prompts; x++) counts[random.integer(own.prompts)]!++;
      replicateOutcomes(own, preferences, counts).forEach((value, k) =>
        draws[k]![r]! += value / replicates.length
      );
    }
  }
  const width = outcomeNames.length;
  const byCondition = <T>(of: (k: number) => T): T[][] =>
    preferences.map((_, c) => outcomeNames.map((_, o) => of(c * width + o)));
  return {
    values: byCondition((k) => measured.map((row) => row[k]!)),
    draws: byCondition((k) => draws[k]!),
  };
}

/** A share of an outcome of a condition in a {@linkcode contrast}. */
export interface Term {
  /** Index of the condition. */
  readonly condition: number;
  /** Which outcome. */
  readonly outcome: OutcomeName;
  /** What it is multiplied by. */
  readonly factor: number;
}

/** A sum of outcomes over the replicates. */
export interface Contrast {
  /** Mean over the replicates, its 95 % interval and the bootstrap's p value. */
  readonly estimate: Estimate;
  /** The sum in every replicate. */
  readonly replicates: readonly number[];
}

/**
 * `sum_k factor_k outcome_k` of each replicate, and its mean with a 95 % interval.
 *
 * @param outcomes outcomes with their draws
 * @param terms what is added up
 * @returns the mean, its interval, and the replicates
 */
export function contrast(
  { values, draws }: ResampledOutcomes,
  terms: readonly Term[],
): Contrast {
  const add = (of: (term: Term) => ArrayLike<number>): Float64Array => {
    const sum = new Float64Array(of(terms[0]!).length);
    for (const term of terms) {
      const own = of(term);
      for (let k = 0; k < sum.length; k++) sum[k]! += term.factor * own[k]!;
    }
    return sum;
  };
  const at = ({ outcome }: Term) => outcomeNames.indexOf(outcome);
  const replicates = [...add((term) => values[term.condition]![at(term)]!)];
  const mean = replicates.reduce((a, b) => a + b, 0) / replicates.length;
  const drawn = add((term) => draws[term.condition]![at(term)]!);
  return { estimate: estimate(mean, drawn), replicates };
}
