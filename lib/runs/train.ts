/**
 * Training on items: their prompts and references as examples of supervised fine-tuning, their rewards as those of GRPO.
 * `deno task train` and the stages of experiments train by these.
 *
 * @module
 */

import { encodeCompletion, encodePrompt, type Tokenizer } from "../model/mod.ts";
import { capabilities, type Item } from "../synthesis/mod.ts";
import {
  type GrpoConfig,
  type GrpoPrompt,
  type SftConfig,
  type SftExample,
  type SftOptions,
  trainGrpo,
  type TrainingResult,
  trainSft,
} from "../training/mod.ts";
import { rewardFunction, type RewardSource } from "./rewards.ts";

/** What both ways to train need. */
export interface TrainingParts extends
  Pick<
    SftOptions,
    "model" | "trainable" | "folder" | "run" | "onResume" | "onStep" | "onDamaged" | "signal"
  > {
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** System message before each prompt. */
  readonly system: string;
  /** Items of the training split. */
  readonly items: readonly Item[];
}

/** What turns messages into tokens. */
export type Encoding = Pick<TrainingParts, "tokenizer" | "system">;

/**
 * Items as examples of supervised fine-tuning.
 *
 * @param encoding tokenizer and system message
 * @param items the items
 * @returns the tokens of prompt and reference of each
 */
export function sftExamples(
  { tokenizer, system }: Encoding,
  items: readonly Item[],
): SftExample[] {
  return items.map((item) => ({
    id: item.id,
    prompt: encodePrompt(tokenizer, item.prompt, system),
    completion: encodeCompletion(tokenizer, item.reference),
  }));
}

/**
 * Items as prompts of GRPO; each capability is a stratum.
 *
 * @param encoding tokenizer and system message
 * @param items the items
 * @returns a prompt for each
 */
export function grpoPrompts(
  { tokenizer, system }: Encoding,
  items: readonly Item[],
): GrpoPrompt[] {
  return items.map(({ id, prompt, capability }) => ({
    id,
    ids: encodePrompt(tokenizer, prompt, system),
    stratum: capability,
  }));
}

/**
 * Supervised fine-tuning on items' references.
 *
 * @param parts model, parameters, items
 * @param config options of the training
 * @param validation items whose loss is logged on the way
 * @returns the parameters, which the caller disposes of, and the log
 */
export function fineTune(
  parts: TrainingParts,
  config: SftConfig,
  validation: readonly Item[] = [],
): Promise<TrainingResult> {
  const { items, system: _, tokenizer: _tokenizer, ...rest } = parts;
  const examples = sftExamples(parts, items);
  return trainSft({ ...rest, examples, validation: sftExamples(parts, validation), config });
}

/**
 * GRPO on items, a reward for each capability.
 *
 * @param parts model, parameters, items; the initial parameters are the reference of the divergence
 * @param config options of the training
 * @param rewards what answers are judged by
 * @returns the parameters, which the caller disposes of, and the log
 */
export function reinforce(
  parts: TrainingParts,
  config: GrpoConfig,
  rewards: RewardSource,
): Promise<TrainingResult> {
  const { items, system: _, ...rest } = parts;
  return trainGrpo({
    ...rest,
    prompts: grpoPrompts(parts, items),
    rewardNames: capabilities,
    reward: rewardFunction(items, rewards),
    config,
  });
}
