/** The weighting rules that are compared: every rule of lib/balance, those that coincide named once. @module */

import {
  type Aggregator,
  type AggregatorName,
  aggregators,
  capabilityAwareWeights,
  marginWeights,
} from "../../lib/balance/mod.ts";

/** A weighting rule where gradients are exact. */
export interface WeightingRule {
  /** A rule on Gram matrices, or the margin variant, which also sets the step size (THEORY.md, Theorem 6). */
  readonly rule: AggregatorName | "margin";
  /** Largest addition to a capability-aware weight; none when left out. */
  readonly cap?: number;
}

/**
 * The rules in the order of tables. Of those of lib/balance `dual_proj` gives capability-aware weights, and `mean` static
 * ones at equal preference whatever is preferred, so neither stands here.
 */
export const weightingRules = {
  static: { rule: "static" },
  "capability-aware": { rule: "capability_aware" },
  capped: { rule: "capability_aware", cap: 0.1 },
  margin: { rule: "margin" },
  UPGrad: { rule: "upgrad" },
  "dual basis": { rule: "dual_basis" },
  PCGrad: { rule: "pcgrad" },
  CAGrad: { rule: "cagrad" },
  MGDA: { rule: "mgda" },
  "IMTL-G": { rule: "imtl_g" },
  "Nash-MTL": { rule: "nash_mtl" },
  "Aligned-MTL": { rule: "aligned_mtl" },
  ConFIG: { rule: "config" },
  FairGrad: { rule: "fairgrad" },
} as const satisfies Record<string, WeightingRule>;

/** Name of a rule. */
export type WeightingName = keyof typeof weightingRules;

/** All names. */
export const weightingNames = Object.keys(weightingRules) as [WeightingName, ...WeightingName[]];

/** Rules whose curves are drawn together, each group beside static weights and few enough to be told apart. */
export const ruleGroups: Readonly<Record<string, readonly WeightingName[]>> = {
  "capability-aware weights": ["static", "capability-aware", "capped", "margin"],
  "rules that remove conflict": ["static", "UPGrad", "dual basis", "PCGrad", "CAGrad"],
  "rules that bargain": ["static", "MGDA", "Nash-MTL", "FairGrad"],
  "rules that align": ["static", "IMTL-G", "Aligned-MTL", "ConFIG"],
};

/**
 * A rule with its weights scaled to absolute sum 1, so that rules differ by direction and not by length.
 *
 * @param rule any rule
 * @returns the scaled rule; weights that are all 0 stay
 */
export function unitWeights(rule: Aggregator): Aggregator {
  return (gram, preference) => {
    const weights = rule(gram, preference);
    const total = weights.reduce((sum, w) => sum + Math.abs(w), 0);
    return total > 0 ? weights.map((w) => w / total) : weights;
  };
}

/**
 * A rule as a function of the Gram matrix.
 *
 * @param rule the rule
 * @param smoothness `L_i` of every reward in the metric, [m]
 * @param stepSize step size of the ascent
 * @param length `unit`: weights of absolute sum 1; `own`: as the rule gives them. The margin variant's are always scaled
 * by the share of the step size that it accepts
 * @returns weights from a Gram matrix and a preference
 */
export function aggregatorOf(
  { rule, cap }: WeightingRule,
  smoothness: readonly number[],
  stepSize: number,
  length: "unit" | "own",
): Aggregator {
  if (rule === "margin") {
    return (gram, preference) => {
      const found = marginWeights({ gram, preference }, smoothness, stepSize);
      return found.weights.map((w) => w * found.stepSize / stepSize);
    };
  }
  const plain: Aggregator = cap === undefined
    ? aggregators[rule]
    : (gram, preference) => capabilityAwareWeights({ gram, preference, cap }).weights;
  return length === "unit" ? unitWeights(plain) : plain;
}
