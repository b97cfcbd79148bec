import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { capabilityAwareWeights, gramMatrix } from "../../lib/balance/mod.ts";
import { randomStream, startBackend, tf } from "../../lib/runtime/mod.ts";
import {
  type AdamWOptions,
  type BalanceMemory,
  balanceStep,
  disposeAdamWState,
  exactSchema,
  gradientProducts,
  optimizerOrder,
  type RewardGradients,
  type Run,
} from "../../lib/training/mod.ts";

await startBackend();

const size = 40;
const names = ["x", "y"];
const preference = [0.8, 0.2];

const normals = (...path: (string | number)[]): number[] => {
  const random = randomStream(0, ...path);
  return Array.from({ length: size }, () => random.normal());
};

const adamW: AdamWOptions = {
  betas: [0.9, 0.99],
  eps: 1e-8,
  weightDecay: 0.3,
  secondMoment: "before",
};

/** A run in the middle, which keeps what it is told to step along. */
function runAt(step: number) {
  const told: { gradient: number[]; preferred: number[] }[] = [];
  const optimizer = {
    // Against the gradients: harm that weights have to make good.
    momentum: tf.tensor1d(normals("m").map((x, k) => x - 2 * normals("common")[k]!)),
    secondMoment: tf.tensor1d(normals("v").map((x) => x * x + 0.1)),
    step: 7,
  };
  const values = tf.tensor1d(normals("values"));
  const run: Run = {
    step,
    trainable: { kind: "full", segments: [], layerSize: 0, values },
    optimizer,
    adamW,
    update: (gradient, preferred) => {
      told.push({ gradient: [...gradient.dataSync()], preferred: [...preferred!.dataSync()] });
      gradient.dispose();
    },
  };
  const dispose = () => {
    disposeAdamWState(optimizer);
    values.dispose();
  };
  return { run, told, dispose };
}

const config = (changes: Record<string, unknown> = {}) =>
  exactSchema.parse({
    maxSteps: 1,
    learningRate: 1,
    rewardWeights: preference,
    weighting: "capability_aware",
    gate: "none",
    ...changes,
  });

const block = (b: number, i: number) =>
  normals("g", b, i).map((x, k) => x * 0.3 + (i === 0 ? 1 : -0.9) * normals("common")[k]!);

/** Six blocks with a divergence, and a penalty. */
function gradients(): RewardGradients {
  const blocks = [0, 1, 2, 3, 4, 5];
  return {
    rewards: blocks.map((b) => names.map((_, i) => tf.tensor1d(block(b, i)))),
    shares: blocks.map(() => [1 / 6, 1 / 6]),
    divergence: blocks.map((b) => tf.tensor1d(normals("k", b))),
    penalty: tf.tensor1d(normals("q")),
  };
}

const sum = (vectors: readonly (readonly number[])[]) =>
  vectors[0]!.map((_, k) => vectors.reduce((total, v) => total + v[k]!, 0));
const times = (a: number, v: readonly number[]) => v.map((x) => a * x);
const close = (found: readonly number[], expected: readonly number[], tolerance: number) =>
  found.forEach((x, k) => assertAlmostEquals(x, expected[k]!, tolerance));

/** The sum over blocks with weights of their own, the divergence and the penalty. */
const joined = (weightsOf: (b: number) => readonly number[]) =>
  sum(
    [0, 1, 2, 3, 4, 5].flatMap((b) => [
      ...names.map((_, i) => times(weightsOf(b)[i]!, block(b, i))),
      normals("k", b),
    ]).concat([normals("q")]),
  );

Deno.test("the weights of each half multiply the gradients of the other one; nothing is left in memory", () => {
  const { run, told, dispose } = runAt(0);
  const before = tf.memory().numTensors;
  const step = balanceStep({
    run,
    gradients: gradients(),
    config: config(),
    rewardNames: names,
    memory: null,
  });
  assertEquals(tf.memory().numTensors, before);
  const [a, b] = step.halves as [number[], number[]];
  assert(a.some((w, i) => Math.abs(w - b[i]!) > 1e-3), `${a} ${b}`);
  close(told[0]!.gradient, joined((block) => block < 3 ? b : a), 1e-4);
  close(told[0]!.preferred, joined(() => preference), 1e-4);
  close(step.weights, a.map((x, i) => (x + b[i]!) / 2), 1e-12);
  assertEquals(step.memory.weights, [a, b]);
  assertEquals(step.metrics["weights/y"], step.weights[1]);
  dispose();
});

