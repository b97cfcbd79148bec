import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  aggregators,
  ascend,
  effectiveSmoothness,
  gramMatrix,
  pairGram,
  stepBounds,
} from "../../lib/balance/mod.ts";
import {
  disposeLaboratory,
  exactGradients,
  exactValues,
  type Laboratory,
  laboratoryObjectives,
  laboratoryProblem,
  openLaboratory,
  promptProducts,
  promptProductsInBlocks,
} from "../../lib/laboratory/mod.ts";
import {
  createTransformer,
  disposeTransformer,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import { disposeGraphs, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import {
  busyAdapter,
  letterTokenizer,
  normals,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";
import { smallPopulation, smallRewards } from "./small_laboratory.ts";

await startBackend();

/** Opens a laboratory with an adapter, and looks for tensors that are left over. */
function withLaboratory(
  topLayers: number | undefined,
  check: (lab: Laboratory, trainable: Trainable, model: Transformer) => void,
): void {
  const before = tf.memory().numTensors;
  const model = createTransformer(smallCheckpoint(smallConfig("llama", { layers: 3 })));
  const lab = openLaboratory({
    model,
    tokenizer: letterTokenizer,
    prompts: smallPopulation,
    rewardNames: smallRewards,
    temperature: 0.5,
    batchPrompts: 2,
    topLayers,
  });
  const trainable = busyAdapter(lab.model);
  check(lab, trainable, model);
  trainable.values.dispose();
  disposeLaboratory(lab);
  disposeTransformer(model);
  disposeGraphs();
  assertEquals(tf.memory().numTensors, before);
}

Deno.test("a language model ascends as a problem, and every step keeps what its smoothness promises", () => {
  withLaboratory(2, (lab, trainable) => {
    const start = Float64Array.from(trainable.values.dataSync());
    const metric = Float64Array.from(normals(start.length, "metric"), (x) => 0.5 + x * x);
    const preference = [0.6, 0.3, 0.1];
    const options = { rule: aggregators.capability_aware, preference, steps: 5, start, metric };
    const objectives = laboratoryObjectives(lab, trainable);
    const stepSize = 3e-3;
    const constants = effectiveSmoothness(objectives, { ...options, stepSize });
    assert(constants[0]! > 0 && constants[1]! > 0);
    const problem = laboratoryProblem(lab, trainable, constants);
    assertEquals(problem.smoothness(metric), constants);
    const run = ascend(problem, { ...options, stepSize });
    const preferred = run.values.map((values) =>
      values.reduce((sum, value, i) => sum + value * preference[i]!, 0)
    );
    assert(preferred.at(-1)! > preferred[0]! + 1e-3);
    assert(problem.best(preference) > preferred.at(-1)!);
    // What the same run measured bounds its own first step.
    const gram = gramMatrix(problem.evaluate(start).gradients, metric);
    stepBounds(gram, run.weights[0]!, stepSize, constants).forEach((bound, i) =>
      assert(run.values[1]![i]! - run.values[0]![i]! >= bound - 1e-5)
    );
    const end = withValues(trainable, tf.tensor1d(Float32Array.from(run.point)));
    exactValues(lab, end).forEach((value, i) =>
      assertAlmostEquals(run.values.at(-1)![i]!, value, 1e-5)
    );
    end.values.dispose();
  });
});

Deno.test("the best that a problem can give is the best answer to every prompt", () => {
  withLaboratory(undefined, (lab, trainable) => {
    const problem = laboratoryProblem(lab, trainable, [1, 1, 1]);
    assertEquals([problem.size, problem.objectives], [trainable.values.size, 3]);
    assertAlmostEquals(problem.best([1, 0, 0]), 1, 1e-12);
    assertAlmostEquals(problem.best([0, 0, 3]), 3 * (0.7 + 0.3 + 1) / 3, 1e-12);
    assertAlmostEquals(problem.best([1, 1, 0]), (1.2 + 1 + 1) / 3, 1e-12);
    assertThrows(
      () => laboratoryProblem(lab, trainable, [1, 1]),
      UsageError,
      "Expected smoothness to have 3 numbers but found 2",
    );
  });
});

for (const topLayers of [undefined, 2]) {
  const where = topLayers === undefined ? "all layers" : `the last ${topLayers}`;
  Deno.test(`products between prompts are those of laboratories of one prompt each: ${where}`, () => {
    withLaboratory(topLayers, (lab, trainable, model) => {
      const metric = tf.tensor1d(normals(trainable.values.size, "metric").map((x) => 0.5 + x * x));
      const host = metric.dataSync();
      const gradients = smallPopulation.map((prompt) => {
        const own = openLaboratory({
          model,
          tokenizer: letterTokenizer,
          prompts: [prompt],
          rewardNames: smallRewards,
          temperature: 0.5,
          topLayers,
        });
        const { gradients } = exactGradients(own, trainable);
        disposeLaboratory(own);
        const vectors = gradients.map((g) => Float32Array.from(g.dataSync()));
        tf.dispose(gradients);
        return vectors;
      });
      const expected = gradients.map((gx) =>
        gradients.map((gy) =>
          gx.map((a) => gy.map((b) => a.reduce((sum, x, k) => sum + x * b[k]! * host[k]!, 0)))
        )
      );
      const largest = Math.max(...expected.flat(3).map(Math.abs));
      const all = promptProducts(lab, trainable, metric);
      const ways = [all, promptProductsInBlocks(lab, trainable, metric, 1)];
      for (const found of ways) {
        expected.forEach((row, x) =>
          row.forEach((block, y) =>
            block.forEach((products, i) =>
              products.forEach((product, j) =>
                assertAlmostEquals(found[x]![y]![i]![j]!, product, 1e-5 * largest)
              )
            )
          )
        );
      }
      // Their mean over all pairs, a prompt with itself included, is the Gram matrix of the exact gradients.
      const { gradients: exact } = exactGradients(lab, trainable);
      const gram = gramMatrix(exact.map((g) => g.dataSync()), host);
      const pairs = pairGram(all);
      gram.forEach((row, i) =>
        row.forEach((product, j) => {
          const own = all.reduce((sum, blocks, x) => sum + blocks[x]![i]![j]!, 0);
          assertAlmostEquals((6 * pairs[i]![j]! + own) / 9, product, 1e-5 * largest);
        })
      );
      tf.dispose([metric, ...exact]);
    });
  });
}
