/** Gram matrices of capability gradients and what is measured on them. @module */
import { UsageError } from "../runtime/mod.ts";
import { applySpectral, checkVectors, metricProduct, symmetricEigen } from "./algebra.ts";
import type { Gram, Vector } from "./types.ts";

/**
 * Gram matrix `G_ij = <g_i, g_j> = g_i' M g_j` of m gradients.
 *
 * Take the metric from before the step (for Adam the second moment of the previous step): one that already holds the
 * current batch depends on the weights it should determine.
 *
 * @param gradients m gradients of d entries, [m, d].
 * @param metric Positive diagonal of M, [d]; the identity when left out.
 * @returns G, [m, m].
 * @throws UsageError when lengths differ.
 * @example
 * ```ts
 * import { gramMatrix } from "./gram.ts";
 * import { assertEquals } from "@std/assert";
 * assertEquals(gramMatrix([[-4, 1, 1], [6, 1, 1]]), [[18, -22], [-22, 38]]);
 * ```
 */
export function gramMatrix(
  gradients: readonly Vector[],
  metric?: Vector,
): number[][] {
  checkVectors(gradients, metric);
  const m = gradients.length;
  const gram = Array.from({ length: m }, () => new Array<number>(m).fill(0));
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i]![j] = gram[j]![i] = metricProduct(gradients[i]!, gradients[j]!, metric);
    }
  }
  return gram;
}

/**
 * Unbiased Gram matrix from the mean gradients of two disjoint halves A and B of the prompts (THEORY.md, Theorem 10b):
 * `Gx_ij = (<g_i^A, g_j^B> + <g_j^A, g_i^B>) / 2`.
 *
 * A Gram matrix of one batch of n prompts estimates `G + C / n` instead, where C holds the covariance of the
 * per-prompt gradients: its cosines drift to the correlation of the rewards and can have the wrong sign.
 * The cross Gram matrix may be indefinite: pass it through {@linkcode clipEigenvalues}.
 *
 * @param halfA Mean gradients on half A, [m, d].
 * @param halfB Mean gradients on half B, [m, d].
 * @param metric Positive diagonal of M, [d].
 * @returns Gx, [m, m], symmetric.
 * @throws UsageError when lengths differ.
 */
export function crossGram(
  halfA: readonly Vector[],
  halfB: readonly Vector[],
  metric?: Vector,
): number[][] {
  checkVectors([...halfA, ...halfB], metric);
  if (halfA.length !== halfB.length) {
    throw new UsageError(
      `Expected as many gradients in both halves but found ${halfA.length} and ${halfB.length}`,
    );
  }
  const raw = halfA.map((a) => halfB.map((b) => metricProduct(a, b, metric)));
  return raw.map((row, i) => row.map((value, j) => (value + raw[j]![i]!) / 2));
}

/**
 * Unbiased Gram matrix from one pass over n prompts (Theorem 10b):
 * `Gu_ij = (n^2 <gbar_i, gbar_j> - sum_x <g_ix, g_jx>) / (n (n - 1))`.
 *
 * @param meanGram Gram matrix of the mean gradients `<gbar_i, gbar_j>`, [m, m].
 * @param promptGrams Gram matrix of each prompt's own gradients `<g_ix, g_jx>`, n of [m, m].
 * @returns Gu, [m, m].
 * @throws UsageError with fewer than two prompts.
 */
export function onePassGram(
  meanGram: Gram,
  promptGrams: readonly Gram[],
): number[][] {
  const n = promptGrams.length;
  if (n < 2) {
    throw new UsageError(
      `Expected promptGrams to have at least 2 prompts but found ${n}`,
    );
  }
  return meanGram.map((row, i) =>
    row.map((value, j) => {
      let own = 0;
      for (const gram of promptGrams) own += gram[i]![j]!;
      return (n * n * value - own) / (n * (n - 1));
    })
  );
}

/**
 * Nearest positive semidefinite matrix in the Frobenius norm: negative eigenvalues become 0.
 *
 * @param gram Symmetric matrix [m, m].
 * @returns The clipped matrix [m, m].
 * @example
 * ```ts
 * import { clipEigenvalues } from "./gram.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * const clipped = clipEigenvalues([[1, 2], [2, 1]]); // eigenvalues 3 and -1
 * assertAlmostEquals(clipped[0]![1]!, 1.5, 1e-14);
 * ```
 */
