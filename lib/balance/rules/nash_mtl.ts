/** Multi-task learning as a bargaining game. @module */
import { fairgrad } from "./fairgrad.ts";
import type { Gram } from "../types.ts";

/**
 * Nash-MTL: the Nash bargaining solution `(Gw)_i = 1 / w_i`, scaled to `||d|| = 1`. Since `w'Gw = m` there,
 * the scale is `1 / sqrt(m)`. The preference plays no part.
 *
 * Navon et al., "Multi-Task Learning as a Bargaining Game", ICML 2022 (arXiv 2202.01017). Solved exactly, where the paper
 * iterates a linearised programme.
 *
 * @param gram Gram matrix [m, m].
 * @param preference Preference [m], not used beyond its length.
 * @returns Positive weights [m]; all 0 when 0 lies in the convex hull of the gradients.
 */
export function nashMtl(gram: Gram, preference: readonly number[]): number[] {
  return fairgrad(gram, preference).map((w) => w / Math.sqrt(preference.length));
}
