/** How the rewards move under the rules, a figure for each group of rules. @module */

import { type CurvePanel, curves } from "../../lib/figures/mod.ts";
import type { NamedFigure } from "../core/experiment.ts";
import { ruleGroups } from "../exact/rules.ts";
import { replicateMean } from "../laboratory/replicates.ts";
import type { StoredRun, WeightingFindings } from "./findings.ts";

/** Changes of a reward from the start in points, mean over replicates with their interval. */
function line(name: string, runs: readonly StoredRun[], reward: number) {
  const means = runs[0]!.values.map((_, t) =>
    replicateMean(runs.map(({ values }) => (values[t]![reward]! - values[0]![reward]!) * 100))
  );
  return {
    name,
    x: means.map((_, t) => t),
    y: means.map(({ mean }) => mean),
    ...runs.length > 1 && {
      low: means.map(({ low }) => low),
      high: means.map(({ high }) => high),
    },
  };
}

/**
 * Changes of the training prompts' mean rewards over the steps of the language model's ascents.
 *
 * @param findings the runs
 * @param preference name of the preference
 * @returns a figure for each group with more than one rule that ran
 */
export function curveFigures(
  { runs, rewardNames }: Pick<WeightingFindings, "runs" | "rewardNames">,
  preference: string,
): NamedFigure[] {
  const own = Map.groupBy(
    runs.filter((run) => run.ground === "model" && run.preference === preference),
    ({ system }) => system,
  );
  return Object.entries(ruleGroups)
    .map(([group, members]) => [group, members.filter((rule) => own.has(rule))] as const)
    .filter(([, members]) => members.length > 1)
    .map(([group, members]) => ({
      name: `curves-${group.replaceAll(" ", "-")}`,
      figure: curves({
        title: `Rewards at the preference ${preference}: ${group}`,
        series: rewardNames.map((title, i): CurvePanel => ({
          title,
          series: members.map((rule) => line(rule, own.get(rule)!, i)),
        })),
        xTitle: "Step",
        yTitle: "Points from the start",
        references: [{ axis: "y", value: 0 }],
        n: own.get(members[0]!)!.length,
        unit: "replicates",
        band: "Student's 95 % intervals",
        columns: 2,
        sharedY: false,
        digits: 2,
      }),
    }));
}
