/** How far a step moved every reward's mean, from forward passes on its own completions. @module */

import { type GroupRewards, rewardAdvantages } from "./advantages.ts";

/** What {@linkcode measuredChange} needs. Log-probabilities are `[sequences][tokens]`, in the order of the rewards. */
export interface MeasuredChangeInput {
  /** `[prompts][completions][rewards]`, null where a reward is absent. */
  readonly rewards: readonly GroupRewards[];
  /** Under the policy that sampled. */
  readonly sampled: readonly ArrayLike<number>[];
  /** Under the policy before the step. */
  readonly before: readonly ArrayLike<number>[];
  /** Under the policy after it. */
  readonly after: readonly ArrayLike<number>[];
}

/** The change of a reward's mean. */
export interface MeasuredChange {
  /** To first order in the sequences' log-probabilities. */
  readonly predicted: number;
  /** In full. */
  readonly realised: number;
}

const sum = (row: ArrayLike<number>): number => Array.from(row).reduce((a, b) => a + b, 0);

/**
 * Estimates the change of each reward's mean, in the reward's own units, by importance weights (theory section 4,
 * theorem 10d). With A the leave-one-out advantages, pi_0 the policy that sampled, pi before and pi' after the step:
 * `E[A pi / pi_0 (pi' / pi - 1)]`, and to first order `E[A pi / pi_0 (log pi' - log pi)]`. Unbiased where completions are
 * sampled from the whole distribution. The step was made from the same completions, so it fits them better than fresh
 * ones.
 *
 * @param input Rewards, and log-probabilities before and after the step.
 * @returns A change for each reward, [rewards].
 * @example
 * ```ts
 * import { measuredChange } from "./measured_change.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A fair coin becomes one that shows heads with 0.6; heads are worth 1.
 * const fair = [[Math.log(0.5)], [Math.log(0.5)]];
 * const after = [[Math.log(0.6)], [Math.log(0.4)]];
 * const [change] = measuredChange({ rewards: [[[1], [0]]], sampled: fair, before: fair, after });
 * // Each of the two is compared with the other: (1 * 0.2 + -1 * -0.2) / 2.
 * assertAlmostEquals(change!.realised, 0.2, 1e-12);
 * ```
 */
export function measuredChange(input: MeasuredChangeInput): MeasuredChange[] {
  const { rewards, sampled, before, after } = input;
  const ratio = before.map((row, s) => Math.exp(sum(row) - sum(sampled[s]!)));
  const moved = before.map((row, s) => sum(after[s]!) - sum(row));
  return (rewards[0]?.[0] ?? []).map((_, i) => {
    const advantages = rewardAdvantages(rewards, i, {
      multiObjectiveAggregation: "leave_one_out",
    }).flat();
    const mean = (change: (moved: number) => number) =>
      sum(advantages.map((a, s) => a * ratio[s]! * change(moved[s]!))) / advantages.length;
    return { predicted: mean((x) => x), realised: mean(Math.expm1) };
  });
}
