/** Small dense linear algebra on m x m matrices, m being the number of capabilities. @module */
import { UsageError } from "../runtime/mod.ts";
import type { Gram, Vector } from "./types.ts";

/**
 * Inner product of two vectors.
 *
 * @param a Vector [m].
 * @param b Vector [m].
 * @returns `a'b`.
 */
export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Inner product `sum_k M_k a_k b_k` in float64. */
export function metricProduct(a: Vector, b: Vector, metric?: Vector): number {
  let sum = 0;
  if (metric) {
    for (let k = 0; k < a.length; k++) sum += metric[k]! * a[k]! * b[k]!;
  } else for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

/** Checks that vectors, and the metric where there is one, have the same length. */
export function checkVectors(
  vectors: readonly Vector[],
  metric: Vector | undefined,
): void {
  const d = vectors[0]?.length ?? 0;
  vectors.forEach((vector, i) => {
    if (vector.length !== d) {
      throw new UsageError(
        `Expected gradient ${i} to have length ${d} but found ${vector.length}`,
      );
    }
  });
  if (metric && metric.length !== d) {
    throw new UsageError(
      `Expected metric to have length ${d} but found ${metric.length}`,
    );
  }
}

/**
 * Product of a matrix and a vector.
 *
 * @param matrix Matrix [n, m].
 * @param vector Vector [m].
 * @returns The product [n].
 */
export function multiply(matrix: Gram, vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

/**
 * Solve a square linear system by Gaussian elimination with row pivoting and one step of refinement.
 *
 * @param matrix Matrix [n, n].
 * @param right Right-hand side [n].
 * @returns The solution [n], or undefined when a pivot is below `n` machine units of the matrix's largest entry.
 */
export function solveLinear(
  matrix: Gram,
  right: readonly number[],
): number[] | undefined {
  const n = right.length;
  const lu = matrix.map((row) => [...row]);
  const order = Array.from({ length: n }, (_, i) => i);
  let largest = 0;
  for (const row of matrix) {
    for (const x of row) largest = Math.max(largest, Math.abs(x));
  }
  const tiny = n * Number.EPSILON * largest;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(lu[i]![k]!) > Math.abs(lu[pivot]![k]!)) pivot = i;
    }
    if (!(Math.abs(lu[pivot]![k]!) > tiny)) return undefined;
    [lu[k], lu[pivot]] = [lu[pivot]!, lu[k]!];
    [order[k], order[pivot]] = [order[pivot]!, order[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = lu[i]![k]! / lu[k]![k]!;
      lu[i]![k] = factor;
      for (let j = k + 1; j < n; j++) lu[i]![j]! -= factor * lu[k]![j]!;
    }
  }
  const substitute = (b: readonly number[]): number[] => {
    const x = order.map((i) => b[i]!);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) x[i]! -= lu[i]![j]! * x[j]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i]! -= lu[i]![j]! * x[j]!;
      x[i]! /= lu[i]![i]!;
    }
    return x;
  };
  const x = substitute(right);
  const residual = multiply(matrix, x).map((value, i) => right[i]! - value);
  const correction = substitute(residual);
  return x.map((value, i) => value + correction[i]!);
}

/** Eigenvalues, largest first, and the matching eigenvectors as rows. */
export interface Eigen {
  /** Eigenvalues [m], largest first. */
  readonly values: readonly number[];
  /** Unit eigenvectors, one a row [m, m]. */
  readonly vectors: readonly (readonly number[])[];
}

/**
 * Eigendecomposition of a symmetric matrix by cyclic Jacobi rotations.
 *
 * @param matrix Symmetric matrix [m, m].
 * @returns Eigenvalues, largest first, and eigenvectors.
 * @example
 * ```ts
 * import { symmetricEigen } from "./algebra.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * const { values } = symmetricEigen([[2, 1], [1, 2]]);
 * assertAlmostEquals(values[0]!, 3, 1e-14);
 * assertAlmostEquals(values[1]!, 1, 1e-14);
 * ```
 */
export function symmetricEigen(matrix: Gram): Eigen {
  const m = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0, all = 0;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        all = Math.max(all, Math.abs(a[i]![j]!));
        if (i !== j) off = Math.max(off, Math.abs(a[i]![j]!));
      }
    }
    if (off <= Number.EPSILON * 1e-3 * all) break;
    for (let p = 0; p < m; p++) {
      for (let q = p + 1; q < m; q++) rotate(a, v, p, q);
    }
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return {
    values: order.map((i) => a[i]![i]!),
    vectors: order.map((i) => v.map((row) => row[i]!)),
  };
}

/** One Jacobi rotation that makes `a[p][q]` zero; `v` collects the rotations as columns. */
function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (apq === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < a.length; k++) {
    const x = a[k]![p]!, y = a[k]![q]!;
    a[k]![p] = c * x - s * y;
    a[k]![q] = s * x + c * y;
  }
  for (let k = 0; k < a.length; k++) {
    const x = a[p]![k]!, y = a[q]![k]!;
    a[p]![k] = c * x - s * y;
    a[q]![k] = s * x + c * y;
    const z = v[k]![p]!, w = v[k]![q]!;
    v[k]![p] = c * z - s * w;
    v[k]![q] = s * z + c * w;
  }
  a[p]![q] = 0;
  a[q]![p] = 0;
}

/**
 * Apply a function of a symmetric matrix to a vector, `sum_k f(lambda_k) <e_k, x> e_k`,
 * over the eigenvalues above `m` machine units of the largest (the numerical rank).
 *
 * @param eigen Eigendecomposition of the matrix.
 * @param vector Vector [m].
 * @param f Function of an eigenvalue; `1 / lambda` gives the pseudo-inverse.
 * @returns The image [m].
 */
export function applySpectral(
  eigen: Eigen,
  vector: readonly number[],
  f: (lambda: number) => number,
): number[] {
  const m = vector.length;
  const tiny = m * Number.EPSILON * (eigen.values[0] ?? 0);
  const out = new Array<number>(m).fill(0);
  eigen.values.forEach((lambda, k) => {
    if (!(lambda > tiny)) return;
    const e = eigen.vectors[k]!;
    const scale = f(lambda) * dot(e, vector);
    for (let i = 0; i < m; i++) out[i]! += scale * e[i]!;
  });
  return out;
}
