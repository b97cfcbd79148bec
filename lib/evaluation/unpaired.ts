/** Differences of two numbers that were measured on other units. @module */

import type { MeanInterval } from "./intervals.ts";
import { normalQuantile, normalTail } from "./special_functions.ts";

/** A number with its 95 % interval. */
export type MeasuredNumber = Omit<MeanInterval, "n">;

/** A difference of independent numbers. */
export interface UnpairedDifference extends MeasuredNumber {
  /** Two-sided p value of "no difference": below 0.05 where the interval does not hold 0. */
  readonly p: number;
}

/**
 * Difference `a - b` of independent numbers from their 95 % intervals: the distances of the limits from the numbers are
 * added as squares, each side with those that lie on it (Newcombe, 1998, method 10; Zou and Donner, 2008). The p value is
 * that of a normal difference whose interval has the limit on the side of 0. Where the numbers come from the same units
 * and rise and fall together, the interval is too wide: a paired one is narrower.
 *
 * @param a The one number.
 * @param b The other one.
 * @returns The difference with interval and p value; p is 0 or 1 where both intervals are points.
 * @example
 * ```ts
 * import { unpairedDifference } from "./unpaired.ts";
 * import { wilsonInterval } from "./intervals.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * // Newcombe's example: 56 of 70 against 48 of 80.
 * const share = (k: number, n: number) => ({ mean: k / n, ...wilsonInterval(k, n) });
 * const { low, high } = unpairedDifference(share(56, 70), share(48, 80));
 * assertAlmostEquals(low, 0.0524, 5e-5);
 * assertAlmostEquals(high, 0.3339, 5e-5);
 * ```
 */
export function unpairedDifference(a: MeasuredNumber, b: MeasuredNumber): UnpairedDifference {
  const mean = a.mean - b.mean;
  const below = Math.hypot(a.mean - a.low, b.high - b.mean);
  const above = Math.hypot(a.high - a.mean, b.mean - b.low);
  const half = mean > 0 ? below : above;
  const p = mean === 0
    ? 1
    : Math.min(1, 2 * normalTail(normalQuantile(0.975) * Math.abs(mean) / half));
  return { mean, low: mean - below, high: mean + above, p };
}
