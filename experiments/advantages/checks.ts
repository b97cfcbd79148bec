/** Groups of rewards that advantages tell apart, and rewards that they follow. @module */

import { randomStream } from "../../lib/runtime/mod.ts";
import {
  type AdvantageOptions,
  groupAdvantages,
  type GroupRewards,
  rewardAdvantages,
} from "../../lib/training/mod.ts";
import type { DistinctCount, FormName, TwoCompletions } from "./findings.ts";

const options: Readonly<Record<FormName, Omit<AdvantageOptions, "rewardWeights">>> = {
  GRPO: { multiObjectiveAggregation: "sum_then_normalize", scaleRewards: "group" },
  "GRPO without std": { multiObjectiveAggregation: "sum_then_normalize", scaleRewards: "none" },
  GDPO: { multiObjectiveAggregation: "normalize_then_sum", scaleRewards: "group" },
};

/** The value of an earned reward: so large that the constant added to deviations has no part in what is counted. */
const EARNED = 1e6;

/** All groups of `size` completions with binary rewards, up to the order of the completions. */
export function binaryGroups(rewards: number, size: number): GroupRewards[] {
  const kinds = Array.from(
    { length: 2 ** rewards },
    (_, bits) => Array.from({ length: rewards }, (_, i) => EARNED * ((bits >> i) & 1)),
  );
  const grow = (group: number[][], from: number): number[][][] =>
    group.length === size
      ? [group]
      : kinds.slice(from).flatMap((kind, i) => grow([...group, kind], from + i));
  return grow([], 0);
}

/** Counts the different advantages, order aside, over all groups of binary rewards with equal weights. */
export function countDistinct(form: FormName, rewards: number, size: number): DistinctCount {
  const groups = binaryGroups(rewards, size);
  const rewardWeights = new Array<number>(rewards).fill(1);
  const rows = groupAdvantages(groups, { ...options[form], rewardWeights })
    .map((row) => row.toSorted((a, b) => a - b));
  const largest = Math.max(...rows.flat().map(Math.abs));
  const found: number[][] = [];
  for (const row of rows) {
    const same = (other: number[]) =>
      other.every((x, i) => Math.abs(x - row[i]!) <= 1e-7 * largest);
    if (!found.some(same)) found.push(row);
  }
  return { form, rewards, size, groups: groups.length, distinct: found.length };
}

/** Normal rewards with given deviations. */
export interface NormalRewards {
  /** Deviation of each reward. */
  readonly deviations: readonly number[];
  /** Number of groups. */
  readonly groups: number;
  /** Completions in each. */
  readonly completions: number;
  /** Seed. */
  readonly seed: number;
  /** Which draw of this seed. */
  readonly draw: number;
}

/**
 * Correlation of each reward, centred in its group, with the advantage. For uncorrelated rewards it is
 * `sigma_i / sqrt(sum_j sigma_j^2)` when they are summed and `1 / sqrt(K)` when each is normalised first (MO-GRPO,
 * arXiv 2509.22047), up to what groups of few completions change.
 */
export function correlations(form: FormName, rewards: NormalRewards): number[] {
  const { deviations, seed, draw } = rewards;
  const random = randomStream(seed, "advantages", draw, ...deviations);
  const groups = Array.from(
    { length: rewards.groups },
    () =>
      Array.from({ length: rewards.completions }, () => deviations.map((d) => d * random.normal())),
  );
  const rewardWeights = deviations.map(() => 1);
  const advantages = groupAdvantages(groups, { ...options[form], rewardWeights }).flat();
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x, k) => sum + x * b[k]!, 0);
  return deviations.map((_, i) => {
    const centred = groups.flatMap((group) => {
      const mean = group.reduce((sum, row) => sum + row[i]!, 0) / group.length;
      return group.map((row) => row[i]! - mean);
    });
    return dot(centred, advantages) /
      Math.sqrt(dot(centred, centred) * dot(advantages, advantages));
  });
}

/** The correlation that MO-GRPO derives for a reward. */
export function expectedCorrelation(
  form: FormName,
  deviations: readonly number[],
  reward: number,
): number {
  return form === "GDPO"
    ? 1 / Math.sqrt(deviations.length)
    : deviations[reward]! / Math.hypot(...deviations);
}

/** The example of GDPO: summed rewards (0, 1), (0, 2) and (1, 2). */
export function twoCompletions(): TwoCompletions[] {
  const groups = [[[0, 0], [0, 1]], [[0, 0], [1, 1]], [[0, 1], [1, 1]]];
  return groups.map((group) => {
    const sums = group.map((row) => row[0]! + row[1]!);
    const large = [group.map((row) => row.map((r) => r * EARNED))];
    const [summed] = groupAdvantages(large, { ...options.GRPO, rewardWeights: [1, 1] });
    const each = [0, 1].map((reward) => rewardAdvantages(large, reward, options.GDPO)[0]![1]!);
    return { sums: `(${sums.join(", ")})`, GRPO: summed![1]!, GDPO: each[0]! + each[1]! };
  });
}
