/**
 * Training on items: their prompts and references as examples of supervised fine-tuning, their rewards as those of GRPO.
 * `deno task train` and the stages of experiments train by these.
 *
 * @module
 */

import { beyondContext, encodeCompletion, encodePrompt, type Tokenizer } from "../model/mod.ts";
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
import type { OnNote } from "./model.ts";
import { rewardFunction, type RewardSource } from "./rewards.ts";

/** What both ways to train need. */
export interface TrainingParts
  extends Pick<SftOptions, "model" | "trainable" | "folder" | "onStep" | "onDamaged" | "signal"> {
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** System message before each prompt. */
  readonly system: string;
  /** Items of the training split. */
  readonly items: readonly Item[];
  /** Told when a text is longer than the model was made for; once. */
  readonly onNote?: OnNote | undefined;
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
    prompt: encodePrompt(tokenizer, item.prompt, system),
    completion: encodeCompletion(tokenizer, item.reference),
  }));
}

/**
 * Items as prompts of GRPO; each capability is a stratum. A short training reads few of them: they are encoded when they
 * are read.
 *
 * @param encoding tokenizer and system message
 * @param items the items
 * @param onPrompt told the length of each prompt that is read, in tokens
 * @returns a prompt for each
 */
export function grpoPrompts(
  { tokenizer, system }: Encoding,
  items: readonly Item[],
  onPrompt?: (length: number) => void,
): GrpoPrompt[] {
  return items.map((item) => ({
    get ids() {
      const ids = encodePrompt(tokenizer, item.prompt, system);
      onPrompt?.(ids.length);
      return ids;
    },
    stratum: item.capability,
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
  const { items, system: _, tokenizer: _tokenizer, onNote, ...rest } = parts;
  const examples = sftExamples(parts, items);
  const longest = Math.max(
    0,
    ...examples.map(({ prompt, completion }) => prompt.length + completion.length),
  );
  const note = beyondContext(parts.model.config, longest);
  if (note !== undefined) onNote?.(note);
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
  const { items, system: _, onNote, ...rest } = parts;
  let told = false;
  const onPrompt = (length: number): void => {
    const note = beyondContext(parts.model.config, length + config.maxCompletionLength);
    if (note !== undefined && !told) onNote?.(note);
    told ||= note !== undefined;
  };
  return trainGrpo({
    ...rest,
    prompts: grpoPrompts(parts, items, onPrompt),
    rewardNames: capabilities,
    reward: rewardFunction(items, rewards),
    config,
  });
}
