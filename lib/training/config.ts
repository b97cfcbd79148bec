/**
 * The options of training, as zod checks them. Their types are what zod infers, so they have no names: they are those
 * of the modules that make the schemas.
 *
 * @module
 */
import type { OutputOf } from "../runtime/mod.ts";
import * as balance from "./balance_config.ts";
import * as grpo from "./grpo_config.ts";
import * as loop from "./loop_config.ts";
import * as sft from "./sft_config.ts";

export { weightings } from "./balance_config.ts";

/** Options of the optimizer and the loop, under TRL's names in camel case. */
export const loopSchema: (typeof loop)["loopSchema"] = loop.loopSchema;

/** Options of supervised fine-tuning; names are TRL's, in camel case, where TRL has them. */
export const sftSchema: (typeof sft)["sftSchema"] = sft.sftSchema;

/** Options of GRPO; names and values are TRL's, in camel case, where TRL has them. */
export const grpoSchema: (typeof grpo)["grpoSchema"] = grpo.grpoSchema;

/** Options of the rewards' weights, which GRPO and exact training share. */
export const balanceSchema: (typeof balance)["balanceSchema"] = balance.balanceSchema;

/** Options of training on an objective whose gradients are exact. */
export const exactSchema: (typeof balance)["exactSchema"] = balance.exactSchema;

/** See {@linkcode loopSchema}. */
export type LoopConfig = OutputOf<typeof loopSchema>;

/** See {@linkcode sftSchema}. */
export type SftConfig = OutputOf<typeof sftSchema>;

/** See {@linkcode grpoSchema}. */
export type GrpoConfig = OutputOf<typeof grpoSchema>;

/** Options of the rewards' weights, and the preferred ones. */
export type BalanceConfig = OutputOf<typeof balanceSchema> & {
  /** Preferred weight of each reward. */
  readonly rewardWeights: readonly number[];
};

/** See {@linkcode exactSchema}. */
export type ExactConfig = OutputOf<typeof exactSchema>;
