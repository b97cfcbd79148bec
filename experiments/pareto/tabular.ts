/** The sweeps on tabular problems, where the largest preferred sum and the front are reached by some policy. @module */

import { type RewardTable, rewardTable, softmaxProblem } from "../../lib/balance/mod.ts";
import type { TabularConfig } from "../exact/config.ts";
import { bestWeighted } from "../exact/pareto_points.ts";
import { type WeightingRule, weightingRules } from "../exact/rules.ts";
import { tabularRun } from "../exact/tabular.ts";
import { cornerShares, EQUAL, type Preference } from "../laboratory/preferences.ts";
import type { SweptUnit } from "./findings.ts";

/** Where the sweeps led in a problem. */
export interface SweptProblem {
  /** Start and ends. */
  readonly unit: SweptUnit;
  /** Rewards, [prompts][answers][m]. */
  readonly rewards: RewardTable;
}

/**
 * Runs every sweep on one problem.
 *
 * @param config options of the problems
 * @param preferences corners first, in the order of the rewards
 * @param least weight of a reward that a preference does not favour
 * @param seed of the problem
 * @returns where they led
 */
export function sweptProblem(
  config: TabularConfig,
  preferences: readonly Preference[],
  least: number,
  seed: number,
): SweptProblem {
  const { prompts, answers, conflict } = config;
  const rewards = preferences[0]!.weights.length;
  const table = rewardTable({ prompts, answers, conflict, rewards, seed });
  const run = (rule: WeightingRule, weights: readonly number[]) =>
    tabularRun(table, rule, weights, config);
  const sweep = (rule: WeightingRule, of: readonly Preference[] = preferences) =>
    of.map(({ weights }) => run(rule, weights));
  const fixed = sweep(weightingRules.static);
  const problem = softmaxProblem(table);
  const soups = preferences.map(({ weights }) => {
    const shares = cornerShares(weights, least);
    const logits = fixed[0]!.point.map((_, k) =>
      shares.reduce((sum, share, i) => sum + share * fixed[i]!.point[k]!, 0)
    );
    return problem.evaluate(logits).values;
  });
  const last = (runs: typeof fixed) => runs.map(({ values }) => values.at(-1)!);
  const centre = preferences.filter(({ name }) => name === EQUAL);
  return {
    unit: {
      seed,
      train: {
        start: fixed[0]!.values[0]!,
        ends: {
          static: last(fixed),
          "capability-aware": last(sweep(weightingRules["capability-aware"])),
          UPGrad: last(sweep(weightingRules.UPGrad)),
          "rewarded soups": soups,
          MGDA: last(sweep(weightingRules.MGDA, centre)),
        },
      },
      heldOut: null,
      best: preferences.map(({ weights }) => bestWeighted(table, weights)),
    },
    rewards: table,
  };
}
