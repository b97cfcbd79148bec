/**
 * The tensor operations that TensorFlow has and TensorFlow.js does not name, each with its gradient and with a
 * composition of ordinary operations that serves on the other backends.
 *
 * @module
 */
import { defineKernel as define, runKernel as run } from "./define_kernel.ts";
import { type Attribute, isNative, nativeBackend } from "./native_backend.ts";
import { packedMatmul } from "./packed.ts";
import { tf } from "./tensorflow.ts";

/** TensorFlow's numbers for its data types. */
const DT_FLOAT = 1;
const DT_INT32 = 3;

function typeAttribute(name: string, value: number): Attribute {
  return { name, type: nativeBackend().binding.TF_ATTR_TYPE, value };
}

function boolAttribute(name: string, value: boolean): Attribute {
  return { name, type: nativeBackend().binding.TF_ATTR_BOOL, value };
}

define({
  name: "MatMul2D",
  inputs: ["a", "b"],
  native: ({ a, b }, { transposeA, transposeB }) =>
    nativeBackend().executeSingleOutput("MatMul", [
      boolAttribute("transpose_a", transposeA as boolean),
      boolAttribute("transpose_b", transposeB as boolean),
      typeAttribute("T", DT_FLOAT),
    ], [a, b]),
  composed: ({ a, b }, { transposeA, transposeB }) =>
    tf.matMul(a!, b!, transposeA as boolean, transposeB as boolean),
  gradient: (dy, { a, b }, { transposeA, transposeB }) => ({
    a: () =>
      transposeA
        ? matmul(b!, dy, transposeB as boolean, true)
        : matmul(dy, b!, false, !(transposeB as boolean)),
    b: () =>
      transposeB
        ? matmul(dy, a!, true, transposeA as boolean)
        : matmul(a!, dy, !(transposeA as boolean), false),
  }),
});

/**
 * Product of two matrices, `[N, K] x [K, M] -> [N, M]`, each transposed on request.
 * TensorFlow's plain `MatMul`, which is faster on two dimensions than the batched one. `b` may be packed (`packMatrix`), then
 * inside a recorded function and without transposing.
 */
export function matmul(
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA = false,
  transposeB = false,
): tf.Tensor2D {
  if (b.dtype === "int32") return packedMatmul(a, b);
  return run("MatMul2D", { a, b }, { transposeA, transposeB }) as tf.Tensor2D;
}

define({
  name: "LoraMatMul",
  inputs: ["x", "merged", "a", "b"],
  composed: ({ x, merged }) => matmul(x!, merged!),
  gradient: (dy, { x, merged, a, b }, { scale }) => ({
    x: () => matmul(dy, merged!, false, true),
    merged: () => matmul(x!, dy, true),
    a: () => tf.tidy(() => tf.mul(matmul(x!, matmul(dy, b!, false, true), true), scale as number)),
    b: () => tf.tidy(() => tf.mul(matmul(matmul(x!, a!), dy, true), scale as number)),
  }),
});

/**
 * Product with a weight that already holds its low-rank update, `merged = W + scale A B`: `[N, K] x [K, M] -> [N, M]`.
 * Forward it is one matrix product; backward the gradients of A `[K, r]` and B `[r, M]` come through the factors.
 */
export function loraMatmul(
  x: tf.Tensor,
  merged: tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  scale: number,
): tf.Tensor2D {
  return run("LoraMatMul", { x, merged, a, b }, { scale }) as tf.Tensor2D;
}

function inverseRms(x: tf.Tensor, eps: number): tf.Tensor {
  return tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps));
}

define({
  name: "RmsNorm",
  inputs: ["x", "weight"],
  composed: ({ x, weight }, { eps }) => tf.mul(tf.mul(x!, inverseRms(x!, eps as number)), weight!),
  gradient: (dy, { x, weight }, { eps }) => ({
    x: () =>
      tf.tidy(() => {
        const r = inverseRms(x!, eps as number);
        const g = tf.mul(dy, weight!);
        const projection = tf.mul(
          tf.mean(tf.mul(g, x!), -1, true),
          tf.mul(r, tf.square(r)),
        );
        return tf.sub(tf.mul(g, r), tf.mul(x!, projection));
      }),
    weight: () =>
      tf.tidy(() => {
        const normed = tf.mul(x!, inverseRms(x!, eps as number));
        const axes = Array.from({ length: x!.rank - 1 }, (_, i) => i);
        return tf.sum(tf.mul(dy, normed), axes);
      }),
  }),
});

/** Root-mean-square normalisation over the last axis: `x / sqrt(mean(x^2) + eps) * weight`. */
export function rmsNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  eps: number,
): tf.Tensor {
  return run("RmsNorm", { x, weight }, { eps });
}

define({
  name: "SwiGlu",
  inputs: ["x"],
  composed: ({ x }) => {
    const [gate, up] = tf.split(x!, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);
  },
  gradient: (dy, { x }) => ({
    x: () =>
      tf.tidy(() => {
        const [gate, up] = tf.split(x!, 2, -1) as [tf.Tensor, tf.Tensor];
        const s = tf.sigmoid(gate);
        const silu = tf.mul(gate, s);
        // d silu = s + silu (1 - s)
        const slope = tf.add(s, tf.mul(silu, tf.sub(1, s)));
        return tf.concat([tf.mul(tf.mul(dy, up), slope), tf.mul(dy, silu)], -1);
      }),
  }),
});

/** Gated activation of joined projections: `[N, 2F] -> [N, F]`, `silu(first half) * second half`. */
export function swiGlu(x: tf.Tensor): tf.Tensor {
  return run("SwiGlu", { x });
}

