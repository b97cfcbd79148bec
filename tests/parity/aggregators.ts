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
  upgrad,
} from "../../lib/balance/mod.ts";
import { solveLinear } from "../../lib/balance/algebra.ts";
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
 * - MGDA: theirs is 20,000 steps of Frank-Wolfe, which zigzags; so d is compared roughly, and besides our d* must satisfy
 *   `||d - d*||^2 <= ||d||^2 - ||d*||^2`, which holds for every d of the hull iff d* is its point of least norm.
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
  { name: "MGDA", weights: mgda, tolerance: 1e-2 },
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
      const ours = theirs.map((_, c) => row.jacobian.reduce((sum, g, i) => sum + w[i]! * g[c]!, 0));
      const error = Math.hypot(...ours.map((x, c) => x - theirs[c]!)) /
        Math.hypot(...theirs);
      const label = `aggregator ${k} ${name}`;
      if (
        name === "NashMTL" && nashResidual(gram, theirs, row.jacobian) > 1e-2
      ) {
        return [
          comparison(
            `${label} equations (theirs unsolved)`,
            nashResidual(gram, ours, row.jacobian),
            1e-9,
          ),
        ];
      }
      const out = [comparison(label, error, tolerance)];
      if (name === "MGDA") {
        const gap = Math.hypot(...theirs) ** 2 - Math.hypot(...ours) ** 2;
        const distance = Math.hypot(...ours.map((x, c) => x - theirs[c]!)) ** 2;
        out.push(
          comparison(
            `${label} least norm`,
            Math.max(0, distance - gap) / Math.hypot(...theirs) ** 2,
            1e-12,
          ),
        );
      }
      return out;
    });
  });
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
