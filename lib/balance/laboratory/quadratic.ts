/** Concave quadratics: objectives whose constants are known exactly. @module */

import { randomStream } from "../../runtime/mod.ts";
import { solveLinear, symmetricEigen } from "../algebra.ts";
import type { Problem } from "./problem.ts";

/** What quadratics are drawn from. */
export interface QuadraticOptions {
  /** Number of parameters. */
  readonly size: number;
  /** Number of objectives, m. */
  readonly objectives: number;
  /** Seed. */
  readonly seed: number;
}

/** `J_i(x) = c_i'x - x'A_i x / 2` with A_i positive definite. */
export interface QuadraticForm {
  /** c, [size]. */
  readonly linear: Float64Array;
  /** A, [size, size]. */
  readonly curvature: readonly (readonly number[])[];
}

/** Draws the forms: A is a random Gram matrix plus a tenth of the identity, c is normal. */
export function quadraticForms({ size, objectives, seed }: QuadraticOptions): QuadraticForm[] {
  return Array.from({ length: objectives }, (_, i) => {
    const random = randomStream(seed, "quadratic", i);
    const rows = Array.from(
      { length: size },
      () => Float64Array.from({ length: size }, () => random.normal()),
    );
    const curvature = rows.map((a, r) =>
      rows.map((b, c) => {
        let product = 0;
        for (let k = 0; k < size; k++) product += a[k]! * b[k]!;
        return product / size + (r === c ? 0.1 : 0);
      })
    );
    return { linear: Float64Array.from({ length: size }, () => random.normal()), curvature };
  });
}

/** A quadratic problem with its forms. */
export interface QuadraticProblem extends Problem {
  /** Its forms. */
  readonly forms: readonly QuadraticForm[];
}

/** Objectives from quadratic forms; `L_i` is the largest eigenvalue of `M^(1/2) A_i M^(1/2)`. */
export function quadraticProblem(forms: readonly QuadraticForm[]): QuadraticProblem {
  const size = forms[0]!.linear.length;
  return {
    forms,
    size,
    objectives: forms.length,
    evaluate: (x) => {
      const products = forms.map(({ curvature }) =>
        Float64Array.from(curvature, (row) => row.reduce((sum, a, k) => sum + a * x[k]!, 0))
      );
      return {
        values: forms.map(({ linear }, i) =>
          linear.reduce((sum, c, k) => sum + (c - products[i]![k]! / 2) * x[k]!, 0)
        ),
        gradients: forms.map(({ linear }, i) => linear.map((c, k) => c - products[i]![k]!)),
      };
    },
    smoothness: (metric) =>
      forms.map(({ curvature }) => {
        const scaled = curvature.map((row, r) =>
          row.map((a, c) => a * Math.sqrt((metric?.[r] ?? 1) * (metric?.[c] ?? 1)))
        );
        return Math.max(...symmetricEigen(scaled).values);
      }),
    best: (weights) => {
      const linear = Array.from(
        { length: size },
        (_, k) => forms.reduce((sum, form, i) => sum + weights[i]! * form.linear[k]!, 0),
      );
      const curvature = linear.map((_, r) =>
        linear.map((_, c) =>
          forms.reduce((s, form, i) => s + weights[i]! * form.curvature[r]![c]!, 0)
        )
      );
      const top = solveLinear(curvature, linear)!;
      return linear.reduce((sum, c, k) => sum + c * top[k]!, 0) / 2;
    },
  };
}

/**
 * The example that makes Theorem 7b sharp: `J_1 = x - L x^2 / 2`, `J_2 = -L x^2 / 2`, at 0. One step of size c / L lowers
 * `J_2` by exactly c / (2 - c) of what `F_p` gains as the preference of `J_1` goes to 1.
 */
export function sharpExample(smoothness: number): QuadraticProblem {
  const curvature = [[smoothness]];
  return quadraticProblem([
    { linear: Float64Array.of(1), curvature },
    { linear: Float64Array.of(0), curvature },
  ]);
}
