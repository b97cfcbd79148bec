/**
 * Matrices that products read again and again, such as a model's weights in decoding: rounded to bfloat16 once and kept so, two numbers in
 * an int32, as TensorFlow.js has no tensors of bfloat16. Half the memory is read, and nothing is rounded again.
 *
 * @module
 */

import { isRecording, recorded } from "./graph.ts";
import { matmulPrecision } from "./precision.ts";
import { tf } from "./tensorflow.ts";
import { composite } from "./trace.ts";

const shapeTensor = (shape: readonly number[]): tf.Tensor1D => tf.tensor1d([...shape], "int32");

/** Whether matrices are packed: where large products are computed in bfloat16, in recorded graphs. */
export function packsMatrices(): boolean {
  return matmulPrecision() === "bf16" && isRecording();
}

/**
 * Packs a matrix.
 *
 * @param matrix `[K, N]` in float32, N even
 * @returns the packed matrix, `[K, N / 2]` in int32; the caller disposes of it
 */
export function packMatrix(matrix: tf.Tensor2D): tf.Tensor2D {
  const [k, n] = matrix.shape;
  return recorded(
    "pack",
    { matrix },
    (t) => composite("PackBfloat16", [t.matrix, shapeTensor([k, n / 2, 2])], [k, n / 2], "int32"),
  ) as tf.Tensor2D;
}

/**
 * Product of rows with a packed matrix, inside a recorded function alone.
 *
 * @param rows `[M, K]` in float32
 * @param packed what {@linkcode packMatrix} gave for `[K, N]`
 * @returns `[M, N]` in float32
 */
export function packedMatmul(rows: tf.Tensor, packed: tf.Tensor): tf.Tensor2D {
  const [m, k] = rows.shape as [number, number];
  const n = 2 * packed.shape[1]!;
  return composite(
    "PackedMatMul",
    [rows, packed, shapeTensor([k, n])],
    [m, n],
    "float32",
  ) as tf.Tensor2D;
}
