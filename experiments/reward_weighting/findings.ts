/** What is stored of a run of the comparison of weighting rules. @module */

import { z } from "zod";
import { differenceSchema } from "../laboratory/differences.ts";
import { comparedNames, measureNames } from "./measures.ts";

const name = z.string().min(1);
const vector = z.array(z.number()).readonly();
const matrix = z.array(vector).min(1).readonly();

/** Where rules are compared. */
export const grounds = ["model", "trainer", "tabular"] as const;

/**
 * `model`: ascents of a language model in a fixed metric; `trainer`: trainings of it with AdamW; `tabular`: ascents of
 * tabular policies.
 */
export type Ground = typeof grounds[number];

/** What others are compared with. */
export const baselines = ["static", "capability-aware"] as const;

/** One of {@linkcode baselines}. */
export type Baseline = typeof baselines[number];

/** The row of the best static preference in hindsight. */
export const HINDSIGHT = "best static in hindsight";

const measure = z.enum(measureNames);

const estimateSchema = z.object({
  system: name.describe("The rule, or the setting of the trainer"),
  measure,
  n: z.int().min(1).describe("Replicates or problems that have the number"),
  value: z.number().describe("Mean"),
  low: z.number().describe("Lower end of Student's 95 % interval; the mean itself with one"),
  high: z.number().describe("Upper end"),
});

/** A mean over replicates or problems. */
export type Estimate = Readonly<z.output<typeof estimateSchema>>;

const comparedSchema = differenceSchema.extend({
  system: name.describe("The rule, or the setting of the trainer"),
  baseline: z.enum(baselines),
  measure: z.enum(comparedNames),
}).describe("A family is the other systems against a baseline in a measure");

/** A paired difference from a baseline. */
export type Compared = Readonly<z.output<typeof comparedSchema>>;

const outcomeSchema = z.record(measure, z.number().nullable());

const settingSchema = z.object({
  ground: z.enum(grounds),
  preference: z.object({ name, weights: vector }),
  n: z.int().min(1).describe("Replicates or problems"),
  systems: z.array(name).min(2).readonly().describe("In the order of tables, hindsight last"),
  outcomes: z.record(name, z.array(outcomeSchema).readonly()).describe(
    "Measures by system, one a replicate or problem",
  ),
  chosen: z.array(name).readonly().describe(
    "The static preference in hindsight, one a replicate or problem; none where there is no choice",
  ),
  estimates: z.array(estimateSchema).readonly(),
  differences: z.array(comparedSchema).readonly(),
});

/** Rules under a preference on one ground. */
export type Setting = Readonly<z.output<typeof settingSchema>>;

const runSchema = z.object({
  ground: z.enum(grounds),
  preference: name,
  system: name,
  seed: z.int().min(0).describe("The replicate"),
  values: matrix.describe("Mean rewards at the start and after every step, [steps + 1][m]"),
  heldOut: matrix.describe("The same of held-out prompts at some steps"),
});

/** A run of the language model. */
export type StoredRun = Readonly<z.output<typeof runSchema>>;

/** The schema of the findings. */
export const weightingFindings = z.object({
  protocol: name.describe("Hash of PROTOCOL.md"),
  rewardNames: z.array(name).min(1).readonly(),
  settings: z.array(settingSchema).min(1).readonly(),
  runs: z.array(runSchema).readonly().describe("Every run of the language model"),
});

/** See {@linkcode weightingFindings}. */
export type WeightingFindings = z.output<typeof weightingFindings>;

/**
 * Name of a system in metrics.
 *
 * @param setting ground and preference
 * @param system its name in the setting
 * @returns such as `model, equal: static`
 */
export function systemName(
  { ground, preference }: Pick<Setting, "ground" | "preference">,
  system: string,
): string {
  return `${ground}, ${preference.name}: ${system}`;
}
