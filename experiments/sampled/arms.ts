/** The arms: how the rewards are weighed, and what else of GRPO each sets. @module */

import type { GrpoConfig } from "../../lib/training/mod.ts";

/** The control, which every arm is compared with. */
export const CONTROL = "static";

/** What the hypotheses are about. */
export const AWARE = "capability-aware";

/** Arms besides the control and capability-aware weights. */
export const furtherArms = [
  "UPGrad",
  "GRPO",
  "capability-aware with shrinking",
  "capability-aware with veto",
] as const;

/** The arms, the control and capability-aware weights first. */
export const armNames = [CONTROL, AWARE, ...furtherArms] as const;

/** One of {@linkcode armNames}. */
export type ArmName = typeof armNames[number];

/** What arms set of GRPO. */
export type ArmOptions = Partial<GrpoConfig>;

/** What all arms but plain GRPO share with the control, so that they differ from it in the weights alone. */
const alike = {
  multiObjectiveAggregation: "leave_one_out",
  lossType: "dr_grpo",
  secondMoment: "before",
  clip: "step",
} as const;

/**
 * What each arm sets. The gate is named everywhere, so that no default of the trainer decides what an arm is. Plain GRPO is
 * what users would run otherwise, and differs in advantages, loss and optimizer.
 */
export const arms: Readonly<Record<ArmName, ArmOptions>> = {
  static: { ...alike, weighting: "static" },
  "capability-aware": { ...alike, weighting: "capability_aware", gate: "none" },
  UPGrad: { ...alike, weighting: "upgrad", gate: "none" },
  GRPO: {
    multiObjectiveAggregation: "sum_then_normalize",
    weighting: "static",
    secondMoment: "after",
    clip: "gradient",
  },
  "capability-aware with shrinking": { ...alike, weighting: "capability_aware", gate: "shrink" },
  "capability-aware with veto": { ...alike, weighting: "capability_aware", gate: "veto" },
};
