import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
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

Deno.test("measurements are averaged with the earlier ones", () => {
  const memory = { gram: [[8, 2], [2, 6]], noise: [3, 5] };
  const fresh = measure(0.2).memory;
  const blended = measure(0.2, { memory, decay: 0.75 }).memory;
  memory.gram.forEach((row, i) => {
    row.forEach((old, j) =>
      assertAlmostEquals(blended.gram[i]![j]!, 0.75 * old + 0.25 * fresh.gram[i]![j]!, 1e-9)
    );
    assertAlmostEquals(blended.noise[i]!, 0.75 * memory.noise[i]! + 0.25 * fresh.noise[i]!, 1e-9);
  });
});
