/** Options of the experiment on forms of the surrogate. @module */

import { z } from "zod";
import type { Preset } from "../core/experiment.ts";
import { gradientSamples, gradientSamplesSchema } from "../stages/gradient_samples.ts";

/** Options. */
export const surrogateSchema = gradientSamplesSchema.extend({
  instances: z.int().min(2).default(300).describe("Batches of tabular policies"),
  pool: z.int().min(8).multipleOf(8).default(144).describe("Prompts on the model"),
  batches: z.int().min(1).default(6).describe("Batches on the model, at most"),
  batchPrompts: z.int().min(4).multipleOf(4).default(8).describe(
    "Prompts of a batch on the model, as many of each capability",
  ),
});

/** See {@linkcode surrogateSchema}. */
export type SurrogateConfig = z.output<typeof surrogateSchema>;

/** The options at each preset. */
export const surrogatePresets: Readonly<Record<Preset, z.input<typeof surrogateSchema>>> = {
  smoke: { ...gradientSamples.smoke, instances: 20 },
  quick: gradientSamples.quick,
  paper: { ...gradientSamples.paper, instances: 3000, batches: 120 },
};
