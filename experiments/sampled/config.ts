/** Options of the experiment on sampled answers, and their values at each preset. PROTOCOL.md says why. @module */

import { z } from "zod";
import { conflictRewards, conflictTasks } from "../../lib/synthesis/mod.ts";
import { grpoSchema } from "../../lib/training/mod.ts";
import { laboratorySchema } from "../laboratory/config.ts";
import { equalPreference, favouring, type Preference } from "../laboratory/preferences.ts";
import { armNames, AWARE, CONTROL } from "./arms.ts";

/** Least weight of a reward in a lopsided preference. */
const LEAST = 0.1;

/** The preferences by name: none favoured, or one reward. */
export const preferences: readonly Preference[] = [
  equalPreference(conflictRewards),
  ...conflictRewards.map((name) => favouring(conflictRewards, [name], LEAST)),
];

const steps = z.array(z.int().min(1));

/** Options. */
export const sampledSchema = laboratorySchema.pick({
  model: true,
  system: true,
  start: true,
  startPerReplicate: true,
  tuning: true,
  promptsPerTask: true,
  dial: true,
  batchPrompts: true,
}).extend({
  tasks: z.array(z.enum(conflictTasks)).min(1).default([...conflictTasks]).describe(
    "Kinds of prompts",
  ),
  grpo: grpoSchema.omit({
    seed: true,
    rewardWeights: true,
    weighting: true,
    gate: true,
    multiObjectiveAggregation: true,
    lossType: true,
    secondMoment: true,
    clip: true,
    promptsPerStep: true,
  }).describe("GRPO, but for what the arms set"),
  prompts: z.int().min(6).default(32).describe("Prompts in a step"),
  noisyPrompts: z.int().min(6).default(8).describe(
    `Prompts in a step of a second pair of ${CONTROL} and ${AWARE} weights, which shows what noise does`,
  ),
  arms: z.array(z.enum(armNames)).min(2).default([...armNames]).describe("Arms that run"),
  preferences: z.array(z.enum(preferences.map(({ name }) => name) as [string, ...string[]])).min(1)
    .default(["equal", "reasoning"]).describe(
      "Preferences of every arm; the first is the noisy pair's",
    ),
  judgeSteps: z.int().min(1).default(5).describe("Steps between exact values"),
  harmSteps: steps.default([2, 10, 20]).describe(
    "Steps whose effect is measured by exact gradients, counted from 1",
  ),
  signalSteps: steps.default([1, 15]).describe(
    "Numbers of steps after which the exact signal to noise is measured",
  ),
}).refine(({ arms }) => arms.includes(CONTROL) && arms.includes(AWARE), {
  error: `arms to hold ${CONTROL} and ${AWARE}`,
});
