import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  productsOf,
  promptGradients,
  secondMomentMetric,
} from "../../experiments/gradient_geometry/model.ts";
import { stepChanges } from "../../experiments/gradient_geometry/steps.ts";
import { promptProducts } from "../../lib/balance/mod.ts";
import {
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
} from "../../lib/model/mod.ts";
import { randomStream, startBackend, tf } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { LoraTrainable } from "../../lib/training/mod.ts";
import {
  busyAdapter,
  normals,
  smallCheckpoint,
  smallConfig,
  smallExamples,
} from "../model/small_model.ts";
import type { SampledPrompts } from "../../experiments/stages/gradient_samples.ts";

await startBackend();

/** Three answers to each of six prompts with random rewards; every second prompt has no second reward. */
function sampledPrompts(): SampledPrompts {
  const random = randomStream(5, "rewards");
  return {
    prompts: smallExamples.map(({ prompt }) => prompt),
    completions: smallExamples.map((_, x) =>
      [0, 1, 2].map((k) => ({
        ids: smallExamples[(x + k) % smallExamples.length]!.completion,
        finished: true,
      }))
    ),
    rewards: smallExamples.map((_, x) =>
      [0, 1, 2].map(() => capabilities.map((_, i) => i === 1 && x % 2 === 1 ? null : random.next()))
    ),
    strata: smallExamples.map((_, x) => capabilities[x % 4]!),
  };
}

Deno.test("gradient geometry: prompts' gradients predict what a small step changes, and no tensor is left", async () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable = busyAdapter(model) as LoraTrainable;
  const policy = currentPolicy(model, trainable);
  const before = tf.memory().numTensors;
  const samples = sampledPrompts();
  const adapted = { model, trainable, policy };
  const gradients = await promptGradients(adapted, samples);
  assertEquals([gradients.length, gradients[0]!.length], [6, capabilities.length]);
  // A prompt without a reward has no gradient of it.
  assertEquals(tf.tidy(() => tf.norm(gradients[1]![1]!).dataSync()[0]), 0);
  const direction = tf.tidy(() => {
    const sum = tf.addN(gradients.flat());
    return tf.div(sum, tf.norm(sum)) as tf.Tensor1D;
  });
  const [small, ...larger] = stepChanges(adapted, direction, samples, gradients);
  small!.predicted.forEach((p, i) => {
    assertAlmostEquals(small!.realised[i]!.mean, p, 0.1 * Math.abs(p) + 2e-3);
  });
  assert(small!.predicted.reduce((a, b) => a + b, 0) > 0);
  assertAlmostEquals(small!.movement, 0.05, 0.01);
  assert(larger.at(-1)!.movement > 0.5);
  tf.dispose([direction, ...gradients.flat()]);
  assertEquals(tf.memory().numTensors, before);
  disposePolicy(policy, trainable);
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("gradient geometry: products are those of the vectors, and Adam's metric is the inverse root of the mean square", () => {
  const vectors = [0, 1, 2].map((x) => [0, 1].map((i) => normals(5, "products", x, i)));
  const gradients = vectors.map((row) => row.map((v) => tf.tensor1d(v)));
  const metric = secondMomentMetric(gradients);
  const values = metric.dataSync() as Float32Array;
  values.forEach((m, k) => {
    const mean = vectors.flat().reduce((sum, v) => sum + v[k]!, 0) / 6;
    assertAlmostEquals(m * Math.abs(mean), 1, 1e-4);
  });
  for (const diagonal of [undefined, metric]) {
    const found = productsOf(gradients, diagonal).flat(3);
    const expected = promptProducts(vectors, diagonal && values).flat(3);
    found.forEach((x, k) =>
      assertAlmostEquals(x, expected[k]!, 1e-4 * (1 + Math.abs(expected[k]!)))
    );
  }
  tf.dispose([metric, ...gradients.flat()]);
});
