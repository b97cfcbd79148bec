import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  isInstalled,
  matmul,
  quarterTurn,
  randomStream,
  rearrange,
  rmsNorm,
  rotaryEmbedding,
  scatterRows,
  sparseCrossEntropy,
  startBackend,
  swiGlu,
  tf,
} from "../../lib/runtime/mod.ts";

// The native kernels against the composed ones; without the native library two backends that compose.
const backends = await isInstalled("cpu") ? ["native", "wasm"] as const : ["wasm", "cpu"] as const;

/** Values and shape of an array that becomes a tensor on either backend. */
interface HostTensor {
  readonly shape: number[];
  readonly values: Float32Array;
}

function random(name: string, ...shape: number[]): HostTensor {
  const stream = randomStream(0, name);
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, values: Float32Array.from({ length: size }, () => stream.normal()) };
}

const tensor = ({ shape, values }: HostTensor): tf.Tensor => tf.tensor(values, shape);

interface Case {
  readonly name: string;
  readonly inputs: readonly HostTensor[];
  /** How many of the inputs, from the first, have a gradient. */
  readonly differentiable: number;
  readonly compute: (...inputs: tf.Tensor[]) => tf.Tensor;
}

const angles = Array.from({ length: 5 }, (_, n) => [0.3 * n, 1.7 - n]).flat();
/** Both halves of a head turn by the same angles: `[5, 1, 4]`. */
const twice = (f: (x: number) => number) => ({
  shape: [5, 1, 4],
  values: Float32Array.from({ length: 20 }, (_, i) => f(angles[Math.floor(i / 4) * 2 + i % 2]!)),
});
const cos = twice(Math.cos);
const sin = twice(Math.sin);

const cases: Case[] = [
  ...[[false, false], [false, true], [true, false], [true, true]].map(([a, b]): Case => ({
    name: `matmul, transposed ${a} and ${b}`,
    inputs: [
      random("a", ...(a ? [4, 3] : [3, 4])),
      random("b", ...(b ? [5, 4] : [4, 5])),
    ],
    differentiable: 2,
    compute: (x, y) => matmul(x!, y!, a, b),
  })),
  {
    name: "rmsNorm of rows",
    inputs: [random("x", 3, 6), random("w", 6)],
    differentiable: 2,
    compute: (x, w) => rmsNorm(x!, w!, 1e-2),
  },
  {
    name: "rmsNorm of heads",
    inputs: [random("x", 3, 2, 4), random("w", 4)],
    differentiable: 2,
    compute: (x, w) => rmsNorm(x!, w!, 1e-5),
  },
  {
    name: "swiGlu",
    inputs: [random("x", 3, 8)],
    differentiable: 1,
    compute: (x) => swiGlu(x!),
  },
  {
    name: "rearrange",
    inputs: [random("x", 4, 2, 3)],
    differentiable: 1,
    // What the result holds twice gets no gradient here: rows 2 and 3 of it are left out.
    compute: (x) =>
      tf.slice(
        rearrange(x!, tf.tensor1d([2, 0, 3, 3], "int32"), tf.tensor1d([1, 2, 0, 2], "int32")),
        0,
        2,
      ),
  },
  {
    name: "rotaryEmbedding",
    inputs: [random("x", 5, 3, 4), cos, sin],
    differentiable: 1,
    compute: (x, c, s) => rotaryEmbedding(x!, c!, s!, quarterTurn(4)),
  },
];

/** The output, and the gradient of its sum weighted by `weights`, for each input that has one. */
function run({ inputs, differentiable, compute }: Case, weights?: Float32Array) {
  return tf.tidy(() => {
    const tensors = inputs.map(tensor);
    const constants = tensors.slice(differentiable);
    const y = compute(...tensors);
    const dy = weights === undefined ? tf.onesLike(y) : tf.tensor(weights, y.shape);
    const gradients = tf.grads((...xs: tf.Tensor[]) => compute(...xs, ...constants))(
      tensors.slice(0, differentiable),
      dy,
    );
    return {
      shape: y.shape,
      values: y.dataSync() as Float32Array,
      gradients: gradients.map((g) => g.dataSync() as Float32Array),
    };
  });
}

function assertClose(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string) {
  assertEquals(a.length, b.length, what);
  for (let i = 0; i < a.length; i++) assertAlmostEquals(a[i]!, b[i]!, tolerance, `${what} ${i}`);
}

