/** Shrinkage of noisy products to 0. @module */

/**
 * Share of an estimate that is kept, `max(0, 1 - variance / estimate^2)`: the positive part of James and Stein's rule for
 * one number. What lies within its own standard deviation of 0 counts as 0.
 *
 * @param estimate The estimate.
 * @param variance Its variance; where it is not known (NaN) nothing is kept.
 * @returns The share, in [0, 1].
 * @example
 * ```ts
 * import { shrinkage } from "./shrinkage.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([shrinkage(-2, 1), shrinkage(2, 9), shrinkage(2, 0)], [0.75, 0, 1]);
 * ```
 */
export function shrinkage(estimate: number, variance: number): number {
  const kept = 1 - variance / estimate ** 2;
  return kept > 0 ? kept : 0;
}
