/** Combination of the gradients' parts that are orthogonal to all others. @module */
import { applySpectral, symmetricEigen } from "../algebra.ts";
import { checkGram, unitDiagonal } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * Dual basis: `u_j` is `g_j` minus its projection on the span of the others, and `d = sum_j p_j u_j`. With nonsingular G,
 * `u_j = sum_i (G^-1)_ij g_i / (G^-1)_jj`. The step on j's behalf changes no other capability to first order: full
 * orthogonalisation. It throws shared progress away, and weights may be negative. A gradient in the span of the others
 * gets `u_j = 0`.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m].
 * @returns Weights [m], of either sign.
 */
export function dualBasis(gram: Gram, preference: readonly number[]): number[] {
  checkGram(gram, preference);
  const { cosines, norms } = unitDiagonal(gram);
  const weights = [...preference];
  preference.forEach((p, j) => {
    const others = norms.map((_, i) => i).filter((i) => i !== j && norms[i]! > 0);
    if (norms[j] === 0 || others.length === 0) return;
    const eigen = symmetricEigen(
      others.map((i) => others.map((k) => cosines[i]![k]!)),
    );
    const parts = applySpectral(
      eigen,
      others.map((i) => cosines[i]![j]!),
      (lambda) => 1 / lambda,
    );
    others.forEach((i, k) => weights[i]! -= p * parts[k]! * norms[j]! / norms[i]!);
  });
  return weights;
}
