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

/** What pairs are over. */
export interface PairNoun {
  /** One of them, such as `replicate`. */
  readonly noun: string;
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

/**
 * Which of the differences are told apart from 0: after Holm's correction where any could be, else by their own intervals,
 * which is said.
 *
 * @param family the differences, at least one
 * @param style how numbers are written
 * @param pair what pairs are over
 * @returns a part of a sentence, such as `above A (1.0 [0.5, 1.5]); below none; not told apart B (detectable from 0.4 on)`
 */
export function toldApart(
  family: readonly NamedDifference[],
  style: NumberStyle,
  { noun }: PairNoun,
): string {
  const most = Math.max(...family.map(({ n }) => n));
  if (most === 1) return `one ${noun} tells nothing apart`;
  const least = Math.min(...family.map(({ p_least }) => p_least));
  const corrected = least < LEVEL;
  const on = (side: "above" | "below") =>
    listed(
      family.filter((difference) => sideAt(difference, corrected) === side).map((difference) =>
        `${difference.name} (${
          withInterval(difference.value, difference, style.digits, style.factor)
        })`
      ),
    );
  const open = family.filter((difference) => sideAt(difference, corrected) === undefined);
  const names = open.length > 3 ? `${open.length} of ${family.length}` : listed(
    open.map(({ name }) => name),
  );
  const sizes = detectableRange(open, style);
  const verdict = `above ${on("above")}; below ${on("below")}; not told apart ${names}${
    sizes === "" ? "" : ` (${sizes})`
  }`;
  return corrected
    ? `after Holm's correction for ${family.length}: ${verdict}`
    : `of ${counted(family.length, "difference")} over ${
      counted(most, noun)
    } none could outlive Holm's correction (smallest p ${
      least.toFixed(2)
    }); by their own intervals alone: ${verdict}`;
}

/** What the tests are, for methods. */
export const testsMeaning =
  "Differences are paired; p values of permutation tests of signs, all patterns up to 12 pairs and 20,000 beyond. " +
  "Detectable is the smallest true difference that a two-sided t test at 5 % finds with a power of 80 %.";
