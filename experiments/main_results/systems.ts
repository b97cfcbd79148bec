/** The systems of the main comparison and what they are measured on. @module */

import { capabilities } from "../../lib/synthesis/mod.ts";
import { MEAN } from "../core/results.ts";
import { floorNames } from "../stages/floor.ts";
import { rewardRules } from "../stages/train.ts";

/** Kinds of GRPO, in the order of tables and figures. */
export const ruleNames = Object.keys(rewardRules) as (keyof typeof rewardRules)[];

/** The trained systems and the model as it is, in the order of tables and figures. */
export const systems = ["base", "SFT", ...ruleNames] as const;

/** The rule with capability-aware weights. */
export const AWARE = "CA-GRPO";

/** MMLU's biomedical subjects. */
export const MMLU = "MMLU";

/** Everything that is measured, in the order of tables. */
export const measuredNames = [...capabilities, MEAN, MMLU] as const;

/** Pairs that are compared on the same items: system, baseline. */
export const comparedPairs: readonly (readonly [system: string, baseline: string])[] = [
  ...floorNames.flatMap((floor) => systems.map((system) => [system, floor] as const)),
  ...systems.slice(1).map((system) => [system, "base"] as const),
  ...ruleNames.map((system) => [system, "SFT"] as const),
  ...ruleNames.filter((name) => name !== AWARE).map((name) => [AWARE, name] as const),
];
