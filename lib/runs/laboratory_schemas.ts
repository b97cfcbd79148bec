/** The schemas of runs in the laboratory; their types are those of `laboratory_run.ts`. @module */

import { z } from "zod";
import { answerLikelihoods } from "../laboratory/mod.ts";
import { defaultSystem } from "../synthesis/mod.ts";
import { exactSchema, weightings } from "../training/mod.ts";

/** Options of the optimizer and of the weights that exact gradients leave something to choose of. */
const trainerShape = exactSchema.pick({
  lrSchedulerType: true,
  warmupRatio: true,
  weightDecay: true,
  adamBeta1: true,
  adamBeta2: true,
  maxGradNorm: true,
  momentumAware: true,
  gramSteps: true,
  gramMetric: true,
  solve: true,
  secondMoment: true,
  clip: true,
  saveSteps: true,
}).shape;

/** Options of a run in the laboratory. */
export const laboratoryRunSchema = z.object({
  data: z.string().min(1).describe(
    'JSON Lines file: {"prompt": "...", "answers": ["...", "..."], "rewards": {"name": [one number an answer]}}, with "held_out": true on prompts that are not trained on',
  ),
  model: z.string().min(1).default("smollm2").describe(
    "smollm2, tiny, the path of a model or owner/name on the Hub",
  ),
  system: z.string().default(defaultSystem).describe("System message"),
  rule: z.enum(weightings).default("capability_aware").describe(
    "How the rewards' weights are set at every step; static keeps the preference",
  ),
  preference: z.array(z.number().min(0)).optional().describe(
    "Preferred weight of each reward, in the order of the file; equal ones when left out",
  ),
  steps: z.int().min(1).default(50).describe("Number of steps"),
  learningRate: z.number().positive().optional().describe(
    "Highest learning rate (default lora 0.001, full 0.0001)",
  ),
  temperature: z.number().positive().default(0.3).describe(
    "What log-likelihoods of answers are divided by in the policy over them",
  ),
  likelihood: z.enum(answerLikelihoods).default("per_token").describe(
    "An answer's log-likelihood: its mean a token, or its sum less that of the model as it is",
  ),
  tuning: z.enum(["lora", "full"]).default("lora").describe("What is trained"),
  r: z.int().min(1).default(8).describe("Rank of the adapter"),
  loraAlpha: z.number().positive().default(16).describe("Numerator of the adapter's scale"),
  topLayers: z.int().min(1).optional().describe(
    "Train the last layers alone: what those below compute is kept, which is faster (lora only)",
  ),
  batchPrompts: z.int().min(1).max(10_000).default(8).describe(
    "Prompts that are computed at a time",
  ),
  ...trainerShape,
  // Exact gradients need neither: both let a little harm through.
  cap: exactSchema.shape.cap.default(1000),
  ridge: exactSchema.shape.ridge.default(0),
  seed: z.int().min(0).default(0).describe("Seed of an adapter's first values"),
});

const mean = z.number();

/** The schema of `results.json` of a run in the laboratory. */
export const laboratoryResultsSchema = z.strictObject({
  version: z.string().describe("Version of the project"),
  backend: z.object({ name: z.string(), versions: z.record(z.string(), z.string()) }).describe(
    "What computed",
  ),
  prompts: z.int().describe("Prompts that were trained on"),
  held_out_prompts: z.int().describe("Prompts that were not"),
  steps: z.int().describe("Steps"),
  harmful_steps: z.int().describe("Steps that harm a reward to first order, beyond rounding"),
  worst_cosine: z.number().describe("Least cosine of a step with a reward's gradient"),
  moved_steps: z.int().describe("Steps whose weights are not the preference"),
  rewards: z.array(z.strictObject({
    name: z.string(),
    preference: z.number().describe("Preferred weight"),
    start: mean.describe("Mean reward before the first step"),
    end: mean.describe("Mean reward behind the last step"),
    lowest: mean.describe("Least mean reward before, between and behind the steps"),
    held_out_start: mean.nullable().describe("Mean reward on what is held out, before"),
    held_out_end: mean.nullable().describe("The same, behind the last step"),
    largest_weight: z.number().describe("Largest weight of a step"),
    values: z.array(mean).describe("Mean reward before each step and behind the last"),
  })).describe("Each reward, on the prompts that were trained on unless said otherwise"),
});
