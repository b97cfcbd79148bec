/** Options of the preference sweep, and their values at each preset. PROTOCOL.md says why. @module */

import { z } from "zod";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import type { Preset } from "../core/experiment.ts";
import { tabularSchema } from "../exact/config.ts";
import { laboratorySchema } from "../laboratory/config.ts";
import { smokeLaboratory, tinyLaboratory } from "../laboratory/presets.ts";

/** Options. */
export const paretoSchema = laboratorySchema.extend({
  preferences: z.object({
    least: z.number().positive().lt(1 / conflictRewards.length).default(0.05).describe(
      "Weight of a reward that a preference does not favour",
    ),
    edges: z.boolean().default(true).describe("Preferences for every two rewards too"),
    faces: z.boolean().default(false).describe("Preferences for every three rewards too"),
  }).prefault({}).describe("The preferences"),
  trainer: z.object({
    steps: z.int().min(1).default(30).describe("Steps of each training"),
    learningRate: z.number().positive().default(5e-3).describe("Learning rate, constant"),
    beta2: z.number().min(0).lt(1).default(0.99).describe("Decay of the second moment"),
    maxGradNorm: z.number().positive().default(1).describe("Largest norm of the step"),
  }).prefault({}).describe("The trainings, by AdamW on exact gradients"),
  tabular: tabularSchema.prefault({}).describe("The tabular problems beside it"),
});

/** See {@linkcode paretoSchema}. */
export type ParetoConfig = z.output<typeof paretoSchema>;

/** The options at each preset. */
export const paretoPresets: Readonly<Record<Preset, z.input<typeof paretoSchema>>> = {
  smoke: {
    ...smokeLaboratory,
    preferences: { edges: false },
    trainer: { steps: 2 },
    tabular: { problems: 2, steps: 20 },
  },
  quick: {
    ...tinyLaboratory,
    topLayers: 1,
    promptsPerTask: 2,
    trainer: { steps: 6 },
    tabular: { problems: 8 },
  },
  paper: {
    ...tinyLaboratory,
    startPerReplicate: true,
    topLayers: 2,
    promptsPerTask: 6,
    preferences: { faces: true },
    trainer: { steps: 20 },
    tabular: { problems: 20, steps: 500 },
  },
};
