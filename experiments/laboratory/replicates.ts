/** Numbers that were measured in every replicate: their mean, and paired differences. @module */

import { permutationTest, studentInterval } from "../../lib/evaluation/mod.ts";

/** A mean over replicates with its 95 % interval. */
export interface ReplicateMean {
  /** Mean. */
  readonly mean: number;
  /** Lower end; the mean itself with one replicate, which has no spread. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** Number of replicates. */
  readonly n: number;
}

/**
 * Mean with Student's interval over replicates.
 *
 * @param values one a replicate, at least one
 * @returns the mean
 */
export function replicateMean(values: readonly number[]): ReplicateMean {
  const n = values.length;
  if (n === 1) return { mean: values[0]!, low: values[0]!, high: values[0]!, n };
  return studentInterval(values);
}

/** A mean over replicates within known limits: the interval is cut there. */
export function limitedMean(
  values: readonly number[],
  limits: readonly [number, number],
): ReplicateMean {
  const { mean, low, high, n } = replicateMean(values);
  return { mean, low: Math.max(limits[0], low), high: Math.min(limits[1], high), n };
}

/** A paired difference over replicates. */
export interface ReplicateDifference extends ReplicateMean {
  /** Two-sided p value of the exact permutation test of signs. */
  readonly p: number;
}

/**
 * Paired difference of two systems over replicates.
 *
 * @param system one number a replicate
 * @param baseline as many, of the same replicates
 * @returns mean difference, Student's interval, and the p value of a permutation test
 */
export function replicateDifference(
  system: readonly number[],
  baseline: readonly number[],
): ReplicateDifference {
  const differences = system.map((x, k) => x - baseline[k]!);
  return {
    ...replicateMean(differences),
    p: permutationTest(differences, { seed: 0, resamples: 20_000 }).p,
  };
}

/**
 * Mean of vectors, with an interval for each entry.
 *
 * @param rows one a replicate, [replicates][m]
 * @returns [m]
 */
export function replicateMeans(rows: readonly (readonly number[])[]): ReplicateMean[] {
  return rows[0]!.map((_, i) => replicateMean(rows.map((row) => row[i]!)));
}
