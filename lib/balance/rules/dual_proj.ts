/** Projection of the preferred gradient on the dual cone. @module */
import { multiply } from "../algebra.ts";
import { checkGram } from "../gram.ts";
import { nnls } from "../nnls.ts";
import type { Gram } from "../types.ts";

/**
 * DualProj, the programme of gradient episodic memory: `w = argmin_{w >= p} w'Gw`, so that `d = sum_i w_i g_i` is the
 * projection of `sum_i p_i g_i` on `{z : <g_i, z> >= 0 for all i}`.
 *
 * Lopez-Paz and Ranzato, "Gradient Episodic Memory for Continual Learning", NeurIPS 2017, equation 11 (arXiv 1706.08840).
 * Equal to the capability-aware weights without momentum, cap and ridge.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m].
 * @param regularization Adds `regularization tr(G) I` to G, as other implementations do (1e-4 in TorchJD); exact with 0.
 * @returns Weights [m].
 */
export function dualProj(
  gram: Gram,
  preference: readonly number[],
  regularization = 0,
): number[] {
  checkGram(gram, preference);
  const matrix = regularize(gram, regularization);
  const { solution } = nnls(matrix, multiply(matrix, preference));
  return preference.map((p, i) => p + solution[i]!);
}

/**
 * `G + factor tr(G) I`.
 *
 * @param gram Gram matrix [m, m].
 * @param factor Part of the trace to add to the diagonal.
 * @returns The regularised matrix [m, m]; the same matrix when factor is 0.
 */
export function regularize(gram: Gram, factor: number): Gram {
  if (factor === 0) return gram;
  const trace = gram.reduce((sum, row, i) => sum + row[i]!, 0);
  return gram.map((row, i) => row.map((value, j) => (i === j ? value + factor * trace : value)));
}