Deno.test("products are those in the metric before the step, with all that moves in it", () => {
  const { run, told, dispose } = runAt(0);
  const m = normals("m").map((x, k) => x - 2 * normals("common")[k]!);
  const whole = names.map((_, i) => sum([0, 1, 2, 3, 4, 5].map((b) => block(b, i))));
  const one = {
    rewards: [whole.map((g) => tf.tensor1d(g))],
    shares: [[1, 1]],
    divergence: [tf.tensor1d(normals("k", 0))],
    penalty: tf.tensor1d(normals("q")),
  };
  const step = balanceStep({
    run,
    gradients: one,
    config: config(),
    rewardNames: names,
    memory: null,
  });
  const extra = sum([normals("k", 0), normals("q")]);
  const u = sum([...whole.map((g, i) => times(preference[i]!, g)), extra]);
  const squares = u.reduce((total, x) => total + x * x, 0) / size;
  const metric = normals("v").map((x) =>
    1 / (Math.sqrt((0.99 * (x * x + 0.1) + 0.01 * squares) / (1 - 0.99 ** 8)) + 1e-8)
  );
  const along = (v: readonly number[], by: readonly number[] = metric) =>
    whole.map((g) => g.reduce((total, x, k) => total + x * v[k]! * by[k]!, 0));
  const expected = capabilityAwareWeights({
    gram: gramMatrix(whole, metric),
    preference,
    cap: 4,
    ridge: 0.01,
    beta1: 0.9,
    momentumProducts: along(m),
    extraProducts: along(extra),
    // x loses lr wd x beside lr M z / (1 - b1^8).
    decayProducts: along(times(0.3 * (1 - 0.9 ** 8), normals("values")), times(0, m).map(() => 1)),
  });
  assert(expected.weights.some((w, i) => w > preference[i]! + 0.1), `${expected.weights}`);
  close(step.weights, expected.weights, 1e-4);
  assertEquals(told.length, 1);
  dispose();
});

Deno.test("a bank keeps a reward's gradient inside its mask; fixed weights are the preferred ones", () => {
  const { run, told, dispose } = runAt(0);
  const masks = [0, 1].map((i) => normals("mask").map((x) => (x > 0) === (i === 0) ? 1 : 0));
  const banks = masks.map((mask) => tf.tensor1d(mask));
  const step = balanceStep({
    run,
    gradients: { rewards: [names.map((_, i) => tf.tensor1d(block(0, i)))], shares: [[1, 1]] },
    config: config({ weighting: "static" }),
    rewardNames: names,
    banks,
    memory: null,
  });
  assertEquals(step.weights, preference);
  assertEquals(step.metrics, { "weights/x": 0.8, "weights/y": 0.2 });
  const expected = masks[0]!.map((inside, k) =>
    inside === 1 ? 0.8 * block(0, 0)[k]! : 0.2 * block(0, 1)[k]!
  );
  close(told[0]!.gradient, expected, 1e-5);
  tf.dispose(banks);
  dispose();
});

Deno.test("weights stay between solutions, and serve from the next step on where it says so", () => {
  const memory: BalanceMemory = { weights: [[1, 2], [3, 4]] };
  const at = (step: number, changes: Record<string, unknown>) => {
    const { run, dispose } = runAt(step);
    const taken = balanceStep({
      run,
      gradients: gradients(),
      config: config(changes),
      rewardNames: names,
      memory,
    });
    dispose();
    return taken;
  };
  const between = at(1, { gramSteps: 2 });
  assertEquals([between.halves, between.memory], [memory.weights, memory]);
  assertEquals(between.weights, [2, 3]);
  assertEquals("balance/kkt" in between.metrics, false);
  const later = at(2, { gramSteps: 2, solve: "next_step" });
  assertEquals(later.halves, memory.weights);
  assert("balance/kkt" in later.metrics);
  const now = at(2, { gramSteps: 2 });
  assertEquals(later.memory, now.memory);
  assertEquals(now.halves, now.memory.weights);
});

Deno.test("a rule asks for a metric that does not depend on it, unless the options say otherwise", () => {
  const order = (changes: Record<string, unknown>) => optimizerOrder(config(changes), undefined);
  assertEquals(order({}), { secondMoment: "before", clip: "step" });
  assertEquals(order({ weighting: "static" }), { secondMoment: "after", clip: "gradient" });
  assertEquals(order({ weighting: "static", secondMoment: "before", clip: "step" }), {
    secondMoment: "before",
    clip: "step",
  });
  assertEquals(optimizerOrder(config({ weighting: "static" }), (_, p) => [...p]).clip, "step");
});

Deno.test("products of long vectors are those in double precision, chunk after chunk", () => {
  const long = 3 * 2 ** 15 + 17;
  const vectors = [0, 1, 2].map((i) => {
    const random = randomStream(0, "long", i);
    return Float32Array.from({ length: long }, () => random.normal());
  });
  const diagonal = vectors[2]!.map((x) => x * x + 0.1);
  const [a, b, c, metric] = [...vectors, diagonal].map((v) => tf.tensor1d(v)) as tf.Tensor1D[];
  const before = tf.memory().numTensors;
  for (const by of [undefined, diagonal]) {
    const found = gradientProducts([a!, b!], [c!, a!], by && metric);
    [0, 1].forEach((i) =>
      [2, 0].forEach((j, column) => {
        let expected = 0;
        vectors[i]!.forEach((x, k) => expected += x * vectors[j]![k]! * (by?.[k] ?? 1));
        assertAlmostEquals(found[i]![column]!, expected, 0.02);
      })
    );
  }
  assertEquals(tf.memory().numTensors, before);
  tf.dispose([a!, b!, c!, metric!]);
});
