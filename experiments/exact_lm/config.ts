/** Options of the exact experiment on language models, and their values at each preset. PROTOCOL.md says why. @module */

import { z } from "zod";
import { conflictRewards } from "../../lib/synthesis/mod.ts";
import type { Preset } from "../core/experiment.ts";
import { laboratorySchema, pilotSchema } from "../laboratory/config.ts";
import type { PilotOptions } from "../laboratory/pilot.ts";
import type { Control } from "../laboratory/population.ts";
import { smokeLaboratory, tinyLaboratory } from "../laboratory/presets.ts";
import {
  centreAndCorners,
  EQUAL,
  equalPreference,
  favouring,
  type Preference,
} from "../laboratory/preferences.ts";

/** Numbers of the studies, as `studies` takes them. */
export const studies = [0, 1, 2, 3, 4] as const;

/** Least weight of a reward in the preferences of the studies 0 to 2. */
const LEAST = 0.1;

/** The preferences of the studies 0 to 2: none favoured, each reward, and two pairs. */
export const preferences: readonly Preference[] = [
  ...centreAndCorners(conflictRewards, LEAST),
  favouring(conflictRewards, ["domain", "instruction"], LEAST),
  favouring(conflictRewards, ["reasoning", "integration"], LEAST),
];

/**
 * The preference under which a control is looked at.
 *
 * @param control which
 * @param names names of its rewards
 * @returns where one reward is the other's complement three quarters on the first, else equal weights
 */
export function controlPreference(control: Control, names: readonly string[]): Preference {
  return control === "dominant" ? favouring(names, [names[0]!], 1 / 4) : equalPreference(names);
}

/** Rules of study 1. */
export const ascentRules = ["static", "capability_aware", "upgrad", "mgda", "margin"] as const;

/** One of {@linkcode ascentRules}. */
export type AscentRule = typeof ascentRules[number];

/** Rules of study 4 that train. */
export const frontRules = ["static", "capability_aware", "upgrad"] as const;

const preferenceName = z.enum(preferences.map(({ name }) => name) as [string, ...string[]]);
const heldOutSteps = z.int().min(1).default(5).describe(
  "Steps between measurements on the held-out prompts",
);

/** Options. */
export const exactLmSchema = laboratorySchema.extend({
  studies: z.array(z.int().min(0).max(4)).min(1).default([...studies]).describe(
    "Studies to run, of 0 conflict, 1 ascent, 2 optimizer, 3 noise, 4 fronts",
  ),
  pilot: pilotSchema.prefault({}).describe(
    "Where the fixed metric and the smoothness come from",
  ),
  conflict: z.object({
    dials: z.array(z.number().min(0).max(1)).min(1).default([0, 0.5, 1]).describe(
      "Settings of the dial that are measured besides the one that is used",
    ),
    furtherReplicates: z.int().min(0).default(2).describe(
      "Replicates in which those and the controls are measured",
    ),
  }).prefault({}).describe("Study 0"),
  ascent: z.object({
    steps: z.int().min(1).default(30).describe("Steps of each run"),
    c: z.number().positive().lt(2).default(0.2).describe("Step size in units of 1 / L"),
    rules: z.array(z.enum(ascentRules)).min(2).default([...ascentRules]).describe("Rules"),
    preferences: z.array(preferenceName).min(1)
      .default([EQUAL, "domain", "reasoning", "instruction"]).describe("Preferences"),
    lopsided: preferenceName.default("reasoning").describe("The preference of hypothesis 1"),
    growths: z.int().min(0).default(4).describe(
      "Times that L may grow fourfold where a run does not keep to it",
    ),
    heldOutSteps,
    controlReplicates: z.int().min(0).default(2).describe("Replicates with the three controls"),
  }).prefault({}).describe("Study 1"),
  optimizer: z.object({
    steps: z.int().min(1).default(30).describe("Steps of each run"),
    learningRate: z.number().positive().default(1e-3).describe("Learning rate, constant"),
    beta2: z.number().min(0).lt(1).default(0.99).describe("Decay of the second moment"),
    maxGradNorm: z.number().positive().default(1).describe("Largest norm of step or gradient"),
    preference: preferenceName.default("reasoning").describe("The preference of studies 2 and 3"),
    heldOutSteps,
  }).prefault({}).describe("Study 2, and the trainings of study 4"),
  noise: z.object({
    checkpoints: z.array(z.int().min(0)).min(1).default([0, 10, 20, 30]).describe(
      "Steps of study 2's static run after which products are measured",
    ),
    prompts: z.array(z.int().min(4).multipleOf(2)).min(1).default([8, 16, 32, 64, 96]).describe(
      "Prompts in a drawn batch",
    ),
    completions: z.array(z.int().min(2)).min(1).default([2, 4, 8]).describe(
      "Answers drawn to each prompt; batches without this noise are drawn too",
    ),
    signal: z.number().positive().default(0.5).describe(
      "Signal to noise at which hypothesis 4 is judged",
    ),
    draws: z.int().min(2).default(200).describe("Batches of each size"),
  }).prefault({}).describe("Study 3"),
  fronts: z.object({
    replicates: z.int().min(1).default(6).describe("Replicates, at most"),
    least: z.number().positive().lt(0.25).default(0.05).describe(
      "Weight of a reward that a preference does not favour",
    ),
    edges: z.boolean().default(true).describe("Preferences for every two rewards too"),
    steps: z.int().min(1).default(30).describe("Steps of each training"),
  }).prefault({}).describe("Study 4"),
});

