/** Evaluation in stages that the store keeps: scores on held-out items and MMLU. @module */

import {
  basePolicy,
  currentPolicy,
  disposePolicy,
  type LanguageModel,
  type Policy,
  type Trainable,
} from "../../lib/model/mod.ts";
import { measureModel, type ModelScores } from "../../lib/runs/mod.ts";
import type { HeldOutItem } from "./findings.ts";
import { evaluationKey } from "./keys.ts";
import { readTrained, type TrainedSystem, trainingKey } from "./train.ts";
import { testItems, type Workshop } from "./workshop.ts";

/** Lets a language model at the trainable's values, or the model as it is, do some work. */
export async function withLanguageModel<T>(
  { model, tokenizer }: Pick<Workshop, "model" | "tokenizer">,
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
 * The held-out items.
 *
 * @param workshop data and options
 * @returns id, family and capability of each, in the order of `testItems`
 */
export function heldOutItems(workshop: Workshop): HeldOutItem[] {
  return testItems(workshop).map(({ id, family, capability }) => ({ id, family, capability }));
}
