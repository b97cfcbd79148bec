/** When fixed weights harm a capability. @module */
import { multiply } from "./algebra.ts";
import type { Gram } from "./types.ts";

/** A preference that harms a capability, and which. */
export interface HarmfulPreference {
  /** Strictly positive preference with sum 1, [m]. */
  readonly preference: number[];
  /** Index of the capability with `(Gp)_i < 0`. */
  readonly harmed: number;
}

/**
 * A strictly positive preference under which fixed weights harm a capability (THEORY.md, Theorem 2a). There is one iff
 * some `G_ij < 0`: most of the weight on j, `p = (1 - e) e_j + (e / m) 1` with `e = -G_ij / (2 (-G_ij + max |G|))`.
 *
 * @param gram Gram matrix [m, m].
 * @returns The witness for the most negative entry, or undefined when every preference is harmless.
 * @example
 * ```ts
 * import { harmfulPreference } from "./conflict.ts";
 * import { assertEquals } from "@std/assert";
 * assertEquals(harmfulPreference([[1, 0.2], [0.2, 1]]), undefined);
 * assertEquals(harmfulPreference([[1, -0.2], [-0.2, 1]])?.harmed, 0);
 * ```
 */
export function harmfulPreference(gram: Gram): HarmfulPreference | undefined {
  const m = gram.length;
  let least = 0, harmed = -1, by = -1, largest = 0;
  gram.forEach((row, i) =>
    row.forEach((value, j) => {
      largest = Math.max(largest, Math.abs(value));
      if (i !== j && value < least) [least, harmed, by] = [value, i, j];
    })
  );
  if (harmed < 0) return undefined;
  const e = -least / (2 * (-least + largest));
  return {
    preference: gram.map((_, k) => (k === by ? 1 - e : 0) + e / m),
    harmed,
  };
}

/**
 * Share of a regular lattice of preferences in the simplex under which fixed weights harm some capability.
 *
 * @param gram Gram matrix [m, m].
 * @param resolution Lattice points have entries k / resolution; 20 gives 1,771 points for m = 4.
 * @returns A share in [0, 1]; 0 iff no entry of G is negative (the vertices are lattice points).
 */
export function harmfulShare(gram: Gram, resolution = 20): number {
  const m = gram.length;
  let count = 0, harmful = 0;
  const p = new Array<number>(m).fill(0);
  const visit = (index: number, left: number): void => {
    if (index === m - 1) {
      p[index] = left / resolution;
      count++;
      if (multiply(gram, p).some((rate) => rate < 0)) harmful++;
      return;
    }
    for (let k = 0; k <= left; k++) {
      p[index] = k / resolution;
      visit(index + 1, left - k);
    }
  };
  visit(0, resolution);
  return harmful / count;
}
