/** What is stored of a run of the experiment on sampled answers. @module */

import { z } from "zod";
import { estimateSchema } from "../stages/findings.ts";
import { armNames } from "./arms.ts";
import { outcomeNames, parts } from "./outcomes.ts";

const share = z.number().min(0).max(1);
const numbers = z.array(z.number()).min(1).readonly();

/** A mean over the replicates, with their range. */
const rangeSchema = z.object({
  mean: z.number().describe("Mean over the replicates"),
  low: z.number().describe("Least of them"),
  high: z.number().describe("Largest of them"),
});

/** See {@linkcode rangeSchema}. */
export type Range = Readonly<z.output<typeof rangeSchema>>;

const conditionSchema = z.object({
  arm: z.enum(armNames).describe("How rewards are weighed"),
  preference: z.string().describe("Name of the preference"),
  prompts: z.int().min(2).describe("Prompts in a step"),
});

/** An arm at a preference with so many prompts a step. */
export type Condition = Readonly<z.output<typeof conditionSchema>>;

const curveSchema = z.object({
  part: z.enum(parts).describe("Prompts that it is judged on"),
  reward: z.string().describe("Which reward"),
  change: z.array(rangeSchema).min(1).readonly().describe(
    "J_i(t) - J_i(0) at the judged steps, the start first",
  ),
});

const harmSchema = z.object({
  steps: z.int().min(0).describe("Steps whose exact effect was measured, over all replicates"),
  harmful: z.int().min(0).describe("Those that lower some reward to first order"),
  worst: z.number().nullable().describe(
    "Least cosine of a step with a reward's exact gradient, in the step's metric; null where no step was measured",
  ),
  mean: z.number().nullable().describe("Mean over the steps of the least cosine over the rewards"),
});

/** First-order harm of an arm's steps. */
export type Harm = Readonly<z.output<typeof harmSchema>>;

const runSchema = conditionSchema.extend({
  curves: z.array(curveSchema).min(1).readonly().describe("Change of every reward on both parts"),
  weights: z.array(numbers).readonly().describe(
    "Mean weights over the replicates in every step, [steps][rewards]; empty where they stay as they are",
  ),
  outcomes: z.array(z.object({
    part: z.enum(parts),
    outcome: z.enum(outcomeNames),
    estimate: estimateSchema,
  })).readonly().describe("What became of the rewards"),
  harm: harmSchema.describe("First-order harm of the steps that were made"),
  logged: z.array(z.number().nullable()).readonly().describe(
    "Signal to noise as the training logs it, mean over steps and replicates, [rewards]; null where it logs none",
  ),
  signal: z.array(z.object({
    step: z.int().min(0).describe("Steps taken before"),
    drawn: z.array(rangeSchema).readonly().describe(
      "Of one prompt, against the noise of prompts and completions, [rewards]: n prompts have n times that",
    ),
    whole: z.array(rangeSchema).readonly().describe(
      "Of one prompt, against that of completions alone: for steps that hold every prompt equally often",
    ),
  })).readonly().describe("Exact signal to noise along the run; empty where it was not measured"),
  outside: z.object({ start: share, end: share }).describe(
    "Probability of a text outside the closed answers, mean over the trained prompts",
  ),
});

/** One condition over all replicates. */
export type ConditionFindings = Readonly<z.output<typeof runSchema>>;

const differenceSchema = conditionSchema.extend({
  part: z.enum(parts).describe("Prompts that it is judged on"),
  outcome: z.enum(outcomeNames).describe("What is compared"),
  estimate: estimateSchema.describe("Arm less control, mean over the replicates"),
  replicates: numbers.describe("The difference in each replicate"),
});

/** An arm against the control with the same preference and prompts. */
export type Difference = Readonly<z.output<typeof differenceSchema>>;

const hypothesisSchema = z.object({
  id: z.string().describe("Name in PROTOCOL.md"),
  statement: z.string().describe("What is claimed"),
  part: z.enum(parts).describe("Prompts that it is judged on"),
  estimate: z.number().describe("Mean over the replicates of what should be above 0"),
  low: z.number().describe("Lower end of its 95 % interval"),
  high: z.number().describe("Upper end"),
  p: share.describe("One-sided exact sign test over the replicates"),
  holm: share.describe("The same, with Holm's correction for the number of hypotheses"),
  replicates: numbers.describe("What should be above 0 in each replicate"),
  meaningful: z.boolean().describe(
    "Whether the claim says something: the control gains what a share of is claimed",
  ),
  holds: z.boolean().describe("Decided by the rule of PROTOCOL.md"),
});

/** A claim that was stated before the run. */
export type Hypothesis = Readonly<z.output<typeof hypothesisSchema>>;

/** The schema of the findings. */
export const sampledFindings = z.object({
  rewards: z.array(z.string()).min(2).readonly().describe("Names of the rewards"),
  tasks: z.array(z.string()).min(1).readonly().describe("Kinds of prompts"),
  prompts: z.object({ train: z.int().min(1), heldOut: z.int().min(1) }).describe(
    "Prompts in each replicate",
  ),
  replicates: z.int().min(1).describe("Starts, each with its own draw of prompts"),
  judged: z.array(z.int().min(0)).min(2).readonly().describe(
    "Steps after which exact values were taken, from 0, the start",
  ),
  start: z.object({
    train: numbers.describe("Mean rewards, [rewards]"),
    heldOut: numbers.describe("Likewise, on held-out prompts"),
    cosines: z.array(numbers).readonly().describe(
      "Cosines of the exact gradients in the plain metric, mean over the replicates, [rewards][rewards]",
    ),
  }).describe("Before the first step"),
  conditions: z.array(runSchema).min(2).readonly().describe("Every arm"),
  differences: z.array(differenceSchema).readonly().describe("Against the control"),
  hypotheses: z.array(hypothesisSchema).readonly().describe("In the order of PROTOCOL.md"),
  protocol: z.object({ text: z.string(), config: z.string() }).describe(
    "Hashes of PROTOCOL.md and of the options",
  ),
  resamples: z.int().min(1).describe("Times that replicates and prompts were drawn again"),
});

/** See {@linkcode sampledFindings}. */
export type SampledFindings = z.output<typeof sampledFindings>;
