/** Capability-aware weights: the steepest update that harms no capability, through weights alone. @module */
import { UsageError } from "../../runtime/mod.ts";
import { dot, multiply } from "../algebra.ts";
import { checkGram } from "../gram.ts";
import { nnls } from "../nnls.ts";
import type { Gram } from "../types.ts";

/** What {@linkcode capabilityAwareWeights} needs. Products are with the gradients `g_i` in the metric M of the Gram matrix. */
export interface CapabilityAwareInput {
  /** Gram matrix `G_ij = <g_i, g_j>`, [m, m], m <= 8. */
  readonly gram: Gram;
  /** Preference p, positive, [m]. */
  readonly preference: readonly number[];
  /** `<g_i, m_{t-1}>` with the optimizer's momentum before the step, [m]. Needs `beta1`. */
  readonly momentumProducts?: readonly number[];
  /** The optimizer's first-moment decay b1 in [0, 1); 0 when left out. */
  readonly beta1?: number;
  /** `<g_i, k>` with any further gradient term, such as `k = -beta grad KL`, [m]. */
  readonly extraProducts?: readonly number[];
  /** `g_i' k'` with a change of the parameters outside the optimizer's bracket, such as decoupled weight decay, [m]. */
  readonly decayProducts?: readonly number[];
  /** Largest `v_i`, in units of the preference; no limit when left out. */
  readonly cap?: number;
  /** Ridge e: solve with `G + e diag(G)`; 0 when left out. */
  readonly ridge?: number;
  /** False for a capability that loses its veto (its `v_i` stays 0) because its gradient is mostly noise, [m]. */
  readonly veto?: readonly boolean[];
  /** Margins tau: ask for `<g_i, z> >= tau_i` in place of 0, [m]. */
  readonly margin?: readonly number[];
}

/** Weights and what certifies them. */
export interface CapabilityAwareWeights {
  /** `w = p + v / (1 - b1)`, [m]: weights for the rewards' advantages. */
  readonly weights: number[];
  /** `v`, [m]: the multipliers of the harmlessness constraints. */
  readonly multipliers: number[];
  /** `<g_i, z>`, [m]: first-order progress of every capability under the whole step z. */
  readonly progress: number[];
  /** Largest violation of the optimality conditions relative to the gradients' weighted norm. */
  readonly kkt: number;
  /** `mu_i = max(0, -<g_i, z>)`, [m]: harm left by the cap, the ridge or a dropped veto. */
  readonly mu: number[];
  /** `eps = v' progress`: at most 0 with a cap or a ridge, 0 up to rounding without. */
  readonly eps: number;
  /** `kappa_i = max(0, -sum_{j != i} w_j G_ij) / (w_i G_ii)`, [m]: above 1 the others undo i. 0 for a zero gradient. */
  readonly kappa: number[];
  /** `||u||^2 - ||z||^2 = -(2 b'v + v'Gv)`: what harmlessness costs in squared norm. */
  readonly price: number;
}

/**
 * Products `b_i = <g_i, u~>` of the gradients with the base update (THEORY.md, Theorem 5)
 * `u~ = b1 m_{t-1} + (1 - b1)(sum_j p_j g_j + k) + k'`.
 *
 * @param input Gram matrix, preference and the products with momentum m, extra term k and decay k'.
 * @returns b, [m].
 * @throws UsageError when a vector does not fit or beta1 lies outside [0, 1).
 */
export function baseProducts(input: CapabilityAwareInput): number[] {
  const { gram, preference, beta1 = 0 } = input;
  checkGram(gram, preference);
  if (!(beta1 >= 0 && beta1 < 1)) {
    throw new UsageError(`Expected beta1 to be in [0, 1) but found ${beta1}`);
  }
  for (
    const key of [
      "momentumProducts",
      "extraProducts",
      "decayProducts",
      "veto",
      "margin",
    ] as const
  ) {
    const value = input[key];
    if (value && value.length !== gram.length) {
      throw new UsageError(
        `Expected ${key} to have ${gram.length} entries but found ${value.length}`,
      );
    }
  }
  return multiply(gram, preference).map((preferred, i) =>
    beta1 * (input.momentumProducts?.[i] ?? 0) +
    (1 - beta1) * (preferred + (input.extraProducts?.[i] ?? 0)) +
    (input.decayProducts?.[i] ?? 0)
  );
}

/**
 * Capability-aware weights (THEORY.md, Theorems 4 to 6).
 *
 * With `v = argmin_{0 <= v <= V} v'Gv / 2 + b'v` and `w = p + v / (1 - b1)` the optimizer's whole step
 * `z = u~ + sum_i v_i g_i` is the projection of the base update u~ on the updates that lower no capability to first
 * order. Since the step is `z = b1 m + (1 - b1)(sum_i w_i g_i + k) + k'`, one backward pass with w on the advantages
 * makes it.
 *
 * @param input Gram matrix, preference and, where they apply, momentum, further terms, cap, ridge, vetoes, margins.
 * @returns Weights and their certificate.
 * @throws UsageError for shapes that do not fit, m > 8, or a cap or ridge below 0.
 * @example
 * ```ts
 * import { capabilityAwareWeights } from "./capability_aware.ts";
 * import { gramMatrix } from "../gram.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * const { weights, progress } = capabilityAwareWeights({ gram: gramMatrix([[-4, 1, 1], [6, 1, 1]]), preference: [0.5, 0.5] });
 * assertAlmostEquals(weights[0]!, 11 / 18, 1e-14); // the combined gradient is (5, 10, 10) / 9
 * assertAlmostEquals(progress[0]!, 0, 1e-14);
 * ```
 */
