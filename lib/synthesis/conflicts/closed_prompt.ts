/**
 * Prompts with a closed set of answers, each with its rewards: over such a set a policy's expected rewards and their
 * gradients are finite sums, so nothing has to be sampled.
 *
 * @module
 */
import { randomStream } from "../../runtime/mod.ts";
import { capabilities, type Capability } from "../item.ts";

/** A prompt with its answers and their rewards. */
export interface ClosedPrompt {
  /** Unique in a population: task, split, what is asked about, which demand it makes. */
  readonly id: string;
  /** The task that it belongs to. */
  readonly task: string;
  /** Training, or held out. */
  readonly split: "train" | "test";
  /** The user's message. */
  readonly prompt: string;
  /** Different answers, at least two. */
  readonly answers: readonly string[];
  /** `[answers][rewards]`, each in [0, 1]. */
  readonly rewards: readonly (readonly number[])[];
}

/** The rewards of every answer of a conflict task, in the order of the vectors: the four capabilities. */
export const conflictRewards: readonly Capability[] = capabilities;

/**
 * One example of supervised fine-tuning a prompt, its answer drawn uniformly from the prompt's set: a start that knows
 * the form of the answers and not which of them is wanted.
 *
 * @param prompts Any prompts.
 * @param seed Same seed, same draws.
 * @returns Prompt and answer, in the order of the prompts.
 * @throws UsageError when the seed is not an integer or a prompt has no answer.
 */
export function closedExamples(
  prompts: readonly Pick<ClosedPrompt, "id" | "prompt" | "answers">[],
  seed: number,
): { readonly prompt: string; readonly answer: string }[] {
  return prompts.map(({ id, prompt, answers }) => ({
    prompt,
    answer: randomStream(seed, "closed-examples", id).pick(answers),
  }));
}
