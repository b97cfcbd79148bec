/** Evaluation in stages that the store keeps: scores on held-out items, MMLU, and every reward of held-out answers. @module */

import {
  type CapabilityResult,
  evaluateItems,
  evaluateMmlu,
  type MmluResult,
} from "../../lib/evaluation/mod.ts";
import {
  basePolicy,
  complete,
  currentPolicy,
  disposePolicy,
  type LanguageModel,
  logLikelihoods,
  type Policy,
  type Trainable,
} from "../../lib/model/mod.ts";
import { ruleScores, rulesVersion } from "../../lib/reward/mod.ts";
import type { OnProgress } from "../../lib/runtime/mod.ts";
import { itemRewards } from "../../lib/runs/mod.ts";
import type { HeldOut, HeldOutItem } from "./findings.ts";
import { readTrained, type TrainedSystem } from "./train.ts";
import { itemsOf, STAGES_VERSION, type Workshop } from "./workshop.ts";

/** What a system scores: the held-out items by capability, and MMLU where it is asked for. */
export interface Evaluation {
  readonly items: readonly CapabilityResult[];
  readonly mmlu: MmluResult | null;
}

/** Lets a language model at the trainable's values, or the model as it is, do some work. */
export async function withLanguageModel<T>(
  { model, tokenizer }: Workshop,
  trainable: Trainable | undefined,
  work: (language: LanguageModel) => Promise<T>,
): Promise<T> {
  const policy: Policy = trainable ? currentPolicy(model, trainable) : basePolicy(model);
  try {
    return await work({ tokenizer, policy });
  } finally {
    if (trainable) disposePolicy(policy, trainable);
  }
}

/** Evaluates a trained system, or the model as it is. */
export async function evaluate(
  workshop: Workshop,
  name: string,
  system: TrainedSystem | undefined,
  seed: number,
): Promise<Evaluation & { seconds: number }> {
  const { context, config, knowledge } = workshop;
  const label = system === undefined ? `Evaluating ${name}` : `Evaluating ${name}, seed ${seed}`;
  const bar = context.stage(label);
  const key = {
    version: STAGES_VERSION,
    rules: rulesVersion,
    backend: context.backend.name,
    source: workshop.source,
    items: workshop.itemsHash,
    parameters: system?.hash ?? null,
    system: config.system,
    testItems: config.testItems,
    maxNewTokens: config.maxNewTokens,
    evaluationRows: config.evaluationRows,
    mmluQuestions: config.mmluQuestions,
  };
  const stage = await context.store.json("evaluation", key, async (): Promise<Evaluation> => {
    const trainable = system && readTrained(workshop, system, seed);
    try {
      return await withLanguageModel(workshop, trainable, async (language) => {
        const items = await evaluateItems({
          items: itemsOf(workshop, "test", config.testItems),
          complete: async (prompts, { maxNewTokens, temperature, seed }, onProgress) =>
            (await complete(language, prompts, {
              maxNewTokens,
              temperature,
              seed,
              system: config.system,
              batchRows: config.evaluationRows,
            }, onProgress)).map(([first]) => first!.text),
          score: (item, completion) => ruleScores(item, completion, knowledge),
          maxNewTokens: config.maxNewTokens,
          seed: 0,
          onProgress: (done, total) => bar.update(done, total, "answers"),
        });
        const mmlu = config.mmluQuestions === 0 ? null : await evaluateMmlu({
          loglikelihood: (requests, onProgress) => logLikelihoods(language, requests, onProgress),
          limit: config.mmluQuestions,
          onProgress: (done, total) => bar.update(done, total, "MMLU"),
        });
        return { items, mmlu };
      });
    } finally {
      trainable?.values.dispose();
    }
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return { ...stage.value, seconds: stage.seconds };
}

/**
 * The items of {@linkcode heldOutRewards}.
 *
 * @param workshop data and options
 * @returns id, family and capability of each, in the order of the rewards
 */
export function heldOutItems(workshop: Workshop): HeldOutItem[] {
  return itemsOf(workshop, "test", workshop.config.testItems)
    .map(({ id, family, capability }) => ({ id, family, capability }));
}

/** What {@linkcode heldOutRewards} depends on besides the parameters. */
export function heldOutKey({ config }: Workshop): Record<string, unknown> {
  const { testItems, maxNewTokens, evaluationRows, mixing, system } = config;
  return { testItems, maxNewTokens, evaluationRows, mixing, system };
}

/** Answers the test items greedily at the trainable's values and gives every answer all rewards that apply. */
export async function heldOutRewards(
  workshop: Workshop,
  trainable: Trainable | undefined,
  onProgress?: OnProgress,
): Promise<HeldOut> {
  const { config, knowledge, encoder } = workshop;
  const items = itemsOf(workshop, "test", config.testItems);
  const answers = await withLanguageModel(
    workshop,
    trainable,
    (language) =>
      complete(language, items.map(({ prompt }) => prompt), {
        maxNewTokens: config.maxNewTokens,
        temperature: 0,
        seed: 0,
        system: config.system,
        batchRows: config.evaluationRows,
      }, onProgress),
  );
  const rewards = await itemRewards({
    items,
    completions: answers.map(([first]) => first!.text),
    knowledge,
    encoder,
    references: await workshop.references?.(),
    mixing: config.mixing,
  });
  return {
    ids: items.map(({ id }) => id),
    rewards,
  };
}
