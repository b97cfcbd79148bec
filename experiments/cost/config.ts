/** Options of the cost experiment. @module */

import { z } from "zod";
import { sftSchema } from "../../lib/training/mod.ts";
import { tuningSchema } from "../../lib/runs/mod.ts";
import { workloadSchema } from "./workload.ts";

/** Names of the ways to tune. */
export const tunings = ["LoRA", "full"] as const;

/** One of {@linkcode tunings}. */
export type TuningName = typeof tunings[number];

const { seed: _, ...sftShape } = sftSchema.shape;

/** Options. */
export const costSchema = z.object({
  model: z.string().default("tiny").describe("tiny, smollm2 or the path of a model"),
  items: z.int().min(40).default(1600).describe("Synthetic items, over all splits"),
  lora: z.object({
    r: z.int().min(1).default(16).describe("Rank"),
    loraAlpha: z.number().positive().default(32).describe("Numerator of the scale"),
  }).prefault({}).describe("The adapter"),
  start: z.object({
    families: z.array(z.string()).min(1).describe("Families that the start is tuned on"),
    sft: z.object(sftShape).describe("Supervised fine-tuning"),
  }).optional().describe("Full tuning before the comparison; left out, the model as it is"),
  adaptation: z.object({
    families: z.array(z.string()).min(1).describe("Families of items that are new"),
    learningRates: z.object({
      LoRA: z.number().positive().describe("With an adapter"),
      full: z.number().positive().describe("With all parameters"),
    }),
    maxSteps: z.int().min(8).describe("Steps of each way to tune"),
    perDeviceTrainBatchSize: z.int().min(1).default(8).describe("Examples in a step"),
    window: z.int().min(1).default(10).describe("Steps in the running mean of the loss"),
  }).describe("Cost to reach a given loss on new tasks, each example seen once"),
  work: workloadSchema.pick({
    promptsPerStep: true,
    numGenerations: true,
    promptLength: true,
    completionLength: true,
    steps: true,
    gramSteps: true,
  }).describe("The steps that are timed"),
  sizes: z.array(workloadSchema.shape.sizes.unwrap()).min(2).describe(
    "Sizes of tiny models over which cost grows",
  ),
});

/** See {@linkcode costSchema}. */
export type CostConfig = z.output<typeof costSchema>;

/** The configuration of tuning by its name. */
export function tuningOf(config: CostConfig, name: TuningName): z.output<typeof tuningSchema> {
  return tuningSchema.parse(name === "full" ? { kind: "full" } : { kind: "lora", ...config.lora });
}
