/** The smoothness that a run meets, for objectives whose constants nobody knows. @module */

import { ascend, type AscendOptions } from "./ascend.ts";
import { type Evaluation, inner, type Objectives } from "./problem.ts";

/**
 * The largest `2 |J_i(x + D) - J_i(x) - g_i'D| / ||D||^2` over the steps D of a pilot run, with `||D||^2 = D'M^-1 D`: a
 * lower bound of `L_i` in the pilot's metric M (THEORY.md, section 0), which holds for the pilot's own steps exactly.
 * Take a multiple of it for other runs, and measure them as well.
 *
 * @param objectives what is raised
 * @param pilot rule, preference, step size, number of steps, metric and start of the pilot
 * @returns one number an objective, `[m]`; 0 where the pilot does not move
 */
export function effectiveSmoothness(
  objectives: Objectives,
  pilot: Omit<AscendOptions, "noise">,
): number[] {
  const largest = new Array<number>(objectives.objectives).fill(0);
  let before: { readonly point: Float64Array; readonly found: Evaluation } | undefined;
  const evaluate = (point: Float64Array): Evaluation => {
    const found = objectives.evaluate(point);
    if (before !== undefined) {
      const change = point.map((x, k) => x - before!.point[k]!);
      const squared = change.reduce((sum, d, k) => sum + d * d / (pilot.metric?.[k] ?? 1), 0);
      before.found.gradients.forEach((gradient, i) => {
        const beyond = found.values[i]! - before!.found.values[i]! - inner(gradient, change);
        if (squared > 0) largest[i] = Math.max(largest[i]!, 2 * Math.abs(beyond) / squared);
      });
    }
    before = { point: point.slice(), found };
    return found;
  };
  ascend({ ...objectives, evaluate }, pilot);
  return largest;
}
