/** Every rule on tabular problems: what one problem gives. @module */

import { rewardTable } from "../../lib/balance/mod.ts";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import { type WeightingName, weightingRules } from "../exact/rules.ts";
import { tabularRun } from "../exact/tabular.ts";
import { ascentGeometry } from "../laboratory/ascent_cell.ts";
import { type Preference, simplexPreferences } from "../laboratory/preferences.ts";
import type { WeightingConfig } from "./config.ts";
import type { MeasuredRun } from "./measures.ts";
import type { Unit } from "./statistics.ts";

/**
 * Runs the rules on one problem.
 *
 * @param config options
 * @param preference the preference
 * @param seed of the problem
 * @returns the runs of all rules, and static ones at all preferences of the simplex
 */
export function tabularUnit(
  { tabular, rules, preferences }: Pick<WeightingConfig, "tabular" | "rules" | "preferences">,
  preference: Preference,
  seed: number,
): Unit {
  const { prompts, answers, conflict } = tabular;
  const table = rewardTable({
    prompts,
    answers,
    conflict,
    rewards: conflictRewards.length,
    seed,
  });
  const run = (rule: WeightingName, weights: readonly number[]): MeasuredRun => {
    const found = tabularRun(table, weightingRules[rule], weights, tabular);
    const { harmful, smoothness } = ascentGeometry(found, weights);
    return { values: found.values, heldOut: null, harmful, smoothness };
  };
  return {
    runs: rules.map((rule) => run(rule, preference.weights)),
    statics: simplexPreferences(conflictRewards, preferences.least)
      .map(({ name, weights }) => ({ preference: name, run: run("static", weights) })),
  };
}
