/** Mean of the gradients' projections on the dual cone. @module */
import { checkGram } from "../gram.ts";
import { nnls } from "../nnls.ts";
import { regularize } from "./dual_proj.ts";
import type { Gram } from "../types.ts";

/**
 * UPGrad: every gradient is projected on `{z : <g_i, z> >= 0 for all i}` by itself, and the projections are averaged
 * with the preference: `w = sum_j p_j argmin_{w >= e_j} w'Gw`. Harmless, like DualProj, with another direction.
 *
 * Quinton and Rey, "Jacobian Descent for Multi-Objective Optimization" (arXiv 2406.16232).
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m].
 * @param regularization Adds `regularization tr(G) I` to G (1e-4 in TorchJD); exact with 0.
 * @returns Weights [m].
 */
export function upgrad(
  gram: Gram,
  preference: readonly number[],
  regularization = 0,
): number[] {
  checkGram(gram, preference);
  const matrix = regularize(gram, regularization);
  const weights = new Array<number>(preference.length).fill(0);
  preference.forEach((p, j) => {
    const { solution } = nnls(matrix, matrix.map((row) => row[j]!));
    for (let i = 0; i < weights.length; i++) {
      weights[i]! += p * (solution[i]! + (i === j ? 1 : 0));
    }
  });
  return weights;
}
