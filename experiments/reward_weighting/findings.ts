/** What is stored of a run of the comparison of weighting rules. @module */

import { z } from "zod";
import {
  estimateSchema,
  heldOutItemSchema,
  heldOutSchema,
  stepLogsSchema,
} from "../stages/findings.ts";

/**
 * Name of a rule in the exact problems, as it stands in metrics.
 *
 * @param rule its name
 * @returns such as `exact: static`
 */
export function tabularName(rule: string): string {
  return `exact: ${rule}`;
}

const byCapability = z.array(estimateSchema).readonly();

const ruleEstimatesSchema = z.object({
  means: byCapability.describe("Mean reward by capability, and the mean of these"),
  fromStart: byCapability.describe("The same less the start's"),
  fromStatic: estimateSchema.describe("Mean over the capabilities less that of static weights"),
  volume: estimateSchema.describe("Hypervolume relative to the start's"),
  rank: estimateSchema.describe("Mean over the capabilities of the rank among the rules"),
});

/** Estimates of one rule. */
export type RuleEstimates = Readonly<z.output<typeof ruleEstimatesSchema>>;

const ruleSchema = z.object({
  name: z.string().describe("The rule"),
  estimates: ruleEstimatesSchema,
  heldOut: z.array(heldOutSchema).min(1).readonly().describe("Held-out rewards, one a seed"),
  logs: z.array(stepLogsSchema).min(1).readonly().describe("Logs of training, one a seed"),
});

/** What was found of one rule. */
export type RuleFindings = Readonly<z.output<typeof ruleSchema>>;

const perProblem = z.array(z.number()).min(1).readonly();

const tabularOutcomeSchema = z.object({
  harm: perProblem.describe("Share of the changes from step to step that lower a reward"),
  ratio: z.array(z.number().nullable()).min(1).readonly().describe(
    "Largest total fall of a reward relative to the preferred gain; null where nothing is gained",
  ),
  gain: perProblem.describe("Mean of the rewards at the end less that at the start"),
  least: perProblem.describe("The least change of a reward from start to end"),
  volume: perProblem.describe("Volume under the end, in units of the start's"),
  rank: perProblem.describe("Mean over the rewards of the rank among the rules"),
});

/** What a rule does in the exact problems: a number for each problem. */
export type TabularOutcome = Readonly<z.output<typeof tabularOutcomeSchema>>;

const exactRuleSchema = tabularOutcomeSchema.extend({ rule: z.string().describe("The rule") });

/** What was found of one rule in the exact problems. */
export type ExactRule = Readonly<z.output<typeof exactRuleSchema>>;

/** The schema of the findings. */
export const weightingFindings = z.object({
  items: z.array(heldOutItemSchema).min(1).readonly().describe("The held-out items"),
  start: z.object({
    log: stepLogsSchema.describe("Log of supervised fine-tuning"),
    heldOut: heldOutSchema.describe("Held-out rewards"),
    means: byCapability.describe("Mean reward by capability, and the mean of these"),
  }).describe("Where all trainings start"),
  rules: z.array(ruleSchema).min(2).readonly().describe("The rules, in the order of tables"),
  resamples: z.int().min(1).describe("Resamples behind the estimates"),
  exact: z.array(exactRuleSchema).readonly().refine(
    (rows) => ["static", "capability-aware"].every((name) => rows.some((row) => row.rule === name)),
    "static and capability-aware among the rules",
  ).describe("The rules on the exact problems"),
});

/** See {@linkcode weightingFindings}. */
export type WeightingFindings = z.output<typeof weightingFindings>;
