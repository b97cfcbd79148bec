/** Options of the experiment on synthesis. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";
import { supervisedSchema } from "../stages/config.ts";

/** Options. */
export const synthesisSchema = supervisedSchema.extend({
  auditItems: z.int().min(120).default(24_000).describe(
    "Items, over all splits, on which blind baselines are measured",
  ),
  errorRate: z.number().min(0).max(1).default(0.3).describe(
    "Share of the training items in which a careless teacher answers one decision wrong",
  ),
  tries: z.int().min(1).default(5).describe("Tries of the model that curates"),
  keptItems: z.int().min(1).default(400).describe("Items on which keep rates are measured"),
  setItems: z.int().min(1).default(400).describe("Items of each test set"),
});

/** See {@linkcode synthesisSchema}. */
export type SynthesisConfig = z.output<typeof synthesisSchema>;

type Options = z.input<typeof synthesisSchema>;

const smoke: Options = {
  model: "tiny",
  items: 240,
  auditItems: 240,
  tuning: { kind: "full" },
  sft: { maxSteps: 6, learningRate: 2e-3, perDeviceTrainBatchSize: 8, packing: true },
  keptItems: 12,
  setItems: 12,
};

const quick: Options = {
  ...smoke,
  items: 3000,
  auditItems: 24_000,
  sft: {
    maxSteps: 60,
    learningRate: 3e-3,
    adamBeta2: 0.99,
    perDeviceTrainBatchSize: 16,
    microBatchSize: 16,
    packing: true,
  },
  keptItems: 300,
  setItems: 100,
};

const paper: Options = {
  ...smoke,
  model: "smollm2",
  items: 8000,
  auditItems: 24_000,
  tuning: { kind: "lora", r: 16, loraAlpha: 32 },
  sft: {
    maxSteps: 200,
    learningRate: 1e-3,
    perDeviceTrainBatchSize: 12,
    microBatchSize: 12,
    packing: true,
  },
  keptItems: 400,
  setItems: 300,
};

/** The options at each preset. */
export const synthesisPresets: Readonly<Record<Preset, Options>> = { smoke, quick, paper };
