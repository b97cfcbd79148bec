/** Study 2: Theorem 5 on a language model. AdamW by the trainer on exact gradients, five ways. @module */

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

/** A cap that no weight reaches. */
const NO_CAP = 1e9;

/** Capability-aware weights without cap and ridge, as the theorem has them. */
const aware = { weighting: "capability_aware", cap: NO_CAP, ridge: 0 } as const;

/** The order of Theorem 5, which the static control takes too: so it differs in the weights alone. */
const order = { secondMoment: "before", clip: "step" } as const;

/** What each way sets in the trainer; all differ from `static` in the weights alone but for version 0.1. */
export const ways: Readonly<Record<OptimizerWay, Partial<TrainingOptions>>> = {
  static: { weighting: "static", ...order },
  euclidean: { ...aware, ...order, gramMetric: "euclidean", momentumAware: false },
  metric: { ...aware, ...order, momentumAware: false },
  version_0_1: { ...aware, solve: "next_step", secondMoment: "after", clip: "gradient" },
  capability_aware: { ...aware, ...order },
};

/**
 * Options of AdamW in the studies 2 and 4.
 *
 * @param config options of the experiment
 * @param way rule and order of the optimizer
 * @param preference weights, [m]
 * @param steps number of steps
 * @returns options of the trainer
 */
export function trainerOptions(
  { optimizer }: Pick<ExactLmConfig, "optimizer">,
  way: Partial<TrainingOptions>,
  preference: readonly number[],
  steps: number,
): TrainingOptions {
  const { learningRate, beta2, maxGradNorm } = optimizer;
  return {
    maxSteps: steps,
    learningRate,
    lrSchedulerType: "constant",
    warmupRatio: 0,
    adamBeta2: beta2,
    maxGradNorm,
    rewardWeights: [...preference],
    ...way,
  };
}

/** The static run of study 2, with its parameters at the checkpoints of study 3. */
function wayCell(
  ground: Ground,
  config: ExactLmConfig,
  way: OptimizerWay,
  onProgress?: ReturnType<StudyBar["cell"]>,
): Promise<TrainingRun> {
  const { steps, preference, heldOutSteps } = config.optimizer;
  const options = trainerOptions(config, ways[way], preferenceOf(preference).weights, steps);
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
  const rows: OptimizerRow[] = [];
  for (const way of optimizerWays) {
    const { folder: _, hash: _hash, ...run } = await wayCell(
      ground,
      config,
      way,
      bar.cell(rows.length, optimizerWays.length),
    );
    const held = run.heldOut.map(({ values }) => values);
    rows.push({
      ...run,
      seed: replicate.seed,
      way,
      fall: largestFall(run.values),
      falls: sumOfFalls(run.values),
      gain: gainOf(run.values, preference),
      heldOutFall: largestFall(held),
      heldOutGain: gainOf(held, preference),
    });
  }
  return rows;
}
