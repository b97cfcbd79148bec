/** Schemas of what several experiments store. @module */

import { z } from "zod";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { StepLog } from "../../lib/training/mod.ts";

/** What one step of a training logged, by TRL's names. */
export const stepLogSchema = z.object({
  step: z.int().min(1),
  loss: z.number(),
  grad_norm: z.number(),
  learning_rate: z.number(),
  step_time: z.number(),
}).catchall(
  z.number(),
);

/** See {@linkcode stepLogSchema}. */
export type StoredStep = Readonly<z.output<typeof stepLogSchema>>;

/** The steps of a training, in order. */
export const stepLogsSchema = z.array(stepLogSchema).readonly();

/** See {@linkcode stepLogsSchema}. */
export type StoredSteps = z.output<typeof stepLogsSchema>;

/**
 * A log as it is stored.
 *
 * @param log the steps of a training
 * @returns the same without metrics that were no number at a step, which JSON cannot hold
 */
export function storedSteps(log: readonly StepLog[]): StoredSteps {
  return log.map((step) =>
    Object.fromEntries(
      Object.entries(step).filter(([, value]) => Number.isFinite(value)),
    ) as StepLog
  );
}

/** An item that systems were measured on. */
export const measuredItemSchema = z.object({
  id: z.string().describe("The item's id"),
  capability: z.enum(capabilities).describe("Its capability"),
  family: z.string().describe("Its family"),
});

/** See {@linkcode measuredItemSchema}. */
export type MeasuredItem = Readonly<z.output<typeof measuredItemSchema>>;
