/**
 * Unbiased products of capability gradients from the gradients of a few blocks of prompts, and their variance.
 *
 * @module
 */
import type { PromptProducts } from "./prompt_products.ts";

/**
 * Unbiased Gram matrix from blocks of prompts (THEORY.md, Theorem 10b): over pairs of different blocks, so that no prompt
 * meets itself, `G_ij = sum_{b != c} <g_ib, g_jc> / sum_{b != c} s_ib s_jc`.
 *
 * @param products Inner products between the blocks' gradients `g_ib`, which add up to the whole gradient, [n, n][m, m].
 * @param shares Share `s_ib` of capability i's gradient that block b estimates, [n][m].
 * @param members Indices of the blocks that count; all when left out.
 * @returns G, [m, m]; NaN where no two blocks have the capabilities.
 * @example
 * ```ts
 * import { blockGram } from "./block_gram.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // One capability, two blocks with half of the gradient each: 1 and 3.
 * assertEquals(blockGram([[[[1]], [[3]]], [[[3]], [[9]]]], [[0.5], [0.5]]), [[12]]);
 * ```
 */
export function blockGram(
  products: PromptProducts,
  shares: readonly (readonly number[])[],
  members: readonly number[] = products.map((_, b) => b),
): number[][] {
  const m = shares[0]?.length ?? 0;
  return Array.from(
    { length: m },
    (_, i) =>
      Array.from({ length: m }, (_, j) => {
        let [sum, weight] = [0, 0];
        for (const b of members) {
          for (const c of members) {
            if (b === c) continue;
            sum += products[b]![c]![i]![j]!;
            weight += shares[b]![i]! * shares[c]![j]!;
          }
        }
        return weight > 0 ? sum / weight : NaN;
      }),
  );
}

/**
 * Squared norms of the gradients that blocks estimate, noise included (THEORY.md, Theorem 10a): what they are above the
 * diagonal of {@linkcode blockGram} is noise.
 *
 * @param products Inner products between the blocks' gradients, [n, n][m, m].
 * @param shares Share of each capability's gradient that each block estimates, [n][m].
 * @param members Indices of the blocks that count; all when left out.
 * @returns `|sum_b g_ib|^2 / (sum_b s_ib)^2`, [m]; NaN where no block has the capability.
 */
export function blockNorms(
  products: PromptProducts,
  shares: readonly (readonly number[])[],
  members: readonly number[] = products.map((_, b) => b),
): number[] {
  return (shares[0] ?? []).map((_, i) => {
    let [sum, share] = [0, 0];
    for (const b of members) {
      share += shares[b]![i]!;
      for (const c of members) sum += products[b]![c]![i]![i]!;
    }
    return share > 0 ? sum / share ** 2 : NaN;
  });
}

/**
 * Variance of estimates by the delete-one jackknife (Efron and Stein 1981):
 * `(n - 1) / n sum_b (t_b - mean t)^2`, t_b being the estimate without block b.
 *
 * @param members The n blocks.
 * @param estimate Estimates from some of them, always as many.
 * @returns The variance of each estimate; NaN where one of the n is not a number.
 */
export function jackknifeVariance(
  members: readonly number[],
  estimate: (members: readonly number[]) => readonly number[],
): number[] {
  const n = members.length;
  const without = members.map((left) => estimate(members.filter((b) => b !== left)));
  return (without[0] ?? []).map((_, k) => {
    const mean = without.reduce((sum, row) => sum + row[k]!, 0) / n;
    return (n - 1) / n * without.reduce((sum, row) => sum + (row[k]! - mean) ** 2, 0);
  });
}
