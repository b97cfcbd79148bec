import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  adamWDefaults,
  adamWMetric,
  adamWState,
  adamWStep,
  clipNorm,
  disposeAdamWState,
  NEIGHBOURS,
  passedMetric,
  vectorNorm,
} from "../../lib/training/mod.ts";
import { randomStream, startBackend, tf } from "../../lib/runtime/mod.ts";

await startBackend();

const gradients = [[0.5, -2, 1e-3, 0], [-0.1, 3, 2e-3, 0], [4, 0.2, -1e-3, 1e-6]];

Deno.test("three steps equal the formulas in double precision", () => {
  for (const weightDecay of [0, 0.1]) {
    const options = { betas: [0.9, 0.95] as const, eps: 1e-6, weightDecay };
    const rate = 0.05;
    const x = [1, -1, 0.5, 2];
    const [m, v] = [[0, 0, 0, 0], [0, 0, 0, 0]];
    let values = tf.tensor1d(x);
    let state = adamWState(4);
    gradients.forEach((gradient, step) => {
      const g = tf.tensor1d(gradient);
      const next = adamWStep(values, g, state, rate, options);
      tf.dispose([g, values]);
      disposeAdamWState(state);
      ({ values, state } = next);
      gradient.forEach((gi, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * gi;
        v[i] = 0.95 * v[i]! + 0.05 * gi * gi;
        const mHat = m[i]! / (1 - 0.9 ** (step + 1));
        const vHat = v[i]! / (1 - 0.95 ** (step + 1));
        x[i] = x[i]! * (1 - rate * weightDecay) - rate * mHat / (Math.sqrt(vHat) + 1e-6);
      });
      values.dataSync().forEach((found, i) => assertAlmostEquals(found, x[i]!, 2e-6));
      assertEquals(state.step, step + 1);
      const metric = passedMetric(state, options);
      metric.dataSync().forEach((found, i) => {
        const expected = 1 / (Math.sqrt(v[i]! / (1 - 0.95 ** (step + 1))) + 1e-6);
        assertAlmostEquals(found / expected, 1, 1e-5);
      });
      metric.dispose();
    });
    values.dispose();
    disposeAdamWState(state);
  }
});

Deno.test("before the first step the metric is the identity", () => {
  const state = adamWState(3);
  const preferred = tf.tensor1d([1, 2, 3]);
  const metrics = [
    passedMetric(state, adamWDefaults),
    adamWMetric(state, adamWDefaults, preferred),
  ];
  for (const metric of metrics) assertEquals([...metric.dataSync()], [1, 1, 1]);
  tf.dispose([...metrics, preferred]);
  disposeAdamWState(state);
});

Deno.test("a metric before the weights is what the step divides by: the preferred gradient's squares, averaged", () => {
  const [b1, b2] = [0.9, 0.95];
  const options = {
    betas: [b1, b2] as const,
    eps: 1e-6,
    weightDecay: 0,
    secondMoment: "before",
  } as const;
  // Two runs of neighbours, the second a short one.
  const size = NEIGHBOURS + 3;
  const fill = (f: (k: number) => number) => Float32Array.from({ length: size }, (_, k) => f(k));
  const [x, m, v, u, g] = [
    fill((k) => Math.cos(k)),
    fill((k) => 0.3 * Math.sin(3 * k)),
    fill((k) => k % 2 === 0 ? 0.04 : 0),
    fill((k) => Math.sin(k)),
    fill((k) => Math.cos(2 * k)),
  ] as const;
  const [values, momentum, secondMoment, preferred, gradient] = [x, m, v, u, g].map((t) =>
    tf.tensor1d(t)
  ) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const state = { momentum, secondMoment, step: 3 };
  const before = tf.memory().numTensors;
  const metric = adamWMetric(state, options, preferred);
  const next = adamWStep(values, gradient, state, 0.05, options, preferred);
  assertEquals(tf.memory().numTensors, before + 4);
  const mean = (from: number, to: number) =>
    u.slice(from, to).reduce((sum, value) => sum + value ** 2, 0) / (to - from);
  const means = [mean(0, NEIGHBOURS), mean(NEIGHBOURS, size)];
  x.forEach((start, k) => {
    const squares = means[k < NEIGHBOURS ? 0 : 1]!;
    const root = Math.sqrt((b2 * v[k]! + (1 - b2) * squares) / (1 - b2 ** 4)) + 1e-6;
    assertAlmostEquals(metric.dataSync()[k]! * root, 1, 1e-5);
    const step = 0.05 * (b1 * m[k]! + (1 - b1) * g[k]!) / (1 - b1 ** 4) / root;
    assertAlmostEquals(next.values.dataSync()[k]!, start - step, 1e-5);
    const held = b2 * v[k]! + (1 - b2) * g[k]! ** 2;
    assertAlmostEquals(next.state.secondMoment.dataSync()[k]!, held, 1e-6);
  });
  tf.dispose([values, gradient, preferred, metric, next.values]);
  [state, next.state].forEach(disposeAdamWState);
});

