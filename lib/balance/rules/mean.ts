/** Mean of the gradients. @module */
import { checkGram } from "../gram.ts";
import type { Gram } from "../types.ts";

/**
 * Mean: `w_i = 1 / m`. Every capability counts alike, whatever the preference; a conflict harms somebody.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference [m], not used beyond its length.
 * @returns Weights [m].
 */
export function meanWeights(
  gram: Gram,
  preference: readonly number[],
): number[] {
  checkGram(gram, preference);
  return preference.map(() => 1 / preference.length);
}
