/** Every rule on the exact problems, and what it does there. @module */

import { rewardTable } from "../../lib/balance/mod.ts";
import { hypervolume } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { relativeTo } from "../exact/pareto_points.ts";
import { harmRatio, harmShare, tabularRun } from "../exact/tabular.ts";
import type { TabularConfig } from "../exact/config.ts";
import { meanRanks } from "../stages/statistics.ts";
import { tabularRules } from "../exact/rules.ts";

/** What a rule does in the exact problems: a number for each problem. */
export interface TabularOutcome {
  /** Share of the changes from step to step that lower a reward. */
  readonly harm: readonly number[];
  /** Largest total fall of a reward relative to the preferred gain. */
  readonly ratio: readonly number[];
  /** Mean of the rewards at the end less that at the start. */
  readonly gain: readonly number[];
  /** The least change of a reward from start to end. */
  readonly least: readonly number[];
  /** Volume under the end, in units of the start's. */
  readonly volume: readonly number[];
  /** Mean over the rewards of the rank among the rules. */
  readonly rank: readonly number[];
}

/** Every rule on every problem, with equal preferences. */
export function tabularOutcomes(config: TabularConfig): Map<string, TabularOutcome> {
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
      return {
        harm: harmShare(run),
        ratio: harmRatio(run, preference),
        gain: changes.reduce((a, b) => a + b, 0) / m,
        least: Math.min(...changes),
        volume: hypervolume([relativeTo(start, run.values.at(-1)!)], start.map(() => 0)),
        rank: ranks[k]!,
      };
    });
  });
  const keys = ["harm", "ratio", "gain", "least", "volume", "rank"] as const;
  return new Map(names.map((name, k) => [
    name,
    Object.fromEntries(keys.map((key) => [key, rows.map((row) => row[k]![key])])) as Record<
      typeof keys[number],
      number[]
    >,
  ]));
}