export function capabilityAwareWeights(
  input: CapabilityAwareInput,
): CapabilityAwareWeights {
  const { gram, preference, beta1 = 0, cap = Infinity, ridge = 0 } = input;
  if (!(cap >= 0)) {
    throw new UsageError(`Expected cap to be at least 0 but found ${cap}`);
  }
  if (!(ridge >= 0)) {
    throw new UsageError(`Expected ridge to be at least 0 but found ${ridge}`);
  }
  const base = baseProducts(input);
  const keep = 1 - beta1;
  const ridged = ridge === 0
    ? gram
    : gram.map((row, i) => row.map((x, j) => (i === j ? x * (1 + ridge) : x)));
  const linear = base.map((b, i) =>
    b + ridge * gram[i]![i]! * keep * preference[i]! - (input.margin?.[i] ?? 0)
  );
  const caps = preference.map((
    _,
    i,
  ) => (input.veto?.[i] === false ? 0 : cap * keep));
  const { solution: v, residual } = nnls(ridged, linear, caps);
  const weights = preference.map((p, i) => p + v[i]! / keep);
  const change = multiply(gram, v);
  const progress = base.map((b, i) => b + change[i]!);
  const norms = gram.map((row, i) => Math.sqrt(Math.max(row[i]!, 0)));
  const scale = Math.max(
    dot(norms, preference) * keep,
    ...linear.map((b, i) => (norms[i]! > 0 ? Math.abs(b) / norms[i]! : 0)),
  );
  return {
    weights,
    multipliers: v,
    progress,
    kkt: scale > 0 ? residual / scale : 0,
    mu: progress.map((value) => Math.max(0, -value)),
    eps: dot(v, progress),
    kappa: interference(gram, weights),
    price: -(2 * dot(base, v) + dot(v, change)),
  };
}

/**
 * Interference `kappa_i = max(0, -sum_{j != i} w_j G_ij) / (w_i G_ii)` (Theorem 1b): capability i gains to first order
 * iff `kappa_i < 1`.
 *
 * @param gram Gram matrix [m, m].
 * @param weights Weights [m].
 * @returns kappa, [m]; 0 where `w_i G_ii` is not positive.
 */
export function interference(gram: Gram, weights: readonly number[]): number[] {
  return gram.map((row, i) => {
    const own = weights[i]! * row[i]!;
    let others = 0;
    row.forEach((value, j) => others += j === i ? 0 : weights[j]! * value);
    return own > 0 ? Math.max(0, -others) / own : 0;
  });
}

/** Weights with a step size at which no capability falls, curvature included. */
export interface MarginWeights extends CapabilityAwareWeights {
  /** The accepted step size; 0 when none was, because no direction reaches a margin for every capability. */
  readonly stepSize: number;
  /** How often the step size was halved. */
  readonly halvings: number;
}

/**
 * The margin variant (THEORY.md, Theorem 6): ask for `<g_i, d> >= tau_i = L_i eta ||u||^2 / 2` and accept when
 * `(Gw)_i >= L_i eta w'Gw / 2` for all i, else halve eta. By Theorem 1a every accepted step keeps or raises every
 * capability, not only to first order.
 *
 * @param input Gram matrix and preference (momentum and further terms are not covered by the theorem).
 * @param smoothness `L_i` in the metric M, [m].
 * @param stepSize Step size eta to start from.
 * @returns Weights and the accepted step size.
 * @throws UsageError when smoothness does not fit or stepSize is not positive.
 */
export function marginWeights(
  input: Pick<CapabilityAwareInput, "gram" | "preference">,
  smoothness: readonly number[],
  stepSize: number,
): MarginWeights {
  const { gram, preference } = input;
  if (!(stepSize > 0)) {
    throw new UsageError(
      `Expected stepSize to be above 0 but found ${stepSize}`,
    );
  }
  if (smoothness.length !== gram.length) {
    throw new UsageError(
      `Expected smoothness to have ${gram.length} entries but found ${smoothness.length}`,
    );
  }
  const preferred = dot(preference, multiply(gram, preference));
  let eta = stepSize;
  for (let halvings = 0; halvings < 40; halvings++, eta /= 2) {
    const margin = smoothness.map((l) => (l * eta / 2) * preferred);
    const result = capabilityAwareWeights({ gram, preference, margin });
    const squared = dot(result.weights, result.progress);
    const holds = result.kkt <= 1e-9 &&
      result.progress.every((gain, i) => gain >= (smoothness[i]! * eta / 2) * squared);
    if (holds) return { ...result, stepSize: eta, halvings };
  }
  return {
    ...capabilityAwareWeights({ gram, preference }),
    stepSize: 0,
    halvings: 40,
  };
}
