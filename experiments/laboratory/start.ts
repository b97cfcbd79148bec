/** The start of replicates: the model as it is, or after supervised fine-tuning on answers of the closed sets. @module */

import {
  currentPolicy,
  disposePolicy,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  type Trainable,
  type Transformer,
} from "../../lib/model/mod.ts";
import { readParameters, writeParameters } from "../../lib/runs/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import { closedExamples, type ClosedPrompt, conflictPopulation } from "../../lib/synthesis/mod.ts";
import { trainSft } from "../../lib/training/mod.ts";
import { stoppable } from "../core/stop.ts";
import type { StageKey } from "../stages/keys.ts";
import { stepsOn } from "../stages/train.ts";
import type { Bench } from "./bench.ts";

/** All weights of the model. */
const full = { kind: "full" } as const;

/** A start. */
export interface Start {
  /** What it depends on besides the bench. */
  readonly key: StageKey;
  /**
   * Reads its model from the store, or trains it.
   *
   * @returns the model; the function frees what is not the bench's
   */
  readonly open: () => Promise<{ readonly model: Transformer; readonly free: () => void }>;
}

/** The model at trained weights. */
function tunedModel(
  model: Transformer,
  tuned: Trainable,
): { readonly model: Transformer; readonly free: () => void } {
  const policy = currentPolicy(model, tuned);
  return {
    model: { ...policy, layers: policy.layers.map(({ weights }) => weights) },
    free: () => {
      disposePolicy(policy, tuned);
      tuned.values.dispose();
    },
  };
}

/** An example for each answer of each prompt. */
function allExamples(
  prompts: readonly ClosedPrompt[],
): { readonly prompt: string; readonly answer: string }[] {
  return prompts.flatMap(({ prompt, answers }) => answers.map((answer) => ({ prompt, answer })));
}

/**
 * The start of a replicate. It knows the form of the answers and not which of them is wanted: each is drawn from its
 * prompt's closed set, or all of it is learned alike.
 *
 * @param bench model and options
 * @param seed of the prompts, the answers and their order
 * @returns the start, nothing of which is computed yet
 * @throws {UsageError} when the graph does not give so many prompts
 */
export async function startOf(bench: Bench, seed: number): Promise<Start> {
  const { context, config, knowledge, model, tokenizer } = bench;
  if (config.start === undefined) {
    return { key: { start: null }, open: () => Promise.resolve({ model, free: () => {} }) };
  }
  const { promptsPerTask, heldOut, answers, ...sft } = config.start;
  const population = conflictPopulation(knowledge, { promptsPerTask, seed, dial: config.dial });
  const prompts = [...population.train, ...heldOut ? population.heldOut : []];
  const examples = answers === "one" ? closedExamples(prompts, seed) : allExamples(prompts);
  const key = { sft: { ...sft, seed }, examples: await hashJson(examples) };
  const open = async () => {
    const bar = context.stage(`Fine-tuning the start, seed ${seed}`);
    const { path, cached } = await context.store.files(
      "laboratory-start",
      { ...bench.key, ...key },
      async (folder, scratch) => {
        const trainable = fullParameters(model);
        const { trainable: tuned } = await stoppable(context.stop, (signal) =>
          trainSft({
            signal,
            model,
            trainable,
            examples: examples.map(({ prompt, answer }) => ({
              prompt: encodePrompt(tokenizer, prompt, config.system),
              completion: encodeCompletion(tokenizer, answer),
            })),
            config: { ...sft, seed },
            folder: scratch,
            onStep: stepsOn(bar),
          }));
        await writeParameters(folder, model.config, tuned, config.model);
        trainable.values.dispose();
        tuned.values.dispose();
      },
    );
    bar.finish(cached ? "from the store" : undefined);
    return tunedModel(model, readParameters(path, model, full));
  };
  return { key, open };
}
