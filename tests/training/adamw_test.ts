import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  adamWDefaults,
  adamWMetric,
  adamWState,
  adamWStep,
  clipNorm,
  disposeAdamWState,
  vectorNorm,
} from "../../lib/training/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";

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
      const metric = adamWMetric(state, options);
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
  const metric = adamWMetric(state, adamWDefaults);
  assertEquals([...metric.dataSync()], [1, 1, 1]);
  metric.dispose();
  disposeAdamWState(state);
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
