/** Impartial multi-task learning on gradients. @module */
import { applySpectral, symmetricEigen } from "../algebra.ts";
import { checkGram } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * IMTL-G: the combined gradient has the same projection on every unit gradient: `w = G^+ n / sum(G^+ n)`, `n_i = ||g_i||`.
 * Weights may be negative. The preference plays no part.
 *
 * Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021; with the pseudo-inverse as in arXiv 2406.16232.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference [m], not used beyond its length.
 * @returns Weights [m] that sum to 1, or all 0 when `G^+ n` sums to 0.
 */
export function imtlG(gram: Gram, preference: readonly number[]): number[] {
  checkGram(gram, preference);
  const largest = Math.max(0, ...gram.map((row, i) => row[i]!));
  if (largest === 0) return preference.map(() => 0);
  const scaled = gram.map((row) => row.map((value) => value / largest));
  const norms = scaled.map((row, i) => Math.sqrt(Math.max(0, row[i]!)));
  const v = applySpectral(
    symmetricEigen(scaled),
    norms,
    (lambda) => 1 / lambda,
  );
  const sum = v.reduce((total, x) => total + x, 0);
  return Math.abs(sum) < 1e-12 ? v.map(() => 0) : v.map((x) => x / sum);
}
