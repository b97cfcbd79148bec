/** A prompt with a closed list of answers, each with all its rewards. @module */

/** A prompt, the answers that may be given to it, and what each of them earns. */
export interface ClosedPrompt {
  /** Names the prompt. */
  readonly id: string;
  /** The kind of task that it is of. */
  readonly task: string;
  /** Whether it is trained on or held out. */
  readonly split: "train" | "test";
  /** The user's message. */
  readonly prompt: string;
  /** The answers, at least two. */
  readonly answers: readonly string[];
  /** Rewards of every answer, `[answers][rewards]`, each in [0, 1]. */
  readonly rewards: readonly (readonly number[])[];
}
