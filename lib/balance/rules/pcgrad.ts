/** Gradient surgery. @module */
import { dot } from "../algebra.ts";
import { checkGram } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * PCGrad: from each gradient the negative part along every other is removed, one after the other:
 * `w <- w - min(0, <g_j, d>) / G_jj e_j` for j in some order, starting from `w = e_i`; the results are summed with the
 * preference. The result depends on the order, which the paper draws at random; here the mean over all orders is taken,
 * so the weights are deterministic and permutation equivariant. May harm a capability for m >= 3.
 *
 * Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS 2020 (arXiv 2001.06782). The paper sums: preference 1 each.
 *
 * @param gram Gram matrix [m, m]; (m - 1)! orders are tried, so m <= 8.
 * @param preference Preference p, [m].
 * @returns Weights [m].
 */
export function pcgrad(gram: Gram, preference: readonly number[]): number[] {
  checkGram(gram, preference);
  const m = preference.length;
  const total = new Array<number>(m).fill(0);
  for (let i = 0; i < m; i++) {
    const orders = permutations(
      preference.map((_, j) => j).filter((j) => j !== i),
    );
    for (const order of orders) {
      const w = preference.map((_, j) => (j === i ? 1 : 0));
      for (const j of order) {
        const product = dot(gram[j]!, w);
        if (product < 0 && gram[j]![j]! > 0) w[j]! -= product / gram[j]![j]!;
      }
      for (let j = 0; j < m; j++) {
        total[j]! += preference[i]! * w[j]! / orders.length;
      }
    }
  }
  return total;
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((x) => x !== first)).map((
      rest,
    ) => [first, ...rest])
  );
}
