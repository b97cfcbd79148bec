/** Every rule on the exact problems, and what it does there. @module */

import { rewardTable } from "../../lib/balance/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { TabularConfig } from "../exact/config.ts";
import { relativeVolume } from "../exact/pareto_points.ts";
import { tabularRules } from "../exact/rules.ts";
import { harmRatio, harmShare, tabularRun } from "../exact/tabular.ts";
import { meanRanks } from "../stages/statistics.ts";
import type { ExactRule } from "./findings.ts";

/**
 * Every rule on every problem, with equal preferences.
 *
 * @param config the problems
 * @returns what each rule does, in the order of tables
 */
export function tabularOutcomes(config: TabularConfig): ExactRule[] {
  const names = Object.keys(tabularRules);
  const m = capabilities.length;
  const preference = new Array<number>(m).fill(1 / m);
  const rows = Array.from({ length: config.problems }, (_, seed) => {
    const { prompts, answers, conflict } = config;
    const table = rewardTable({ prompts, answers, conflict, rewards: m, seed });
    const runs = names.map((name) => tabularRun(table, tabularRules[name]!, preference, config));
    const ranks = meanRanks(runs.map(({ values }) => values.at(-1)!));
    return runs.map((run, k) => {
      const start = run.values[0]!;
      const changes = run.values.at(-1)!.map((x, i) => x - start[i]!);
      const gain = average(changes);
      return {
        harm: harmShare(run),
        ratio: gain > 0 ? harmRatio(run, preference) : null,
        gain,
        least: Math.min(...changes),
        volume: relativeVolume([run.values.at(-1)!], start),
        rank: ranks[k]!,
      };
    });
  });
  return names.map((rule, k) => {
    const own = rows.map((row) => row[k]!);
    return {
      rule,
      harm: own.map(({ harm }) => harm),
      ratio: own.map(({ ratio }) => ratio),
      gain: own.map(({ gain }) => gain),
      least: own.map(({ least }) => least),
      volume: own.map(({ volume }) => volume),
      rank: own.map(({ rank }) => rank),
    };
  });
}
