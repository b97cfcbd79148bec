/** Learning-rate schedules, under the names that transformers gives them. @module */

/** The shapes of a schedule after warm-up. */
export const lrSchedulerTypes = ["constant", "linear", "cosine"] as const;

/** One of {@linkcode lrSchedulerTypes}. */
export type LrSchedulerType = typeof lrSchedulerTypes[number];

/** A schedule. */
export interface Schedule {
  /** The highest learning rate. */
  readonly learningRate: number;
  /** How it falls after warm-up: not at all, or to 0 at the last step. */
  readonly lrSchedulerType: LrSchedulerType;
  /** Share of the steps over which it rises from 0. */
  readonly warmupRatio: number;
}

/**
 * Learning rate of step `step`, counted from 0, out of `maxSteps`.
 *
 * @example
 * ```ts
 * import { learningRateAt } from "./schedule.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const schedule = { learningRate: 1, lrSchedulerType: "linear", warmupRatio: 0.2 } as const;
 * assertAlmostEquals(learningRateAt(schedule, 0, 10), 0.5, 1e-12);
 * assertAlmostEquals(learningRateAt(schedule, 2, 10), 1, 1e-12);
 * ```
 */
export function learningRateAt(schedule: Schedule, step: number, maxSteps: number): number {
  const warmup = Math.ceil(schedule.warmupRatio * maxSteps);
  if (step < warmup) return schedule.learningRate * (step + 1) / warmup;
  const progress = (step - warmup) / Math.max(1, maxSteps - warmup);
  const factor = {
    constant: 1,
    linear: 1 - progress,
    cosine: (1 + Math.cos(Math.PI * progress)) / 2,
  }[schedule.lrSchedulerType];
  return schedule.learningRate * factor;
}
