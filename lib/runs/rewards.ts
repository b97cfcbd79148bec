/** Rewards of answers to items, a column for each capability. @module */

import { type HybridOptions, hybridRewards } from "../reward/mod.ts";
import { capabilities, type Item } from "../synthesis/mod.ts";
import type { RewardFunction } from "../training/mod.ts";

/** What answers are judged by. */
export type RewardSource = Pick<HybridOptions, "knowledge" | "encoder" | "references" | "mixing">;

/**
 * Mixed rewards of answers.
 *
 * @param options items, answers and what they are judged by
 * @returns `[answers][capabilities]`, null where a capability does not apply
 * @throws {WorkbenchError} if a score is not a number in [0, 1]
 */
export async function itemRewards(options: HybridOptions): Promise<(number | null)[][]> {
  const scores = await hybridRewards(options);
  return scores.map((row) => capabilities.map((c) => row[c] ?? null));
}

/**
 * The rewards of GRPO on items.
 *
 * @param items the items, in the order of the prompts
 * @param source what answers are judged by
 * @returns a function from indices of prompts and their completions to {@linkcode itemRewards}
 */
export function rewardFunction(items: readonly Item[], source: RewardSource): RewardFunction {
  return (indices, completions) =>
    itemRewards({ ...source, items: indices.map((i) => items[i]!), completions });
}
