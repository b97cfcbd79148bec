/** A training in the laboratory, and where the mean rewards went on the way. @module */

import type { Aggregator } from "../balance/mod.ts";
import type { Trainable } from "../model/mod.ts";
import { type ExactConfig, type OnStep, trainExact, type TrainingResult } from "../training/mod.ts";
import { exactValues } from "./choice_policy.ts";
import { exactGradients } from "./exact_gradients.ts";
import type { Laboratory } from "./laboratory.ts";

/** What {@linkcode trainLaboratory} needs. */
export interface LaboratoryTrainingOptions {
  /** The prompts that are trained on. */
  readonly lab: Laboratory;
  /** Prompts that are measured at every step and not trained on; none when left out. */
  readonly heldOut?: Laboratory | undefined;
  /** Initial parameters, made for the laboratory's model; they stay the caller's. */
  readonly trainable: Trainable;
  /** Options of the trainer. */
  readonly config: ExactConfig;
  /** A weighting rule of the user's own, in place of `config.weighting`. */
  readonly aggregator?: Aggregator | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
}

/** A training with its mean rewards. */
export interface LaboratoryTraining extends TrainingResult {
  /** `J_i` at the start and after every step, `[steps + 1][m]`. */
  readonly values: readonly (readonly number[])[];
  /** The same of the held-out prompts; empty without any. */
  readonly heldOut: readonly (readonly number[])[];
}

/**
 * Trains with exact gradients ({@linkcode trainExact}) and keeps the mean rewards.
 *
 * @param options prompts, initial parameters and options of the trainer
 * @returns the trained parameters, whose values the caller disposes of, the log and the values
 * @throws UsageError when there are not as many weights as rewards
 * @throws WorkbenchError when a value, a gradient or a parameter is not finite
 */
export async function trainLaboratory(
  { lab, heldOut, ...options }: LaboratoryTrainingOptions,
): Promise<LaboratoryTraining> {
  const values: number[][] = [];
  const unseen: number[][] = [];
  const measure = (trainable: Trainable): void => {
    if (heldOut !== undefined) unseen.push(exactValues(heldOut, trainable));
  };
  const evaluate = (trainable: Trainable) => {
    const found = exactGradients(lab, trainable);
    values.push(found.values);
    measure(trainable);
    return found;
  };
  const result = await trainExact({
    ...options,
    objective: { rewardNames: lab.rewardNames, evaluate },
  });
  values.push(exactValues(lab, result.trainable));
  measure(result.trainable);
  return { ...result, values, heldOut: unseen };
}
