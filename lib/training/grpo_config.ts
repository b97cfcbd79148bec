/** Options of GRPO. @module */

import { z } from "zod";
import { lossTypes } from "./grpo_loss.ts";
import { loopSchema } from "./loop.ts";

/** Options of GRPO; names and values are TRL's, in camel case, where TRL has them. */
export const grpoSchema = loopSchema.extend({
  promptsPerStep: z.int().min(1).default(8).describe("Prompts in a step"),
  numGenerations: z.int().min(2).default(4).describe("Completions of each prompt"),
  maxCompletionLength: z.int().min(1).default(64).describe("Longest completion, in tokens"),
  temperature: z.number().positive().default(1).describe("Sampling temperature"),
  topP: z.number().gt(0).max(1).default(1).describe("Nucleus of the sampling distribution"),
  topK: z.int().min(0).default(0).describe("Number of tokens to sample from; 0 for all"),
  beta: z.number().min(0).default(0.04).describe(
    "Weight of the divergence from the initial policy",
  ),
  lossType: z.enum(lossTypes).default("dapo").describe("How token losses are averaged"),
  multiObjectiveAggregation: z.enum(["sum_then_normalize", "normalize_then_sum", "leave_one_out"])
    .default("sum_then_normalize").describe("How rewards become one advantage"),
  scaleRewards: z.enum(["group", "batch", "none"]).default("group").describe(
    "What summed rewards are divided by",
  ),
  rewardWeights: z.array(z.number().min(0)).describe("Weight of each reward"),
  weighting: z.enum(["static", "capability_aware"]).default("static").describe(
    "Keep the reward weights, or raise them so that no capability is harmed to first order",
  ),
  gramSteps: z.int().min(1).default(4).describe("Steps between measurements of the Gram matrix"),
  gramDecay: z.number().min(0).lt(1).default(0.5).describe(
    "Share of the earlier Gram matrix that is kept",
  ),
  cap: z.number().min(0).default(4).describe("Largest addition to a weight"),
  ridge: z.number().min(0).default(0.01).describe("Ridge, relative to the Gram matrix's diagonal"),
  minSignalToNoise: z.number().min(0).default(1).describe(
    "A capability whose gradient is noisier than this has no veto",
  ),
  microBatches: z.int().min(1).default(2).describe(
    "Parts in which a step is computed; changes memory, not results",
  ),
});

/** See {@linkcode grpoSchema}. */
export type GrpoConfig = z.infer<typeof grpoSchema>;
