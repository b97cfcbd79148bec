/** Point of least norm in the convex hull of the gradients. @module */
import { checkGram } from "../gram.ts";
import { simplexProgram } from "../nnls.ts";
import type { Gram } from "../types.ts";

/**
 * MGDA: `w = argmin over the simplex of w'Gw`. Every capability gains at least `||d||^2`, and d is 0 as soon as 0 lies in
 * the convex hull, for example when one gradient is 0. The preference plays no part.
 *
 * Desideri, "Multiple-gradient descent algorithm", 2012; Sener and Koltun, NeurIPS 2018 (arXiv 1810.04650). Solved exactly.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference [m], not used beyond its length.
 * @returns Weights [m] in the simplex.
 */
export function mgda(gram: Gram, preference: readonly number[]): number[] {
  checkGram(gram, preference);
  return simplexProgram(gram);
}
