/** Options of the comparison of weighting rules, and their values at each preset. PROTOCOL.md says why. @module */

import { z } from "zod";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import type { Preset } from "../core/experiment.ts";
import { tabularSchema } from "../exact/config.ts";
import { weightingNames } from "../exact/rules.ts";
import { laboratorySchema, pilotSchema } from "../laboratory/config.ts";
import { smokeLaboratory, tinyLaboratory } from "../laboratory/presets.ts";
import { partNames } from "./parts.ts";

const heldOutSteps = z.int().min(1).default(5).describe(
  "Steps between measurements on the held-out prompts",
);

/** Options. */
export const weightingSchema = laboratorySchema.extend({
  rules: z.array(z.enum(weightingNames)).min(2).default([...weightingNames]).describe(
    "The rules; static and capability-aware must be among them",
  ).refine(
    (rules) => rules.includes("static") && rules.includes("capability-aware"),
    "static and capability-aware among the rules",
  ),
  preferences: z.object({
    lopsided: z.enum(conflictRewards).default("reasoning").describe(
      "The reward that the preference beside the equal one favours",
    ),
    least: z.number().positive().lt(1 / conflictRewards.length).default(0.1).describe(
      "Weight of a reward that a preference does not favour",
    ),
    edges: z.boolean().default(false).describe(
      "Whether the static preference in hindsight is chosen from every two rewards too",
    ),
  }).prefault({}).describe("The preferences"),
  pilot: pilotSchema.prefault({}).describe(
    "Where the fixed metric and the smoothness come from",
  ),
  ascent: z.object({
    steps: z.int().min(1).default(30).describe("Steps of each run"),
    c: z.number().positive().lt(2).default(0.2).describe("Step size in units of 1 / L"),
    growths: z.int().min(0).default(3).describe(
      "Times that L may grow fourfold where static weights do not keep to it",
    ),
    heldOutSteps,
  }).prefault({}).describe("The rules on the language model, in a fixed metric without momentum"),
  trainer: z.object({
    parts: z.array(z.enum(partNames)).min(2).default([...partNames]).describe(
      "Settings of the trainer; static and capability-aware, its default, must be among them",
    ).refine(
      (parts) => parts.includes("static") && parts.includes("capability-aware"),
      "static and capability-aware among the settings",
    ),
    steps: z.int().min(1).default(30).describe("Steps of each training"),
    learningRate: z.number().positive().default(2e-4).describe("Learning rate, constant"),
    beta2: z.number().min(0).lt(1).default(0.99).describe("Decay of the second moment"),
    maxGradNorm: z.number().positive().default(1).describe("Largest norm of step or gradient"),
    heldOutSteps,
  }).prefault({}).describe("The parts of the trainer's weights, with AdamW"),
  tabular: tabularSchema.prefault({}).describe("The tabular problems beside it"),
});

/** See {@linkcode weightingSchema}. */
export type WeightingConfig = z.output<typeof weightingSchema>;

/** The options at each preset. */
export const weightingPresets: Readonly<Record<Preset, z.input<typeof weightingSchema>>> = {
  smoke: {
    ...smokeLaboratory,
    rules: ["static", "capability-aware", "margin", "MGDA"],
    pilot: { steps: 2 },
    ascent: { steps: 2, heldOutSteps: 2 },
    trainer: { parts: ["capability-aware", "static", "every 2 steps"], steps: 2, heldOutSteps: 2 },
    tabular: { problems: 3, steps: 20 },
  },
  quick: {
    ...tinyLaboratory,
    tuning: { kind: "full" },
    topLayers: 1,
    promptsPerTask: 2,
    ascent: { steps: 6, heldOutSteps: 3 },
    trainer: { steps: 8, heldOutSteps: 4 },
    tabular: { problems: 12, steps: 100 },
  },
  paper: {
    ...tinyLaboratory,
    tuning: { kind: "full" },
    startPerReplicate: true,
    topLayers: 2,
    promptsPerTask: 6,
    preferences: { edges: true },
    ascent: { steps: 20 },
    trainer: { steps: 20 },
    tabular: { problems: 100, steps: 500 },
  },
};
