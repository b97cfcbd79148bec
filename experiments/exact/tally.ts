/** Counting the problems on which a bound is broken: each gives its worst comparison, whatever is compared on it. @module */

import { z } from "zod";

const count = z.int().min(0);

/** See {@linkcode BoundFinding}. */
export const boundSchema = z.object({
  name: z.string().min(1).describe("What is bounded, and the number of its theorem"),
  problems: count.describe("Independent problems on which it was compared"),
  broken: count.describe("Those on which the worst comparison breaks it beyond rounding"),
  comparisons: count.describe("Comparisons behind them; those on one problem depend on each other"),
  largest: z.number().nullable().describe(
    "Largest measured value relative to its bound; null where every bound is 0",
  ),
});

/** On how many problems a bound was broken, and how near to it the nearest case came. */
export type BoundFinding = Readonly<z.output<typeof boundSchema>>;

/**
 * Rounding that a comparison of sums of about 100 terms of size 1 allows. Bounds up to here are 0 but for it: nothing is
 * relative to them.
 */
const ROUNDING = 1e-9;

/**
 * Whether a measured value lies above its bound beyond rounding, or one of the two is not a number.
 *
 * @param measured what was measured
 * @param bound what it must not exceed
 * @returns true when the bound is broken
 */
function exceeds(measured: number, bound: number): boolean {
  return !(measured <= bound + ROUNDING * (1 + Math.abs(bound)));
}

/** Compares on problems, and keeps the worst comparison of each. */
export interface Tally {
  /** Compares a measured value with its bound on a problem. */
  readonly compare: (problem: string, measured: number, bound: number) => void;
  /** Problems compared so far, and whether the bound was ever broken on each. */
  readonly problems: ReadonlyMap<string, boolean>;
  /** What was counted. */
  readonly result: () => BoundFinding;
}

/**
 * Starts to count for one bound. Comparisons on the same problem, at several steps, step sizes or rules, are not
 * independent: a problem counts once.
 *
 * @param name what is bounded
 * @returns the counter, at 0
 */
export function tally(name: string): Tally {
  const problems = new Map<string, boolean>();
  let comparisons = 0;
  let largest = -Infinity;
  return {
    compare(problem, measured, bound): void {
      comparisons++;
      problems.set(problem, exceeds(measured, bound) || (problems.get(problem) ?? false));
      if (bound > ROUNDING) largest = Math.max(largest, measured / bound);
    },
    problems,
    result: (): BoundFinding => ({
      name,
      problems: problems.size,
      broken: brokenOn(problems).length,
      comparisons,
      largest: Number.isFinite(largest) ? largest : null,
    }),
  };
}

/** Problems on which a bound was broken. */
const brokenOn = (problems: Tally["problems"]): string[] =>
  [...problems].filter(([, broken]) => broken).map(([problem]) => problem);

/**
 * Counts problems over several bounds, each once.
 *
 * @param tallies the bounds
 * @returns problems on which any of them was compared, and those on which any was broken
 */
export function overAll(tallies: readonly Tally[]): { problems: number; broken: number } {
  return {
    problems: new Set(tallies.flatMap(({ problems }) => [...problems.keys()])).size,
    broken: new Set(tallies.flatMap(({ problems }) => brokenOn(problems))).size,
  };
}
