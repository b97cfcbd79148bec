/** How views word numbers and what can be told from them, the same in every experiment. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import type { Estimate } from "./findings.ts";
import { detectableDifference } from "./statistics.ts";

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
 * A share or a difference of shares in per cent or points.
 *
 * @param share 0.01 for one per cent
 * @returns one decimal, without the unit
 */
export function points(share: number): string {
  return minus((share * 100).toFixed(1));
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
 * @returns such as `3 of 4 (75 % [30, 95])`
 */
export function shareOf(successes: number, trials: number): string {
  const { low, high } = wilsonInterval(successes, trials);
  const text = (share: number) => (share * 100).toFixed(0);
  return `${successes} of ${trials} (${text(successes / trials)} % [${text(low)}, ${text(high)}])`;
}

/**
 * The smallest detectable differences of comparisons that show none, see {@linkcode detectableDifference}.
 *
 * @param intervals of the differences
 * @param digits decimals
 * @param factor by which they are multiplied, 100 for points
 * @returns the least and the largest: `0.5` or `0.5 to 0.9`; an empty text without intervals
 */
export function detectableRange(intervals: readonly Ends[], digits: number, factor = 1): string {
  const sizes = intervals.map((ends) => detectableDifference(ends) * factor);
  const texts = [Math.min(...sizes), Math.max(...sizes)].map((size) => size.toFixed(digits));
  return sizes.length === 0 ? "" : [...new Set(texts)].join(" to ");
}

/** What "detectable" means, for methods. */
export const detectableMeaning =
  "Detectable is the smallest true difference that a two-sided test at 5 % finds with a power of 80 %: 2.8 standard " +
  "errors, taken from the width of the interval.";

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
