import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  choiceProbabilities,
  disposeLaboratory,
  exactGradients,
  exactValues,
  type Laboratory,
  openLaboratory,
} from "../../lib/laboratory/mod.ts";
import {
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  generate,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import { disposeGraphs, startBackend, tf } from "../../lib/runtime/mod.ts";
import { sftSchema, trainSft } from "../../lib/training/mod.ts";
import { letterTokenizer, smallCheckpoint, smallConfig } from "../model/small_model.ts";
import { smallPopulation, smallRewards } from "./small_laboratory.ts";

await startBackend();

const TEMPERATURE = 1.25;

/** Each prompt's answers in turn: a model that has learnt them gives all of them, and other texts too. */
const examples = smallPopulation.flatMap(({ prompt, answers }) =>
  answers.map((answer) => ({
    prompt: encodePrompt(letterTokenizer, prompt),
    completion: encodeCompletion(letterTokenizer, answer),
  }))
);

/** Runs a check on a model that knows the answers' form, and looks for tensors that are left over. */
async function withLearnt(
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

Deno.test("probabilities and mean rewards of free text are those of sampled text", async () => {
  await withLearnt(async (model, trainable, lab) => {
    const probabilities = choiceProbabilities(lab, trainable);
    const draws = 4000;
    const policy = currentPolicy(model, trainable);
    const sampled = await generate(
      policy,
      smallPopulation.map(({ prompt }) => encodePrompt(letterTokenizer, prompt)),
      {
        numGenerations: draws,
        maxNewTokens: 20,
        temperature: TEMPERATURE,
        stopIds: letterTokenizer.eosIds,
        seed: 5,
        batchRows: 2000,
      },
    );
    disposePolicy(policy, trainable);
    const means = smallRewards.map(() => 0);
    smallPopulation.forEach(({ answers, rewards }, x) => {
      const texts = sampled[x]!.map(({ ids, finished }) =>
        finished ? letterTokenizer.decode(ids, { skipSpecial: true }) : ""
      );
      const total = probabilities[x]!.reduce((a, b) => a + b, 0);
      // Neither all of the probability is on the answers nor little of it.
      assert(total > 0.3 && total < 0.99, `${total}`);
      answers.forEach((answer, c) => {
        const p = probabilities[x]![c]!;
        const share = texts.filter((text) => text === answer).length / draws;
        assertAlmostEquals(share, p, 4 * Math.sqrt(p * (1 - p) / draws) + 1e-3, answer);
        smallRewards.forEach((_, i) => means[i]! += share * rewards[c]![i]! / 3);
      });
    });
    exactValues(lab, trainable).forEach((value, i) => assertAlmostEquals(means[i]!, value, 0.015));
  });
});

Deno.test("gradients are slopes of the mean rewards of free text", async () => {
  await withLearnt((_, trainable, lab) => {
    const { values, gradients } = exactGradients(lab, trainable);
    exactValues(lab, trainable).forEach((value, i) => assertAlmostEquals(values[i]!, value, 1e-5));
    const product = (a: tf.Tensor, b: tf.Tensor): number =>
      tf.tidy(() => tf.sum(tf.mul(a, b)).dataSync()[0]!);
    for (const gradient of gradients) {
      const length = Math.sqrt(product(gradient, gradient));
      // What all answers earn alike still has a gradient: other texts earn nothing.
      assert(length > 1e-2);
      const at = (step: number): number[] => {
        const moved = tf.tidy(() => tf.add(trainable.values, tf.mul(gradient, step / length)));
        const found = exactValues(lab, withValues(trainable, moved as tf.Tensor1D));
        moved.dispose();
        return found;
      };
      const step = 2e-3;
      const [near, far] = [step, 2 * step].map((h) => [at(h), at(-h)]);
      gradients.forEach((other, j) => {
        const [one, two] = [near!, far!].map(([up, down]) => up![j]! - down![j]!);
        const slope = (8 * one! - two!) / (12 * step);
        assertAlmostEquals(slope, product(other, gradient) / length, 5e-3 * length);
      });
    }
    tf.dispose(gradients);
  });
});
