/**
 * Inner products between the gradients of single prompts: what the unbiased Gram matrix, its error, and intervals of
 * cosines are made of.
 *
 * @module
 */
import { randomStream, UsageError } from "../runtime/mod.ts";
import { checkVectors, metricProduct } from "./algebra.ts";
import type { Gram, Vector } from "./types.ts";

/** `<g_ix, g_jy>` of prompts x, y and capabilities i, j: n times n matrices, [n, n][m, m]. */
export type PromptProducts = readonly (readonly Gram[])[];

/**
 * Inner products between the gradients of all pairs of prompts. Takes `n^2 m^2 d / 2` multiplications: for many parameters
 * compute them as one matrix product of the n m gradients instead.
 *
 * @param gradients Gradients of m capabilities on each of n prompts, [n, m, d].
 * @param metric Positive diagonal of M, [d]; the identity when left out.
 * @returns The products, [n, n][m, m].
 * @throws UsageError when lengths differ.
 */
export function promptProducts(
  gradients: readonly (readonly Vector[])[],
  metric?: Vector,
): number[][][][] {
  checkVectors(gradients.flat(), metric);
  const products: number[][][][] = gradients.map(() => []);
  gradients.forEach((gx, x) => {
    for (let y = 0; y <= x; y++) {
      const gy = gradients[y]!;
      const block = gx.map((a) => gy.map((b) => metricProduct(a, b, metric)));
      products[x]![y] = block;
      products[y]![x] = gy.map((_, j) => gx.map((_, i) => block[i]![j]!));
    }
  });
  return products;
}

/**
 * Mean product over pairs of different prompts, each prompt counted as often as `counts` says:
 * `sum_{x != y} c_x c_y <g_ix, g_jy> / sum_{x != y} c_x c_y`. With all counts 1 it is the unbiased Gram matrix of
 * {@linkcode onePassGram}. No prompt meets itself, however often it is counted.
 *
 * @param products Inner products between prompts, [n, n][m, m].
 * @param counts How often each prompt counts, [n]; 1 when left out.
 * @returns The matrix, [m, m].
 * @throws UsageError where fewer than two prompts count.
 */
export function pairGram(products: PromptProducts, counts?: readonly number[]): number[][] {
  const c = counts ?? products.map(() => 1);
  const m = products[0]?.[0]?.length ?? 0;
  const sum = Array.from({ length: m }, () => new Array<number>(m).fill(0));
  let weight = 0;
  products.forEach((row, x) =>
    row.forEach((block, y) => {
      const w = x === y ? 0 : c[x]! * c[y]!;
      if (w === 0) return;
      weight += w;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < m; j++) sum[i]![j]! += w * block[i]![j]!;
      }
    })
  );
  if (weight === 0) {
    throw new UsageError("Expected products of at least 2 different prompts but found fewer");
  }
  return sum.map((row) => row.map((x) => x / weight));
}

/** What {@linkcode cosineIntervals} gives. */
export interface CosineIntervals {
  /** Cosines of the pool's Gram matrix, [m, m]; null where one of the two products `G_ii` is not above 0. */
  readonly cosines: (number | null)[][];
  /** Lower ends, [m, m]; null where no resample has a cosine. */
  readonly low: (number | null)[][];
  /** Upper ends, [m, m]. */
  readonly high: (number | null)[][];
  /** Share of the resamples that have a cosine, [m, m]. */
  readonly defined: number[][];
}

/**
 * Cosines of a Gram matrix that need not be positive semidefinite, as an unbiased estimate is not.
 *
 * @param gram Gram matrix, [m, m].
 * @returns The cosines, [m, m], which may lie beyond -1 and 1; null where `G_ii` or `G_jj` is not above 0, so that there is
 *   no length to divide by.
 */
export function definedCosines(gram: Gram): (number | null)[][] {
  return gram.map((row, i) =>
    row.map((product, j) => {
      const [a, b] = [row[i]!, gram[j]![j]!];
      if (!(a > 0 && b > 0)) return null;
      return i === j ? 1 : product / Math.sqrt(a) / Math.sqrt(b);
    })
  );
}

/**
 * Cosines between capabilities with intervals from a bootstrap over prompts, never over completions: those of a prompt are
 * not independent.
 *
 * Resamples in which a capability has no length are left out, and counted: with few prompts the interval holds only where
 * `defined` is near 1.
 *
 * @param products Inner products between prompts, [n, n][m, m].
 * @param options Seed, number of resamples, and the share of them between the ends.
 * @returns Cosines and the ends of their intervals.
 */
