/** Conflict-free gradients. @module */
import { applySpectral, dot, multiply, symmetricEigen } from "../algebra.ts";
import { checkGram, unitDiagonal } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * ConFIG: the direction whose cosines with all gradients are proportional to the preference (with independent gradients),
 * as long as the sum of the gradients' projections on it: `a = D^-1 C^+ p`, D the norms and C the cosines,
 * `d = (sum_i <g_i, x>) x` with `x = sum_i a_i g_i / ||sum_i a_i g_i||`.
 *
 * Liu, Chu and Thuerey, "ConFIG: Towards Conflict-free Training of Physics Informed Neural Networks" (arXiv 2408.11104),
 * equation 2.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m]; only its proportions count.
 * @returns Weights [m]; all 0 when the direction vanishes.
 */
export function conflictFreeWeights(
  gram: Gram,
  preference: readonly number[],
): number[] {
  checkGram(gram, preference);
  const { cosines, norms } = unitDiagonal(gram);
  const scaled = applySpectral(
    symmetricEigen(cosines),
    preference,
    (lambda) => 1 / lambda,
  );
  const projections = multiply(cosines, scaled);
  const squared = dot(scaled, projections);
  if (!(squared > 1e-24 * dot(scaled, scaled))) return preference.map(() => 0);
  const length = dot(norms, projections) / squared;
  return scaled.map((x, i) => (norms[i]! > 0 ? length * x / norms[i]! : 0));
}
