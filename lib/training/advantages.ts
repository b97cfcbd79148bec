/**
 * Advantages of a group's completions from several rewards. A reward that does not apply is absent (null), not 0: it
 * stays out of the means and deviations, and its advantage is 0.
 *
 * @module
 */

/** Rewards of one prompt's completions: `[completions][rewards]`, null where a reward is absent. */
export type GroupRewards = readonly (readonly (number | null)[])[];

/** How rewards become advantages; the first two names and their values are TRL's. */
export interface AdvantageOptions {
  /**
   * `sum_then_normalize`: GRPO, the weighted sum is normalised in its group. `normalize_then_sum`: GDPO
   * (arXiv 2601.05242), each reward is normalised in its group, summed, and the sum normalised over the batch.
   * `leave_one_out`: capability-aware, each reward is compared with the mean of the group's other completions,
   * scaled by one constant and summed (unbiased for the weighted gradient, theory section 4).
   */
  readonly multiObjectiveAggregation:
    | "sum_then_normalize"
    | "normalize_then_sum"
    | "leave_one_out";
  /**
   * What GRPO divides by: the deviation in the group, in the batch, or nothing (Dr. GRPO, arXiv 2503.20783). With
   * `normalize_then_sum`, `none` leaves out the normalisation over the batch (MO-GRPO, arXiv 2509.22047; not in TRL).
   */
  readonly scaleRewards: "group" | "batch" | "none";
  /** Weight of each reward. */
  readonly rewardWeights: readonly number[];
  /** Constant divisor of each reward in `leave_one_out`; default 1. */
  readonly rewardScales?: readonly number[];
}

/** Added to deviations before dividing, as in TRL. */
export const DEVIATION_EPSILON = 1e-4;

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

/**
 * Sample deviation (one degree of freedom less, as torch's default); 0 for a single value.
 *
 * @param xs Values, [n].
 * @returns The deviation; 0 for fewer than two values.
 */
export function sampleDeviation(xs: readonly number[]): number {
  if (xs.length < 2) return 0;
  const m = mean(xs);
  return Math.sqrt(xs.reduce((a, x) => a + (x - m) ** 2, 0) / (xs.length - 1));
}

/**
 * The present values of one reward.
 *
 * @param rows Rewards of completions, [completions][rewards].
 * @param reward Index of the reward.
 * @returns Its values where it is not absent, in order.
 */
export function presentRewards(rows: GroupRewards, reward: number): number[] {
  return rows.flatMap((row) => {
    const r = row[reward] ?? null;
    return r === null ? [] : [r];
  });
}

/**
 * Whether no reward applies to a completion; it stays out of all statistics and has no advantage.
 *
 * @param row Rewards of one completion, [rewards].
 * @returns True when all of them are absent.
 */
export function isUnrewarded(row: readonly (number | null)[]): boolean {
  return row.every((r) => (r ?? null) === null);
}

/** Deviations below this do not scale a reward up further. */
const SMALLEST_SCALE = 0.05;

/** Deviations within groups of each reward, pooled over groups. */
export interface PooledDeviations {
  /** Sum over the groups of their variances, [rewards]. */
  readonly variances: readonly number[];
  /** Number of groups with at least two values, [rewards]. */
  readonly groups: readonly number[];
}

/**
 * Adds the groups of a step to those of the steps before.
 *
 * @param groups Rewards, [groups][completions][rewards].
 * @param rewards Number of rewards.
 * @param earlier What the steps before gave; none when left out.
 * @returns The pool with these groups.
 */
export function poolDeviations(
  groups: readonly GroupRewards[],
  rewards: number,
  earlier?: PooledDeviations | null,
): PooledDeviations {
  const found = Array.from(
    { length: rewards },
    (_, i) =>
      groups.map((group) => presentRewards(group, i)).filter((values) => values.length > 1)
        .map((values) => sampleDeviation(values) ** 2),
  );
  return {
    variances: found.map((of, i) => of.reduce((a, v) => a + v, earlier?.variances[i] ?? 0)),
    groups: found.map((of, i) => of.length + (earlier?.groups[i] ?? 0)),
  };
}

/**
 * Constant divisors of `leave_one_out`: the pooled deviation of each reward.
 *
 * @param pool Deviations of the steps before.
 * @param otherwise What counts for rewards that the pool has no groups of; the pool when left out.
 * @returns A divisor for each reward, [rewards], at least 0.05.
 */
export function scalesOf(pool: PooledDeviations, otherwise: PooledDeviations = pool): number[] {
  return pool.groups.map((_, i) => {
    const { variances, groups } = pool.groups[i]! > 0 ? pool : otherwise;
    return Math.max(SMALLEST_SCALE, Math.sqrt(variances[i]! / Math.max(1, groups[i]!)));
  });
}

