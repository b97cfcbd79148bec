/**
 * What a run of GRPO is given.
 *
 * @module
 */

import type { Aggregator } from "../balance/mod.ts";
import type { Policy, Tokenizer, Trainable, Transformer } from "../model/mod.ts";
import type { tf } from "../runtime/mod.ts";
import type { GrpoConfig } from "./config.ts";
import type { OnDamaged, OnResume, OnStep, Run } from "./loop.ts";
import type { RewardFunction } from "./samples.ts";
import type { GrpoPrompt } from "./strata.ts";

/**
 * Told before a step; what it returns is told behind the step, where the run has its new values, and gives numbers to log. It
 * is not told where the step fails.
 */
export type Observe = (
  run: Run,
) => Promise<(() => Readonly<Record<string, number>>) | undefined>;

/** What {@linkcode trainGrpo} needs. */
export interface GrpoOptions {
  /** The model. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Initial parameters; they stay the caller's. */
  readonly trainable: Trainable;
  /** The policy that the divergence is measured from; the initial one when left out. */
  readonly reference?: Policy;
  /** Prompts to sample from. */
  readonly prompts: readonly GrpoPrompt[];
  /** Names of the rewards, for the log. */
  readonly rewardNames: readonly string[];
  /** The rewards. */
  readonly reward: RewardFunction;
  /** Options. */
  readonly config: GrpoConfig;
  /** A weighting rule of the user's own, in place of `config.weighting`. */
  readonly aggregator?: Aggregator | undefined;
  /** A mask of zeros and ones over the parameters for each reward, whose gradient moves only those (theory section 1). */
  readonly banks?: readonly tf.Tensor1D[] | undefined;
  /** A further loss of the parameters, whose gradient the step disposes of. */
  readonly penalty?:
    | ((values: tf.Tensor1D) => { readonly loss: number; readonly gradient: tf.Tensor1D })
    | undefined;
  /** Looks at the parameters before each step, and at what the step made of them. */
  readonly observe?: Observe | undefined;
  /** Folder of the checkpoint. */
  readonly folder?: string | undefined;
  /** What run it is, as JSON, for its checkpoints. */
  readonly run?: unknown;
  /** Told what the steps logged that the run goes on behind. */
  readonly onResume?: OnResume | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
  /** Ends the run behind a step: a checkpoint is written and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each damaged checkpoint that the run does not go on from. */
  readonly onDamaged?: OnDamaged | undefined;
}