export function clipEigenvalues(gram: Gram): number[][] {
  const eigen = symmetricEigen(gram);
  if ((eigen.values.at(-1) ?? 0) >= 0) return gram.map((row) => [...row]);
  const columns = gram.map((_, j) =>
    applySpectral(
      eigen,
      gram.map((_, i) => (i === j ? 1 : 0)),
      (lambda) => lambda,
    )
  );
  return gram.map((_, i) => gram.map((_, j) => (columns[i]![j]! + columns[j]![i]!) / 2));
}

/** A Gram matrix with unit diagonal, and the norms that were taken out. */
export interface UnitGram {
  /** `G_ij / (n_i n_j)`: the cosines; the row and column of a zero gradient are 0. [m, m] */
  readonly cosines: number[][];
  /** `n_i = ||g_i||`, 0 for a zero gradient. [m] */
  readonly norms: number[];
}

/**
 * Scale a Gram matrix to unit diagonal. Solvers work on this form, because gradients of very different size
 * would otherwise lose the small one.
 *
 * @param gram Gram matrix [m, m].
 * @returns Cosines and norms.
 */
export function unitDiagonal(gram: Gram): UnitGram {
  const norms = gram.map((row, i) => (row[i]! > 0 ? Math.sqrt(row[i]!) : 0));
  const cosines = gram.map((row, i) =>
    row.map((value, j) => {
      if (norms[i] === 0 || norms[j] === 0) return 0;
      return i === j ? 1 : value / norms[i]! / norms[j]!;
    })
  );
  return { cosines, norms };
}

/**
 * Signal to noise `n G_ii / C_ii` of each capability's mean gradient over n prompts, from the mean gradients of two
 * disjoint halves of n prompts each. `<g_i^A, g_i^B>` estimates `G_ii`, and `||g_i^A - g_i^B||^2 / 2` estimates `C_ii / n`.
 * Under 1 the gradient is mostly noise: such a capability should lose its veto (its constraint), not its reward.
 *
 * @param halfA Mean gradients on half A, [m, d].
 * @param halfB Mean gradients on half B, [m, d].
 * @param metric Positive diagonal of M, [d].
 * @returns One ratio a capability, [m]; 0 where both halves are zero, negative when the halves point apart.
 */
export function signalToNoise(
  halfA: readonly Vector[],
  halfB: readonly Vector[],
  metric?: Vector,
): number[] {
  checkVectors([...halfA, ...halfB], metric);
  return halfA.map((a, i) => {
    const b = halfB[i]!;
    const signal = metricProduct(a, b, metric);
    const noise = (metricProduct(a, a, metric) + metricProduct(b, b, metric)) / 2 - signal;
    return ratio(signal, noise);
  });
}

/**
 * Signal to noise `n G_ii / C_ii` from per-prompt Gram matrices: with Gu of {@linkcode onePassGram},
 * `C_ii = mean_x ||g_ix||^2 - Gu_ii`.
 *
 * @param meanGram Gram matrix of the mean gradients, [m, m].
 * @param promptGrams Each prompt's own Gram matrix, n of [m, m].
 * @returns One ratio a capability, [m].
 */
export function signalToNoisePerPrompt(
  meanGram: Gram,
  promptGrams: readonly Gram[],
): number[] {
  const n = promptGrams.length;
  return onePassGram(meanGram, promptGrams).map((row, i) => {
    const own = promptGrams.reduce((sum, gram) => sum + gram[i]![i]!, 0) / n;
    return ratio(row[i]!, (own - row[i]!) / n);
  });
}

function ratio(signal: number, noise: number): number {
  if (noise > 0) return signal / noise;
  return signal > 0 ? Infinity : 0;
}

/**
 * Check that a Gram matrix is square and finite and that the preference fits it.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference [m].
 * @throws UsageError naming what does not fit.
 */
export function checkGram(gram: Gram, preference: readonly number[]): void {
  const m = gram.length;
  gram.forEach((row, i) => {
    if (row.length !== m) {
      throw new UsageError(
        `Expected gram to be square but row ${i} has ${row.length} entries, not ${m}`,
      );
    }
    row.forEach((value, j) => {
      if (!Number.isFinite(value)) {
        throw new UsageError(
          `Expected gram[${i}][${j}] to be finite but found ${value}`,
        );
      }
    });
  });
  if (preference.length !== m) {
    throw new UsageError(
      `Expected preference to have ${m} entries but found ${preference.length}`,
    );
  }
  preference.forEach((value, i) => {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new UsageError(
        `Expected preference[${i}] to be a number of at least 0 but found ${value}`,
      );
    }
  });
}
