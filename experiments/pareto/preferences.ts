/** Preferences over capabilities: corners, edges, faces and centre of the simplex. @module */

import { capabilities } from "../../lib/synthesis/mod.ts";
import type { Preference } from "./findings.ts";

/** All subsets with `size` of the numbers below `count`, in order. */
function subsets(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: Math.max(0, count - from) }, (_, k) => from + k)
    .flatMap((first) => subsets(count, size - 1, first + 1).map((rest) => [first, ...rest]));
}

/**
 * Equal weights on every one capability (corners), every two (edges), with `faces` every three, and all (centre).
 *
 * @param faces whether every three get one
 * @returns corners first, then edges, faces and the centre
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { simplexPreferences } from "./preferences.ts";
 *
 * assertEquals(simplexPreferences(false).length, 4 + 6 + 1);
 * assertEquals(simplexPreferences(false)[4], { name: "domain + reasoning", weights: [0.5, 0.5, 0, 0] });
 * ```
 */
export function simplexPreferences(faces: boolean): Preference[] {
  const m = capabilities.length;
  const sizes = [1, 2, ...(faces ? [3] : []), m];
  return sizes.flatMap((size) =>
    subsets(m, size).map((members) => ({
      name: size === m ? "all" : members.map((i) => capabilities[i]!).join(" + "),
      weights: capabilities.map((_, i) => members.includes(i) ? 1 / size : 0),
    }))
  );
}