Deno.test("parameters rest where neither a gradient nor a preferred one was, however large the gradient is", () => {
  const options = { ...adamWDefaults, secondMoment: "before" } as const;
  const values = tf.zeros<tf.Rank.R1>([NEIGHBOURS + 1]);
  const gradient = tf.onesLike(values) as tf.Tensor1D;
  const preferred = tf.oneHot(tf.tensor1d([NEIGHBOURS], "int32"), NEIGHBOURS + 1)
    .flatten() as tf.Tensor1D;
  const state = adamWState(NEIGHBOURS + 1);
  const next = adamWStep(values, gradient, state, 0.1, options, preferred);
  const moved = [...next.values.dataSync()];
  assertEquals(moved.slice(0, NEIGHBOURS), moved.slice(0, NEIGHBOURS).fill(0));
  assertAlmostEquals(moved[NEIGHBOURS]!, -0.1, 1e-6);
  tf.dispose([values, gradient, preferred, next.values]);
  [state, next.state].forEach(disposeAdamWState);
});

Deno.test("under noise steps are no longer than PyTorch's", () => {
  const size = 2000;
  const lengths = (secondMoment: "before" | "after") => {
    const random = randomStream(0, "noise");
    let values = tf.zeros<tf.Rank.R1>([size]);
    let state = adamWState(size);
    const found: number[] = [];
    for (let t = 0; t < 6; t++) {
      const g = tf.tensor1d(Float32Array.from({ length: size }, () => random.normal()));
      const next = adamWStep(values, g, state, 1, { ...adamWDefaults, secondMoment });
      found.push(tf.tidy(() => vectorNorm(tf.sub(next.values, values))));
      tf.dispose([g, values]);
      disposeAdamWState(state);
      ({ values, state } = next);
    }
    values.dispose();
    disposeAdamWState(state);
    return found;
  };
  const after = lengths("after");
  lengths("before").forEach((length, t) => assertAlmostEquals(length / after[t]!, 1, 0.1));
});

Deno.test("a largest norm of the step scales the whole change, decay included, and no moment", () => {
  const step = (maxStepNorm?: number) => {
    const options = {
      ...adamWDefaults,
      weightDecay: 0.1,
      ...(maxStepNorm !== undefined && { maxStepNorm }),
    };
    const values = tf.tensor1d([1, -1]);
    const state = {
      momentum: tf.tensor1d([0.1, 0.2]),
      secondMoment: tf.tensor1d([0.01, 0.04]),
      step: 1,
    };
    const g = tf.tensor1d([3, 4]);
    const next = adamWStep(values, g, state, 0.05, options);
    const change = tf.sub(next.values, values);
    const found = {
      change: [...change.dataSync()],
      moments: [next.state.momentum, next.state.secondMoment].map((t) => [...t.dataSync()]),
    };
    tf.dispose([values, g, change, next.values]);
    [state, next.state].forEach(disposeAdamWState);
    return found;
  };
  const free = step();
  const norm = Math.hypot(0.9 * 0.1 + 0.1 * 3, 0.9 * 0.2 + 0.1 * 4) / (1 - 0.9 ** 2);
  const half = step(norm / 2);
  half.change.forEach((x, k) => assertAlmostEquals(x, free.change[k]! / 2, 1e-6));
  assertEquals(half.moments, free.moments);
  assertEquals(step(2 * norm), free);
});

Deno.test("a gradient is scaled to the largest norm, never up, and a zero one stays", () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const g = tf.tensor1d([3, 4]);
    assertAlmostEquals(vectorNorm(g), 5, 1e-6);
    const clipped = clipNorm(g, 1);
    assertAlmostEquals(clipped.norm, 5, 1e-6);
    assertAlmostEquals(vectorNorm(clipped.gradient), 1, 1e-5);
    assertEquals([...clipNorm(g, 10).gradient.dataSync()], [3, 4]);
    assertEquals([...clipNorm(tf.zeros([2]), 1).gradient.dataSync()], [0, 0]);
  });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a step leaves only the new values and moments", () => {
  const values = tf.tensor1d([1, 2]);
  const g = tf.tensor1d([1, 1]);
  const state = adamWState(2);
  const before = tf.memory().numTensors;
  const next = adamWStep(values, g, state, 0.1, adamWDefaults);
  assertEquals(tf.memory().numTensors, before + 3);
  tf.dispose([values, g, next.values]);
  [state, next.state].forEach(disposeAdamWState);
});
