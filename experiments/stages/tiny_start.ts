/** The start that studies of many trainings share: the tiny model after supervised fine-tuning on four families of items. @module */

import type { z } from "zod";
import type { systemsSchema } from "./config.ts";

type Start = Pick<z.input<typeof systemsSchema>, "model" | "items" | "families" | "tuning" | "sft">;

type Grpo = z.input<typeof systemsSchema>["grpo"];

/** Seed of the start, the same for all trainings from it. */
export const START_SEED = 0;

/** One family of each capability, with the shortest answers. */
const families = ["domain-choice", "reasoning-compare", "instruction-answer", "integration-hops"];

const start = { model: "tiny", families, tuning: { kind: "full" } } as const;

/** The start for smoke tests: the format of the answers. */
export const smokeStart: Start = {
  ...start,
  items: 400,
  sft: { maxSteps: 40, learningRate: 3e-3, adamBeta2: 0.99, microBatchSize: 16, packing: true },
};

/** The start for studies: the format, and some of the content. */
export const tinyStart: Start = {
  ...start,
  items: 1600,
  sft: {
    maxSteps: 160,
    learningRate: 3e-3,
    adamBeta2: 0.99,
    perDeviceTrainBatchSize: 12,
    microBatchSize: 12,
    packing: true,
  },
};

/** The start with more steps and data. */
export const paperStart: Start = {
  ...start,
  items: 4000,
  sft: { maxSteps: 2000, learningRate: 2e-3, adamBeta2: 0.99, microBatchSize: 16, packing: true },
};

/** GRPO from the start for smoke tests: one step. */
export const smokeGrpo = {
  maxSteps: 1,
  learningRate: 3e-4,
  lrSchedulerType: "constant",
  promptsPerStep: 6,
  numGenerations: 2,
  maxCompletionLength: 8,
  beta: 0,
} as const satisfies Grpo;

/** GRPO from the start for studies. */
export const tinyGrpo = {
  maxSteps: 4,
  learningRate: 1e-4,
  lrSchedulerType: "constant",
  promptsPerStep: 8,
  numGenerations: 4,
  maxCompletionLength: 32,
  beta: 0,
} as const satisfies Grpo;

/** GRPO from the start with more steps and prompts. */
export const paperGrpo = {
  maxSteps: 100,
  learningRate: 2e-4,
  promptsPerStep: 16,
  numGenerations: 8,
  maxCompletionLength: 56,
  beta: 0.02,
} as const satisfies Grpo;
