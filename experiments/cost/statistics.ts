/** When a loss is reached on the way of adaptation. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { type TuningName, tunings } from "./config.ts";
import type { Adaptation, AdaptationStep, Reached } from "./findings.ts";

/** The runs of each way to tune, one a seed. */
export type AdaptationRuns = Readonly<
  Record<TuningName, readonly (readonly AdaptationStep[])[]>
>;

/**
 * Mean of the last `window` values at each step that has as many.
 *
 * @param values Numbers [n].
 * @param window Number of values in a mean.
 * @returns Means [n], null at the first `window - 1`.
 */
export function runningMean(values: readonly number[], window: number): (number | null)[] {
  return values.map((_, i) => i + 1 < window ? null : average(values.slice(i + 1 - window, i + 1)));
}

/**
 * The first step whose running mean of the loss is at most a target.
 *
 * @param run Steps in order.
 * @param target Loss in nats per token.
 * @param window Steps in the running mean.
 * @returns The step; undefined where there is none.
 */
export function firstReached(
  run: readonly AdaptationStep[],
  target: number,
  window: number,
): Reached | undefined {
  const means = runningMean(run.map(({ loss }) => loss), window);
  const at = means.findIndex((m) => m !== null && m <= target);
  return at < 0 ? undefined : { step: at + 1, seconds: run[at]!.seconds };
}

/**
 * The lowest loss that every run reaches: the highest of the runs' lowest running means.
 *
 * @param runs Runs of each way to tune.
 * @param window Steps in the running mean, at most those of the shortest run.
 * @returns The loss in nats per token.
 */
export function commonTarget(runs: AdaptationRuns, window: number): number {
  const lowest = tunings.flatMap((name) =>
    runs[name].map((run) =>
      Math.min(...runningMean(run.map(({ loss }) => loss), window).filter((m) => m !== null))
    )
  );
  return Math.max(...lowest);
}

/**
 * Losses with their running means, and when each run reached the loss that all reach.
 *
 * @param runs Runs of each way to tune.
 * @param asked Steps in the running mean; all that there are where these are fewer.
 * @returns What is stored of adaptation.
 */
export function summarizeAdaptation(runs: AdaptationRuns, asked: number): Adaptation {
  const steps = tunings.flatMap((name) => runs[name].map(({ length }) => length));
  const window = Math.min(asked, ...steps);
  const target = commonTarget(runs, window);
  const smoothed = (name: TuningName) =>
    runs[name].map((run) => {
      const means = runningMean(run.map(({ loss }) => loss), window);
      return run.map((step, i) => ({ ...step, smoothed: means[i]! }));
    });
  const reached = (name: TuningName) => runs[name].map((run) => firstReached(run, target, window)!);
  return {
    window,
    target,
    runs: { LoRA: smoothed("LoRA"), full: smoothed("full") },
    reached: { LoRA: reached("LoRA"), full: reached("full") },
  };
}
