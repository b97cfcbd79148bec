/** Independent component alignment. @module */
import { applySpectral, symmetricEigen } from "../algebra.ts";
import { checkGram } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * Aligned-MTL: the gradients' matrix gets equal singular values: `w = sqrt(lambda_min) G^{-1/2} p` over the nonzero
 * eigenvalues of G, the smallest of them in front.
 *
 * Senushkin et al., "Independent Component Alignment for Multi-Task Learning", CVPR 2023 (arXiv 2305.19000).
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m].
 * @returns Weights [m], of either sign; p when all gradients are 0.
 */
export function alignedMtl(
  gram: Gram,
  preference: readonly number[],
): number[] {
  checkGram(gram, preference);
  const eigen = symmetricEigen(gram);
  const tiny = gram.length * Number.EPSILON * eigen.values[0]!;
  const positive = eigen.values.filter((lambda) => lambda > tiny);
  if (positive.length === 0) return [...preference];
  return applySpectral(
    eigen,
    preference,
    (lambda) => Math.sqrt(positive.at(-1)! / lambda),
  );
}
