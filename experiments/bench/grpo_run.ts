/** A run of GRPO of a fixed size, to be timed or taken apart. @module */

import type { Tokenizer, Trainable, Transformer } from "../../lib/model/mod.ts";

/** Completions of each prompt. */
export const GENERATIONS = 8;

/** A run of GRPO to time. */
export interface GrpoRun {
  /** The model, which is also the reference. */
  readonly model: Transformer;
  /** Its tokenizer. Without end tokens every completion has the full length. */
  readonly tokenizer: Tokenizer;
  /** What is trained; its values are freed. */
  readonly trainable: Trainable;
  /** Prompts to take from. */
  readonly prompts: readonly (readonly number[])[];
  /** Prompts in a step. */
  readonly promptsPerStep: number;
  /** Most tokens of each of the {@linkcode GENERATIONS} completions of a prompt. */
  readonly newTokens: number;
  /** Number of steps, at least 2. */
  readonly steps: number;
}
