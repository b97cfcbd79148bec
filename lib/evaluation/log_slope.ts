/** The exponent of growth. @module */

import { average } from "./intervals.ts";

/**
 * Slope of log y over log x by least squares: the exponent b of `y = a x^b`.
 *
 * @param xs Positive numbers [n], not all equal.
 * @param ys Positive numbers [n].
 * @returns The slope.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { logSlope } from "./log_slope.ts";
 *
 * assertAlmostEquals(logSlope([1, 2, 4], [3, 12, 48]), 2);
 * ```
 */
export function logSlope(xs: readonly number[], ys: readonly number[]): number {
  const [u, v] = [xs.map(Math.log), ys.map(Math.log)];
  const [mu, mv] = [average(u), average(v)];
  return u.reduce((sum, x, i) => sum + (x - mu) * (v[i]! - mv), 0) /
    u.reduce((sum, x) => sum + (x - mu) ** 2, 0);
}
