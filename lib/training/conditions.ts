/** Rewards that count only where another one is high enough (GDPO, arXiv 2601.05242, conditioned rewards). @module */

import { UsageError } from "../runtime/mod.ts";
import type { GroupRewards } from "./advantages.ts";

/** `reward` counts where `on` is at least `threshold`. */
export interface RewardCondition {
  /** Name of the reward that counts only under the condition. */
  readonly reward: string;
  /** Name of the reward that decides. */
  readonly on: string;
  /** Least value of it. */
  readonly threshold: number;
}

/**
 * Sets rewards to 0 whose condition fails. An absent reward stays absent; one whose condition is about an absent reward
 * counts as it is.
 *
 * @param rows Rewards, [completions][rewards], null where a reward is absent.
 * @param conditions The conditions, each judged by the rewards as they were given.
 * @param names Names of the rewards, [rewards].
 * @returns New rows, [completions][rewards].
 * @throws UsageError when a condition names a reward that is not one of `names`.
 * @example
 * ```ts
 * import { conditionRewards } from "./conditions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const form = { reward: "form", on: "facts", threshold: 0.5 };
 * assertEquals(conditionRewards([[1, 1], [0, 1]], [form], ["facts", "form"]), [[1, 1], [0, 0]]);
 * ```
 */
export function conditionRewards(
  rows: GroupRewards,
  conditions: readonly RewardCondition[],
  names: readonly string[],
): (number | null)[][] {
  const indexOf = (name: string) => {
    const index = names.indexOf(name);
    if (index < 0) {
      throw new UsageError(
        `Expected conditions to name rewards out of ${names.join(", ")} but found ${name}`,
      );
    }
    return index;
  };
  const found = conditions.map(({ reward, on, threshold }) => ({
    reward: indexOf(reward),
    on: indexOf(on),
    threshold,
  }));
  return rows.map((row) => {
    const conditioned = [...row];
    for (const { reward, on, threshold } of found) {
      const decides = row[on] ?? null;
      if ((row[reward] ?? null) !== null && decides !== null && decides < threshold) {
        conditioned[reward] = 0;
      }
    }
    return conditioned;
  });
}
