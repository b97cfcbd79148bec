/** How views word numbers and what can be told from them, the same in every experiment. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import type { Estimate } from "./findings.ts";
import { detectableDifference, detectableGap } from "./statistics.ts";

/** Ends of a 95 % interval. */
type Ends = Pick<Estimate, "low" | "high">;

/**
 * True minus signs, and none before a 0.
 *
 * @param text numbers as JavaScript writes them
 * @returns the text to show
 */
export function minus(text: string): string {
  return text.replaceAll(/-(?=0(?:\.0*)?(?![\d.]))/g, "").replaceAll("-", "\u2212");
}

/**
 * A number with its interval.
 *
 * @param value the number
 * @param ends its interval
 * @param digits decimals
 * @param factor by which all three are multiplied, 100 for per cent
 * @returns such as `1.5 [0.5, 2.5]`
 */
export function withInterval(
  value: number,
  { low, high }: Ends,
  digits: number,
  factor = 1,
): string {
  const text = (x: number) => (x * factor).toFixed(digits);
  return minus(`${text(value)} [${text(low)}, ${text(high)}]`);
}

/**
 * On which side of 0 an interval lies.
 *
 * @param ends the interval
 * @returns undefined when it holds 0: the difference cannot be told from none
 */
export function sideOf({ low, high }: Ends): "above" | "below" | undefined {
  return low > 0 ? "above" : high < 0 ? "below" : undefined;
}

/**
 * A count out of trials with Wilson's 95 % interval of the share.
 *
 * @param successes how many
 * @param trials out of how many
 * @param noun one trial
 * @returns such as `3 of 4 corners (75 % [30, 95])`
 */
export function shareOf(successes: number, trials: number, noun: string): string {
  const { low, high } = wilsonInterval(successes, trials);
  const text = (share: number) => (share * 100).toFixed(0);
  return `${successes} of ${counted(trials, noun)} (${text(successes / trials)} % [${text(low)}, ${
    text(high)
  }])`;
}

/**
 * How large differences would have to be that are not told apart from 0, see {@linkcode detectableDifference}. One whose
 * interval is a point is the same in every resample.
 *
 * @param intervals of the differences, at least one
 * @param digits decimals
 * @param factor by which they are multiplied, 100 for points
 * @param unit what follows the numbers, with a space before it
 * @returns such as `2 equal in every resample, detectable from 0.5 to 0.9 points on`
 */
export function detectableText(
  intervals: readonly Ends[],
  digits: number,
  factor = 1,
  unit = "",
): string {
  const open = intervals.filter(({ low, high }) => high > low);
  const equal = intervals.length - open.length;
  const sizes = open.map((ends) => detectableDifference(ends) * factor);
  return [
    ...equal === 0 ? [] : [`${intervals.length === 1 ? "" : `${equal} `}equal in every resample`],
    ...open.length === 0 ? [] : [`detectable from ${rangeText(sizes, digits)}${unit} on`],
  ].join(", ");
}

/** Least and largest of some numbers, as one where they read the same. */
function rangeText(values: readonly number[], digits: number): string {
  const texts = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return [...new Set(texts)].join(" to ");
}

/**
 * How far apart numbers would have to be for their intervals not to meet, see {@linkcode detectableGap}.
 *
 * @param pairs intervals that meet, at least one pair
 * @param digits decimals
 * @param factor by which they are multiplied, 100 for points
 * @param unit what follows the numbers, with a space before it
 * @returns such as `apart from 5.1 to 7.9 points on`
 */
export function gapText(
  pairs: readonly (readonly [Ends, Ends])[],
  digits: number,
  factor = 1,
  unit = "",
): string {
  const sizes = pairs.map(([a, b]) => detectableGap(a, b) * factor);
  return `apart from ${rangeText(sizes, digits)}${unit} on`;
}

/** What "detectable" means, for methods. */
export const detectableMeaning =
  "Detectable is the smallest true difference that a two-sided test at 5 % finds with a power of 80 %: 2.8 standard " +
  "errors, taken from the width of the interval.";

/** What "apart" means where intervals are compared, for methods. */
export const apartMeaning =
  "Apart is the smallest true difference at which two 95 % intervals do not meet with a power of 80 %.";

/**
 * A number of things.
 *
 * @param n how many
 * @param noun one of them
 * @returns such as `1 seed` or `3 seeds`
 */
export function counted(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

/**
 * Names in a sentence.
 *
 * @param names the names
 * @param none what stands for no name
 * @returns the names with commas between them
 */
export function listed(names: readonly string[], none = "none"): string {
  return names.length === 0 ? none : names.join(", ");
}

/**
 * A text as the beginning of a sentence.
 *
 * @param text any text
 * @returns the text, its first letter in upper case
 */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
