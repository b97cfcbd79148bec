/** Comparisons of the aggregators with another implementation's results on random Jacobians. @module */
import {
  alignedMtl,
  cagrad,
  dualProj,
  type Gram,
  gramMatrix,
  imtlG,
  meanWeights,
  mgda,
  nashMtl,
  solveLinear,
  upgrad,
} from "../../lib/balance/mod.ts";
import { type Comparison, comparison } from "./comparison.ts";

type Row = { jacobian: number[][] } & Partial<Record<string, number[] | null>>;

interface Method {
  readonly name: string;
  readonly weights: (gram: Gram, preference: readonly number[]) => number[];
  /** Largest `||d - d_theirs|| / ||d_theirs||`. */
  readonly tolerance: number;
}

/**
 * The tolerances follow from what the other side solves, not from what was measured:
 * - Mean, IMTL-G, Aligned-MTL: closed forms; rounding times the condition number of G.
 * - UPGrad, DualProj: the same programme, when theirs is given its regularisation of 1e-4 tr(G); quadprog is exact.
 * - CAGrad: theirs is an interior-point solution with tolerance 1e-8 in the objective, so about its square root in d.
 * - MGDA: theirs is 20,000 steps of Frank-Wolfe, which zigzags and stops early, by 1e-2 and more where gradients are badly
 *   scaled. Points are therefore not compared: ours passes as a point of the hull whose norm is not above theirs. See
 *   {@linkcode leastNormComparisons}; that it is the least of all is compared with exact values in theory.ts.
 * - Nash-MTL: theirs stops a linearised iteration at 1e-3, and on badly scaled Jacobians may stop far from a solution.
 *   Where `m w_i (Gw)_i = 1` is off by more than 1e-2 for them, our weights must solve these equations in place of agreeing.
 */
const methods: readonly Method[] = [
  { name: "Mean", weights: meanWeights, tolerance: 1e-12 },
  { name: "IMTLG", weights: imtlG, tolerance: 1e-9 },
  { name: "AlignedMTL", weights: alignedMtl, tolerance: 1e-9 },
  {
    name: "DualProj",
    weights: (gram, p) => dualProj(gram, p, 1e-4),
    tolerance: 1e-9,
  },
  {
    name: "UPGrad",
    weights: (gram, p) => upgrad(gram, p, 1e-4),
    tolerance: 1e-9,
  },
  {
    name: "CAGrad",
    weights: (gram, p) => cagrad(gram, p, 0.5),
    tolerance: 1e-3,
  },
  { name: "MGDA", weights: mgda, tolerance: 1e-9 },
  { name: "NashMTL", weights: nashMtl, tolerance: 1e-2 },
];

/** Compare every aggregator with `aggregators` of a reference made by TorchJD, on the combined gradient d. */
export function aggregatorComparisons(reference: unknown): Comparison[] {
  const rows = (reference as { aggregators: Row[] }).aggregators;
  return rows.flatMap((row, k) => {
    const gram = gramMatrix(row.jacobian);
    const preference = row.jacobian.map(() => 1 / row.jacobian.length);
    return methods.flatMap(({ name, weights, tolerance }) => {
      const theirs = row[name];
      if (!theirs) return []; // their solver failed on this Jacobian
      const w = weights(gram, preference);
      const label = `aggregator ${k} ${name}`;
      if (name === "MGDA") return leastNormComparisons(label, row.jacobian, w, theirs, tolerance);
      const ours = combine(w, row.jacobian);
      if (name === "NashMTL" && nashResidual(gram, theirs, row.jacobian) > 1e-2) {
        const residual = nashResidual(gram, ours, row.jacobian);
        return [comparison(`${label} equations (theirs unsolved)`, residual, 1e-9)];
      }
      const error = norm(ours.map((x, c) => x - theirs[c]!)) / norm(theirs);
      return [comparison(label, error, tolerance)];
    });
  });
}

/** The combined gradient `J'w` [n] of weights [m] and a Jacobian [m, n]. */
function combine(
  w: readonly number[],
  jacobian: readonly (readonly number[])[],
): number[] {
  return jacobian[0]!.map((_, c) => jacobian.reduce((sum, g, i) => sum + w[i]! * g[c]!, 0));
}

const norm = (d: readonly number[]): number => Math.hypot(...d);

/**
 * Whether weights are those of a point of the gradients' hull that is at least as near to 0 as the peer's point. Only
 * one point has the least norm, so a lower norm than theirs means that theirs had not arrived.
 *
 * @param label what the rows are called
 * @param jacobian gradients [m, n]
 * @param w our weights [m]
 * @param theirs the peer's combined gradient [n]
 * @param tolerance how far our norm may be above theirs, relative to theirs
 * @returns the excess of our norm, and the distance of the weights from the simplex: of their sum from 1 or of the least
 *   one below 0
 */
export function leastNormComparisons(
  label: string,
  jacobian: readonly (readonly number[])[],
  w: readonly number[],
  theirs: readonly number[],
  tolerance: number,
): Comparison[] {
  const excess = norm(combine(w, jacobian)) - norm(theirs);
  const sum = w.reduce((total, x) => total + x, 0);
  return [
    comparison(`${label} norm above theirs`, Math.max(0, excess) / norm(theirs), tolerance),
    comparison(
      `${label} in the simplex`,
      Math.max(Math.abs(sum - 1), 0, ...w.map((x) => -x)),
      1e-12,
    ),
  ];
}

/** Largest `|m w_i (Gw)_i - 1|` of the weights behind a combined gradient of norm 1 (G nonsingular). */
function nashResidual(
  gram: Gram,
  d: readonly number[],
  jacobian: readonly (readonly number[])[],
): number {
  const rates = jacobian.map((g) => g.reduce((sum, x, c) => sum + x * d[c]!, 0));
  const w = solveLinear(gram, rates);
  return w ? Math.max(...w.map((x, i) => Math.abs(w.length * x * rates[i]! - 1))) : Infinity;
}
