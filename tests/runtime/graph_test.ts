import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  disposeGraphs,
  isInstalled,
  matmul,
  recorded,
  recordedGraphs,
  rmsNorm,
  setRecording,
  startBackend,
  tf,
} from "../../lib/runtime/mod.ts";

const native = await isInstalled("cpu");
if (!native) console.warn("recorded graphs: skipped, they need the native backend");

const test = (name: string, fn: () => void) =>
  Deno.test({
    name,
    ignore: !native,
    fn: async () => {
      await startBackend("native");
      disposeGraphs();
      tf.tidy(fn);
      disposeGraphs();
    },
  });

type Input = { x: tf.Tensor; layer: { w: tf.Tensor; norm: tf.Tensor; scale: number } };

const input = (seed: number, scale = 2, rows = 3): Input => ({
  x: tf.randomNormal([rows, 4], 0, 1, "float32", seed),
  layer: {
    w: tf.randomNormal([4, 6], 0, 1, "float32", seed + 1),
    norm: tf.randomNormal([4], 0, 1, "float32", seed + 2),
    scale,
  },
});

/** Two outputs, one of them a gradient, with constants and several operations that have attributes. */
const compute = ({ x, layer }: Input) => {
  const f = (t: tf.Tensor, w: tf.Tensor) => {
    const h = matmul(rmsNorm(t, layer.norm, 1e-5), w);
    const [a, b] = tf.split(h, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.mul(tf.softmax(tf.add(a, 0.5)), tf.transpose(tf.transpose(tf.mul(b, layer.scale))));
  };
  const [dx, dw] = tf.grads(f)([x, layer.w]) as [tf.Tensor, tf.Tensor];
  return { y: f(x, layer.w), gradients: [dx, dw] };
};

const numbers = (out: ReturnType<typeof compute>) =>
  [out.y, ...out.gradients].flatMap((t) => [...t!.dataSync()]);

function assertSame(found: number[], expected: number[]): void {
  assertEquals(found.length, expected.length);
  found.forEach((x, i) => assertAlmostEquals(x, expected[i]!, 1e-5 * (1 + Math.abs(expected[i]!))));
}

test("a graph gives what the operations give, on every new input", () => {
  for (let seed = 0; seed < 5; seed++) {
    const given = input(10 * seed);
    assertSame(numbers(recorded("same", given, compute)), numbers(compute(given)));
  }
  assertEquals(recordedGraphs(), 1);
});

test("the first call and the later ones give the same bits", () => {
  const given = input(3);
  const first = numbers(recorded("bits", given, compute));
  for (let i = 0; i < 3; i++) assertEquals(numbers(recorded("bits", given, compute)), first);
  disposeGraphs();
  assertEquals(numbers(recorded("bits", given, compute)), first);
});

test("another key, shape or number is another graph", () => {
  for (const given of [input(1), input(1, 3), input(1, 2, 5)]) {
    assertSame(numbers(recorded("key", given, compute)), numbers(compute(given)));
  }
  assertEquals(recordedGraphs(), 3);
  const half = (t: tf.Tensor) => tf.mul(t, 0.5);
  const x = tf.tensor1d([2, 4]);
  assertEquals([...recorded("half", x, half).dataSync()], [1, 2]);
  assertEquals([...recorded("double", x, (t) => tf.mul(t, 2)).dataSync()], [4, 8]);
});

test("temporaries are freed and only outputs stay", () => {
  const given = input(5);
  recorded("free", given, compute);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) {
    const out = recorded("free", given, compute);
    assertEquals(tf.memory().numTensors, before + 3);
    tf.dispose([out.y, ...out.gradients]);
  }
  assertEquals(tf.memory().numTensors, before);
});

test("graphs beyond the limit replace the one that was not used for longest", () => {
  const x = tf.tensor1d([1, 2, 3]);
  for (let i = 0; i < 70; i++) {
    assertEquals([...recorded(`add ${i}`, x, (t) => tf.add(t, i)).dataSync()], [
      1 + i,
      2 + i,
      3 + i,
    ]);
  }
  assert(recordedGraphs() <= 64, `${recordedGraphs()}`);
  assertEquals([...recorded("add 0", x, (t) => tf.add(t, 0)).dataSync()], [1, 2, 3]);
});

test("a function that throws leaves the backend as it was", () => {
  const x = tf.tensor1d([1]);
  const before = tf.memory().numTensors;
  const failing = () =>
    recorded("throws", x, (t) => {
      tf.add(t, 1);
      throw new Error("inside");
    });
  assertThrows(failing, Error, "inside");
  assertEquals(tf.memory().numTensors, before);
  assertEquals(recordedGraphs(), 0);
  assertEquals([...recorded("after", x, (t) => tf.add(t, 1)).dataSync()], [2]);
});

test("without recording the function runs operation by operation", () => {
  const old = setRecording(false);
  try {
    const given = input(8);
    assertSame(numbers(recorded("off", given, compute)), numbers(compute(given)));
    assertEquals(recordedGraphs(), 0);
  } finally {
    setRecording(old);
  }
});