for (const kernel of cases) {
  Deno.test(`${kernel.name}: both backends agree, and the gradient is that of finite differences`, async () => {
    await startBackend(backends[1]);
    const size = run(kernel).values.length;
    const weights = random("weights", size).values;
    const composed = run(kernel, weights);
    await startBackend(backends[0]);
    const before = tf.memory().numTensors;
    const found = run(kernel, weights);
    assertEquals(tf.memory().numTensors, before);
    assertEquals(found.shape, composed.shape);
    assertClose(found.values, composed.values, 1e-5, "value");
    found.gradients.forEach((gradient, input) => {
      assertClose(gradient, composed.gradients[input]!, 2e-5, `gradient of input ${input}`);
      const objective = (at: number, step: number) => {
        const inputs = kernel.inputs.map((x, i) =>
          i === input ? { ...x, values: x.values.map((v, k) => k === at ? v + step : v) } : x
        );
        return run({ ...kernel, inputs }, weights).values.reduce(
          (sum, y, i) => sum + y * weights[i]!,
          0,
        );
      };
      gradient.forEach((g, at) => {
        const slope = (objective(at, 1e-2) - objective(at, -1e-2)) / 2e-2;
        assertAlmostEquals(slope, g, 5e-3 * Math.max(1, Math.abs(g)), `input ${input}, ${at}`);
      });
    });
  });
}

Deno.test("kernels compute what their formulas say", async () => {
  await startBackend(backends[0]);
  tf.tidy(() => {
    const norm = rmsNorm(tf.tensor2d([[3, 4]]), tf.tensor1d([1, 2]), 0).dataSync();
    assertClose(norm, [3 / Math.sqrt(12.5), 8 / Math.sqrt(12.5)], 1e-6, "norm");
    const gated = swiGlu(tf.tensor2d([[2, -1, 3, 5]])).dataSync();
    assertClose(gated, [6 / (1 + Math.exp(-2)), -5 / (1 + Math.exp(1))], 1e-5, "gated");
    // A quarter turn: the first half takes minus the second, the second the first.
    const turned = rotaryEmbedding(
      tf.tensor3d([1, 2, 3, 4], [1, 1, 4]),
      tf.tensor3d([0, 1, 0, 1], [1, 1, 4]),
      tf.tensor3d([1, 0, 1, 0], [1, 1, 4]),
      quarterTurn(4),
    ).dataSync();
    assertClose(turned, [-3, 2, 1, 4], 1e-6, "turned");
  });
});

Deno.test("sparseCrossEntropy: both backends give the loss and its gradient", async () => {
  const logits = random("logits", 4, 7);
  logits.values[3] = 60; // far from the others: no overflow
  const labels = [3, 0, 6, 2];
  const expected = labels.map((label, row) => {
    const x = Array.from(logits.values.subarray(row * 7, (row + 1) * 7));
    const most = Math.max(...x);
    const total = x.reduce((sum, v) => sum + Math.exp(v - most), 0);
    return {
      loss: most + Math.log(total) - x[label]!,
      gradient: x.map((v, i) => Math.exp(v - most) / total - (i === label ? 1 : 0)),
    };
  });
  for (const backend of backends) {
    await startBackend(backend);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const { loss, gradient } = sparseCrossEntropy(
        tensor(logits) as tf.Tensor2D,
        tf.tensor1d(labels, "int32"),
      );
      assertClose(loss.dataSync(), expected.map((e) => e.loss), 1e-5, backend);
      assertClose(gradient.dataSync(), expected.flatMap((e) => e.gradient), 1e-6, backend);
    });
    assertEquals(tf.memory().numTensors, before);
  }
  await startBackend(backends[0]);
});

Deno.test("scatterRows adds rows that meet, on both backends", async () => {
  for (const backend of backends) {
    await startBackend(backend);
    tf.tidy(() => {
      const rows = tf.tensor1d([2, 0, 2], "int32");
      const found = scatterRows(tf.tensor2d([[1, 2], [3, 4], [10, 20]]), rows, 4);
      assertEquals(found.arraySync(), [[3, 4], [0, 0], [11, 22], [0, 0]]);
      // Against a product with the one-hot matrix.
      const values = tensor(random("rows", 3, 2)) as tf.Tensor2D;
      const product = tf.matMul(tf.oneHot(rows, 4).toFloat(), values, true);
      const difference = tf.max(tf.abs(tf.sub(scatterRows(values, rows, 4), product))).dataSync();
      assert(difference[0]! < 1e-6);
    });
  }
  await startBackend(backends[0]);
});
