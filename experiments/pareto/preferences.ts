/** Preferences over the simplex, a little inside of it: corners, edges, faces and centre. @module */

import { equalPreference, favouring, type Preference } from "../laboratory/preferences.ts";
import type { ParetoConfig } from "./config.ts";

/** All subsets with `size` of the names, in order. */
function subsets(names: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  return names.flatMap((first, k) =>
    subsets(names.slice(k + 1), size - 1).map((rest) => [first, ...rest])
  );
}

/**
 * The preferences of a sweep.
 *
 * @param names names of the rewards, [m]
 * @param options least weight, and whether there are edges and faces
 * @returns corners first, then edges, faces and the centre; all weights are above 0
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sweptPreferences } from "./preferences.ts";
 *
 * const all = sweptPreferences(["a", "b", "c"], { least: 0.1, edges: true, faces: false });
 * assertEquals(all.map(({ name }) => name), ["a", "b", "c", "a + b", "a + c", "b + c", "equal"]);
 * assertEquals(all[3]!.weights, [0.45, 0.45, 0.1]);
 * ```
 */
export function sweptPreferences(
  names: readonly string[],
  { least, edges, faces }: ParetoConfig["preferences"],
): Preference[] {
  const sizes = [1, ...edges ? [2] : [], ...faces ? [3] : []].filter((size) => size < names.length);
  return [
    ...sizes.flatMap((size) =>
      subsets(names, size).map((members) => favouring(names, members, least))
    ),
    equalPreference(names),
  ];
}
