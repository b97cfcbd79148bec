/** Tests for two systems on the same items. @module */
import { UsageError } from "../runtime/mod.ts";
import {
  average,
  bootstrapInterval,
  type BootstrapOptions,
  type MeanInterval,
} from "./intervals.ts";
import { permutationTest } from "./paired_tests.ts";
import { binomialCdf, normalTail } from "./special_functions.ts";

/** Mean difference of paired values with interval and p-value. */
export interface PairedDifference extends MeanInterval {
  /** Two-sided p-value of the sign-flip permutation test of "no difference". */
  readonly p: number;
}

/**
 * Paired difference `mean(a - b)` with a bootstrap interval over the pairs and a sign-flip permutation p-value
 * (Fisher, 1935), see {@linkcode permutationTest}.
 *
 * @param a Values of the first system, [n].
 * @param b Values of the second system on the same items, [n].
 * @param options Seed, level and number of resamples.
 * @returns Difference, interval, p and n; p = 1 when all pairs are equal.
 * @throws UsageError when the lengths differ.
 * @example
 * ```ts
 * import { pairedDifference } from "./paired.ts";
 * import { assertEquals } from "@std/assert";
 * const { mean, p } = pairedDifference([1, 1, 1, 1], [0, 0, 0, 0], { seed: 1 });
 * assertEquals([mean, p], [1, 2 / 16]);
 * ```
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  options: BootstrapOptions,
): PairedDifference {
  if (a.length !== b.length) {
    throw new UsageError(
      `Expected a and b to have equal length but found ${a.length} and ${b.length}`,
    );
  }
  const differences = a.map((x, i) => x - b[i]!);
  return {
    ...bootstrapInterval(differences, options),
    p: permutationTest(differences, options).p,
  };
}

/** McNemar's test in its three usual forms. */
export interface McNemar {
  /** Exact two-sided p-value. */
  readonly exact: number;
  /** Mid-p value: less conservative (Fagerland et al., 2013). */
  readonly midP: number;
  /** Chi-squared statistic with continuity correction, `(|b - c| - 1)^2 / (b + c)`; 0 without unequal pairs. */
  readonly chi2Corrected: number;
  /** Its p-value with one degree of freedom. */
  readonly chi2CorrectedP: number;
}

/**
 * McNemar's test on right and wrong answers of two systems to the same items (McNemar, 1947). Only the items on which the
 * systems differ count.
 *
 * @param firstOnly Items that only the first system gets right.
 * @param secondOnly Items that only the second system gets right.
 * @returns Exact, mid-p and corrected chi-squared results; all p are 1 without unequal pairs.
 * @throws UsageError for a count that is not an integer of at least 0.
 */
export function mcnemar(firstOnly: number, secondOnly: number): McNemar {
  for (
    const [key, count] of [["firstOnly", firstOnly], [
      "secondOnly",
      secondOnly,
    ]] as const
  ) {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new UsageError(
        `Expected ${key} to be an integer of at least 0 but found ${count}`,
      );
    }
  }
  const n = firstOnly + secondOnly;
  if (n === 0) {
    return { exact: 1, midP: 1, chi2Corrected: 0, chi2CorrectedP: 1 };
  }
  const least = Math.min(firstOnly, secondOnly);
  const tail = binomialCdf(least, n, 0.5);
  const below = binomialCdf(least - 1, n, 0.5);
  const chi2Corrected = (Math.abs(firstOnly - secondOnly) - 1) ** 2 / n;
  return {
    exact: Math.min(1, 2 * tail),
    midP: Math.min(1, tail + below),
    chi2Corrected,
    chi2CorrectedP: 2 * normalTail(Math.sqrt(chi2Corrected)),
  };
}

/**
 * McNemar's test from per-item correctness.
 *
 * @param a Correctness of the first system, [n].
 * @param b Correctness of the second system on the same items, [n].
 * @returns As {@linkcode mcnemar}, with the difference of the two accuracies.
 * @throws UsageError when the lengths differ.
 */
export function mcnemarFromItems(
  a: readonly boolean[],
  b: readonly boolean[],
): McNemar & { readonly difference: number } {
  if (a.length !== b.length) {
    throw new UsageError(
      `Expected a and b to have equal length but found ${a.length} and ${b.length}`,
    );
  }
  const firstOnly = a.filter((right, i) => right && !b[i]).length;
  const secondOnly = b.filter((right, i) => right && !a[i]).length;
  return {
    ...mcnemar(firstOnly, secondOnly),
    difference: average(a.map((right, i) => Number(right) - Number(b[i]))),
  };
}