export function cosineIntervals(
  products: PromptProducts,
  options: { readonly seed: number; readonly resamples?: number; readonly level?: number },
): CosineIntervals {
  const { seed, resamples = 1000, level = 0.95 } = options;
  const n = products.length;
  const cosines = definedCosines(pairGram(products));
  const random = randomStream(seed, "cosines");
  const drawn = Array.from({ length: resamples }, () => {
    const counts = new Array<number>(n).fill(0);
    do {
      counts.fill(0);
      for (let k = 0; k < n; k++) counts[random.integer(n)]!++;
    } while (counts.some((count) => count === n));
    return definedCosines(pairGram(products, counts));
  });
  const found = cosines.map((row, i) =>
    row.map((_, j) => drawn.flatMap((one) => one[i]![j] ?? []).sort((a, b) => a - b))
  );
  const end = (share: number) =>
    found.map((row) =>
      row.map((values) => {
        if (values.length === 0) return null;
        const at = share * (values.length - 1);
        const below = Math.floor(at);
        const above = values[Math.min(below + 1, values.length - 1)]!;
        return values[below]! + (at - below) * (above - values[below]!);
      })
    );
  return {
    cosines,
    low: end((1 - level) / 2),
    high: end((1 + level) / 2),
    defined: found.map((row) => row.map(({ length }) => length / resamples)),
  };
}

/** Mean and variance of a cross-batch Gram entry, by number of prompts. */
export interface EntryMoments {
  /** `mu = <g_i, g_j>`. */
  readonly mean: number;
  /** `V_1 = g_i'M S_j M g_i + g_j'M S_i M g_j`, S the covariance of a prompt's gradient. */
  readonly linear: number;
  /** `T_2 = tr(M S_i M S_j)`. */
  readonly quadratic: number;
}

/**
 * Moments of `<g_i^A, g_j^B>` over halves of n prompts each: its mean is mu, its variance `V_1 / n + T_2 / n^2` (Theorem
 * 10b). Plugged in from a pilot, the pilot's own noise taken off `V_1`.
 *
 * @param products Inner products between the prompts of a pilot, [n, n][m, m], n >= 3 and better 30.
 * @param i First capability.
 * @param j Second capability.
 * @returns The moments.
 */
export function entryMoments(products: PromptProducts, i: number, j: number): EntryMoments {
  const n = products.length;
  if (n < 3) throw new UsageError(`Expected products of at least 3 prompts but found ${n}`);
  const k = products.map((row) => row.map((block) => block[i]![j]!));
  const pairs = n * (n - 1);
  let mean = 0;
  // Means over the other prompts: <g_ix, g_j> and <g_i, g_jx>.
  const own = new Array<number>(n).fill(0);
  const other = new Array<number>(n).fill(0);
  k.forEach((row, x) =>
    row.forEach((value, y) => {
      if (x === y) return;
      mean += value / pairs;
      own[x]! += value / (n - 1);
      other[y]! += value / (n - 1);
    })
  );
  const variance = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  let quadratic = 0;
  k.forEach((row, x) =>
    row.forEach((value, y) => {
      if (x !== y) quadratic += (value - own[x]! - other[y]! + mean) ** 2;
    })
  );
  // The means take 2 n - 1 degrees of freedom.
  quadratic /= pairs - 2 * n + 1;
  const linear = Math.max(0, variance(own) + variance(other) - 2 * quadratic / (n - 1));
  return { mean, linear, quadratic };
}

/**
 * Bound on the probability that a cross-batch Gram entry has the wrong sign, by Chebyshev's inequality (Theorem 10b):
 * `(V_1 / n + T_2 / n^2) / mu^2`, at most 1.
 *
 * @param moments See {@linkcode entryMoments}.
 * @param prompts n, the prompts in each half.
 * @returns The bound.
 */
export function wrongSignBound(moments: EntryMoments, prompts: number): number {
  const variance = moments.linear / prompts + moments.quadratic / prompts ** 2;
  return moments.mean === 0 ? 1 : Math.min(1, variance / moments.mean ** 2);
}

/**
 * Prompts that each half needs for a wrong sign to have a probability of at most delta (Theorem 10b):
 * `n >= 2 V_1 / (delta mu^2)` and `n >= sqrt(2 T_2 / delta) / |mu|`.
 *
 * @param moments See {@linkcode entryMoments}.
 * @param delta Allowed probability.
 * @returns Number of prompts; Infinity for a mean of 0.
 */
export function promptsForSign(moments: EntryMoments, delta: number): number {
  const { mean, linear, quadratic } = moments;
  if (mean === 0) return Infinity;
  return Math.ceil(Math.max(
    1,
    2 * linear / (delta * mean ** 2),
    Math.sqrt(2 * quadratic / delta) / Math.abs(mean),
  ));
}

/**
 * Number of prompts up to which a Gram entry measured on one batch has the wrong sign, `-C_ij / G_ij` (Theorem 10a).
 *
 * @param inner True `G_ij`.
 * @param covariance `C_ij`, the trace of the per-prompt covariance of the two gradients in M.
 * @returns n*, or 0 when the sign is right for every n.
 */
export function signFlipPrompts(inner: number, covariance: number): number {
  return inner * covariance < 0 ? -covariance / inner : 0;
}
