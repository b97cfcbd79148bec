/**
 * Products for several losses whose derivatives are one with its rows times factors: the backward pass of activations is
 * computed once, and to equal copies of what the losses differ in comes a gradient of each.
 *
 * @module
 */

import { defineKernel, runKernel } from "./define_kernel.ts";
import { matmul } from "./kernels.ts";
import { tf } from "./tensorflow.ts";

/** The first of several copies, `[m, ...] -> [...]`. */
function firstOf(copies: tf.Tensor): tf.Tensor {
  return tf.squeeze(tf.slice(copies, 0, 1), [0]);
}

/** Rows `[N, r]` once for each of their factors `[N, m]`, side by side: `[N, m r]`. */
function timesEach(rows: tf.Tensor, factors: tf.Tensor): tf.Tensor {
  const [n, m, r] = [rows.shape[0]!, factors.shape[1]!, rows.shape[1]!];
  return tf.reshape(tf.mul(tf.expandDims(rows, 1), tf.expandDims(factors, 2)), [n, m * r]);
}

defineKernel({
  name: "LoraMatMulEach",
  inputs: ["x", "merged", "a", "b", "factors"],
  composed: ({ x, merged }) => matmul(x!, merged!),
  gradient: (dy, { x, merged, a, b, factors }, { scale }) => ({
    x: () => matmul(dy, merged!, false, true),
    a: () =>
      tf.tidy(() => {
        const [m, K, r] = a!.shape as [number, number, number];
        const low = timesEach(matmul(dy, firstOf(b!), false, true), factors!);
        const each = tf.reshape(matmul(x!, low, true), [K, m, r]);
        return tf.mul(tf.transpose(each, [1, 0, 2]), scale as number);
      }),
    b: () =>
      tf.tidy(() => {
        const low = timesEach(matmul(x!, firstOf(a!)), factors!);
        return tf.mul(tf.reshape(matmul(low, dy, true), b!.shape), scale as number);
      }),
  }),
});

/**
 * As {@linkcode loraMatmul} for m losses at once, whose derivatives with respect to the product are `dy` with its rows times
 * `factors` `[N, m]`. A `[m, K, r]` and B `[m, r, M]` are m equal copies, to each of which comes the gradient of one loss; x
 * gets the gradient for factors of 1.
 */
export function loraMatmulEach(
  x: tf.Tensor,
  merged: tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  factors: tf.Tensor,
  scale: number,
): tf.Tensor2D {
  return runKernel("LoraMatMulEach", { x, merged, a, b, factors }, { scale }) as tf.Tensor2D;
}

defineKernel({
  name: "MatMulEach",
  inputs: ["a", "each", "factors"],
  composed: ({ a, each }, { transposeB }) =>
    tf.matMul(a!, firstOf(each!), false, transposeB as boolean),
  gradient: (dy, { a, each, factors }, { transposeB }) => ({
    a: () => tf.tidy(() => tf.matMul(dy, firstOf(each!), false, !(transposeB as boolean))),
    each: () =>
      tf.tidy(() =>
        tf.stack(
          tf.split(factors!, factors!.shape.at(-1)!, -1).map((factor) => {
            const rows = tf.mul(dy, factor);
            return transposeB ? tf.matMul(rows, a!, true) : tf.matMul(a!, rows, true);
          }),
        )
      ),
  }),
});

/**
 * Products `a b`, or `a b'`, of `[B, N, K]` with m equal copies `[m, B, K, M]` for m losses at once, whose derivatives with
 * respect to the product are `dy` with its rows times `factors` `[B, N, m]`: to each copy comes the gradient of one loss, to a
 * that for factors of 1.
 */
export function matmulEach(
  a: tf.Tensor,
  each: tf.Tensor,
  factors: tf.Tensor,
  transposeB: boolean,
): tf.Tensor {
  return runKernel("MatMulEach", { a, each, factors }, { transposeB });
}
