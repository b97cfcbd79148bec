/**
 * The same rules where everything is exact: a softmax policy over a few answers to a few prompts, whose rewards conflict,
 * ascending its true gradients. No sampling, so what is seen is the rule's doing.
 *
 * @module
 */

import {
  type Aggregator,
  ascend,
  marginWeights,
  type RewardTable,
  softmaxProblem,
  type Trajectory,
} from "../../lib/balance/mod.ts";
import type { TabularConfig } from "./config.ts";

/** A rule of the exact problems: an aggregator of Gram matrices, or the margin variant, which also sets the step size. */
export type TabularRule = Aggregator | "margin";

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
 * Ascends from the uniform policy. The margin variant keeps the length of its weights and takes the step size at which
 * no reward falls.
 *
 * @param table rewards of the answers to each prompt
 * @param rule how rewards are weighed
 * @param preference preferred weights, `[m]`
 * @param settings steps and step size
 * @returns parameters and rewards after each step
 */
export function tabularRun(
  table: RewardTable,
  rule: TabularRule,
  preference: readonly number[],
  { steps, learningRate }: Pick<TabularConfig, "steps" | "learningRate">,
): Trajectory {
  const problem = softmaxProblem(table);
  const smoothness = problem.smoothness();
  const margin: Aggregator = (gram, preference) => {
    const found = marginWeights({ gram, preference }, smoothness, learningRate);
    return found.weights.map((w) => w * found.stepSize / learningRate);
  };
  return ascend(problem, {
    rule: rule === "margin" ? margin : unitWeights(rule),
    preference,
    steps,
    stepSize: learningRate,
  });
}

/**
 * Share of the changes from step to step that lower a reward.
 *
 * @param trajectory rewards after each step
 * @returns from 0 to 1
 */
export function harmShare({ values }: Pick<Trajectory, "values">): number {
  const changes = values.slice(1).flatMap((row, t) => row.map((x, i) => x - values[t]![i]!));
  return changes.filter((change) => change < -1e-12).length / changes.length;
}

/**
 * The largest total fall of a reward, adding up the steps that lower it, relative to the gain of the preferred mean:
 * at most c / (2 - c) for exact capability-aware weights at step size c / L (theory, theorem 7b).
 *
 * @param trajectory rewards after each step
 * @param preference preferred weights, `[m]`
 * @returns the ratio; it means nothing where the preferred mean does not rise
 */
export function harmRatio(
  { values }: Pick<Trajectory, "values">,
  preference: readonly number[],
): number {
  const falls = preference.map((_, i) =>
    values.slice(1).reduce((sum, row, t) => sum + Math.max(0, values[t]![i]! - row[i]!), 0)
  );
  const preferred = (row: readonly number[]) =>
    row.reduce((sum, value, i) => sum + value * preference[i]!, 0);
  return Math.max(...falls) / (preferred(values.at(-1)!) - preferred(values[0]!));
}
