/** Options of the experiment on the gradients' geometry. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";
import { gradientSamples, gradientSamplesSchema } from "../stages/gradient_samples.ts";

/** Options. */
export const geometrySchema = gradientSamplesSchema.extend({
  grams: z.int().min(10).default(2000).describe("Gram matrices for each number of capabilities"),
  problems: z.int().min(10).default(1000).describe("Problems on which metrics are compared"),
  prompts: z.array(z.int().min(2).multipleOf(2)).min(2).default([4, 8, 16, 32, 64, 128, 256, 512])
    .describe("Prompts of a batch in the opposed example"),
  draws: z.int().min(10).default(4000).describe("Batches of each size in it"),
  pool: z.int().min(16).multipleOf(8).default(144).describe(
    "Prompts on the model; the first third is for Adam's metric",
  ),
  modelPrompts: z.array(z.int().min(8).multipleOf(8)).min(1).default([8, 16, 32, 64]).describe(
    "Prompts of a batch drawn from the rest, as many of each capability in each half",
  ),
  batchDraws: z.int().min(10).default(200).describe("Batches of each size drawn"),
  furtherPrompts: z.int().min(1).default(4).describe(
    "Prompts of each capability on which banks are measured besides those whose states are removed",
  ),
});

/** See {@linkcode geometrySchema}. */
export type GeometryConfig = z.output<typeof geometrySchema>;

/** The options at each preset. */
export const geometryPresets: Readonly<Record<Preset, z.input<typeof geometrySchema>>> = {
  smoke: {
    ...gradientSamples.smoke,
    grams: 200,
    problems: 100,
    prompts: [4, 16, 64],
    draws: 200,
    modelPrompts: [8],
    batchDraws: 20,
    furtherPrompts: 1,
  },
  quick: gradientSamples.quick,
  paper: {
    ...gradientSamples.paper,
    grams: 20_000,
    problems: 20_000,
    draws: 40_000,
    modelPrompts: [8, 16, 32, 64, 128, 256],
    batchDraws: 500,
  },
};
