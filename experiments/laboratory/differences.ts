/** Families of paired differences over replicates: intervals, tests with Holm's correction, and what could be detected. @module */

import { z } from "zod";
import { permutationTest, studentInterval } from "../../lib/evaluation/mod.ts";
import { holm } from "../stages/statistics.ts";
import { replicateMean } from "./replicates.ts";

/** Random patterns of signs in a permutation test, where not all of them are counted. */
const PATTERNS = 20_000;

/** A paired difference as one of a family. */
export const differenceSchema = z.object({
  n: z.int().min(1).describe("Pairs"),
  value: z.number().describe("Mean difference"),
  low: z.number().describe("Lower end of Student's 95 % interval; the mean itself with one pair"),
  high: z.number().describe("Upper end"),
  p: z.number().min(0).max(1).describe("Two-sided p value of a permutation test of signs"),
  p_holm: z.number().min(0).max(1).describe("The same with Holm's correction for the family"),
  p_least: z.number().min(0).max(1).describe(
    "Smallest corrected p value that as many pairs could give, were they the only ones that differ",
  ),
  detectable: z.number().min(0).nullable().describe(
    "Smallest true difference that is found with a power of 80 %, at 5 % and without the correction; null with one pair",
  ),
});

/** See {@linkcode differenceSchema}. */
export type Difference = Readonly<z.output<typeof differenceSchema>>;

/**
 * Smallest true mean that a two-sided t test at 5 % finds with a power of 80 %: the half widths of Student's intervals of
 * 95 % and of 60 %.
 */
function detectable(differences: readonly number[]): number | null {
  if (differences.length < 2) return null;
  return [0.95, 0.6].map((level) => {
    const { low, high } = studentInterval(differences, level);
    return (high - low) / 2;
  }).reduce((a, b) => a + b);
}

/**
 * Estimates a family of paired differences.
 *
 * @param pairs differences of the pairs, [comparisons][pairs], at least one pair each
 * @returns one a comparison
 */
export function differenceFamily(pairs: readonly (readonly number[])[]): Difference[] {
  const tests = pairs.map((own) => permutationTest(own, { seed: 0, resamples: PATTERNS }));
  const corrected = holm(tests.map(({ p }) => p));
  return pairs.map((own, k) => {
    const { mean: value, low, high, n } = replicateMean(own);
    const least = Math.max(2 ** (1 - n), n > 12 ? 1 / (PATTERNS + 1) : 0);
    return {
      n,
      value,
      low,
      high,
      p: tests[k]!.p,
      p_holm: corrected[k]!,
      p_least: Math.min(1, least * pairs.length),
      detectable: detectable(own),
    };
  });
}
