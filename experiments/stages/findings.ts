/** Parts of findings that experiments share: logs of training, held-out items, estimates. @module */

import { z } from "zod";
import { capabilities } from "../../lib/synthesis/mod.ts";

/** What one step of training logged, by metric. */
export const stepLogSchema = z.object({ step: z.int().min(1) }).catchall(z.number());

/** See {@linkcode stepLogSchema}. */
export type LoggedStep = Readonly<z.output<typeof stepLogSchema>>;

/** What the steps of one training logged, in order. */
export const stepLogsSchema = z.array(stepLogSchema).readonly();

/** See {@linkcode stepLogsSchema}. */
export type LoggedSteps = readonly LoggedStep[];

/**
 * What is stored of a log: a metric that is not finite at a step, such as a ratio to nothing, is left out of that step.
 *
 * @param log what the steps logged
 * @returns the same as plain JSON
 */
export function storedSteps(log: LoggedSteps): LoggedSteps {
  return log.map((step) => ({
    ...Object.fromEntries(Object.entries(step).filter(([, value]) => Number.isFinite(value))),
    step: step.step,
  }));
}

/** A held-out item, as far as its rewards are looked at by group. */
export const heldOutItemSchema = z.object({
  id: z.string().describe("Its id"),
  family: z.string().describe("Family of items that it belongs to"),
  capability: z.enum(capabilities).describe("Capability that it was made for"),
});

/** See {@linkcode heldOutItemSchema}. */
export type HeldOutItem = Readonly<z.output<typeof heldOutItemSchema>>;

/** A number with its 95 % interval. */
export const estimateSchema = z.object({
  value: z.number().describe("From the items and seeds as they are"),
  low: z.number().describe("Lower end of its 95 % interval"),
  high: z.number().describe("Upper end"),
  p: z.number().min(0).max(1).describe(
    'Two-sided p value of "it is 0": twice the smaller share of resamples on one side of 0',
  ),
});

/** See {@linkcode estimateSchema}. */
export type Estimate = Readonly<z.output<typeof estimateSchema>>;
