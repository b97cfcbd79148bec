/** What is stored of a run problem by problem. @module */

import { byNumber, type UnitValues } from "../core/experiment.ts";
import type { ConvergenceFindings } from "./findings.ts";

/** Values by the number of the problem. */
const byProblem = <T>(rows: readonly T[], of: (row: T) => number): Map<string, number> =>
  byNumber("problem", rows.map(of));

/**
 * Harmed steps and least cosines of every way to use Adam, and the mean of ||d||^2 under every rule, problem by problem.
 *
 * @param findings what was found
 * @returns what the means of results.json are over, and the rules' values
 */
export function unitsOf(
  { adam, anyRule }: Pick<ConvergenceFindings, "adam" | "anyRule">,
): UnitValues[] {
  return [
    ...adam.flatMap(({ variant, runs }): UnitValues[] => {
      const common = { system: `Adam, ${variant}`, units: "problems" };
      return [
        {
          ...common,
          capability: "harmed steps",
          values: byProblem(runs, ({ harmed, steps }) => harmed / steps),
        },
        {
          ...common,
          capability: "problems with a harmed step",
          values: byProblem(runs, ({ harmed }) => Number(harmed > 0)),
        },
        {
          ...common,
          capability: "least cosine",
          values: byProblem(runs, ({ worstCosine }) => worstCosine),
        },
      ];
    }),
    ...anyRule.map(({ rule, points }): UnitValues => ({
      system: `any rule, ${rule}`,
      capability: "mean ||d||^2",
      units: "problems",
      values: byProblem(points, ({ measured }) => measured),
    })),
  ];
}
