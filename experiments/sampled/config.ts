/** Options of the experiment on sampled answers, and their values at each preset. PROTOCOL.md says why. @module */

import { z } from "zod";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import { grpoSchema } from "../../lib/training/mod.ts";
import type { Preset } from "../core/experiment.ts";
import { laboratorySchema } from "../laboratory/config.ts";
import { centreAndCorners, EQUAL, type Preference } from "../laboratory/preferences.ts";
import { furtherArms } from "./arms.ts";

/** Least weight of a reward in a lopsided preference. */
const LEAST = 0.1;

/** The preferences: none favoured, or one reward. */
export const preferences: readonly Preference[] = centreAndCorners(conflictRewards, LEAST);

/** Options. */
export const sampledSchema = laboratorySchema.pick({
  model: true,
  sizes: true,
  system: true,
  start: true,
  tuning: true,
  promptsPerTask: true,
  dial: true,
  batchPrompts: true,
}).extend({
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
  prompts: z.int().min(6).describe("Prompts in a step"),
  noisyPrompts: z.int().min(6).default(8).describe(
    "Prompts in a step of a second pair of the control and capability-aware weights, fewer, which shows what noise does",
  ),
  furtherArms: z.array(z.enum(furtherArms)).default([]).describe(
    "Arms besides the control and capability-aware weights",
  ),
  preferences: z.array(z.enum(preferences.map(({ name }) => name) as [string, ...string[]])).min(1)
    .default([EQUAL, "reasoning"]).describe(
      "Preferences of every arm; the last is the noisy pair's",
    ),
  judgeSteps: z.int().min(1).default(2).describe("Steps between exact values"),
  harmSteps: z.array(z.int().min(1)).describe(
    "Steps whose effect is measured by exact gradients, counted from 1",
  ),
  signalSteps: z.array(z.int().min(0)).describe(
    "Numbers of steps after which the exact signal to noise is measured, under capability-aware weights at the last preference",
  ),
});

/** See {@linkcode sampledSchema}. */
export type SampledConfig = z.output<typeof sampledSchema>;

/** A preference by its name. */
export function preferenceOf(name: string): Preference {
  return preferences.find((preference) => preference.name === name)!;
}

/** Steps of fine-tuning, batches and optimizer of the starts of the tiny model. */
const tinyStart = {
  heldOut: true,
  answers: "all",
  learningRate: 5e-3,
  adamBeta2: 0.99,
  microBatchSize: 16,
  packing: true,
} as const;

/** GRPO at every preset. */
const grpo = {
  lrSchedulerType: "constant",
  adamBeta2: 0.99,
  numGenerations: 8,
  maxCompletionLength: 32,
  temperature: 0.7,
  beta: 0,
  gramBlocks: 6,
} as const;

/** The options at each preset. */
export const sampledPresets: Readonly<Record<Preset, z.input<typeof sampledSchema>>> = {
  smoke: {
    model: "tiny",
    sizes: { hiddenSize: 96, layers: 1 },
    start: { ...tinyStart, promptsPerTask: 1, maxSteps: 60 },
    tuning: { kind: "full" },
    promptsPerTask: 1,
    grpo: { ...grpo, maxSteps: 2, learningRate: 5e-4, numGenerations: 2, maxCompletionLength: 24 },
    prompts: 12,
    noisyPrompts: 6,
    furtherArms: [...furtherArms],
    preferences: ["reasoning"],
    judgeSteps: 1,
    harmSteps: [2],
    signalSteps: [1],
  },
  quick: {
    model: "tiny",
    sizes: { hiddenSize: 96, layers: 3 },
    start: { ...tinyStart, promptsPerTask: 3, maxSteps: 300 },
    tuning: { kind: "full" },
    promptsPerTask: 3,
    grpo: { ...grpo, maxSteps: 6, learningRate: 5e-4 },
    prompts: 72,
    harmSteps: [2, 4, 6],
    signalSteps: [0, 3],
  },
  paper: {
    model: "smollm2",
    start: {
      promptsPerTask: 4,
      heldOut: true,
      answers: "all",
      maxSteps: 60,
      learningRate: 1e-4,
      packing: true,
    },
    tuning: { kind: "lora", r: 16, loraAlpha: 32 },
    promptsPerTask: 4,
    grpo: { ...grpo, maxSteps: 12, learningRate: 5e-4 },
    prompts: 96,
    furtherArms: ["UPGrad", "GRPO"],
    harmSteps: [2, 6, 12],
    signalSteps: [0, 6],
  },
};
