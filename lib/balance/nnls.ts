/** Exact solution of the small quadratic programmes behind the weights. @module */
import { UsageError } from "../runtime/mod.ts";
import { dot, multiply, solveLinear } from "./algebra.ts";
import { unitDiagonal } from "./gram.ts";
import type { Gram } from "./types.ts";

/** Largest number of gradients that the enumeration of active sets accepts. */
export const maxCapabilities = 8;

/** A solution of the box-constrained programme. */
export interface NnlsSolution {
  /** `v`, [m]. */
  readonly solution: number[];
  /** `Gv + b`, [m]: the progress `<g_i, z>` of every capability under the projected direction. */
  readonly progress: number[];
  /**
   * Largest violation of the optimality conditions `v_i = clip(v_i - progress_i)`, both sides in the scale of unit
   * gradients (`v_i ||g_i||` and `progress_i / ||g_i||`). Zero up to rounding unless the programme is unbounded.
   */
  readonly residual: number;
}

/**
 * Minimise `v'Gv / 2 + b'v` over `0 <= v_i <= cap_i` exactly, for small m.
 *
 * G is scaled to unit diagonal; then the active sets are tried one by one. Some optimum has free variables whose
 * gradients are linearly independent, so singular sets are skipped. The candidate with the smallest residual wins:
 * no ridge is needed for singular, duplicate, opposite or zero gradients.
 *
 * @param gram Positive semidefinite matrix [m, m], m <= 8.
 * @param linear b, [m].
 * @param cap Upper limits [m]; Infinity where there is none, 0 fixes a variable at 0.
 * @returns v with its residual.
 * @throws UsageError when m > 8.
 * @example
 * ```ts
 * import { nnls } from "./nnls.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * const { solution } = nnls([[18, -22], [-22, 38]], [-2, 8]); // b = G (1/2, 1/2)
 * assertAlmostEquals(solution[0]!, 1 / 9, 1e-15);
 * ```
 */
export function nnls(
  gram: Gram,
  linear: readonly number[],
  cap?: readonly number[],
): NnlsSolution {
  const m = gram.length;
  if (m > maxCapabilities) {
    throw new UsageError(
      `Expected at most ${maxCapabilities} gradients but found ${m}`,
    );
  }
  const { cosines, norms } = unitDiagonal(gram);
  const b = linear.map((value, i) => (norms[i]! > 0 ? value / norms[i]! : 0));
  const upper = norms.map((
    norm,
    i,
  ) => (norm > 0 ? (cap?.[i] ?? Infinity) * norm : 0));
  const movable = upper.map((value, i) => (value > 0 ? i : -1)).filter((i) => i >= 0);
  const factor = factorize(cosines, b);
  const goal = 2 * m * Number.EPSILON * Math.max(0, ...b.map(Math.abs));
  const capped = upper.map(Number.isFinite);
  let best: { v: number[]; residual: number } | undefined;
  // First without the caps; only when that breaks one, the sets with variables at their cap.
  for (const withCaps of [false, true]) {
    if (withCaps && !movable.some((i) => capped[i])) break;
    for (const states of activeSets(movable, withCaps ? capped : [])) {
      const v = candidate(factor, upper, states);
      if (!v) continue;
      const residual = naturalResidual(factor, upper, v);
      if (!best || residual < best.residual) best = { v, residual };
      if (residual <= goal) break;
    }
    if (best && best.residual <= goal) break;
  }
  const solution = best!.v.map((
    value,
    i,
  ) => (norms[i]! > 0 ? value / norms[i]! : 0));
  const z = direction(factor, best!.v);
  const progress = norms.map((norm, i) =>
    norm > 0 ? (dot(factor.columns[i]!, z) + factor.defect[i]!) * norm : linear[i]!
  );
  return { solution, progress, residual: best!.residual };
}

/** Every assignment of 0 (at zero), 1 (free) and, where capped, 2 (at the cap) to the movable variables, fewest free first. */
function activeSets(
  movable: readonly number[],
  capped: readonly boolean[],
): Uint8Array[] {
  let sets: number[][] = [[]];
  for (const i of movable) {
    sets = sets.flatMap((set) => (capped[i] ? [0, 1, 2] : [0, 1]).map((state) => [...set, state]));
  }
  const size = (set: number[]) => set.reduce((sum, state) => sum + (state > 0 ? 1 : 0), 0);
  return sets.sort((a, b) => size(a) - size(b)).map((set) => {
    const states = new Uint8Array(maxCapabilities);
    set.forEach((state, k) => states[movable[k]!] = state);
    return states;
  });
}

/** Vectors with the given cosines, and b as products with them: `cosines_ij = <r_i, r_j>`, `b_i = <r_i, c> + defect_i`. */
interface Factor {
  readonly columns: readonly (readonly number[])[];
  readonly base: readonly number[];
  /** What of b lies outside the range of the matrix: rounding, or an unbounded programme. */
  readonly defect: readonly number[];
}

/** Cholesky factorisation with pivoting, cut off at the numerical rank. */
function factorize(cosines: Gram, b: readonly number[]): Factor {
  const m = b.length;
  const columns = b.map(() => [] as number[]);
  const left = cosines.map((row, i) => row[i]!);
  const base: number[] = [];
  for (let k = 0; k < m; k++) {
    const pivot = left.indexOf(Math.max(...left));
    if (!(left[pivot]! > 2 * m * Number.EPSILON)) break;
    const root = Math.sqrt(left[pivot]!);
    const head = [...columns[pivot]!];
    base.push((b[pivot]! - dot(head, base)) / root);
    for (let i = 0; i < m; i++) {
      const entry = i === pivot
        ? root
        : left[i] === -1
        ? 0
        : (cosines[i]![pivot]! - dot(head, columns[i]!)) / root;
      columns[i]!.push(entry);
      if (left[i]! >= 0) left[i] = Math.max(0, left[i]! - entry * entry);
    }
    left[pivot] = -1; // done: later entries of a pivot's column are 0
  }
  return { columns, base, defect: b.map((value, i) => value - dot(columns[i]!, base)) };
}

