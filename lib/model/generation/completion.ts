/** Completions of prompts, and how they are sampled. @module */

import type { TokenConstraint } from "../constraint/token_mask.ts";
import type { Policy } from "../core/transformer.ts";
import type { TokenSampling } from "./sample.ts";

/** How completions are sampled; the names are those of transformers, in camel case. */
export interface SamplingOptions extends TokenSampling {
  /** Completions for each prompt. */
  readonly numGenerations?: number;
  /** Longest completion, in tokens, the end token included. */
  readonly maxNewTokens: number;
  /** A completion ends with the first of these tokens. */
  readonly stopIds: readonly number[];
  /** A completion also ends where this says so of its tokens so far. */
  readonly stop?: (ids: readonly number[]) => boolean;
  /** Fixes the samples: completion k of prompt p draws from a stream of its own, whatever else is in the batch. */
  readonly seed: number;
  /** Rows of a step: completions that are decoded together. */
  readonly batchRows?: number;
  /** Tokens that are looked up at a time where a completion is decoded alone; 3 when left out, 0 guesses none. */
  readonly promptLookupNumTokens?: number;
  /**
   * Keeps every completion inside a language, such as JSON of a schema: one that is finished is a text of it, one that
   * is not was cut off. `stopIds` have to be the constraint's end tokens, and there can be no `stop`.
   */
  readonly constraint?: TokenConstraint;
  /** Measure the divergence from this policy of the same model along the way. */
  readonly reference?: Policy;
}

/** A sampled completion. */
export interface Completion {
  /** Its tokens, with the end token where it has one. */
  readonly ids: readonly number[];
  /** Whether it ended by itself rather than at the longest length. */
  readonly finished: boolean;
  /** Log-probability of each token under the model at temperature 1, whatever the constraint, where asked for. */
  readonly logProbs?: readonly number[];
  /** Log-probability of each token under what it was drawn from: allowed tokens only, say; where asked for. */
  readonly samplingLogProbs?: readonly number[];
  /**
   * Divergence of the policy's next-token distribution from the reference's at each token, in nats, exact over the
   * vocabulary and at the sampling temperature (1 for greedy decoding), where a reference is given. Where nothing else
   * bends the sampling (top-k, penalty, constraint), their sum is an unbiased estimate of the divergence of whole
   * completions with little variance (Rao-Blackwell).
   */
  readonly kl?: readonly number[];
}
