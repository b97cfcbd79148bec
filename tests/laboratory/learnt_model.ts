/** A small model that has learnt the answers of the small population, for tests of free text. @module */

import { assertEquals } from "@std/assert";
import { disposeLaboratory, type Laboratory, openLaboratory } from "../../lib/laboratory/mod.ts";
import {
  createTransformer,
  disposeTransformer,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  type Trainable,
  type Transformer,
} from "../../lib/model/mod.ts";
import { disposeGraphs, tf } from "../../lib/runtime/mod.ts";
import { sftSchema, trainSft } from "../../lib/training/mod.ts";
import { letterTokenizer, smallCheckpoint, smallConfig } from "../model/small_model.ts";
import { smallPopulation, smallRewards } from "./small_laboratory.ts";

/** At which text is sampled. */
export const TEMPERATURE = 1.25;

/** Each prompt's answers in turn: a model that has learnt them gives all of them, and other texts too. */
const examples = smallPopulation.flatMap(({ prompt, answers }) =>
  answers.map((answer) => ({
    prompt: encodePrompt(letterTokenizer, prompt),
    completion: encodeCompletion(letterTokenizer, answer),
  }))
);

/** Runs a check on a model that knows the answers' form, and looks for tensors that are left over. */
export async function withLearnt(
  check: (model: Transformer, trainable: Trainable, lab: Laboratory) => void | Promise<void>,
): Promise<void> {
  const before = tf.memory().numTensors;
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const initial = fullParameters(model);
  const { trainable } = await trainSft({
    model,
    trainable: initial,
    examples,
    config: sftSchema.parse({
      maxSteps: 80,
      learningRate: 3e-2,
      perDeviceTrainBatchSize: examples.length,
      microBatchSize: examples.length,
    }),
  });
  const lab = openLaboratory({
    model,
    tokenizer: letterTokenizer,
    prompts: smallPopulation,
    rewardNames: smallRewards,
    likelihood: "sequence",
    temperature: TEMPERATURE,
    batchPrompts: 2,
  });
  await check(model, trainable, lab);
  disposeLaboratory(lab);
  tf.dispose([initial.values, trainable.values]);
  disposeTransformer(model);
  disposeGraphs();
  assertEquals(tf.memory().numTensors, before);
}
