/** Fair resource allocation. @module */
import { dot, multiply, solveLinear } from "../algebra.ts";
import { checkGram, unitDiagonal } from "../gram.ts";
import { simplexProgram } from "../nnls.ts";
import type { Gram } from "../types.ts";

/**
 * FairGrad: weights with `(Gw)_i = w_i^(-1/alpha)`, the optimum of alpha-fair utilities of the progress rates.
 * alpha = 1 is the Nash bargaining solution. The preference plays no part.
 *
 * Ban and Ji, "Fair Resource Allocation in Multi-Task Learning" (arXiv 2402.15638), equation 4. Solved by a damped Newton
 * iteration on the convex function `w'Gw / 2 - sum_i phi(w_i)`, `phi'(w) = w^(-1/alpha)`.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference [m], not used beyond its length.
 * @param alpha Fairness, above 0; 1 when left out.
 * @returns Positive weights [m]; all 0 when 0 lies in the convex hull of the gradients, where no solution exists.
 */
export function fairgrad(
  gram: Gram,
  preference: readonly number[],
  alpha = 1,
): number[] {
  checkGram(gram, preference);
  const { cosines, norms } = unitDiagonal(gram);
  const hull = simplexProgram(gram);
  const reach = dot(hull, norms);
  if (!(dot(hull, multiply(gram, hull)) > 1e-14 * reach * reach)) {
    return norms.map(() => 0);
  }
  // y_i = w_i n_i solves C y = c_i y_i^-r with r = 1 / alpha and c_i = n_i^(r - 1).
  const r = 1 / alpha;
  const c = norms.map((n) => n ** (r - 1));
  const value = (y: readonly number[]): number => {
    const utility = y.reduce(
      (sum, x, i) => sum + c[i]! * (r === 1 ? Math.log(x) : x ** (1 - r) / (1 - r)),
      0,
    );
    return dot(y, multiply(cosines, y)) / 2 - utility;
  };
  let y = c.map((x) => x ** (1 / (1 + r)));
  for (let step = 0; step < 200; step++) {
    const slope = multiply(cosines, y).map((x, i) => x - c[i]! * y[i]! ** -r);
    const hessian = cosines.map((row, i) =>
      row.map((x, j) => x + (i === j ? c[i]! * r * y[i]! ** (-r - 1) : 0))
    );
    const move = solveLinear(hessian, slope.map((x) => -x));
    if (!move) break;
    const descent = dot(slope, move);
    let size = 1;
    const start = value(y);
    const next = () => y.map((x, i) => x + size * move[i]!);
    while (
      size > 1e-12 &&
      (next().some((x) => !(x > 0)) ||
        value(next()) > start + size * descent / 4 + 1e-13 * Math.abs(start))
    ) {
      size /= 2;
    }
    y = next();
    if (move.every((x, i) => Math.abs(size * x) <= 1e-15 * y[i]!)) break;
  }
  return y.map((x, i) => x / norms[i]!);
}