/**
 * The divisors that one step's groups give.
 *
 * @param groups Rewards, [groups][completions][rewards].
 * @param rewards Number of rewards.
 * @returns A divisor for each reward, [rewards], at least 0.05.
 */
export function pooledScales(groups: readonly GroupRewards[], rewards: number): number[] {
  return scalesOf(poolDeviations(groups, rewards));
}

/** Maps the present rewards of a column; absent ones give 0. */
function mapColumn(
  group: GroupRewards,
  reward: number,
  f: (r: number) => number,
): number[] {
  return group.map((row) => {
    const r = row[reward] ?? null;
    return r === null ? 0 : f(r);
  });
}

/**
 * Advantage of each completion, `[groups][completions]`.
 *
 * @param groups Rewards, [groups][completions][rewards], null where a reward is absent.
 * @param options Weights of the rewards and how they are combined.
 * @returns Advantages, [groups][completions]; 0 for a completion to which no reward applies.
 * @example
 * ```ts
 * import { groupAdvantages } from "./advantages.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Summed rewards cannot tell (0, 2) from (0, 1): the normalised sum is the same.
 * const options = { multiObjectiveAggregation: "sum_then_normalize", scaleRewards: "group", rewardWeights: [1, 1] } as const;
 * const [a] = groupAdvantages([[[0, 0], [1, 1]]], options);
 * assertAlmostEquals(a![1]!, 0.7071, 1e-3);
 * ```
 */
export function groupAdvantages(
  groups: readonly GroupRewards[],
  options: AdvantageOptions,
): number[][] {
  const { rewardWeights: weights, multiObjectiveAggregation: form } = options;
  if (form === "sum_then_normalize") {
    const sums = groups.map((group) =>
      group.map((row) =>
        isUnrewarded(row) ? null : weights.reduce((s, w, i) => s + w * (row[i] ?? 0), 0)
      )
    );
    const present = (group: readonly (number | null)[]) => group.filter((s) => s !== null);
    const batchDeviation = sampleDeviation(present(sums.flat()));
    return sums.map((group) => {
      const m = mean(present(group));
      const deviation = {
        group: sampleDeviation(present(group)),
        batch: batchDeviation,
        none: 0,
      }[options.scaleRewards];
      const divisor = options.scaleRewards === "none" ? 1 : deviation + DEVIATION_EPSILON;
      return group.map((s) => s === null ? 0 : (s - m) / divisor);
    });
  }
  const perReward = weights.map((_, i) => rewardAdvantages(groups, i, options));
  const summed = groups.map((group, g) =>
    group.map((_, k) => weights.reduce((s, w, i) => s + w * perReward[i]![g]![k]!, 0))
  );
  if (form === "leave_one_out" || options.scaleRewards === "none") return summed;
  const flat = summed.flatMap((group, g) => group.filter((_, k) => !isUnrewarded(groups[g]![k]!)));
  const m = mean(flat);
  const deviation = sampleDeviation(flat) + DEVIATION_EPSILON;
  return summed.map((group, g) =>
    group.map((s, k) => isUnrewarded(groups[g]![k]!) ? 0 : (s - m) / deviation)
  );
}

/**
 * Advantages by one reward alone, `[groups][completions]`: normalised in the group, or against the other completions.
 * The latter estimate the gradient of the reward's mean over the groups that it applies to: with B groups, of which B_i
 * have the reward, they are scaled by B / B_i, and by K / K_i in a group with K_i out of K completions that have it,
 * since the loss is normalised by all groups and completions (theory section 4, masks).
 *
 * @param groups Rewards, [groups][completions][rewards], null where a reward is absent.
 * @param reward Index of the reward.
 * @param options How rewards are combined, and their divisors.
 * @returns Advantages before weighting, [groups][completions]; 0 where the reward is absent or has no other value in
 * its group.
 */
export function rewardAdvantages(
  groups: readonly GroupRewards[],
  reward: number,
  options: Pick<AdvantageOptions, "multiObjectiveAggregation" | "rewardScales">,
): number[][] {
  const rewarded = groups.filter((group) => presentRewards(group, reward).length >= 2).length;
  const share = rewarded / groups.length;
  return groups.map((group) => {
    const values = presentRewards(group, reward);
    if (values.length < 2) return group.map(() => 0);
    const m = mean(values);
    const n = values.length;
    const factor = options.multiObjectiveAggregation === "leave_one_out"
      // K/(K-1) (r - mean) = r minus the mean of the others
      ? (n / ((n - 1) * share * (options.rewardScales?.[reward] ?? 1))) * (group.length / n)
      : 1 / (sampleDeviation(values) + DEVIATION_EPSILON);
    return mapColumn(group, reward, (r) => (r - m) * factor);
  });
}
