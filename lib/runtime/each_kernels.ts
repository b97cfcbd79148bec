/**
 * Products for m losses whose derivatives are one with its rows times factors, the same for all rows of a group: the
 * backward pass of activations is computed once. What the losses differ in are equal copies `[m, ...]`, to each of which
 * comes the gradient of one loss: a gradient for each group, combined by the groups' factors `[g, m]`.
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

/** Rows `[N, r]` by group, `[g, n, r]`: `places` `[g n]` has the row of each place, one without a derivative for padding. */
function grouped(rows: tf.Tensor, places: tf.Tensor, groups: number): tf.Tensor {
  const [n, width] = [places.size / groups, rows.shape[1]!];
  return tf.reshape(tf.gather(rows, places as tf.Tensor1D), [groups, n, width]);
}

/** Gradients of the groups `[g, ...]` to those of the losses `[m, ...]`. */
function combined(byGroup: tf.Tensor, factors: tf.Tensor): tf.Tensor {
  const [groups, ...rest] = byGroup.shape;
  const flat = matmul(factors, tf.reshape(byGroup, [groups!, -1]), true);
  return tf.reshape(flat, [factors.shape[1]!, ...rest]);
}

defineKernel({
  name: "LoraMatMulEach",
  inputs: ["x", "merged", "a", "b", "places", "factors"],
  composed: ({ x, merged }) => matmul(x!, merged!),
  gradient: (dy, { x, merged, a, b, places, factors }, { scale }) => {
    const groups = factors!.shape[0]!;
    const outer = (left: tf.Tensor, right: tf.Tensor) =>
      tf.mul(
        combined(
          tf.matMul(grouped(left, places!, groups), grouped(right, places!, groups), true),
          factors!,
        ),
        scale as number,
      );
    return {
      x: () => matmul(dy, merged!, false, true),
      a: () => tf.tidy(() => outer(x!, matmul(dy, firstOf(b!), false, true))),
      b: () => tf.tidy(() => outer(matmul(x!, firstOf(a!)), dy)),
    };
  },
});

/** Groups of rows, and what each counts in each loss. */
export interface RowGroups {
  /** Row of each place of the groups, `[g n]` of int32; places of padding have a row that gets no derivative. */
  readonly places: tf.Tensor;
  /** Factors, `[g, m]`. */
  readonly factors: tf.Tensor;
}

/**
 * As {@linkcode loraMatmul} for m losses. A `[m, K, r]` and B `[m, r, M]` are copies; x gets the gradient for factors of 1.
 */
export function loraMatmulEach(
  x: tf.Tensor,
  merged: tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  { places, factors }: RowGroups,
  scale: number,
): tf.Tensor2D {
  return runKernel("LoraMatMulEach", { x, merged, a, b, places, factors }, {
    scale,
  }) as tf.Tensor2D;
}

defineKernel({
  name: "MatMulEach",
  inputs: ["a", "each", "factors"],
  composed: ({ a, each }, { transposeB }) =>
    tf.matMul(a!, firstOf(each!), false, transposeB as boolean),
  gradient: (dy, { a, each, factors }, { transposeB }) => ({
    a: () => tf.tidy(() => tf.matMul(dy, firstOf(each!), false, !(transposeB as boolean))),
    each: () =>
      tf.tidy(() => {
        const [batch, rows] = a!.shape as [number, number];
        const [K, m] = factors!.shape.slice(1) as [number, number];
        const byGroup = (t: tf.Tensor) => tf.reshape(t, [batch, K, rows / K, t.shape[2]!]);
        const [left, right] = transposeB ? [dy, a!] : [a!, dy];
        const outer = tf.matMul(byGroup(left), byGroup(right), true); // [B, K, P, d]
        const [P, d] = outer.shape.slice(2) as [number, number];
        const each = tf.matMul(factors!, tf.reshape(outer, [batch, K, P * d]), true);
        return tf.transpose(tf.reshape(each, [batch, m, P, d]), [1, 0, 2, 3]);
      }),
  }),
});

/**
 * Products `a b`, or `a b'`, of `[B, K n, L]` with m copies `[m, B, L, M]` (or `[m, B, M, L]`) for m losses: rows come in K
 * groups of n, which have the factors `[B, K, m]`. a gets the gradient for factors of 1.
 */
export function matmulEach(
  a: tf.Tensor,
  each: tf.Tensor,
  factors: tf.Tensor,
  transposeB: boolean,
): tf.Tensor {
  return runKernel("MatMulEach", { a, each, factors }, { transposeB });
}
