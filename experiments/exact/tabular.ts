/**
 * The same rules where everything is exact: a softmax policy over a few answers to a few prompts, whose rewards conflict,
 * ascending its true gradients. No sampling, so what is seen is the rule's doing.
 *
 * @module
 */

import {
  ascend,
  type Gram,
  type RewardTable,
  softmaxProblem,
  type Trajectory,
} from "../../lib/balance/mod.ts";
import type { TabularConfig } from "./config.ts";
import { aggregatorOf, type WeightingRule } from "./rules.ts";

/** What a run went through. */
export interface TabularRun extends Trajectory {
  /** Gram matrix of the gradients at every step, [steps][m][m]. */
  readonly grams: readonly Gram[];
  /** eta; weights of the margin variant hold what it is scaled by. */
  readonly stepSize: number;
  /** L, for every reward. */
  readonly smoothness: number;
}

/**
 * Ascends from the uniform policy with weights of absolute sum 1. The margin variant keeps the length of its weights and
 * takes the step size at which no reward falls.
 *
 * @param table rewards of the answers to each prompt
 * @param rule how rewards are weighed
 * @param preference preferred weights, `[m]`
 * @param settings steps and step size
 * @returns parameters and rewards after each step
 */
export function tabularRun(
  table: RewardTable,
  rule: WeightingRule,
  preference: readonly number[],
  { steps, learningRate }: Pick<TabularConfig, "steps" | "learningRate">,
): TabularRun {
  const problem = softmaxProblem(table);
  const smoothness = problem.smoothness();
  const weigh = aggregatorOf(rule, smoothness, learningRate, "unit");
  const grams: Gram[] = [];
  const found = ascend(problem, {
    rule: (gram, by) => {
      grams.push(gram);
      return weigh(gram, by);
    },
    preference,
    steps,
    stepSize: learningRate,
  });
  return { ...found, grams, stepSize: learningRate, smoothness: Math.max(...smoothness) };
}
