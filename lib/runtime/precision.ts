/**
 * The numbers in which large matrix products of recorded graphs are computed.
 *
 * In bfloat16 (8 bits of mantissa) a processor with AMX or AVX512_BF16 multiplies about twice to eight times as fast as in float32.
 * Only factors and product are rounded to it, sums inside a product are float32 (oneDNN), and everything between products stays
 * float32: weights, norms, softmax, log-probabilities, gradients, the optimizer. That is what PyTorch's `autocast` does with
 * matrix products, and `bf16=True` in TRL.
 *
 * @module
 */

import { systemFile } from "./system_file.ts";

/** What products are computed in. */
export const precisions = ["float32", "bf16"] as const;

/** One of {@linkcode precisions}. */
export type Precision = (typeof precisions)[number];

let current: Precision = "float32";

/**
 * Chooses what large products of recorded graphs are computed in, as `torch.set_float32_matmul_precision` does.
 *
 * @param precision What from now on; float32 at the start.
 */
export function setMatmulPrecision(precision: Precision): void {
  current = precision;
}

/** What large products of recorded graphs are computed in. */
export function matmulPrecision(): Precision {
  return current;
}

/** Whether the processor multiplies bfloat16 itself: a flag that Linux tells; false where it tells none. */
export function multipliesBfloat16(): boolean {
  return /\b(?:amx_bf16|avx512_bf16)\b/.test(systemFile("/proc/cpuinfo") ?? "");
}
