/** The Gram matrix of the natural gradient, from rewards alone. @module */

/**
 * `E_x Cov(r_i, r_j | x)` from sampled completions, without bias: the mean over prompts of the covariance within each
 * prompt's completions, with the number of completions less one as divisor. It is the Gram matrix of the gradients in the
 * natural-gradient metric, for a policy of free logits exactly (THEORY.md, Theorem 9a), and says nothing of any other metric.
 * Pairs of rewards count where a completion has both; prompts with fewer than two such completions are left out.
 *
 * @param groups Rewards of each prompt's completions, [prompts][completions][m], null where a reward is absent.
 * @returns The covariance, [m, m]; 0 where no prompt has a pair.
 * @example
 * ```ts
 * import { sampledRewardCovariance } from "./reward_covariance.ts";
 * import { assertEquals } from "@std/assert";
 * assertEquals(sampledRewardCovariance([[[1, 0], [0, 1]], [[1, null], [0, 1]]]), [[0.5, -0.5], [-0.5, 0.5]]);
 * ```
 */
export function sampledRewardCovariance(
  groups: readonly (readonly (readonly (number | null)[])[])[],
): number[][] {
  const m = groups[0]?.[0]?.length ?? 0;
  const entry = (i: number, j: number): number => {
    let sum = 0, prompts = 0;
    for (const group of groups) {
      const pairs = group.flatMap((row) => {
        const [a, b] = [row[i] ?? null, row[j] ?? null];
        return a === null || b === null ? [] : [[a, b] as const];
      });
      const n = pairs.length;
      if (n < 2) continue;
      const mean = (k: 0 | 1) => pairs.reduce((total, pair) => total + pair[k], 0) / n;
      const [a, b] = [mean(0), mean(1)];
      sum += pairs.reduce((total, [x, y]) => total + (x - a) * (y - b), 0) / (n - 1);
      prompts++;
    }
    return prompts === 0 ? 0 : sum / prompts;
  };
  return Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => entry(i, j)));
}
