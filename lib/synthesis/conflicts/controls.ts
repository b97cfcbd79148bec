/**
 * Controls: the same prompts and answers with other rewards, for which it is known what a weighting rule should do.
 *
 * | control | rewards | what is expected |
 * |---|---|---|
 * | aligned copy | the mean of the prompt's rewards, as many times as there were rewards | no gradient opposes another: weights stay at the preference |
 * | dominant conflict | that mean r, and 1 - r | what one gains the other loses: no step helps one and harms none |
 * | random labels | the rows of rewards, permuted over the answers of the prompt | the Gram matrix of a tabular policy is kept; nothing in the text tells which answer is wanted |
 *
 * @module
 */
import { randomStream } from "../../runtime/mod.ts";
import type { ClosedPrompt } from "./closed_prompt.ts";

/** The names of the two rewards of {@linkcode dominantConflict}. */
export const dominantRewards = ["gain", "loss"] as const;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function withRewards(
  prompt: ClosedPrompt,
  rewards: (row: readonly number[]) => readonly number[],
): ClosedPrompt {
  return { ...prompt, rewards: prompt.rewards.map(rewards) };
}

/**
 * All rewards are one and the same: the mean of the prompt's rewards.
 *
 * @param prompts Any prompts.
 * @returns The prompts with as many equal rewards.
 */
export function alignedCopy(prompts: readonly ClosedPrompt[]): ClosedPrompt[] {
  return prompts.map((prompt) => withRewards(prompt, (row) => row.map(() => mean(row))));
}

/**
 * Two rewards that are at odds everywhere: the mean of the prompt's rewards, and 1 minus it.
 *
 * @param prompts Any prompts.
 * @returns The prompts with two rewards, named by {@linkcode dominantRewards}.
 */
export function dominantConflict(prompts: readonly ClosedPrompt[]): ClosedPrompt[] {
  return prompts.map((prompt) => withRewards(prompt, (row) => [mean(row), 1 - mean(row)]));
}

/**
 * The rewards of each prompt, whole rows, permuted over its answers at random.
 *
 * @param prompts Any prompts.
 * @param seed Same seed, same permutations.
 * @returns The prompts with permuted rewards.
 * @throws UsageError when the seed is not an integer.
 */
export function randomLabels(prompts: readonly ClosedPrompt[], seed: number): ClosedPrompt[] {
  return prompts.map((prompt) => ({
    ...prompt,
    rewards: randomStream(seed, "random-labels", prompt.id).shuffle(prompt.rewards),
  }));
}
