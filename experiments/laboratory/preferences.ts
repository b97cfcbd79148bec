/** Preferences over rewards that all count: one favoured, two, or all the same. @module */

/** A preference among the rewards. */
export interface Preference {
  /** Its name: the rewards that it favours. */
  readonly name: string;
  /** Weight of each reward, above 0, of sum 1, [m]. */
  readonly weights: readonly number[];
}

/** Name of the preference that favours none. */
export const EQUAL = "equal";

/**
 * The same weight for every reward.
 *
 * @param names names of the rewards, [m]
 * @returns the preference
 */
export function equalPreference(names: readonly string[]): Preference {
  return { name: EQUAL, weights: names.map(() => 1 / names.length) };
}

/**
 * More weight for some rewards; the others keep the least weight.
 *
 * @param names names of the rewards, [m]
 * @param favoured those that share what is left
 * @param least weight of every other reward, above 0
 * @returns the preference, named after what it favours
 * @example
 * ```ts
 * import { favouring } from "./preferences.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(favouring(["a", "b", "c"], ["b"], 0.25), { name: "b", weights: [0.25, 0.5, 0.25] });
 * ```
 */
export function favouring(
  names: readonly string[],
  favoured: readonly string[],
  least: number,
): Preference {
  const share = (1 - least * (names.length - favoured.length)) / favoured.length;
  return {
    name: favoured.join(" + "),
    weights: names.map((name) => favoured.includes(name) ? share : least),
  };
}

/**
 * None favoured, and each reward.
 *
 * @param names names of the rewards, [m]
 * @param least weight of a reward that is not favoured, above 0
 * @returns the centre, then m corners
 */
export function centreAndCorners(names: readonly string[], least: number): Preference[] {
  return [equalPreference(names), ...names.map((name) => favouring(names, [name], least))];
}

/**
 * Preferences over the simplex, a little inside of it: one favoured reward (corners), two (edges), none (centre).
 *
 * @param names names of the rewards, [m]
 * @param least weight of a reward that is not favoured, above 0
 * @returns m corners, m (m - 1) / 2 edges, the centre
 */
export function simplexPreferences(names: readonly string[], least: number): Preference[] {
  const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b]));
  return [
    ...names.map((name) => favouring(names, [name], least)),
    ...pairs.map((pair) => favouring(names, pair, least)),
    equalPreference(names),
  ];
}

/**
 * Shares of the corners in the mean that stands for a preference: the least weights are taken off, so that a corner is
 * itself.
 *
 * @param weights the preference, [m]
 * @param least weight of a reward that is not favoured
 * @returns shares, [m], of sum 1; rounding is 0
 */
export function cornerShares(weights: readonly number[], least: number): number[] {
  const free = 1 - least * weights.length;
  return weights.map((weight) => {
    const share = (weight - least) / free;
    return share > 1e-9 ? share : 0;
  });
}
