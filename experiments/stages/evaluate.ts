/** Evaluation in stages that the store keeps: scores on held-out items, MMLU, and every reward of held-out answers. @module */

import {
  basePolicy,
  currentPolicy,
  disposePolicy,
  type LanguageModel,
  type Policy,
  type Trainable,
} from "../../lib/model/mod.ts";
import { greedyAnswers, itemRewards, measureModel, type ModelScores } from "../../lib/runs/mod.ts";
import type { OnProgress } from "../../lib/runtime/mod.ts";
import type { HeldOut, HeldOutItem } from "./findings.ts";
import { evaluationKey, heldOutKeyOf, type StageKey } from "./keys.ts";
import { readTrained, type TrainedSystem, trainingKey } from "./train.ts";
import { testItems, type Workshop } from "./workshop.ts";

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
): Promise<Omit<ModelScores, "seconds"> & { seconds: number }> {
  const { context, config, knowledge, inputs } = workshop;
  const label = system === undefined ? `Evaluating ${name}` : `Evaluating ${name}, seed ${seed}`;
  const key = evaluationKey(trainingKey(workshop), inputs, system?.hash ?? null, config);
  const stage = await context.store.json("evaluation", key, async (): Promise<ModelScores> => {
    const trainable = system && readTrained(workshop, system);
    try {
      return await withLanguageModel(workshop, trainable, (language) =>
        measureModel({
          language,
          items: testItems(workshop),
          knowledge,
          system: config.system,
          maxNewTokens: config.maxNewTokens,
          batchRows: config.evaluationRows,
          mmluQuestions: config.mmluQuestions,
          pubmedqaQuestions: 0,
          seed: 0,
          stage: (benchmark) => context.stage(`${label}, ${benchmark}`),
        }));
    } finally {
      trainable?.values.dispose();
    }
  });
  if (stage.cached) context.stage(label).finish("from the store");
  return { ...stage.value, seconds: stage.seconds };
}

/**
 * The items of {@linkcode heldOutRewards}.
 *
 * @param workshop data and options
 * @returns id, family and capability of each, in the order of the rewards
 */
export function heldOutItems(workshop: Workshop): HeldOutItem[] {
  return testItems(workshop).map(({ id, family, capability }) => ({ id, family, capability }));
}

/** What {@linkcode heldOutRewards} depends on besides the parameters. */
export function heldOutKey({ inputs, config }: Workshop): StageKey {
  return heldOutKeyOf(inputs, config);
}

/** Answers the test items greedily at the trainable's values and gives every answer all rewards that apply. */
export async function heldOutRewards(
  workshop: Workshop,
  trainable: Trainable | undefined,
  onProgress?: OnProgress,
): Promise<HeldOut> {
  const { config, knowledge, encoder } = workshop;
  const items = testItems(workshop);
  const { system, maxNewTokens, evaluationRows: batchRows, mixing } = config;
  const completions = await withLanguageModel(
    workshop,
    trainable,
    (language) =>
      greedyAnswers(
        language,
        items.map(({ prompt }) => prompt),
        { system, maxNewTokens, batchRows },
        onProgress,
      ),
  );
  const references = await workshop.references?.();
  const rewards = await itemRewards({ items, completions, knowledge, encoder, references, mixing });
  return {
    ids: items.map(({ id }) => id),
    rewards,
  };
}
