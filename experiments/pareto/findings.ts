/** What is stored of a run of the preference sweep. @module */

import { z } from "zod";
import { capabilities } from "../../lib/synthesis/mod.ts";
import {
  estimateSchema,
  heldOutItemSchema,
  heldOutSchema,
  stepLogsSchema,
} from "../stages/findings.ts";

/** The ways to make a system for a preference, in the order of tables. */
export const sweeps = ["static", "capability-aware", "rewarded soups"] as const;

/** One of {@linkcode sweeps}. */
export type Sweep = typeof sweeps[number];

const sweep = z.enum(sweeps).describe("How it was made");
const rewards = z.array(z.number()).readonly();

const preferenceSchema = z.object({
  name: z.string().describe("The capabilities with weight, or `all`"),
  weights: rewards.describe("Weight of each capability; they sum to 1"),
});

/** Weights of the capabilities that sum to 1, with a name. */
export type Preference = Readonly<z.output<typeof preferenceSchema>>;

/** A system of a sweep. */
export interface SweepPoint {
  /** How it was made. */
  readonly sweep: Sweep;
  /** For what. */
  readonly preference: Preference;
}

/**
 * Name of a point in metrics.
 *
 * @param point the point
 * @returns such as `static: domain`
 */
export function pointName({ sweep, preference }: SweepPoint): string {
  return `${sweep}: ${preference.name}`;
}

const means = z.array(estimateSchema).readonly().describe("Mean reward by capability");

const pointSchema = z.object({
  sweep,
  preference: z.string().describe("Name of the preference"),
  means,
  heldOut: z.array(heldOutSchema).min(1).readonly().describe("Held-out rewards, one a seed"),
  logs: z.array(stepLogsSchema).readonly().describe("Logs, one a seed; none of a soup"),
});

const sweepSchema = z.object({
  sweep,
  volume: estimateSchema.describe("Hypervolume relative to the start's"),
  knee: z.string().describe("Preference at the knee"),
  kneeShare: z.number().min(0).max(1).describe("Share of resamples that have the same knee"),
});

const differenceSchema = z.object({
  system: sweep,
  baseline: sweep,
  estimate: estimateSchema.describe("Volume of the system less that of the baseline"),
});

const cornerSchema = z.object({
  capability: z.enum(capabilities),
  lead: estimateSchema.describe(
    "Its reward under static weight on it alone, less the mean over the other capabilities' corners",
  ),
});

const tabularSweepSchema = z.object({
  table: z.array(z.array(rewards).readonly()).readonly().describe("[prompts][answers][m]"),
  start: rewards.describe("Mean rewards of the uniform policy, [m]"),
  points: z.object({
    static: z.array(rewards).readonly(),
    "capability-aware": z.array(rewards).readonly(),
    "rewarded soups": z.array(rewards).readonly(),
  }).describe("Mean rewards at the end by sweep, [preferences][m]"),
});

/** The tabular problem and where each sweep ends in it. */
export type TabularSweep = Readonly<z.output<typeof tabularSweepSchema>>;

/** The schema of the findings. */
export const paretoFindings = z.object({
  items: z.array(heldOutItemSchema).min(1).readonly().describe("The held-out items"),
  preferences: z.array(preferenceSchema).min(1).readonly().describe("The preferences"),
  start: z.object({
    log: stepLogsSchema.describe("Log of supervised fine-tuning"),
    heldOut: heldOutSchema.describe("Held-out rewards"),
    means,
  }).describe("Where all trainings start"),
  points: z.array(pointSchema).min(1).readonly().describe("All systems, sweep by sweep"),
  resamples: z.int().min(1).describe("Resamples behind the estimates"),
  sweeps: z.array(sweepSchema).readonly().describe("Volume and knee of each sweep"),
  differences: z.array(differenceSchema).readonly().describe("Between the sweeps"),
  corners: z.array(cornerSchema).readonly().describe("What weight on one capability alone gives"),
  tabular: tabularSweepSchema.describe("The exact problem"),
});

/** See {@linkcode paretoFindings}. */
export type ParetoFindings = z.output<typeof paretoFindings>;
