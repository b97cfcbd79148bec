/** Learning-rate schedules, under the names that transformers gives them. @module */

/** The shapes of a schedule. */
export const lrSchedulerTypes = [
  "constant",
  "constant_with_warmup",
  "linear",
  "cosine",
  "cosine_with_min_lr",
  "polynomial",
  "inverse_sqrt",
] as const;

/** One of {@linkcode lrSchedulerTypes}. */
export type LrSchedulerType = typeof lrSchedulerTypes[number];

/** A schedule. */
export interface Schedule {
  /** The highest learning rate. */
  readonly learningRate: number;
  /**
   * How it falls behind the warm-up: not at all (`constant`, which has no warm-up either, and `constant_with_warmup`), to 0
   * (`linear`, `cosine`), to a least value (`cosine_with_min_lr`, `polynomial`), or with the root of the steps.
   */
  readonly lrSchedulerType: LrSchedulerType;
  /** Share of the steps over which it rises from 0. */
  readonly warmupRatio: number;
  /** Number of those steps in place of the share, where it is not 0. */
  readonly warmupSteps?: number;
  /** Least value as a share of the highest; 0 when left out. */
  readonly minLrRate?: number;
  /** Exponent of `polynomial`; 1 when left out. */
  readonly lrPower?: number;
}

/**
 * Number of steps of warm-up out of `maxSteps`.
 *
 * @param schedule The schedule.
 * @param maxSteps Steps of the run.
 * @returns Steps; 0 for `constant`.
 */
export function warmupLength(schedule: Schedule, maxSteps: number): number {
  if (schedule.lrSchedulerType === "constant") return 0;
  return schedule.warmupSteps || Math.ceil(schedule.warmupRatio * maxSteps);
}

/** Steps after which `inverse_sqrt` begins to fall where there is no warm-up; transformers' default. */
const TIMESCALE = 10_000;

/**
 * Learning rate of step `step`, counted from 0, out of `maxSteps`. The first step of a warm-up of W has 1/W of the highest
 * rate (transformers gives it 0 and wastes it); behind the warm-up the values are those of transformers.
 *
 * @param schedule The schedule.
 * @param step Counted from 0.
 * @param maxSteps Steps of the run.
 * @returns The learning rate.
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
  const warmup = warmupLength(schedule, maxSteps);
  if (step < warmup) return schedule.learningRate * (step + 1) / warmup;
  return schedule.learningRate * factorAt(schedule, step, warmup, maxSteps);
}

/** Share of the highest rate behind the warm-up. */
function factorAt(schedule: Schedule, step: number, warmup: number, maxSteps: number): number {
  const { minLrRate = 0, lrPower = 1 } = schedule;
  const progress = Math.min(1, (step - warmup) / Math.max(1, maxSteps - warmup));
  const cosine = (1 + Math.cos(Math.PI * progress)) / 2;
  switch (schedule.lrSchedulerType) {
    case "constant":
    case "constant_with_warmup":
      return 1;
    case "linear":
      return 1 - progress;
    case "cosine":
      return cosine;
    case "cosine_with_min_lr":
      return minLrRate + (1 - minLrRate) * cosine;
    case "polynomial":
      return minLrRate + (1 - minLrRate) * (1 - progress) ** lrPower;
    case "inverse_sqrt": {
      const timescale = warmup || TIMESCALE;
      return 1 / Math.sqrt((step - warmup + timescale) / timescale);
    }
  }
}
