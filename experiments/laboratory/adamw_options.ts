/** Options of AdamW on exact gradients that experiments share: equal trainings are one cell of the store. @module */

import type { TrainingOptions } from "./training_cell.ts";

/** A cap that no weight reaches. */
export const NO_CAP = 1e9;

/** The optimizer's order of Theorem 5; static weights in it differ from a rule in the weights alone. */
export const ruleOrder = { secondMoment: "before", clip: "step" } as const;

/** Capability-aware weights as the theorem has them, without cap and ridge. */
export const plainAware = {
  weighting: "capability_aware",
  cap: NO_CAP,
  ridge: 0,
  ...ruleOrder,
} as const;

/** What trainings of an experiment have in common. */
export interface AdamWSettings {
  /** Steps. */
  readonly steps: number;
  /** Learning rate, constant. */
  readonly learningRate: number;
  /** Decay of the second moment. */
  readonly beta2: number;
  /** Largest norm of step or gradient. */
  readonly maxGradNorm: number;
}

/**
 * Options of a training.
 *
 * @param settings what trainings have in common
 * @param preference weights, [m]
 * @param way rule and order of the optimizer
 * @returns options of the trainer
 */
export function adamwOptions(
  { steps, learningRate, beta2, maxGradNorm }: AdamWSettings,
  preference: readonly number[],
  way: Partial<TrainingOptions>,
): TrainingOptions {
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