/** See {@linkcode exactLmSchema}. */
export type ExactLmConfig = z.output<typeof exactLmSchema>;

/** Options of the pilot, which has to keep to its smoothness for as long and at such steps as study 1. */
export function pilotOptions({ pilot, ascent }: ExactLmConfig): PilotOptions {
  return { ...pilot, checkSteps: ascent.steps, c: ascent.c };
}

/** A preference of the studies 0 to 2 by its name. */
export function preferenceOf(name: string): Preference {
  return preferences.find((preference) => preference.name === name)!;
}

/** The options at each preset. */
export const exactLmPresets: Readonly<Record<Preset, z.input<typeof exactLmSchema>>> = {
  smoke: {
    ...smokeLaboratory,
    pilot: { steps: 2 },
    conflict: { dials: [1], furtherReplicates: 1 },
    ascent: {
      steps: 3,
      rules: ["static", "capability_aware", "margin"],
      preferences: [EQUAL, "reasoning"],
      heldOutSteps: 3,
      controlReplicates: 1,
    },
    optimizer: { steps: 3, heldOutSteps: 3 },
    noise: { checkpoints: [0, 3], prompts: [4, 8], completions: [2], draws: 10 },
    fronts: { replicates: 2, edges: false, steps: 2 },
  },
  quick: {
    ...tinyLaboratory,
    topLayers: 2,
    promptsPerTask: 3,
    batchPrompts: 6,
    conflict: { furtherReplicates: 1 },
    ascent: {
      rules: ["static", "capability_aware", "upgrad"],
      preferences: [EQUAL, "reasoning"],
      controlReplicates: 1,
    },
    optimizer: { steps: 20 },
    noise: { checkpoints: [0, 5, 10, 20], prompts: [8, 24, 96], completions: [4], draws: 100 },
    fronts: { replicates: 2, edges: false, steps: 10 },
  },
  paper: {
    model: "smollm2",
    tuning: { kind: "lora", r: 8, loraAlpha: 16 },
    topLayers: 4,
    promptsPerTask: 6,
    ascent: {
      steps: 15,
      rules: ["static", "capability_aware"],
      preferences: [EQUAL, "reasoning"],
      controlReplicates: 1,
    },
    optimizer: { steps: 15 },
    noise: { checkpoints: [0, 15], prompts: [8, 24, 96], completions: [4], draws: 100 },
    fronts: { replicates: 2, edges: false, steps: 10 },
  },
};
