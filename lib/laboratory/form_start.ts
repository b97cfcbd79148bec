/** A start for training on closed lists of answers. @module */

import {
  currentPolicy,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  type Tokenizer,
  type Transformer,
} from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import { closedExamples, type ClosedPrompt } from "../synthesis/mod.ts";
import { type OnStep, type SftConfig, trainSft } from "../training/mod.ts";

/** What {@linkcode formStart} needs. */
export interface FormStartOptions {
  /** The model before, which stays the caller's. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** System message in front of every prompt; the chat template's own when left out. */
  readonly system?: string | undefined;
  /** Prompts whose answers show the form. */
  readonly prompts: readonly ClosedPrompt[];
  /** Options of the fine-tuning; its seed draws the answers too. */
  readonly config: SftConfig;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
}

/**
 * Fine-tunes all weights on answers drawn at random from their lists: a model that knows the form of the answers and not
 * which of them is wanted.
 *
 * @param options the model, the prompts and options
 * @returns the model afterwards, which disposeTransformer frees
 * @throws WorkbenchError when a loss, a gradient or a parameter is not finite
 */
export async function formStart(options: FormStartOptions): Promise<Transformer> {
  const { model, tokenizer, system, prompts, config, onStep } = options;
  const trainable = fullParameters(model);
  const { trainable: tuned } = await trainSft({
    model,
    trainable,
    examples: closedExamples(prompts, config.seed).map(({ prompt, answer }) => ({
      prompt: encodePrompt(tokenizer, prompt, system),
      completion: encodeCompletion(tokenizer, answer),
    })),
    config,
    onStep,
  });
  const { layers, ...outer } = currentPolicy(model, tuned);
  tf.dispose([trainable.values, tuned.values]);
  return { ...outer, layers: layers.map(({ weights }) => weights) };
}
