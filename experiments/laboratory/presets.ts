/** Language models in the laboratory that experiments share: equal starts are one cell of the store. @module */

import type { z } from "zod";
import type { laboratorySchema } from "./config.ts";

type Options = z.input<typeof laboratorySchema>;

/** The tiny model, hardly trained, on few prompts, for smoke tests. */
export const smokeLaboratory: Options = {
  model: "tiny",
  start: {
    promptsPerTask: 4,
    maxSteps: 4,
    learningRate: 3e-3,
    adamBeta2: 0.99,
    perDeviceTrainBatchSize: 8,
    packing: true,
  },
  startPerReplicate: false,
  tuning: { kind: "lora", r: 4, loraAlpha: 8 },
  promptsPerTask: 1,
};

/** The tiny model after fine-tuning on the form of the answers. */
export const tinyLaboratory: Options = {
  model: "tiny",
  start: {
    promptsPerTask: 48,
    maxSteps: 80,
    learningRate: 3e-3,
    adamBeta2: 0.99,
    perDeviceTrainBatchSize: 12,
    microBatchSize: 12,
    packing: true,
  },
  startPerReplicate: false,
  tuning: { kind: "lora", r: 8, loraAlpha: 16 },
};
