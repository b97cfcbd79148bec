/** What is stored of a run on forms of the advantage. @module */

import { z } from "zod";

/** The forms, in the order of tables. */
export const advantageForms = ["GRPO", "GRPO without std", "GDPO"] as const;

/** One of {@linkcode advantageForms}. */
export type FormName = typeof advantageForms[number];

const form = z.enum(advantageForms).describe("The form of the advantage");

const distinctCountSchema = z.object({
  form,
  rewards: z.int().min(1).describe("Number of binary rewards"),
  size: z.int().min(2).describe("Completions in a group"),
  groups: z.int().min(1).describe("Groups up to the order of completions"),
  distinct: z.int().min(1).describe("Different advantages among them"),
});

/** How many groups a form tells apart. */
export type DistinctCount = Readonly<z.output<typeof distinctCountSchema>>;

const followedRewardSchema = z.object({
  form,
  deviations: z.array(z.number().positive()).readonly().describe("Deviations of the rewards"),
  reward: z.int().min(0).describe("Which reward, from 0"),
  mean: z.number().describe("Correlation with the advantage, mean over draws"),
  low: z.number().describe("Lower end of its 95 % bootstrap interval"),
  high: z.number().describe("Upper end"),
  n: z.int().min(1).describe("Draws"),
  derived: z.number().describe("What MO-GRPO derives"),
});

/** Correlation of a reward with the advantage, over draws. */
export type FollowedReward = Readonly<z.output<typeof followedRewardSchema>>;

const twoCompletionsSchema = z.object({
  sums: z.string().describe("Summed rewards of the completions"),
  GRPO: z.number().describe("Advantage of the better one under GRPO"),
  GDPO: z.number().describe("The same under GDPO, before its step over the batch"),
});

/** Two completions with their summed rewards, and the advantage of the better one. */
export type TwoCompletions = Readonly<z.output<typeof twoCompletionsSchema>>;

/** The schema of the findings. */
export const advantagesFindings = z.object({
  counts: z.array(distinctCountSchema).min(1).readonly().describe("Numbers of distinct groups"),
  pairs: z.array(followedRewardSchema).min(1).readonly().describe("Correlations with two rewards"),
  many: z.array(followedRewardSchema).min(1).readonly().describe(
    "Correlations with K rewards of deviations 1 to K",
  ),
  twoCompletions: z.array(twoCompletionsSchema).readonly().describe("The example of GDPO"),
});

/** See {@linkcode advantagesFindings}. */
export type AdvantagesFindings = z.output<typeof advantagesFindings>;
