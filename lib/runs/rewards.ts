/** Rewards of answers to items, a column for each capability. @module */

import { hybridRewards } from "../reward/mod.ts";
import { capabilities } from "../synthesis/mod.ts";

/** Mixed rewards of answers, `[items][capabilities]`, null where a capability does not apply. */
export async function itemRewards(
  options: Parameters<typeof hybridRewards>[0],
): Promise<(number | null)[][]> {
  const scores = await hybridRewards(options);
  return scores.map((row) => capabilities.map((c) => row[c] ?? null));
}
