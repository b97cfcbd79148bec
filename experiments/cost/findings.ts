/** What is stored of a run of the cost experiment. @module */

import { z } from "zod";
import { average } from "../../lib/evaluation/mod.ts";
import { workloadSchema } from "./config.ts";

const adaptationStepSchema = z.object({
  loss: z.number().describe(
    "Loss on examples not seen before, in nats per token, before the step",
  ),
  seconds: z.number().nonnegative().describe("Seconds since the start"),
});

/** One step of adaptation. */
export type AdaptationStep = Readonly<z.output<typeof adaptationStepSchema>>;

const smoothedStepSchema = adaptationStepSchema.extend({
  smoothed: z.number().nullable().describe(
    "Mean of the loss over the steps of the window that end here, null before there are as many",
  ),
});

/** A step with the running mean of the loss. */
export type SmoothedStep = Readonly<z.output<typeof smoothedStepSchema>>;

const runsSchema = z.array(z.array(smoothedStepSchema).min(1).readonly()).min(1).readonly();

const reachedSchema = z.object({
  step: z.int().min(1).describe("Number of the step, from 1"),
  seconds: z.number().nonnegative().describe("Seconds since the start"),
});

/** When a run first reached a loss. */
export type Reached = Readonly<z.output<typeof reachedSchema>>;

const adaptationSchema = z.object({
  window: z.int().min(1).describe("Steps in the running mean of the loss"),
  target: z.number().describe("The lowest running mean that every run reaches"),
  runs: z.object({ LoRA: runsSchema, full: runsSchema }).describe("By way to tune and seed"),
  reached: z.object({
    LoRA: z.array(reachedSchema).min(1).readonly(),
    full: z.array(reachedSchema).min(1).readonly(),
  }).describe("When the target was first reached, by way to tune and seed"),
}).readonly();

/** Adaptation to new tasks. */
export type Adaptation = z.output<typeof adaptationSchema>;

const workloadResultSchema = z.object({
  parameters: z.int().min(1).describe("Parameters of the model, without the adapter"),
  trained: z.int().min(1).describe("Trained parameters"),
  layers: z.int().min(1).describe("Layers of the model"),
  kvWidth: z.int().min(1).describe("Numbers of keys and values that a layer keeps of a token"),
  seconds: z.record(z.string(), z.array(z.number().nonnegative()).min(1).readonly()).describe(
    "Seconds of each timed step by part: `sampling` and `training`, or `step`",
  ),
  peakMb: z.number().positive().describe(
    "Peak of the process's resident memory in MB of 2^20 bytes",
  ),
  loadedMb: z.number().positive().describe(
    "The same once the model was loaded, before the first step",
  ),
});

/** What a workload took. */
export type WorkloadResult = Readonly<z.output<typeof workloadResultSchema>>;

const measurementSchema = z.object({
  group: z.enum(["tuning", "prefix", "weighting", "size", "growth"]).describe("What was varied"),
  name: z.string().describe("The variant; of growth the option that has another value"),
  work: workloadSchema.describe("What ran"),
  found: workloadResultSchema.describe("What it took"),
});

/** A workload with its name and what it took. */
export type Measurement = Readonly<z.output<typeof measurementSchema>>;

const launchingSchema = z.object({
  plan: z.number().positive().describe("Seconds of a process that plans where nothing is stored"),
  entry: z.number().positive().describe("Seconds to read an entry of the store"),
}).readonly();

/** What the launcher takes by itself. */
export type Launching = z.output<typeof launchingSchema>;

const simulatedSchema = z.object({
  parameters: z.int().min(1).describe("Parameters of the model that is trained"),
  nodes: z.int().min(1).describe("Nodes"),
  alone: z.number().positive().describe("Seconds of the cells one after another, nothing besides"),
  makespans: z.array(z.number().positive()).min(2).readonly().describe(
    "Seconds from the begin to the end, by draw",
  ),
  useful: z.number().describe("Share of the nodes' time that was computed and stayed"),
  starting: z.number().describe("Share in which processes began"),
  lost: z.number().describe("Share that was computed in vain"),
  failures: z.number().min(0).describe("Failures of nodes that computed; mean over the draws"),
});

/** A sweep on so many nodes, simulated. */
export type Simulated = Readonly<z.output<typeof simulatedSchema>>;

/** The schema of the findings. */
export const costFindings = z.object({
  adaptation: adaptationSchema.describe("Losses and seconds of adaptation to new tasks"),
  measurements: z.array(measurementSchema).min(1).readonly().describe(
    "Every workload that was timed",
  ),
  cluster: z.object({
    launching: launchingSchema,
    simulated: z.array(simulatedSchema).min(1).readonly(),
  }).readonly().describe(
    "A sweep on clusters, simulated from the seconds of steps with an adapter",
  ),
});

/** See {@linkcode costFindings}. */
export type CostFindings = z.output<typeof costFindings>;

/** What repeated timings are shown with. */
export const RANGE = "from the fastest to the slowest timed step";

/**
 * Mean and range of repeated measurements.
 *
 * @param values Numbers [n].
 * @returns Their mean, the least and the greatest of them.
 */
export function rangeOf(
  values: readonly number[],
): { readonly mean: number; readonly low: number; readonly high: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Rounding may put the mean of equal numbers beside them.
  return { mean: Math.min(high, Math.max(low, average(values))), low, high };
}
