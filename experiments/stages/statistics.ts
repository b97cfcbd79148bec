/**
 * What could be detected, ranks, and the correction for many tests.
 *
 * @module
 */

import type { Estimate } from "./findings.ts";

/**
 * Smallest true difference that a two-sided test at 5 % finds with a power of 80 %: 2.8 standard errors (1.96 + 0.84),
 * where the standard error is the width of the 95 % interval over 2 x 1.96.
 *
 * @param interval 95 % interval of the difference
 * @returns the smallest detectable difference, in units of the interval
 */
export function detectableDifference({ low, high }: Pick<Estimate, "low" | "high">): number {
  return (1.96 + 0.84) * (high - low) / (2 * 1.96);
}

/**
 * Smallest true difference of two numbers whose 95 % intervals then lie apart with a power of 80 %: both half widths, and
 * 0.84 standard errors of the difference between independent numbers. It is larger than what a test of the difference
 * finds.
 *
 * @param a interval of the one number
 * @param b interval of the other
 * @returns the smallest difference, in units of the intervals
 */
export function detectableGap(
  a: Pick<Estimate, "low" | "high">,
  b: Pick<Estimate, "low" | "high">,
): number {
  const halves = [a, b].map(({ low, high }) => (high - low) / 2);
  return halves[0]! + halves[1]! + 0.84 * Math.hypot(...halves) / 1.96;
}

/**
 * Ranks from 1 for the largest; equal values share the mean of their ranks.
 *
 * @param values any numbers
 * @returns their ranks, in the same order
 */
export function ranks(values: readonly number[]): number[] {
  return values.map((x) => {
    const above = values.filter((y) => y > x).length;
    const same = values.filter((y) => y === x).length;
    return above + (same + 1) / 2;
  });
}

/**
 * Mean over the columns of the ranks within each column, by row.
 *
 * @param table `[rows][columns]`
 * @returns `[rows]`
 */
export function meanRanks(table: readonly (readonly number[])[]): number[] {
  const columns = table[0]!.map((_, c) => ranks(table.map((row) => row[c]!)));
  return table.map((_, r) => columns.reduce((sum, column) => sum + column[r]!, 0) / columns.length);
}

/**
 * p values with Holm's correction for their number (Holm, 1979).
 *
 * @param values p values
 * @returns the corrected ones, in the same order
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  order.forEach((i, k) => {
    largest = Math.max(largest, Math.min(1, values[i]! * (values.length - k)));
    adjusted[i] = largest;
  });
  return adjusted;
}
