/** Options of the safety experiment. @module */

import { z } from "zod";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { Preset } from "../core/experiment.ts";
import { systemsSchema } from "../stages/config.ts";
import {
  paperGrpo,
  paperStart,
  smokeGrpo,
  smokeStart,
  tinyGrpo,
  tinyStart,
} from "../stages/tiny_start.ts";

/** How one reward is trained and what the policies on the way are measured on. */
export const driftSchema = z.object({
  trained: z.enum(capabilities).default("instruction").describe("The reward that is trained"),
  legs: z.int().min(1).default(6).describe("Checkpoints; each leg has an optimizer of its own"),
  steps: z.int().min(1).default(2).describe("Steps of a leg"),
  learningRate: z.number().positive().default(1e-5).describe(
    "Learning rate of the first leg; it doubles from leg to leg",
  ),
  prompts: z.int().min(2).default(8).describe("Held-out prompts of each capability"),
  samples: z.int().min(1).default(4).describe("Completions of each"),
}).describe("A run whose divergence from its start is followed");

/** See {@linkcode driftSchema}. */
export type DriftConfig = z.output<typeof driftSchema>;

/** Options. */
export const safetySchema = systemsSchema.omit({ mmluQuestions: true, testItems: true }).extend({
  draws: z.int().min(10).default(3000).describe("Calibration sets drawn from each population"),
  calibrationItems: z.int().min(30).default(1000).describe("Items of each calibration set"),
  pairs: z.int().min(10).default(10_000).describe("Random pairs of tabular policies"),
  runs: z.int().min(1).default(100).describe("Runs of exact ascent"),
  checkpoints: z.int().min(4).default(60).describe("Policies of each run that are compared"),
  heldOut: z.int().min(400).default(8000).describe(
    "Items drawn for the promise and for treatments, of which the held-out ones are used",
  ),
  drift: driftSchema.prefault({}),
  alphas: z.array(z.number().gt(0).lt(1)).min(1).default([0.1, 0.3, 0.5, 0.7]).describe(
    "Error rates that are asked for of the model",
  ),
});

/** See {@linkcode safetySchema}. */
export type SafetyConfig = z.output<typeof safetySchema>;

/** The options at each preset. */
export const safetyPresets: Readonly<Record<Preset, z.input<typeof safetySchema>>> = {
  smoke: {
    ...smokeStart,
    grpo: smokeGrpo,
    maxNewTokens: 16,
    evaluationRows: 128,
    draws: 100,
    calibrationItems: 400,
    pairs: 1000,
    runs: 10,
    checkpoints: 40,
    drift: { legs: 2, steps: 1, prompts: 2, samples: 2 },
    heldOut: 600,
  },
  quick: {
    ...tinyStart,
    grpo: tinyGrpo,
    maxNewTokens: 40,
    evaluationRows: 128,
  },
  paper: {
    ...paperStart,
    grpo: paperGrpo,
    maxNewTokens: 56,
    evaluationRows: 128,
    draws: 30_000,
    calibrationItems: 2000,
    pairs: 200_000,
    runs: 2000,
    drift: { legs: 8, steps: 4, prompts: 100, samples: 8 },
    heldOut: 30_000,
  },
};
