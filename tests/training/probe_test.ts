import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { adamWState, disposeAdamWState, grpoSchema, type Run } from "../../lib/training/mod.ts";
import { firstHalfShare, halfGradients, measureGeometry } from "../../lib/training/probe.ts";
import { type Part, partBounds } from "../../lib/training/step_parts.ts";
import { normals } from "../model/small_model.ts";

await startBackend();

Deno.test("parts are nearly equal, and none reaches over the middle where halves are compared", () => {
  assertEquals(partBounds(8, 2, false), [[0, 4], [4, 8]]);
  assertEquals(partBounds(8, 3, false), [[0, 3], [3, 6], [6, 8]]);
  assertEquals(partBounds(8, 3, true), [[0, 2], [2, 4], [4, 6], [6, 8]]);
  assertEquals(partBounds(5, 2, true), [[0, 3], [3, 5]]);
  assertEquals(partBounds(5, 8, true), [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]);
  assertEquals(partBounds(3, 1, false), [[0, 3]]);
});

Deno.test("the Gram matrix does not depend on which half holds the groups that have a reward", () => {
  const has = [[1, null], [0, null]];
  const both = [[1, 1], [0, 0]];
  // Three of four groups have the first reward in both halves alike; the second is in one group of the first, two of the second.
  const rewards = [both, has, both, both];
  assertEquals([firstHalfShare(rewards, 0), firstHalfShare(rewards, 1)], [1 / 2, 1 / 3]);
  assertEquals(firstHalfShare([both, both, has, has], 1), undefined);

  const size = 20;
  const g = [0, 1].map((i) => normals(size, "gradient", i));
  const run = { step: 0, optimizer: adamWState(size) } as unknown as Run;
  const config = grpoSchema.parse({
    maxSteps: 1,
    learningRate: 1,
    rewardWeights: [0.5, 0.5],
    weighting: "mgda",
  });
  const part = (i: number, share: number) => tf.tensor1d(g[i]!.map((x) => share * x));
  const halves = {
    a: [part(0, 1 / 2), part(1, 1 / 3)],
    b: [part(0, 1 / 2), part(1, 2 / 3)],
    kl: tf.zeros<tf.Rank.R1>([size]),
  };
  const before = tf.memory().numTensors;
  const { memory } = measureGeometry({
    config,
    rewardNames: ["x", "y"],
    aggregator: undefined,
    run,
    memory: null,
    rewards,
  }, halves);
  assertEquals(tf.memory().numTensors, before);
  for (const i of [0, 1]) {
    for (const j of [0, 1]) {
      const product = g[i]!.reduce((sum, x, k) => sum + x * g[j]![k]!, 0);
      assertAlmostEquals(memory.gram[i]![j]!, product, 1e-4);
    }
    assertAlmostEquals(memory.noise[i]!, 0, 1e-6);
  }
  tf.dispose([...halves.a, ...halves.b, halves.kl]);
  disposeAdamWState(run.optimizer);
});

Deno.test("the second half is cut into two folds where it has parts for them, whichever groups have a reward", () => {
  const size = 20;
  const g = [0, 1].map((i) => normals(size, "gradient", i));
  const has = [[1, null], [0, null]];
  const both = [[1, 1], [0, 0]];
  // The second reward is in 1 group of the first half, 1 of the first fold and 2 of the second.
  const rewards = [both, has, has, has, both, has, both, both];
  const bounds = partBounds(8, 3, true);
  assertEquals(bounds, [[0, 2], [2, 4], [4, 6], [6, 8]]);
  const parts = bounds.map(([first]) => ({ first }) as Part);
  const shares = [[2, 2, 2, 2].map((n) => n / 8), [1, 0, 1, 2].map((n) => n / 4)];
  const gradients = bounds.map((_, p) =>
    g.map((x, i) => tf.tensor1d(x.map((value) => value * shares[i]![p]!)))
  );
  const halves = halfGradients(gradients, parts, 8, 2);
  assertEquals(halves.folds?.split, 6);
  g.forEach((x, i) =>
    halves.folds!.first[i]!.forEach((value, k) =>
      assertAlmostEquals(value, x[k]! * shares[i]![2]!, 1e-6)
    )
  );
  const run = { step: 0, optimizer: adamWState(size) } as unknown as Run;
  const config = grpoSchema.parse({
    maxSteps: 1,
    learningRate: 1,
    rewardWeights: [0.5, 0.5],
    weighting: "dual_basis",
  });
  const measure = (of: typeof rewards, given = halves) =>
    measureGeometry({
      config,
      rewardNames: ["x", "y"],
      aggregator: undefined,
      run,
      memory: null,
      rewards: of,
    }, given).metrics;
  // Without noise all folds agree, so weights and eps are those of the whole Gram matrix.
  const metrics = measure(rewards);
  const eps = metrics["balance/eps"]!;
  assertAlmostEquals(metrics["balance/eps_three_fold"]! / eps, 1, 1e-4);
  const { "balance/eps_three_fold": _, ...rest } = metrics;
  assertEquals(measure(rewards, { ...halves, folds: undefined }), rest);
  // A fold without any group of a reward says nothing.
  const lacking = [both, both, both, both, has, has, both, both];
  assertEquals(measure(lacking)["balance/eps_three_fold"], undefined);
  tf.dispose([...halves.a, ...halves.b, halves.kl]);

  const two = partBounds(4, 2, true).map(([first]) => ({ first }) as Part);
  const alone = halfGradients(two.map(() => g.map((x) => tf.tensor1d(x))), two, 4, 2);
  assertEquals(alone.folds, undefined);
  tf.dispose([...alone.a, ...alone.b, alone.kl]);
  disposeAdamWState(run.optimizer);
});
