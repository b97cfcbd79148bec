/** Options of GRPO. @module */

import { z } from "zod";
import { balanceSchema } from "./balance_config.ts";
import { lossTypes } from "./grpo_loss.ts";
import { loopSchema } from "./loop_config.ts";

/** Options of GRPO; names and values are TRL's, in camel case, where TRL has them. */
export const grpoSchema = loopSchema.extend({
  promptsPerStep: z.int().min(1).max(10_000).default(8).describe("Prompts in a step"),
  numGenerations: z.int().min(2).max(10_000).default(4).describe("Completions of each prompt"),
  maxCompletionLength: z.int().min(1).default(64).describe("Longest completion, in tokens"),
  temperature: z.number().positive().default(1).describe("Sampling temperature"),
  topP: z.number().gt(0).max(1).default(1).describe("Nucleus of the sampling distribution"),
  topK: z.int().min(0).default(0).describe("Number of tokens to sample from; 0 for all"),
  minP: z.number().min(0).max(1).default(0).describe(
    "Least share of the likeliest token's probability; 0 for all tokens",
  ),
  repetitionPenalty: z.number().positive().default(1).describe(
    "What logits of tokens that a row holds are divided by",
  ),
  beta: z.number().min(0).default(0.04).describe(
    "Weight of the divergence from the initial policy",
  ),
  useBiasCorrectionKl: z.boolean().default(true).describe(
    "Multiply the divergence's estimate by the importance ratio",
  ),
  lossType: z.enum(lossTypes).default("dapo").describe("How token losses are averaged"),
  numIterations: z.int().min(1).default(1).describe(
    "Optimizer steps on the same completions; the ratio is clipped from the second on",
  ),
  epsilon: z.number().min(0).default(0.2).describe("The ratio is clipped at 1 - epsilon"),
  epsilonHigh: z.number().min(0).optional().describe(
    "The ratio is clipped at 1 + this; epsilon when left out",
  ),
  importanceSamplingLevel: z.enum(["token", "sequence"]).default("token").describe(
    "A ratio for each token, or one for the sequence",
  ),
  maskTruncatedCompletions: z.boolean().default(false).describe(
    "Leave completions without an end token out of the loss",
  ),
  multiObjectiveAggregation: z.enum(["sum_then_normalize", "normalize_then_sum", "leave_one_out"])
    .default("sum_then_normalize").describe("How rewards become one advantage"),
  scaleRewards: z.enum(["group", "batch", "none"]).default("group").describe(
    "What summed rewards are divided by; none with normalize_then_sum leaves the batch out (MO-GRPO)",
  ),
  rewardWeights: z.array(z.number().min(0)).describe("Weight of each reward"),
  conditions: z.array(z.object({
    reward: z.string().describe("Reward that counts only under the condition"),
    on: z.string().describe("Reward that decides"),
    threshold: z.number().describe("Least value of it"),
  })).default([]).describe("Rewards that are 0 while another one is too low"),
  dynamicSampling: z.boolean().default(false).describe(
    "Sample other prompts in place of those whose completions all have the same rewards",
  ),
  maxResamples: z.int().min(1).default(2).describe("Rounds of dynamic sampling in a step"),
  ...balanceSchema.shape,
  measureChange: z.boolean().default(false).describe(
    "Measure after each step how far every reward's mean moved, by one more forward pass",
  ),
  microBatches: z.int().min(1).max(10_000).default(2).describe(
    "Parts in which a step is computed; changes memory, not results",
  ),
});
