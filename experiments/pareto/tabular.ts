/** The same sweeps on a tabular problem, where gradients and the front are exact. @module */

import { aggregators, rewardTable, softmaxProblem } from "../../lib/balance/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { tabularRun } from "../exact/tabular.ts";
import type { ParetoConfig } from "./config.ts";
import type { Preference, TabularSweep } from "./findings.ts";

/**
 * Runs every sweep to the end.
 *
 * @param config options of the problem
 * @param preferences every capability's corner among them
 * @returns the problem, its start and where each preference leads
 */
export function tabularSweep(
  config: ParetoConfig["tabular"],
  preferences: readonly Preference[],
): TabularSweep {
  const { prompts, answers, conflict } = config;
  const table = rewardTable({ prompts, answers, conflict, rewards: capabilities.length, seed: 0 });
  const run = (sweep: "static" | "capability_aware", weights: readonly number[]) =>
    tabularRun(table, aggregators[sweep], weights, config);
  const fixed = preferences.map(({ weights }) => run("static", weights));
  const aware = preferences.map(({ weights }) => run("capability_aware", weights));
  const corners = capabilities.map((_, i) =>
    fixed[preferences.findIndex(({ weights }) => weights[i] === 1)]!
  );
  const soup = preferences.map(({ weights }) => {
    const logits = corners[0]!.point.map((_, k) =>
      weights.reduce((sum, w, i) => sum + w * corners[i]!.point[k]!, 0)
    );
    return [...softmaxProblem(table).evaluate(logits).values];
  });
  const last = (runs: typeof fixed) => runs.map(({ values }) => [...values.at(-1)!]);
  return {
    table,
    start: [...fixed[0]!.values[0]!],
    points: { static: last(fixed), "capability-aware": last(aware), "rewarded soups": soup },
  };
}