/** `base + sum_i v_i r_i`. */
function direction(factor: Factor, v: readonly number[]): number[] {
  return factor.base.map((x, k) => factor.columns.reduce((sum, r, i) => sum + v[i]! * r[k]!, x));
}

/**
 * The stationary point of one active set, clipped to the box; undefined when its columns are dependent. A least-squares
 * problem on the factor, by modified Gram-Schmidt: the normal equations would square the condition number.
 */
function candidate(
  factor: Factor,
  upper: readonly number[],
  states: Uint8Array,
): number[] | undefined {
  const v = upper.map((value, i) => (states[i] === 2 ? value : 0));
  const free = upper.map((_, i) => i).filter((i) => states[i] === 1);
  const target = direction(factor, v);
  const basis: number[][] = [], triangle: number[][] = [], right: number[] = [];
  for (const i of free) {
    const q = [...factor.columns[i]!];
    const row = basis.map((e) => subtractPart(q, e));
    const size = Math.sqrt(dot(q, q));
    // Below the root of a machine unit, a Gram matrix holds only rounding about a direction.
    if (!(size > Math.sqrt(2 * upper.length * Number.EPSILON))) return undefined;
    basis.push(q.map((x) => x / size));
    triangle.push([...row, size]); // column of R: q_i = sum_k row_k e_k + size e_i
    right.push(-subtractPart(target, basis.at(-1)!));
  }
  // (R'R) x = R' right - defect: solve R'y = defect, then R x = right - y.
  const y: number[] = [];
  free.forEach((i, k) =>
    y.push((factor.defect[i]! - dot(triangle[k]!.slice(0, k), y)) / triangle[k]![k]!)
  );
  const x = new Array<number>(free.length).fill(0);
  for (let k = free.length - 1; k >= 0; k--) {
    let value = right[k]! - y[k]!;
    for (let j = k + 1; j < free.length; j++) value -= triangle[j]![k]! * x[j]!;
    x[k] = value / triangle[k]![k]!;
  }
  free.forEach((i, k) => v[i] = Math.min(Math.max(x[k]!, 0), upper[i]!));
  return v;
}

/** Remove the part of q along the unit vector e in place and return its length. */
function subtractPart(q: number[], e: readonly number[]): number {
  const part = dot(q, e);
  for (let k = 0; k < q.length; k++) q[k]! -= part * e[k]!;
  return part;
}

function naturalResidual(factor: Factor, upper: readonly number[], v: readonly number[]): number {
  const z = direction(factor, v);
  let worst = 0;
  for (let i = 0; i < v.length; i++) {
    if (upper[i] === 0) continue;
    const slope = dot(factor.columns[i]!, z) + factor.defect[i]!;
    worst = Math.max(worst, Math.abs(v[i]! - Math.min(Math.max(v[i]! - slope, 0), upper[i]!)));
  }
  return worst;
}

/**
 * Minimise `q'w + w'Gw / 2` over the simplex `w >= 0, sum w = 1` exactly, for small m, where q lies in the range of G.
 * Supports are tried one by one; some optimum has affinely independent gradients, so singular supports are skipped.
 *
 * @param gram Positive semidefinite matrix [m, m], m <= 8.
 * @param linear q, [m]; left out for the point of least norm in the convex hull of the gradients.
 * @returns w, [m].
 * @throws UsageError when m > 8.
 */
export function simplexProgram(
  gram: Gram,
  linear?: readonly number[],
): number[] {
  const m = gram.length;
  if (m > maxCapabilities) {
    throw new UsageError(
      `Expected at most ${maxCapabilities} gradients but found ${m}`,
    );
  }
  const { cosines, norms } = unitDiagonal(gram);
  const zero = norms.indexOf(0);
  if (zero >= 0 && !linear) return norms.map((_, i) => (i === zero ? 1 : 0));
  // c_i = w_i n_i / s with s = the least norm, so the constraint is h'c = 1 with h_i = s / n_i in (0, 1].
  const scale = zero >= 0 ? norms.map(() => 1) : norms;
  const matrix = zero >= 0 ? gram : cosines;
  const least = Math.min(...scale);
  const h = scale.map((value) => least / value);
  const q = scale.map((value, i) => (linear?.[i] ?? 0) / value / least);
  let best: { w: number[]; value: number } | undefined;
  for (let mask = 1; mask < 1 << m; mask++) {
    const support = h.map((_, i) => i).filter((i) => mask >> i & 1);
    const system = [
      ...support.map((i) => [...support.map((j) => matrix[i]![j]!), h[i]!]),
      [...support.map((i) => h[i]!), 0],
    ];
    const x = solveLinear(system, [...support.map((i) => -q[i]!), 1]);
    if (
      !x || support.some((_, k) => x[k]! < -1e-12 * Math.max(...x.slice(0, -1)))
    ) continue;
    const c = h.map(() => 0);
    support.forEach((i, k) => c[i] = Math.max(x[k]!, 0));
    const total = dot(c, h);
    for (let i = 0; i < m; i++) c[i]! /= total;
    const value = dot(q, c) + dot(c, multiply(matrix, c)) / 2;
    if (!best || value < best.value) {
      best = { w: c.map((x, i) => x * h[i]!), value };
    }
  }
  return best!.w;
}
