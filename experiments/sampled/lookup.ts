/** Rewards of free text that is judged by looking it up among the closed answers of its prompt. @module */

import type { ClosedPrompt } from "../../lib/synthesis/mod.ts";
import type { RewardFunction } from "../../lib/training/mod.ts";

/**
 * A text as it is looked up: composed characters, single blanks, none at the ends.
 *
 * @param text any text
 * @returns the text to compare
 */
export function normalised(text: string): string {
  return text.normalize("NFC").trim().replaceAll(/\s+/g, " ");
}

/**
 * The rewards of GRPO on prompts with closed answers: those of the answer that the text is, word for word; 0 for any other
 * text. So the mean reward of a policy is `sum_c P(c | x) r(x, c)` over the closed answers alone.
 *
 * @param prompts the prompts, in the order of training
 * @param rewards number of rewards
 * @returns a function from indices of prompts and their completions to rewards, [completions][rewards]
 */
export function lookupRewards(prompts: readonly ClosedPrompt[], rewards: number): RewardFunction {
  const tables = prompts.map(({ answers, rewards: rows }) =>
    new Map(answers.map((answer, c) => [normalised(answer), rows[c]!]))
  );
  const nothing = new Array<number>(rewards).fill(0);
  return (indices, completions) =>
    Promise.resolve(completions.map((text, k) => [
      ...tables[indices[k]!]!.get(normalised(text)) ?? nothing,
    ]));
}
