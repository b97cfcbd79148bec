/** The rules that reward-weighting compares: how GRPO combines the capabilities' rewards, and the same in exact problems. @module */

import { aggregators, capabilityAwareWeights } from "../../lib/balance/mod.ts";
import type { RewardRule } from "../stages/train.ts";
import type { TabularRule } from "./tabular.ts";

/** Each reward compared with the group's other completions and scaled by one constant: what weights multiply. */
const weighed = {
  multiObjectiveAggregation: "leave_one_out",
  lossType: "dr_grpo",
  gate: "none",
} as const satisfies RewardRule;

/** A number that no weight reaches. */
const NO_CAP = 1e9;

/** Capability-aware weights without whatever dampens them. */
const aware = {
  ...weighed,
  weighting: "capability_aware",
  cap: NO_CAP,
  ridge: 0,
} as const satisfies RewardRule;

/** Largest addition to a weight of the capped rule. */
const CAP = 0.1;

/** The rules in the order of tables. Equal preferences for all capabilities. */
export const weightingRules = {
  GRPO: { multiObjectiveAggregation: "sum_then_normalize" },
  GDPO: { multiObjectiveAggregation: "normalize_then_sum" },
  "MO-GRPO": { multiObjectiveAggregation: "normalize_then_sum", scaleRewards: "none" },
  conditioned: {
    multiObjectiveAggregation: "normalize_then_sum",
    // Form is easier than content: it counts where the content is not empty.
    conditions: [{ reward: "instruction", on: "domain", threshold: 0.25 }],
  },
  static: { ...weighed, weighting: "static" },
  "capability-aware": { ...aware, momentumAware: false },
  // The momentum lies outside the range of a matrix of the gradients alone: without a ridge weights have no bound.
  "momentum-aware": { ...aware, ridge: 0.01 },
  capped: { ...aware, cap: CAP, ridge: 0.01 },
  "noise-aware": { ...aware, cap: 4, ridge: 0.01, gate: "shrink" },
  UPGrad: { ...weighed, weighting: "upgrad" },
  "dual basis": { ...weighed, weighting: "dual_basis" },
  PCGrad: { ...weighed, weighting: "pcgrad" },
  CAGrad: { ...weighed, weighting: "cagrad" },
  MGDA: { ...weighed, weighting: "mgda" },
  "IMTL-G": { ...weighed, weighting: "imtl_g" },
  "Nash-MTL": { ...weighed, weighting: "nash_mtl" },
  "Aligned-MTL": { ...weighed, weighting: "aligned_mtl" },
  ConFIG: { ...weighed, weighting: "config" },
  FairGrad: { ...weighed, weighting: "fairgrad" },
} as const satisfies Record<string, RewardRule>;

/** Name of a rule. */
export type WeightingName = keyof typeof weightingRules;

/** All names. */
export const weightingNames = Object.keys(weightingRules) as [WeightingName, ...WeightingName[]];

/** Rules that are drawn together; each group is seen against static weights. */
export const ruleGroups: Readonly<Record<string, readonly WeightingName[]>> = {
  "forms of the advantage": ["GRPO", "GDPO", "MO-GRPO", "conditioned", "static"],
  "capability-aware weights": [
    "static",
    "capability-aware",
    "momentum-aware",
    "capped",
    "noise-aware",
  ],
  "rules that remove conflict": ["static", "UPGrad", "dual basis", "PCGrad", "CAGrad"],
  "rules that equalise": [
    "static",
    "MGDA",
    "IMTL-G",
    "Nash-MTL",
    "Aligned-MTL",
    "ConFIG",
    "FairGrad",
  ],
};

/** The rules of exact problems; those on sampled advantages have no counterpart there, and without momentum there is none to know. */
export const tabularRules: Readonly<Record<string, TabularRule>> = {
  static: aggregators.static,
  "capability-aware": aggregators.capability_aware,
  capped: (gram, preference) => capabilityAwareWeights({ gram, preference, cap: CAP }).weights,
  margin: "margin",
  UPGrad: aggregators.upgrad,
  "dual basis": aggregators.dual_basis,
  PCGrad: aggregators.pcgrad,
  CAGrad: aggregators.cagrad,
  MGDA: aggregators.mgda,
  "IMTL-G": aggregators.imtl_g,
  "Nash-MTL": aggregators.nash_mtl,
  "Aligned-MTL": aggregators.aligned_mtl,
  ConFIG: aggregators.config,
  FairGrad: aggregators.fairgrad,
};
