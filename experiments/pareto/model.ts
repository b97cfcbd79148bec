/** The sweeps on a language model: where every preference leads in one replicate. @module */

import type { OnProgress } from "../../lib/runtime/mod.ts";
import { branches } from "../core/branches.ts";
import { bestWeighted } from "../exact/pareto_points.ts";
import { adamwOptions, plainAware, ruleOrder } from "../laboratory/adamw_options.ts";
import { cornerShares, EQUAL, type Preference } from "../laboratory/preferences.ts";
import type { Replicate } from "../laboratory/replicate.ts";
import {
  soupCell,
  trainingCell,
  type TrainingOptions,
  type TrainingRun,
} from "../laboratory/training_cell.ts";
import type { ParetoConfig } from "./config.ts";
import type { SweptUnit } from "./findings.ts";
import type { Sweep } from "./measures.ts";

/** What each sweep but the soups sets in the trainer; all differ from `static` in the weights alone. */
const ways: Readonly<Record<Exclude<Sweep, "rewarded soups">, Partial<TrainingOptions>>> = {
  static: { weighting: "static", ...ruleOrder },
  "capability-aware": plainAware,
  UPGrad: { weighting: "upgrad", ...ruleOrder },
  MGDA: { weighting: "mgda", ...ruleOrder },
};

/** Where the sweeps led, and the seconds of each. */
export interface SweptReplicate {
  /** Starts and ends. */
  readonly unit: SweptUnit;
  /** Rewards of the training prompts, [prompts][answers][m]. */
  readonly rewards: readonly (readonly (readonly number[])[])[];
  /** Seconds that the cells took, now or when they were made, by sweep. */
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * Trains every sweep in a replicate.
 *
 * @param replicate start and prompts
 * @param preferences corners first, in the order of the rewards
 * @param config options
 * @param onProgress told how far it is
 * @returns where they led
 */
export async function sweptReplicate(
  replicate: Replicate,
  preferences: readonly Preference[],
  { trainer, preferences: { least } }: ParetoConfig,
  onProgress: OnProgress,
): Promise<SweptReplicate> {
  const ground = await replicate.ground();
  const corners = ground.rewardNames.length;
  const jobs = (Object.keys(ways) as (keyof typeof ways)[]).flatMap((sweep) =>
    preferences.filter(({ name }) => sweep !== "MGDA" || name === EQUAL)
      .map((preference, k) => ({ sweep, preference, isCorner: k < corners && sweep === "static" }))
  );
  const runs = await branches(jobs, ({ sweep, preference, isCorner }, k) => {
    const spec = {
      options: adamwOptions(trainer, preference.weights, ways[sweep]),
      heldOutSteps: trainer.steps,
      keep: isCorner ? [trainer.steps] : [],
    };
    return trainingCell(
      ground,
      spec,
      (step, steps) => onProgress(k + step / steps, jobs.length),
    );
  });
  const ends = (sweep: Sweep, of: (run: TrainingRun) => readonly number[]) =>
    runs.filter((_, k) => jobs[k]!.sweep === sweep).map(of);
  const seconds: Record<string, number> = {};
  const spend = (sweep: Sweep, more: number) => seconds[sweep] = (seconds[sweep] ?? 0) + more;
  runs.forEach((run, k) => spend(jobs[k]!.sweep, run.seconds));
  const soups = await branches(preferences, ({ weights }) => {
    const shares = cornerShares(weights, least).map((share, i) => ({ run: runs[i]!, share }));
    return soupCell(ground, shares.filter(({ share }) => share > 0));
  });
  soups.forEach((soup) => spend("rewarded soups", soup.seconds));
  const rewards = ground.train.map((prompt) => prompt.rewards);
  const pointsOf = (
    start: readonly number[],
    end: (run: TrainingRun) => readonly number[],
    soup: (found: typeof soups[number]) => readonly number[],
  ) => ({
    start: [...start],
    ends: {
      static: ends("static", end),
      "capability-aware": ends("capability-aware", end),
      UPGrad: ends("UPGrad", end),
      "rewarded soups": soups.map(soup),
      MGDA: ends("MGDA", end),
    },
  });
  return {
    unit: {
      seed: ground.seed,
      train: pointsOf(runs[0]!.values[0]!, ({ values }) => values.at(-1)!, ({ train }) => train),
      heldOut: pointsOf(
        runs[0]!.heldOut[0]!.values,
        ({ heldOut }) => heldOut.at(-1)!.values,
        ({ heldOut }) => heldOut,
      ),
      best: preferences.map(({ weights }) => bestWeighted(rewards, weights)),
    },
    rewards,
    seconds,
  };
}
