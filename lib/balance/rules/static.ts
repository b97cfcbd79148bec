/** Fixed weights. @module */
import { UsageError } from "../../runtime/mod.ts";
import { checkGram } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * Static weights: the preference scaled to sum 1, `w = p / sum p`.
 *
 * @param preference Numbers of at least 0, not all 0, [m].
 * @returns Weights [m] that sum to 1.
 * @throws UsageError when a number is negative or all are 0.
 * @example
 * ```ts
 * import { staticWeights } from "./static.ts";
 * import { assertEquals } from "@std/assert";
 * assertEquals(staticWeights([1, 1, 2]), [0.25, 0.25, 0.5]);
 * ```
 */
export function staticWeights(preference: readonly number[]): number[] {
  const total = preference.reduce((sum, p) => sum + p, 0);
  if (!(total > 0 && Number.isFinite(total)) || preference.some((p) => p < 0)) {
    throw new UsageError(
      `Expected preference to hold numbers of at least 0, not all 0, but found [${
        preference.join(", ")
      }]`,
    );
  }
  return preference.map((p) => p / total);
}

/**
 * Static aggregator: `w = p`, whatever the gradients. By Theorem 2 of THEORY.md it harms nobody under every preference
 * iff no inner product is negative.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference p, [m].
 * @returns Weights [m].
 */
export function staticPreference(
  gram: Gram,
  preference: readonly number[],
): number[] {
  checkGram(gram, preference);
  return [...preference];
}
