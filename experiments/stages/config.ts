/** Options of the stages that experiments share. @module */

import { z } from "zod";
import { tuningSchema } from "../../lib/runs/mod.ts";
import { defaultSystem } from "../../lib/synthesis/mod.ts";
import { grpoSchema, sftSchema } from "../../lib/training/mod.ts";

/** Options of data and supervised fine-tuning. */
export const supervisedSchema = z.object({
  model: z.string().default("smollm2").describe(
    "smollm2, tiny, the path of a model or owner/name on the Hub",
  ),
  system: z.string().default(defaultSystem).describe("System message"),
  items: z.int().min(120).default(800).describe("Synthetic items, over all splits"),
  families: z.array(z.string()).min(1).optional().describe(
    "Families of items that are used; all when left out",
  ),
  tuning: tuningSchema,
  sft: sftSchema.omit({ seed: true }).describe("Supervised fine-tuning"),
});

/** See {@linkcode supervisedSchema}. */
export type SupervisedConfig = z.infer<typeof supervisedSchema>;

/** Options of all stages. */
export const systemsSchema = supervisedSchema.extend({
  grpo: grpoSchema.omit({ seed: true, rewardWeights: true, weighting: true }).describe("GRPO"),
  mixing: z.number().min(0).max(1).default(0.8).describe("Share of the rule score in a reward"),
  testItems: z.int().min(1).default(30).describe("Test items of each capability"),
  maxNewTokens: z.int().min(1).default(64).describe("Longest answer in evaluation, in tokens"),
  evaluationRows: z.int().min(1).default(32).describe("Answers that are decoded together"),
  mmluQuestions: z.int().min(0).default(0).describe("Questions of MMLU's biomedical subjects"),
});

/** See {@linkcode systemsSchema}. */
export type SystemsConfig = z.infer<typeof systemsSchema>;
