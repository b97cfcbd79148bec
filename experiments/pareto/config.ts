/** Options of the preference sweep. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";
import { tabularSchema } from "../exact/config.ts";
import { systemsSchema } from "../stages/config.ts";
import { smokeGrpo, smokeStart, tinyGrpo, tinyStart } from "../stages/tiny_start.ts";

/** Options. */
export const paretoSchema = systemsSchema.omit({ mmluQuestions: true }).extend({
  faces: z.boolean().default(false).describe("Preferences for three capabilities too"),
  tabular: tabularSchema.omit({ problems: true }).prefault({}).describe(
    "The exact problem beside it",
  ),
});

/** See {@linkcode paretoSchema}. */
export type ParetoConfig = z.output<typeof paretoSchema>;

/** The options at each preset. */
export const paretoPresets: Readonly<Record<Preset, z.input<typeof paretoSchema>>> = {
  smoke: {
    ...smokeStart,
    grpo: { ...smokeGrpo, maxSteps: 2, gate: "none" },
    testItems: 2,
    maxNewTokens: 8,
    evaluationRows: 128,
    tabular: { steps: 50 },
  },
  quick: {
    ...tinyStart,
    grpo: { ...tinyGrpo, maxSteps: 5, gate: "none" },
    testItems: 24,
    maxNewTokens: 32,
    evaluationRows: 128,
  },
  paper: {
    model: "smollm2",
    items: 4000,
    tuning: { kind: "lora", r: 16, loraAlpha: 32 },
    sft: { maxSteps: 300, learningRate: 1e-3, perDeviceTrainBatchSize: 16, packing: true },
    grpo: {
      maxSteps: 60,
      learningRate: 2e-4,
      promptsPerStep: 8,
      numGenerations: 8,
      maxCompletionLength: 72,
      beta: 0,
    },
    faces: true,
    testItems: 60,
    maxNewTokens: 72,
    evaluationRows: 96,
  },
};
