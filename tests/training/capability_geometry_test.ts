import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { capabilityAwareWeights, clipEigenvalues, projectionGap } from "../../lib/balance/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { capabilityGeometry, type GeometryInput } from "../../lib/training/mod.ts";
import { normals } from "../model/small_model.ts";

await startBackend();

const size = 50;
const metric = normals(size, "metric").map((x) => 0.5 + Math.abs(x));

/** Halves of two conflicting gradients with noise of the given size; the halves carry half of the mean each. */
function halves(noise: number) {
  const common = normals(size, "common");
  const half = (i: number, side: string) =>
    tf.tensor1d(
      normals(size, "noise", i, side).map((e, k) =>
        0.5 * ((i === 0 ? 1 : -0.5) * common[k]! + normals(size, "own", i)[k]! * 0.3 + noise * e)
      ),
    );
  return {
    a: [0, 1].map((i) => half(i, "a")),
    b: [0, 1].map((i) => half(i, "b")),
    kl: tf.zeros<tf.Rank.R1>([size]),
  };
}

function measure(noise: number, changes: Partial<GeometryInput> = {}) {
  const given = halves(noise);
  const read = (ts: tf.Tensor1D[]) => ts.map((t) => t.dataSync() as Float32Array);
  const [a, b] = [read(given.a), read(given.b)];
  const result = capabilityGeometry({
    halves: given,
    metric,
    momentum: new Float32Array(size),
    memory: null,
    preference: [0.5, 0.5],
    beta1: 0.9,
    decay: 0.5,
    cap: 4,
    ridge: 0.01,
    minSignalToNoise: 1,
    names: ["x", "y"],
    ...changes,
  });
  tf.dispose([...given.a, ...given.b, given.kl]);
  const dot = (u: Float32Array, v: Float32Array) =>
    u.reduce((sum, x, k) => sum + x * v[k]! * metric[k]!, 0);
  return { ...result, a, b, dot };
}

Deno.test("the Gram matrix is that across the halves, the noise that of their difference", () => {
  const { memory, a, b, dot } = measure(0.4);
  for (const i of [0, 1]) {
    for (const j of [0, 1]) {
      const cross = 2 * (dot(a[i]!, b[j]!) + dot(a[j]!, b[i]!));
      assertAlmostEquals(memory.gram[i]![j]!, cross, 1e-4 * Math.abs(cross) + 1e-6);
    }
    const difference = a[i]!.map((x, k) => x - b[i]![k]!);
    assertAlmostEquals(memory.noise[i]!, dot(difference, difference), 1e-4);
  }
});

Deno.test("a capability that the preferred weights harm gets more weight, unless its gradient is noise", () => {
  const clear = measure(0.05);
  assert(clear.metrics["balance/cosine/x/y"]! < -0.5);
  assert(clear.metrics["balance/signal_to_noise/y"]! > 1);
  assert(clear.weights[1]! > 0.5, `${clear.weights}`);
  assertEquals(clear.weights[0], 0.5);
  assert(measure(0.05, { cap: 0 }).weights[1]! <= 0.5 + 1e-9);
  const noisy = measure(0.05, { minSignalToNoise: 1e9 });
  assertEquals(noisy.weights, [0.5, 0.5]);
});

Deno.test("measurements are averaged, and their mean has as much less noise as there are", () => {
  const noises = [0.2, 0.4, 0.3];
  const decay = 0.5;
  const alone = noises.map((noise) => measure(noise).memory);
  let found = measure(noises[0]!);
  for (const noise of noises.slice(1)) found = measure(noise, { memory: found.memory, decay });
  // Weights 1/4, 1/2 and 1.
  const mean = (values: number[]) => (values[0]! / 4 + values[1]! / 2 + values[2]!) / 1.75;
  const { gram, noise, total, squares } = found.memory;
  gram.forEach((row, i) =>
    row.forEach((x, j) =>
      assertAlmostEquals(x, mean(alone.map((memory) => memory.gram[i]![j]!)), 1e-9)
    )
  );
  noise.forEach((x, i) => assertAlmostEquals(x, mean(alone.map((m) => m.noise[i]!)), 1e-9));
  assertEquals([total, squares], [1.75, 1 / 16 + 1 / 4 + 1]);
  assertAlmostEquals(
    found.metrics["balance/signal_to_noise/y"]!,
    1.75 ** 2 / squares * gram[1]![1]! / noise[1]!,
    1e-9,
  );
  // Equal weights: n measurements have n times the signal to noise of one.
  let even = measure(0.2);
  const one = even.metrics["balance/signal_to_noise/y"]!;
  for (let n = 1; n < 5; n++) even = measure(0.2, { memory: even.memory, decay: 1 });
  assertAlmostEquals(even.metrics["balance/signal_to_noise/y"]! / one, 5, 1e-6);
});

Deno.test("the folds of the second half judge weights from the first half and the past, and change nothing else", () => {
  const foldGram = [[30, -12], [-12, 20]];
  const plain = measure(0.3);
  assertEquals(plain.metrics["balance/eps_three_fold"], undefined);
  const memory = { gram: [[80, 20], [20, 60]], noise: [3, 5], total: 1, squares: 1 };
  for (const changes of [{}, { memory }, { rule: "mgda" as const, memory }]) {
    const folded = measure(0.3, { ...changes, foldGram });
    const { "balance/eps_three_fold": eps, ...rest } = folded.metrics;
    const without = measure(0.3, changes);
    assertEquals(rest, without.metrics);
    assertEquals(folded.weights, without.weights);
    if ("rule" in changes) continue;
    const own = folded.a.map((x) => folded.a.map((y) => 4 * folded.dot(x, y)));
    const known = "memory" in changes
      ? own.map((row, i) => row.map((x, j) => (0.5 * memory.gram[i]![j]! + x) / 1.5))
      : own;
    const { weights } = capabilityAwareWeights({
      gram: clipEigenvalues(known),
      preference: [0.5, 0.5],
      cap: 4,
      ridge: 0.01,
    });
    assertAlmostEquals(eps!, projectionGap(foldGram, weights, [0.5, 0.5]), 1e-3);
  }
});

Deno.test("every rule logs its eps and mu; the clipped share is that of a negative eigenvalue", () => {
  const { metrics, weights, memory } = measure(0.3, { rule: "mgda" });
  assertAlmostEquals(
    metrics["balance/eps"]!,
    projectionGap(clipEigenvalues(memory.gram), weights, [0.5, 0.5]),
    1e-12,
  );
  // Both gain under the least norm.
  assertEquals([metrics["balance/mu/x"], metrics["balance/mu/y"]], [0, 0]);
  const harmful = measure(0.05, { rule: () => [1, 0] });
  const crossed = clipEigenvalues(harmful.memory.gram)[1]![0]!;
  assert(crossed < 0);
  assertAlmostEquals(harmful.metrics["balance/mu/y"]!, -crossed, 1e-12);
  assertEquals(harmful.metrics["balance/mu/x"], 0);
  // Measured before: eigenvalues 3 and -1 of [[1, 2], [2, 1]]; the new measurement hardly counts.
  const past = { gram: [[1e6, 2e6], [2e6, 1e6]], noise: [1, 1], total: 1e4, squares: 1e4 };
  const { "balance/clipped": share } = measure(0.3, { memory: past, decay: 0.9999 }).metrics;
  assertAlmostEquals(share!, 1 / Math.sqrt(10), 1e-3);
  assertEquals(measure(0.05).metrics["balance/clipped"]! >= 0, true);
});
