/** What a family of paired differences says, in words. @module */

import { counted, listed, withInterval } from "../stages/verdicts.ts";
import type { Difference } from "./differences.ts";

/** Level of p values after the correction for their number. */
const LEVEL = 0.05;

/** A difference with the name of what differs. */
export interface NamedDifference extends Difference {
  /** The system that is compared. */
  readonly name: string;
}

/** How numbers are written. */
export interface NumberStyle {
  /** Their unit; an empty text without one. */
  readonly unit: string;
  /** By which they are multiplied. */
  readonly factor: number;
  /** Decimals. */
  readonly digits: number;
}

/** Differences that are corrected together, with what they are differences in. */
export interface NamedFamily {
  /** What differs, such as `the gain against static`. */
  readonly label: string;
  /** How numbers are written. */
  readonly style: NumberStyle;
  /** The differences, at least one. */
  readonly family: readonly NamedDifference[];
}

/** On which side of 0 a difference is, undefined where it is not told apart. */
function sideAt(
  { value, low, high, p_holm }: Difference,
  corrected: boolean,
): "above" | "below" | undefined {
  if (corrected) return p_holm < LEVEL ? value > 0 ? "above" : "below" : undefined;
  return low > 0 ? "above" : high < 0 ? "below" : undefined;
}

/** From which size on differences could be seen. */
function detectableRange(open: readonly Difference[], style: NumberStyle): string {
  const equal = open.filter(({ low, high }) => low === 0 && high === 0).length;
  const sizes = open.filter(({ low, high }) => low !== 0 || high !== 0)
    .flatMap(({ detectable }) => detectable === null ? [] : [detectable * style.factor]);
  const texts = [Math.min(...sizes), Math.max(...sizes)].map((x) => x.toFixed(style.digits));
  const unit = style.unit === "" ? "" : ` ${style.unit}`;
  return [
    ...equal === 0 ? [] : [`${equal} equal in all`],
    ...sizes.length === 0 ? [] : [`detectable from ${[...new Set(texts)].join(" to ")}${unit} on`],
  ].join(", ");
}

/** Names of systems, or how many they are. */
function few(names: readonly string[], all: number): string {
  return names.length > 3 ? `${names.length} of ${all}` : listed(names);
}

/** Most differences of a side that are named one by one. */
const MOST = 4;

/** Differences of one side with their intervals; of many the least and the largest. */
function sideText(found: readonly NamedDifference[], style: NumberStyle, all: number): string {
  const one = (difference: NamedDifference) =>
    `${difference.name} (${
      withInterval(difference.value, difference, style.digits, style.factor)
    })`;
  if (found.length <= MOST) return listed(found.map(one));
  const sorted = found.toSorted((a, b) => Math.abs(a.value) - Math.abs(b.value));
  return `${found.length} of ${all}, from ${one(sorted[0]!)} to ${one(sorted.at(-1)!)}`;
}

/** One family: who is above, below, and not told apart. */
function sidesText({ label, style, family }: NamedFamily, corrected: boolean): string {
  const on = (side: "above" | "below" | undefined) =>
    family.filter((difference) => sideAt(difference, corrected) === side);
  const [above, below, open] = [on("above"), on("below"), on(undefined)];
  const sizes = detectableRange(open, style);
  return `${label}: above ${sideText(above, style, family.length)}; below ${
    sideText(below, style, family.length)
  }; not told apart ${few(open.map(({ name }) => name), family.length)}${
    sizes === "" ? "" : ` (${sizes})`
  }`;
}

/**
 * Which differences are told apart from 0: after Holm's correction where any could be, else by their own intervals, which
 * is said.
 *
 * @param families the differences; those that are empty are left out
 * @param noun what pairs are over, such as `replicate`
 * @returns sentences
 */
export function toldApart(families: readonly NamedFamily[], noun: string): string {
  const full = families.filter(({ family }) => family.length > 0);
  const all = full.flatMap(({ family }) => family);
  if (all.length === 0) return "";
  const most = Math.max(...all.map(({ n }) => n));
  if (most === 1) return `One ${noun} tells nothing apart.`;
  const least = Math.min(...all.map(({ p_least }) => p_least));
  const corrected = least < LEVEL;
  const size = Math.max(...full.map(({ family }) => family.length));
  const how = corrected
    ? `Differences after Holm's correction for ${size} at a time`
    : `Over ${
      counted(most, noun)
    } no difference could outlive Holm's correction for ${size} (smallest p ${
      least.toFixed(2)
    }), so these are by their own 95 % intervals alone`;
  return `${how}. ${
    full.map((family) => {
      const text = sidesText(family, corrected);
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
    }).join(" ")
  }`;
}

/** What the tests are, for methods. */
export const testsMeaning =
  "Differences are paired; p values of permutation tests of signs, all patterns up to 12 pairs and 20,000 beyond. " +
  "Detectable is the smallest true difference that a two-sided t test at 5 % finds with a power of 80 %.";
