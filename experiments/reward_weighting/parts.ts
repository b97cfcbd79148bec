/**
 * The parts of the trainer's capability-aware weights: its defaults, and the same with one part set otherwise. Gates and
 * halves are not among them, which matter only with noise: the exact experiment on language models measures gates, the
 * sampled one both.
 *
 * @module
 */

import { NO_CAP, ruleOrder } from "../laboratory/adamw_options.ts";
import type { TrainingOptions } from "../laboratory/training_cell.ts";

/** A setting of the trainer. */
export interface TrainerPart {
  /** The part that it sets. */
  readonly part: string;
  /** What it sets. */
  readonly options: Partial<TrainingOptions>;
}

const aware = { weighting: "capability_aware" } as const;

/** The settings in the order of tables, the trainer's default first. */
export const trainerParts = {
  "capability-aware": { part: "default", options: aware },
  // In the order of the optimizer that the rule has, so that it differs in the weights alone.
  static: { part: "weights", options: { weighting: "static", ...ruleOrder } },
  "Euclidean metric": { part: "metric", options: { ...aware, gramMetric: "euclidean" } },
  "momentum unknown": { part: "momentum", options: { ...aware, momentumAware: false } },
  "weights a step late": { part: "order", options: { ...aware, solve: "next_step" } },
  "own second moment": { part: "order", options: { ...aware, secondMoment: "after" } },
  "gradient clipped": { part: "order", options: { ...aware, clip: "gradient" } },
  "cap 0.1": { part: "cap", options: { ...aware, cap: 0.1 } },
  "no cap": { part: "cap", options: { ...aware, cap: NO_CAP } },
  "no ridge": { part: "ridge", options: { ...aware, ridge: 0 } },
  "ridge 0.1": { part: "ridge", options: { ...aware, ridge: 0.1 } },
  "every 2 steps": { part: "interval", options: { ...aware, gramSteps: 2 } },
  "every 4 steps": { part: "interval", options: { ...aware, gramSteps: 4 } },
  "every 8 steps": { part: "interval", options: { ...aware, gramSteps: 8 } },
} as const satisfies Record<string, TrainerPart>;

/** Name of a setting. */
export type PartName = keyof typeof trainerParts;

/** All names. */
export const partNames = Object.keys(trainerParts) as [PartName, ...PartName[]];
