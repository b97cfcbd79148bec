/** Evidence from independent prompts that a direction raises a capability. @module */
import { UsageError } from "../runtime/mod.ts";
import type { Vector } from "./types.ts";

/**
 * Directional derivatives `z_x = g_x'D` of one capability on every prompt. Their mean estimates `g'D` without bias where
 * the prompts are independent of those that D was chosen on; only then are they evidence for it.
 *
 * @param gradients The capability's gradient on each prompt, [n, d].
 * @param update The direction D as a change of the parameters, [d] (no metric: D holds the optimizer's).
 * @returns `z_x`, [n].
 */
export function directionalDerivatives(
  gradients: readonly Vector[],
  update: Vector,
): number[] {
  return gradients.map((gradient) => {
    let sum = 0;
    for (let k = 0; k < update.length; k++) sum += gradient[k]! * update[k]!;
    return sum;
  });
}

/** Mean and sample variance. */
function moments(values: readonly number[]): { mean: number; variance: number } {
  const n = values.length;
  const mean = values.reduce((sum, z) => sum + z, 0) / n;
  return { mean, variance: values.reduce((sum, z) => sum + (z - mean) ** 2, 0) / (n - 1) };
}

/**
 * Number of prompts whose mean derivative shows the sign of a gain, `(q sd(z) / mean(z))^2` (Theorem 10c), by the normal
 * law: the sign is wrong with the probability that lies beyond the quantile q. For a promise without that law see
 * {@linkcode certifyDirection}.
 *
 * @param derivatives `z_x` of a pilot, [n], n >= 2.
 * @param quantile Quantile q of the standard normal law; the default is that of 0.95.
 * @returns Number of prompts; Infinity where the mean is not above 0.
 * @example
 * ```ts
 * import { promptsToCertify } from "./certificate.ts";
 * import { assertEquals } from "@std/assert";
 * assertEquals(promptsToCertify([1, 3], 2), 2); // (2 sqrt(2) / 2)^2
 * ```
 */
export function promptsToCertify(
  derivatives: readonly number[],
  quantile = 1.6448536269514722,
): number {
  const { mean, variance } = moments(derivatives);
  return mean > 0 ? Math.ceil(quantile ** 2 * variance / mean ** 2 - 1e-9) : Infinity;
}

/** Evidence from independent prompts that a direction raises a capability. */
export interface DirectionCertificate {
  /** Mean of the per-prompt directional derivatives. */
  readonly mean: number;
  /** Lower confidence limit, empirical Bernstein. */
  readonly lower: number;
  /** True when the lower limit is above 0. */
  readonly certified: boolean;
}

/**
 * Empirical Bernstein certificate for a chosen direction (Theorem 10c; Maurer and Pontil, COLT 2009):
 * `mean - sqrt(2 var l / n) - 7 range l / (3 (n - 1))`, `l = ln(2 m / delta)`, with a union over m capabilities.
 *
 * @param derivatives Per-prompt directional derivatives `z_x`, independent of the direction, [n], n >= 2.
 * @param range Width of an interval that holds every `z_x`.
 * @param delta Allowed probability of a wrong certificate.
 * @param capabilities m.
 * @returns Mean, lower limit and verdict.
 * @throws UsageError with fewer than two prompts.
 */
export function certifyDirection(
  derivatives: readonly number[],
  range: number,
  delta: number,
  capabilities: number,
): DirectionCertificate {
  const n = derivatives.length;
  if (n < 2) {
    throw new UsageError(`Expected derivatives to have at least 2 prompts but found ${n}`);
  }
  const { mean, variance } = moments(derivatives);
  const l = Math.log(2 * capabilities / delta);
  const lower = mean - Math.sqrt(2 * variance * l / n) -
    7 * range * l / (3 * (n - 1));
  return { mean, lower, certified: lower > 0 };
}
