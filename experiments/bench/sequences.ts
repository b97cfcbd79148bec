/**
 * Sequences of random tokens: generation, scoring and prefill do the same work whatever the tokens are.
 *
 * @module
 */
import { type Batch, batchLogits, generate, packGroups, type Policy } from "../../lib/model/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { finish } from "./matmul.ts";

/** `count` sequences of `length` token ids from `low` to `high - 1`. */
export function randomSequences(
  count: number,
  length: number,
  [low, high]: readonly [number, number],
  name: string,
): number[][] {
  const random = randomStream(0, "bench", name);
  return Array.from(
    { length: count },
    () => Array.from({ length }, () => low + random.integer(high - low)),
  );
}

/** A batch that scores every token of each sequence but its first, without padding. */
export function scoredSequences(sequences: readonly (readonly number[])[]): Batch {
  const groups = sequences.map(([first, ...rest]) => ({ prompt: [first!], completions: [rest] }));
  return packGroups(groups, 1);
}

/** Runs sequences through the model and computes the logits behind each one's last token. */
export function prefill(policy: Policy, sequences: readonly (readonly number[])[]): void {
  const batch = packGroups(sequences.map((prompt) => ({ prompt, completions: [] })));
  const last = Int32Array.from(sequences, ({ length }, g) => g * batch.promptLength + length - 1);
  finish(batchLogits(policy, batch, last));
}

/** Samples exactly `newTokens` tokens behind each prompt, all prompts at once; returns how many tokens that were. */
export async function generateAll(
  policy: Policy,
  prompts: readonly (readonly number[])[],
  newTokens: number,
): Promise<number> {
  const rows = await generate(policy, prompts, {
    maxNewTokens: newTokens,
    temperature: 1,
    stopIds: [],
    seed: 0,
    batchRows: prompts.length,
  });
  return rows.flat().reduce((n, { ids }) => n + ids.length, 0);
}
