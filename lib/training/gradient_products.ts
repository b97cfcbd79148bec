/** Inner products of many long vectors at once. @module */

import { tf } from "../runtime/mod.ts";

/** Entries of each vector that are multiplied at a time: sums of so many are exact enough in single precision. */
const CHUNK = 2 ** 15;

/**
 * Inner products `a' M b` of all pairs of vectors, by matrix products over chunks of their entries in single precision,
 * added up in double precision.
 *
 * @param rows Vectors a, [r] of [n].
 * @param columns Vectors b, [c] of [n]; where they begin with the rows, these are read once.
 * @param metric Positive diagonal of M, [n]; the identity when left out.
 * @returns The products, [r, c].
 */
export function gradientProducts(
  rows: readonly tf.Tensor1D[],
  columns: readonly tf.Tensor1D[],
  metric?: tf.Tensor1D,
): number[][] {
  const products = rows.map(() => columns.map(() => 0));
  const among = rows.every((row, r) => row === columns[r]);
  const size = rows[0]?.size ?? 0;
  for (let start = 0; start < size; start += CHUNK) {
    const length = Math.min(CHUNK, size - start);
    const part = tf.tidy(() => {
      const cut = (vector: tf.Tensor1D) => tf.slice(vector, start, length);
      const right = tf.stack(columns.map(cut));
      const left = among ? tf.slice(right, 0, rows.length) : tf.stack(rows.map(cut));
      const scaled = metric === undefined ? right : tf.mul(right, cut(metric));
      return tf.matMul(left, scaled, false, true).dataSync();
    });
    products.forEach((row, r) => row.forEach((_, c) => row[c]! += part[r * columns.length + c]!));
  }
  return products;
}
