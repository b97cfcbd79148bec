/** The presets of the main comparison. @module */

import type { z } from "zod";
import type { Preset } from "../core/experiment.ts";
import type { systemsSchema } from "../stages/config.ts";

type Options = z.input<typeof systemsSchema>;

const smoke: Options = {
  model: "tiny",
  items: 200,
  tuning: { kind: "full" },
  sft: { maxSteps: 30, learningRate: 2e-3, perDeviceTrainBatchSize: 16, packing: true },
  grpo: {
    maxSteps: 4,
    learningRate: 1e-4,
    promptsPerStep: 8,
    numGenerations: 4,
    maxCompletionLength: 48,
  },
  testItems: 7,
  maxNewTokens: 48,
  mmluQuestions: 12,
};

const quick: Options = {
  model: "smollm2",
  items: 800,
  tuning: { kind: "lora", r: 16, loraAlpha: 32 },
  sft: {
    maxSteps: 14,
    learningRate: 1e-3,
    perDeviceTrainBatchSize: 12,
    microBatchSize: 12,
    packing: true,
  },
  grpo: {
    maxSteps: 3,
    learningRate: 2e-4,
    promptsPerStep: 8,
    numGenerations: 4,
    maxCompletionLength: 48,
    beta: 0,
  },
  testItems: 16,
  maxNewTokens: 48,
  evaluationRows: 96,
  mmluQuestions: 16,
};

const paper: Options = {
  ...quick,
  items: 4000,
  sft: { maxSteps: 120, learningRate: 1e-3, perDeviceTrainBatchSize: 16 },
  grpo: {
    ...quick.grpo,
    maxSteps: 50,
    maxCompletionLength: 64,
    beta: 0.04,
  },
  testItems: 150,
  maxNewTokens: 72,
  mmluQuestions: 400,
};

/** The options at each preset. */
export const mainResultsPresets: Readonly<Record<Preset, Options>> = { smoke, quick, paper };