/** `x T` over the last axis. */
function lastAxis(x: tf.Tensor, matrix: tf.Tensor, transposed = false): tf.Tensor {
  const flat = tf.reshape(x, [-1, x.shape.at(-1)!]);
  return tf.reshape(matmul(flat, matrix, false, transposed), x.shape);
}

define({
  name: "RotaryEmbedding",
  inputs: ["x", "cos", "sin", "turn"],
  composed: ({ x, cos, sin, turn }) => tf.add(tf.mul(x!, cos!), tf.mul(lastAxis(x!, turn!), sin!)),
  gradient: (dy, { cos, sin, turn }) => ({
    x: () => tf.tidy(() => tf.add(tf.mul(dy, cos!), lastAxis(tf.mul(dy, sin!), turn!, true))),
    cos: () => tf.zerosLike(cos!),
    sin: () => tf.zerosLike(sin!),
    turn: () => tf.zerosLike(turn!),
  }),
});

/**
 * Rotary position embedding `x cos + (x T) sin` of `x` `[N, heads, d]`: `cos` and `sin` are `[N, heads, d]`, `turn` is
 * the matrix T `[d, d]` of {@linkcode quarterTurn}. They are constants, no gradient goes to them.
 */
export function rotaryEmbedding(
  x: tf.Tensor,
  cos: tf.Tensor,
  sin: tf.Tensor,
  turn: tf.Tensor,
): tf.Tensor {
  return run("RotaryEmbedding", { x, cos, sin, turn });
}

/**
 * The matrix that takes `(a, b)`, the halves of a row of width d, to `(-b, a)`: the half-split form of the rotary
 * embedding that Llama and Qwen use. As a product it is one operation and exact.
 */
export function quarterTurn(d: number): tf.Tensor2D {
  const half = d / 2;
  const values = new Float32Array(d * d);
  for (let i = 0; i < half; i++) {
    values[(i + half) * d + i] = -1;
    values[i * d + i + half] = 1;
  }
  return tf.tensor2d(values, [d, d]);
}

define({
  name: "Rearrange",
  inputs: ["x", "from", "back"],
  composed: ({ x, from }) => tf.gather(x!, from as tf.Tensor1D),
  gradient: (dy, { from, back }) => ({
    x: () => rearrange(dy, back as tf.Tensor1D, from as tf.Tensor1D),
    from: () => tf.zerosLike(from!),
    back: () => tf.zerosLike(back!),
  }),
});

/**
 * Rows `x[from]` of `x` `[N, ...]`, as many as `from` `[M]` has. The gradient is taken by gathering, too, as `dy[back]`
 * with `back` `[N]`, which is faster than adding up: that is right where each row that a gradient comes to stands in
 * the result once, and `back` points every other row at one that no gradient comes to.
 */
export function rearrange(x: tf.Tensor, from: tf.Tensor1D, back: tf.Tensor1D): tf.Tensor {
  return run("Rearrange", { x, from, back });
}

define({
  name: "Spread",
  inputs: ["x", "from"],
  composed: ({ x, from }) => tf.gather(x!, from as tf.Tensor1D),
  gradient: (dy, { x, from }) => ({
    x: () =>
      tf.tidy(() => {
        const flat = tf.reshape(dy, [dy.shape[0]!, -1]) as tf.Tensor2D;
        return tf.reshape(scatterRows(flat, from as tf.Tensor1D, x!.shape[0]!), x!.shape);
      }),
    from: () => tf.zerosLike(from!),
  }),
});

/**
 * Rows `x[from]` of `x` `[N, ...]`, as many as `from` `[M]` has, any row as often as it is named: the gradients of all of
 * them are added up.
 */
export function spread(x: tf.Tensor, from: tf.Tensor1D): tf.Tensor {
  return run("Spread", { x, from });
}

/** What {@linkcode sparseCrossEntropy} returns. */
export interface CrossEntropy {
  /** `-log softmax(logits)[label]`, `[N]`. */
  readonly loss: tf.Tensor1D;
  /** `softmax(logits) - onehot(label)`, `[N, V]`. */
  readonly gradient: tf.Tensor2D;
}

/**
 * Cross-entropy of `logits` `[N, V]` at int32 `labels` `[N]` together with its gradient, in one pass. Not recorded
 * on a gradient tape: callers chain the returned gradient themselves.
 */
export function sparseCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
): CrossEntropy {
  if (isNative()) {
    const [loss, gradient] = nativeBackend().executeMultipleOutputs(
      "SparseSoftmaxCrossEntropyWithLogits",
      [typeAttribute("T", DT_FLOAT), typeAttribute("Tlabels", DT_INT32)],
      [logits, labels],
      2,
    ) as [tf.Tensor1D, tf.Tensor2D];
    return { loss, gradient };
  }
  return tf.tidy(() => {
    const vocabulary = logits.shape[1];
    const logProbs = tf.logSoftmax(logits);
    const target = tf.oneHot(labels, vocabulary) as tf.Tensor2D;
    return {
      loss: tf.neg(tf.sum(tf.mul(logProbs, target), -1)) as tf.Tensor1D,
      gradient: tf.sub(tf.exp(logProbs), target) as tf.Tensor2D,
    };
  });
}

/** Adds the rows of `values` `[n, D]` into `rows` `[n]` of a zero matrix `[size, D]`; equal rows add up. */
export function scatterRows(
  values: tf.Tensor2D,
  rows: tf.Tensor1D,
  size: number,
): tf.Tensor2D {
  return tf.scatterND(
    tf.expandDims(rows, 1) as tf.Tensor2D,
    values,
    [size, values.shape[1]],
  ) as tf.Tensor2D;
}
