/** What one would have chosen had one known where every preference leads. @module */

import { preferredSum, ROUNDING } from "./trajectory.ts";

/**
 * The run that harms nobody, or least, and of those that harm nobody the one that gains most.
 *
 * @param start mean rewards of the start, [m]
 * @param ends mean rewards at the ends of runs, [runs][m], at least one
 * @param preference weights of the sum whose gain counts, [m]
 * @returns index of the first such run
 */
export function bestInHindsight(
  start: readonly number[],
  ends: readonly (readonly number[])[],
  preference: readonly number[],
): number {
  const harms = ends.map((end) => {
    const fall = Math.max(0, ...end.map((value, i) => start[i]! - value));
    return fall > ROUNDING ? fall : 0;
  });
  const gains = ends.map((end) => preferredSum(end, preference));
  return ends.map((_, k) => k).reduce((best, k) =>
    harms[k]! < harms[best]! || (harms[k] === harms[best] && gains[k]! > gains[best]!) ? k : best
  );
}
