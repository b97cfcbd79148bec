/** What is stored of the exact experiment on language models. @module */

import { z } from "zod";
import { controls } from "../laboratory/population.ts";
import { trajectorySchema } from "../laboratory/trajectory.ts";
import { ascentRules, frontRules } from "./config.ts";

const count = z.int().min(0);
const seed = count.describe("The replicate");
const vector = z.array(z.number()).readonly();
const matrix = z.array(vector).readonly();
const name = z.string().min(1);
const ratio = z.number().min(0).nullable().describe(
  "Largest fall of a reward between two steps relative to the gain of the preferred sum; null where that does not rise",
);

/** Names of the hypotheses. */
export const hypothesisNames = ["H1", "H2", "H3", "H4"] as const;

const hypothesisSchema = z.object({
  statement: z.string().describe("What is claimed, as the protocol has it"),
  estimate: z.number().describe("The number that it is about"),
  low: z.number().nullable().describe("Lower end of its 95 % interval; null with one replicate"),
  high: z.number().nullable().describe("Upper end"),
  p: z.number().min(0).max(1).describe("Two-sided p value of the exact sign test over replicates"),
  p_holm: z.number().min(0).max(1).describe("The same with Holm's correction for four hypotheses"),
  p_least: z.number().min(0).max(1).describe("Smallest p that as many replicates can give"),
  n: count.describe("Replicates that say something"),
  favourable: count.describe("Those of them in which the number lies on the claimed side"),
  exceptions: count.describe("Replicates that break what the theorem says of all of them"),
  holds: z.boolean().describe("Whether the protocol's rule is met"),
});

/** A hypothesis and what came out. */
export type Hypothesis = Readonly<z.output<typeof hypothesisSchema>>;

const harmfulSchema = z.object({
  steps: count.describe("Steps of all replicates"),
  harmful: count.describe("Steps that harm a reward to first order"),
  worst_cosine: z.number().describe("Least cosine of a step with a reward's gradient"),
});

const conflictSchema = z.object({
  seed,
  dial: z.number().describe("Setting of the dial"),
  control: z.enum(controls).nullable(),
  rewardNames: z.array(name).readonly(),
  prompts: z.int().min(1),
  values: vector.describe("Mean rewards at the start, [m]"),
  cosines: z.array(z.array(z.number().nullable()).readonly()).readonly().describe(
    "Of the exact gradients, null where one is 0, [m][m]",
  ),
  signal: z.array(z.number().nullable()).readonly().describe(
    "n G_ii / C_ii over all prompts, null without noise, [m]",
  ),
  dimension: z.array(z.number().nullable()).readonly().describe(
    "Effective dimension of the prompts' gradients about their mean, (tr S)^2 / tr S^2, [m]",
  ),
  rates: z.array(z.object({
    preference: name,
    rates: vector.describe(
      "(Gp)_i / (|g_i| |u|): cosine of the preferred direction with each gradient, [m]",
    ),
  })).readonly(),
});

/** Exact gradients of a population at the start. */
export type ConflictRow = Readonly<z.output<typeof conflictSchema>>;

const ascentSchema = trajectorySchema.extend({
  seed,
  control: z.enum(controls).nullable(),
  rewardNames: z.array(name).readonly(),
  rule: z.enum(ascentRules),
  preference: name,
  ratio,
  fall: z.number().min(0).describe("Largest fall of a reward below its start"),
  gain: z.number().describe("Gain of the preferred sum"),
  heldOutFall: z.number().min(0).describe("Largest fall of a held-out reward below its start"),
  heldOutGain: z.number().describe("Gain of the preferred sum on held-out prompts"),
  predicted: z.number().describe(
    "Sum over the steps of eta (|u|^2 - v'Gv), the gain to first order by Theorem 4d",
  ),
  residual: z.number().min(0).describe(
    "Largest |p'Gp - v'Gv - w'Gw| relative to p'Gp (Theorem 4d)",
  ),
  smoothness: z.number().min(0).describe(
    "Largest effective smoothness along the run, in units of the L that was used",
  ),
  harmful: count.describe("Steps that harm a reward to first order"),
  deviation: z.number().min(0).describe("Largest difference of a weight from the preference"),
  seconds: z.number().min(0),
});

/** A run in a fixed metric. */
export type AscentRow = Readonly<z.output<typeof ascentSchema>>;

/** The five ways to use the optimizer. */
export const optimizerWays = [
  "static",
  "euclidean",
  "metric",
  "version_0_1",
  "capability_aware",
] as const;

