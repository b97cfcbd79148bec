/** Fixed weights. @module */
import { checkGram } from "../gram.ts";
import type { Gram } from "../types.ts";

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
