/**
 * The two ends of tensor arithmetic: square matrix products, and the smallest addition, which is all overhead.
 *
 * @module
 */
import { matmul, tf } from "../../lib/runtime/mod.ts";
import { type Measurements, medianSeconds } from "./measure.ts";

/** Waits until a tensor is computed, also where that happens elsewhere. */
export function waitFor(tensor: tf.Tensor): void {
  if (tensor.size > 0) tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1).dataSync());
}

/** Waits until a tensor is computed and frees it. */
export function finish(tensor: tf.Tensor): void {
  waitFor(tensor);
  tensor.dispose();
}

/** 10^9 operations a second in products of square matrices; each timed run does at least `operations`. */
export async function matmulSpeed(
  sizes: readonly number[],
  operations: number,
): Promise<Measurements> {
  const found: Record<string, number> = {};
  for (const n of sizes) {
    const x = tf.randomNormal([n, n]);
    const y = tf.randomNormal([n, n]);
    const repeats = Math.max(3, Math.floor(operations / (2 * n ** 3)));
    const seconds = await medianSeconds(() => {
      for (let i = 1; i < repeats; i++) matmul(x, y).dispose();
      finish(matmul(x, y));
    }, 5);
    found[`matmul_${n}_gflops`] = 2 * n ** 3 * repeats / seconds / 1e9;
    tf.dispose([x, y]);
  }
  return found;
}

/** Microseconds of one addition of two matrices of 8 x 8. */
export async function additionTime(): Promise<Measurements> {
  const repeats = 20_000;
  const x = tf.ones([8, 8]);
  const y = tf.ones([8, 8]);
  const seconds = await medianSeconds(() => {
    for (let i = 1; i < repeats; i++) tf.add(x, y).dispose();
    finish(tf.add(x, y));
  }, 3);
  tf.dispose([x, y]);
  return { add_8x8_us: seconds / repeats * 1e6 };
}
