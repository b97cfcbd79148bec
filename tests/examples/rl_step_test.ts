import { assert, assertEquals } from "@std/assert";
import { loadClinical, loadKnowledge } from "../../lib/knowledge/mod.ts";
import { createTransformer, fullParameters, loadCheckpoint } from "../../lib/model/mod.ts";
import { fineTune } from "../../lib/runs/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { synthesize } from "../../lib/synthesis/mod.ts";
import { adamWState, disposeAdamWState, sftSchema } from "../../lib/training/mod.ts";
import { cachedSmollm2 } from "../model/fixtures.ts";
import { leaveOneOut, rlStep } from "./rl_step.ts";

await startBackend();

Deno.test("an advantage is the reward less the mean of the others; absent rewards have none", () => {
  assertEquals(leaveOneOut([1, 0, 0.5]), [0.75, -0.75, 0]);
  assertEquals(leaveOneOut([1, null, 0]), [1, 0, -1]);
  assertEquals(leaveOneOut([1, null]), [0, 0]);
});

Deno.test({
  name:
    "the spelled-out step moves the parameters, keeps every weight at the preferred one or above, and frees its tensors",
  ignore: cachedSmollm2() === undefined,
  async fn() {
    const knowledge = await loadKnowledge();
    const clinical = await loadClinical(knowledge);
    const { items } = await synthesize({ clinical, count: 40, seed: 0, benchmarks: [] });
    const chosen = ["domain", "instruction"].map((c) => items.find((i) => i.capability === c)!);
    const { tokenizer, ...checkpoint } = await loadCheckpoint("tiny");
    const model = createTransformer(checkpoint);
    const initial = fullParameters(model);
    // A few steps of fine-tuning, so that some completions earn something.
    const start = await fineTune(
      { model, tokenizer, system: "", items: chosen, trainable: initial },
      sftSchema.parse({ maxSteps: 24, learningRate: 5e-3, perDeviceTrainBatchSize: 4 }),
    );
    const optimizer = adamWState(start.trainable.values.size);
    const sizes = { completions: 4, maxNewTokens: 16, learningRate: 1e-3, seed: 1 };
    const before = tf.memory().numTensors;
    const step = await rlStep(
      { model, tokenizer, trainable: start.trainable, optimizer, knowledge },
      chosen,
      sizes,
    );
    // New values and the optimizer's two new moments, nothing else.
    assertEquals(tf.memory().numTensors, before + 3);
    assert(step.weights.every((w) => w >= 0.25 - 1e-12));
    assertEquals(step.rewards.length, 4);
    assertEquals(step.optimizer.step, 1);
    const moved = tf.tidy(() =>
      tf.norm(tf.sub(step.trainable.values, start.trainable.values)).dataSync()[0]!
    );
    assert(step.rewards.some((r) => r !== null && r > 0), `rewards ${step.rewards}`);
    assert(moved > 0);
    const again = await rlStep(
      { model, tokenizer, trainable: start.trainable, optimizer, knowledge },
      chosen,
      sizes,
    );
    assertEquals(again.trainable.values.dataSync(), step.trainable.values.dataSync());
    for (const { trainable, optimizer } of [step, again]) {
      trainable.values.dispose();
      disposeAdamWState(optimizer);
    }
    tf.dispose([initial.values, start.trainable.values]);
    disposeAdamWState(optimizer);
  },
});
