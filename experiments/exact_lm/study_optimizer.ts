/** Study 2: Theorem 5 on a language model. AdamW by the trainer on exact gradients, five ways. @module */

import { branches } from "../core/branches.ts";
import { adamwOptions, NO_CAP, plainAware, ruleOrder } from "../laboratory/adamw_options.ts";
import type { Ground, Replicate } from "../laboratory/replicate.ts";
import {
  trainingCell,
  type TrainingOptions,
  type TrainingRun,
} from "../laboratory/training_cell.ts";
import { gainOf, largestFall, sumOfFalls } from "../laboratory/trajectory.ts";
import { type ExactLmConfig, preferenceOf } from "./config.ts";
import { type OptimizerRow, type OptimizerWay, optimizerWays } from "./findings.ts";
import type { StudyBar } from "./study_bar.ts";

/** Capability-aware weights without cap and ridge, whatever the optimizer's order. */
const aware = { weighting: "capability_aware", cap: NO_CAP, ridge: 0 } as const;

/** What each way sets in the trainer; all differ from `static` in the weights alone but for version 0.1. */
export const ways: Readonly<Record<OptimizerWay, Partial<TrainingOptions>>> = {
  static: { weighting: "static", ...ruleOrder },
  euclidean: { ...plainAware, gramMetric: "euclidean", momentumAware: false },
  metric: { ...plainAware, momentumAware: false },
  version_0_1: { ...aware, solve: "next_step", secondMoment: "after", clip: "gradient" },
  capability_aware: plainAware,
};

/** The static run of study 2, with its parameters at the checkpoints of study 3. */
function wayCell(
  ground: Ground,
  config: ExactLmConfig,
  way: OptimizerWay,
  onProgress?: ReturnType<StudyBar["cell"]>,
): Promise<TrainingRun> {
  const { preference, heldOutSteps } = config.optimizer;
  const options = adamwOptions(config.optimizer, preferenceOf(preference).weights, ways[way]);
  // Both studies ask for the same cell, whichever of them runs.
  const keep = way === "static" ? config.noise.checkpoints : [];
  return trainingCell(ground, { options, heldOutSteps, keep }, onProgress);
}

/**
 * The run whose checkpoints study 3 measures.
 *
 * @param ground start and prompts
 * @param config options
 * @returns the cell
 */
export function staticCell(ground: Ground, config: ExactLmConfig): Promise<TrainingRun> {
  return wayCell(ground, config, "static");
}

/**
 * Runs study 2 in a replicate.
 *
 * @param replicate start and prompts
 * @param config options
 * @param bar told of progress
 * @returns one row a way
 */
export async function optimizerStudy(
  replicate: Replicate,
  config: ExactLmConfig,
  bar: StudyBar,
): Promise<OptimizerRow[]> {
  const ground = await replicate.ground();
  const { weights: preference } = preferenceOf(config.optimizer.preference);
  return await branches(optimizerWays, async (way, k): Promise<OptimizerRow> => {
    const { folder: _, hash: _hash, ...run } = await wayCell(
      ground,
      config,
      way,
      bar.cell(k, optimizerWays.length),
    );
    const held = run.heldOut.map(({ values }) => values);
    return {
      ...run,
      seed: replicate.seed,
      way,
      fall: largestFall(run.values),
      falls: sumOfFalls(run.values),
      gain: gainOf(run.values, preference),
      heldOutFall: largestFall(held),
      heldOutGain: gainOf(held, preference),
    };
  });
}
