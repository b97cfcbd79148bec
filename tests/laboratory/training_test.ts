import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { loadKnowledge } from "../../lib/knowledge/mod.ts";
import {
  disposeLaboratory,
  exactValues,
  formStart,
  openLaboratory,
  openTinyLaboratory,
  trainLaboratory,
} from "../../lib/laboratory/mod.ts";
import {
  createTransformer,
  disposeTransformer,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  type Transformer,
} from "../../lib/model/mod.ts";
import { disposeGraphs, startBackend, tf } from "../../lib/runtime/mod.ts";
import { closedExamples, conflictRewards } from "../../lib/synthesis/mod.ts";
import { exactSchema, sftLoss, sftSchema } from "../../lib/training/mod.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";
import { smallPopulation, smallRewards } from "./small_laboratory.ts";

await startBackend();

Deno.test("a training keeps the mean rewards before every step and at its end, held-out ones too", async () => {
  const before = tf.memory().numTensors;
  const model = createTransformer(smallCheckpoint(smallConfig("llama", { layers: 2 })));
  const trainable = busyAdapter(model);
  const [lab, heldOut] = [smallPopulation.slice(1), smallPopulation.slice(0, 1)].map((prompts) =>
    openLaboratory({ model, tokenizer: letterTokenizer, prompts, rewardNames: smallRewards })
  );
  const { log, ...run } = await trainLaboratory({
    lab: lab!,
    heldOut,
    trainable,
    config: exactSchema.parse({
      maxSteps: 3,
      learningRate: 0.02,
      warmupRatio: 0,
      rewardWeights: [0.7, 0.2, 0.1],
    }),
  });
  for (const [prompts, values] of [[lab!, run.values], [heldOut!, run.heldOut]] as const) {
    assertEquals(values.length, 4);
    exactValues(prompts, trainable).forEach((x, i) => assertAlmostEquals(values[0]![i]!, x, 1e-6));
    exactValues(prompts, run.trainable).forEach((x, i) =>
      assertAlmostEquals(values[3]![i]!, x, 1e-6)
    );
  }
  log.forEach((step, t) =>
    smallRewards.forEach((name, i) => assertEquals(step[`objective/${name}`], run.values[t]![i]!))
  );
  assert(run.values[3]![0]! > run.values[0]![0]! + 1e-3);
  tf.dispose([trainable.values, run.trainable.values]);
  [lab!, heldOut!].forEach(disposeLaboratory);
  disposeTransformer(model);
  disposeGraphs();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a start learns the form of the answers and leaves the model before as it was", async () => {
  const before = tf.memory().numTensors;
  const model = createTransformer(smallCheckpoint(smallConfig("llama", { layers: 2 })));
  const examples = closedExamples(smallPopulation, 0).map(({ prompt, answer }) => ({
    prompt: encodePrompt(letterTokenizer, prompt),
    completion: encodeCompletion(letterTokenizer, answer),
  }));
  const lossOf = (of: Transformer): number => {
    const whole = fullParameters(of);
    const loss = sftLoss(of, whole, examples, { size: 4, strategy: undefined });
    whole.values.dispose();
    return loss;
  };
  const loss = lossOf(model);
  const config = sftSchema.parse({ maxSteps: 8, learningRate: 0.02, warmupRatio: 0 });
  const start = await formStart({
    model,
    tokenizer: letterTokenizer,
    prompts: smallPopulation,
    config,
  });
  assert(lossOf(start) < 0.8 * loss);
  assertEquals(lossOf(model), loss);
  [model, start].forEach(disposeTransformer);
  disposeGraphs();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("the tiny laboratory has prompts of all tasks and an adapter of its last layers that does nothing yet", async () => {
  const before = tf.memory().numTensors;
  const { model, train, heldOut, start } = await openTinyLaboratory(
    await loadKnowledge(undefined, undefined, { clinical: false }),
    {
      promptsPerTask: 1,
      dial: 1,
      seed: 3,
      topLayers: 1,
    },
  );
  for (const lab of [train, heldOut]) {
    assertEquals(lab.rewardNames, conflictRewards);
    assertEquals(new Set(lab.prompts.map(({ task }) => task)).size, 4);
    assertEquals([lab.prompts.length, lab.model.config.layers], [4, 1]);
  }
  assertEquals(train.prompts.filter(({ id }) => heldOut.prompts.some((x) => x.id === id)), []);
  const values = exactValues(train, start);
  const none = fullParameters(train.model);
  exactValues(train, none).forEach((x, i) => assertAlmostEquals(values[i]!, x, 1e-5));
  assert(values.every((x) => x > 0 && x < 1));
  none.values.dispose();
  start.values.dispose();
  [train, heldOut].forEach(disposeLaboratory);
  disposeTransformer(model);
  disposeGraphs();
  assertEquals(tf.memory().numTensors, before);
});
