/** Conflict-averse gradient. @module */
import { dot, multiply } from "../algebra.ts";
import { checkGram } from "../gram.ts";
import { simplexProgram } from "../nnls.ts";
import type { Gram } from "../types.ts";

/**
 * CAGrad: `d = argmax_d min_i <g_i, d>` in the ball `||d - u|| <= c ||u||` around the preferred gradient `u = sum_i p_i g_i`.
 * By duality `d = u + c ||u|| g_a / ||g_a||`, where a minimises `<g_a, u> + c ||u|| ||g_a||` over the simplex.
 *
 * Liu et al., "Conflict-Averse Gradient Descent for Multi-task Learning", NeurIPS 2021 (arXiv 2110.14048).
 * Since `s r = min over t > 0 of (r^2 / t + s^2 t) / 2`, the dual is a family of exact simplex programmes in t, and t is
 * found by bisection on `r(t) = s t`.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m]; the paper has 1 / m each.
 * @param c Radius relative to ||u||, at least 0; 0.5 when left out.
 * @returns Weights [m]; p itself when u is 0 or 0 lies in the convex hull of the gradients.
 */
export function cagrad(
  gram: Gram,
  preference: readonly number[],
  c = 0.5,
): number[] {
  checkGram(gram, preference);
  const products = multiply(gram, preference);
  const radius = c * Math.sqrt(Math.max(0, dot(preference, products)));
  const norm = (a: readonly number[]) => Math.sqrt(Math.max(0, dot(a, multiply(gram, a))));
  const largest = Math.sqrt(Math.max(0, ...gram.map((row, i) => row[i]!)));
  const least = norm(simplexProgram(gram));
  if (radius <= 1e-12 * largest || least <= 1e-7 * largest) {
    return [...preference];
  }
  // r(t) lies between the least norm and the largest gradient, so the root lies between these two over s.
  let low = Math.log(least / radius),
    high = Math.log(largest / radius),
    a: number[] = [];
  for (let step = 0; step < 60; step++) {
    const t = Math.exp((low + high) / 2);
    a = simplexProgram(gram, products.map((x) => x * t));
    if (norm(a) > radius * t) low = (low + high) / 2;
    else high = (low + high) / 2;
  }
  const scale = radius / norm(a);
  return preference.map((p, i) => p + scale * a[i]!);
}