/** One of {@linkcode optimizerWays}; `capability_aware` solves, then steps. */
export type OptimizerWay = typeof optimizerWays[number];

const optimizerSchema = trajectorySchema.extend({
  seed,
  way: z.enum(optimizerWays),
  cosines: matrix.describe("Cosine of every step with every reward's gradient, [steps][m]"),
  steps: z.int().min(1),
  harmful: count,
  worst_cosine: z.number(),
  fall: z.number().min(0).describe("Largest fall of a reward below its start"),
  falls: z.number().min(0).describe("All falls from step to step, summed"),
  gain: z.number().describe("Gain of the preferred sum"),
  heldOutFall: z.number().min(0),
  heldOutGain: z.number(),
  seconds: z.number().min(0),
});

/** A training by AdamW. */
export type OptimizerRow = Readonly<z.output<typeof optimizerSchema>>;

/** What is done about noise. */
export const gates = ["static", "none", "veto", "shrink"] as const;

/** One of {@linkcode gates}; `static` weights know of no noise. */
export type Gate = typeof gates[number];

const noiseSchema = z.object({
  seed,
  step: count.describe("Steps before the checkpoint"),
  completions: z.int().min(2).nullable().describe(
    "Answers drawn to a prompt; null where prompts' gradients are exact",
  ),
  prompts: z.int().min(4).describe("Prompts in a batch"),
  target: z.boolean().describe(
    "Whether the number of prompts was chosen for the signal to noise of hypothesis 4",
  ),
  signal: z.number().min(0).describe(
    "True signal to noise n G_ii / C_ii, geometric mean over the rewards",
  ),
  gates: z.array(z.object({
    gate: z.enum(gates),
    harm: z.number().min(0).describe(
      "Minus the least cosine of d = sum_i w_i g_i with a gradient, at least 0; means over batches, here as below",
    ),
    fall: z.number().min(0).describe(
      "The same in units of the preferred step: -(Gw)_i / (|g_i| |u|)",
    ),
    gain: z.number().describe("p'Gw / |u|^2"),
    length: z.number().min(0).describe("|d| / |u|"),
  })).min(1).readonly(),
});

/** Weights from drawn batches of one size, judged by the exact gradients. */
export type NoiseRow = Readonly<z.output<typeof noiseSchema>>;

/** What is compared in study 4. */
export const sweeps = [...frontRules, "soup"] as const;

/** One of {@linkcode sweeps}. */
export type Sweep = typeof sweeps[number];

const frontSchema = z.object({
  seed,
  sweep: z.enum(sweeps),
  preference: name,
  values: vector.describe("Mean rewards of the training prompts at the end, [m]"),
  heldOut: vector.describe("The same of the held-out prompts"),
});

/** The end of a training, or a soup. */
export type FrontRow = Readonly<z.output<typeof frontSchema>>;

const frontsSchema = z.object({
  preferences: z.array(z.object({ name, weights: vector })).min(1).readonly(),
  starts: z.array(z.object({ seed, values: vector, heldOut: vector })).min(1).readonly(),
  rows: z.array(frontSchema).min(1).readonly(),
  reachable: z.array(z.object({ x: vector, y: vector })).readonly().describe(
    "Corners of the front of every two rewards over all policies, mean over replicates, in the order of pairs",
  ),
});

/** Study 4. */
export type Fronts = Readonly<z.output<typeof frontsSchema>>;

/** The schema of the findings; a study that did not run is left out. */
export const exactLmFindings = z.object({
  protocol: z.object({
    text: name.describe("Hash of PROTOCOL.md"),
    config: name.describe("Hash of the options but for `studies`"),
  }).describe("What was fixed before the run"),
  rewardNames: z.array(name).min(1).readonly(),
  replicates: z.int().min(1),
  hypotheses: z.partialRecord(z.enum(hypothesisNames), hypothesisSchema),
  trainer: z.partialRecord(z.enum(optimizerWays), harmfulSchema).describe(
    "What the trainer did on exact gradients, by way",
  ),
  conflict: z.array(conflictSchema).min(1).readonly().optional().describe("Study 0"),
  ascents: z.array(ascentSchema).min(1).readonly().optional().describe("Study 1"),
  optimizers: z.array(optimizerSchema).min(1).readonly().optional().describe("Study 2"),
  noise: z.array(noiseSchema).min(1).readonly().optional().describe("Study 3"),
  fronts: frontsSchema.optional().describe("Study 4"),
});

/** See {@linkcode exactLmFindings}. */
export type ExactLmFindings = z.output<typeof exactLmFindings>;
