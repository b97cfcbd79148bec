/** When a loss is reached, and how cost grows. @module */

import { average } from "../../lib/evaluation/mod.ts";
import type { Adaptation, AdaptationStep } from "./adaptation.ts";
import { type TuningName, tunings } from "./config.ts";

/** Mean of the last `window` values at each step that has as many. */
export function runningMean(values: readonly number[], window: number): (number | null)[] {
  return values.map((_, i) => i + 1 < window ? null : average(values.slice(i + 1 - window, i + 1)));
}

/** When a run first reached a loss. */
export interface Reached {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Seconds since the start. */
  readonly seconds: number;
}

/** The first step whose running mean of the loss is at most `target`; undefined where there is none. */
export function firstReached(
  run: readonly AdaptationStep[],
  target: number,
  window: number,
): Reached | undefined {
  const means = runningMean(run.map(({ loss }) => loss), window);
  const at = means.findIndex((m) => m !== null && m <= target);
  return at < 0 ? undefined : { step: at + 1, seconds: run[at]!.seconds };
}

/** The lowest loss that every run reaches: the highest of the runs' lowest running means. */
export function commonTarget(adaptation: Adaptation, window: number): number {
  const lowest = tunings.flatMap((name) =>
    adaptation[name].map((run) =>
      Math.min(...runningMean(run.map(({ loss }) => loss), window).filter((m) => m !== null))
    )
  );
  return Math.max(...lowest);
}

/** Mean over the seeds of when each way to tune reached the common target. */
export function reachedBy(
  adaptation: Adaptation,
  window: number,
): { readonly target: number } & Readonly<Record<TuningName, Reached>> {
  const target = commonTarget(adaptation, window);
  const by = (name: TuningName): Reached => {
    const all = adaptation[name].map((run) => firstReached(run, target, window)!);
    return { step: average(all.map((r) => r.step)), seconds: average(all.map((r) => r.seconds)) };
  };
  return { target, LoRA: by("LoRA"), full: by("full") };
}
