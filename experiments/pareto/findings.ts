/** What is stored of a run of the preference sweep. @module */

import { z } from "zod";
import { differenceSchema } from "../laboratory/differences.ts";
import { comparedNames, measureNames, parts, sweeps } from "./measures.ts";

const name = z.string().min(1);
const vector = z.array(z.number()).readonly();
const matrix = z.array(vector).min(1).readonly();

/** Where sweeps are compared: trainings of a language model, and ascents of tabular policies. */
export const grounds = ["model", "tabular"] as const;

/** One of {@linkcode grounds}. */
export type Ground = typeof grounds[number];

/** The row of the best static preference in hindsight. */
export const HINDSIGHT = "best static in hindsight";

const pointsSchema = z.object({
  start: vector.describe("Mean rewards of the start, [m]"),
  ends: z.record(z.enum(sweeps), matrix).describe(
    "Mean rewards at the end by sweep, [preferences][m]; one row of MGDA, which has no preference",
  ),
});

const unitSchema = z.object({
  seed: z.int().min(0).describe("The replicate or problem"),
  train: pointsSchema.describe("Training prompts"),
  heldOut: pointsSchema.nullable().describe("Held-out prompts; null where there are none"),
  best: vector.describe(
    "Largest preferred sum over all policies on the training prompts, [preferences]",
  ),
});

/** Where every preference led in a replicate or problem. */
export type SweptUnit = Readonly<z.output<typeof unitSchema>>;

const measuredSchema = z.object({
  measure: z.enum(measureNames),
  part: z.enum(parts),
});

const meanSchema = z.object({
  n: z.int().min(1).describe("Replicates or problems"),
  value: z.number().describe("Mean"),
  low: z.number().describe("Lower end of Student's 95 % interval; the mean itself with one"),
  high: z.number().describe("Upper end"),
});

/** A mean over replicates or problems. */
export type Mean = Readonly<z.output<typeof meanSchema>>;

const estimateSchema = meanSchema.extend({ sweep: z.enum(sweeps) }).extend(measuredSchema.shape);

const comparedSchema = differenceSchema.extend({
  sweep: z.enum(sweeps),
  baseline: z.enum(sweeps),
  measure: z.enum(comparedNames),
  part: z.enum(parts),
}).describe("A family is the pairs of sweeps in a measure and a part");

/** A paired difference of two sweeps. */
export type Compared = Readonly<z.output<typeof comparedSchema>>;

const cornerSchema = meanSchema.extend({
  sweep: z.enum(sweeps),
  reward: name,
}).describe("The reward at its own corner, less the mean over the others' corners");

const singleSchema = z.object({
  system: name.describe("A sweep at equal preference, or the best static preference in hindsight"),
  gain: meanSchema.describe("Change of the mean of the rewards"),
  least: meanSchema.describe("Change of the worst-off reward"),
  heldOutGain: meanSchema.nullable(),
  heldOutLeast: meanSchema.nullable(),
  gainLess: differenceSchema.nullable().describe("Paired, less that of capability-aware weights"),
  leastLess: differenceSchema.nullable(),
});

/** One point of the rewards' space. */
export type Single = Readonly<z.output<typeof singleSchema>>;

const groundSchema = z.object({
  ground: z.enum(grounds),
  units: z.array(unitSchema).min(1).readonly(),
  reachable: z.array(z.object({ x: vector, y: vector })).readonly().describe(
    "Corners of the front of every two rewards over all policies on all prompts, in the order of pairs",
  ),
  estimates: z.array(estimateSchema).readonly(),
  differences: z.array(comparedSchema).readonly(),
  corners: z.array(cornerSchema).readonly(),
  singles: z.array(singleSchema).min(1).readonly(),
  chosen: z.array(name).readonly().describe(
    "The static preference in hindsight, one a replicate or problem",
  ),
});

/** Sweeps on one ground. */
export type SweptGround = Readonly<z.output<typeof groundSchema>>;

/** The schema of the findings. */
export const paretoFindings = z.object({
  protocol: name.describe("Hash of PROTOCOL.md"),
  rewardNames: z.array(name).min(2).readonly(),
  preferences: z.array(z.object({ name, weights: vector })).min(1).readonly(),
  grounds: z.array(groundSchema).min(1).readonly(),
});

/** See {@linkcode paretoFindings}. */
export type ParetoFindings = z.output<typeof paretoFindings>;
