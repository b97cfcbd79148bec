import { UsageError } from "../runtime/mod.ts";

/** A plain object in Plotly's schema, such as a trace or a layout. */
export interface PlotlyObject {
  /** Any attribute of Plotly's schema. */
  readonly [key: string]: unknown;
}

/** What Plotly draws. */
export interface PlotlySpec {
  /** The traces. */
  readonly data: readonly PlotlyObject[];
  /** Axes, texts and sizes; holds `width` and `height` in px. */
  readonly layout: PlotlyObject;
}

/** A value in a table. `null`: there is none. */
export type Cell = string | number | boolean | null;

/** One line of a table, by column name. */
export interface Row {
  /** The value in a column. */
  readonly [column: string]: Cell;
}

/** A figure as plain data: what is drawn, the numbers behind it, and what to say about it. */
export interface Figure {
  /** The title, as it stands above the figure. */
  readonly title: string;
  /** What Plotly draws. */
  readonly spec: PlotlySpec;
  /** The figure's numbers as plain rows: they become the CSV file. */
  readonly rows: readonly Row[];
  /** What the figure shows, in words and numbers, for readers who cannot see it. Computed from the data. */
  readonly alt: string;
  /** The caption, with sample sizes. */
  readonly caption: string;
}

/** Whether a value is a figure. */
export function isFigure(value: unknown): value is Figure {
  return typeof value === "object" && value !== null && "spec" in value &&
    "rows" in value &&
    "alt" in value;
}

/** A number for people: a fixed count of decimals, more where it would otherwise read 0, a true minus sign. */
export function formatNumber(value: number, digits = 1): string {
  const text = value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits
    ? value.toPrecision(2)
    : value.toFixed(digits);
  return text.replace("-", "\u2212");
}

/** A number with a fixed count of decimals, a true minus sign, and none before a 0. */
export function formatFixed(value: number, digits = 1): string {
  return value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");
}

/**
 * A share in per cent, or a difference of shares in points, as {@linkcode formatFixed} writes it and without a unit.
 *
 * @example
 * ```ts
 * import { formatShare } from "./figure.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([formatShare(0.125), formatShare(-0.5, 0), formatShare(-0.0001)], ["12.5", "\u221250", "0.0"]);
 * ```
 */
export function formatShare(share: number, digits = 1): string {
  return formatFixed(100 * share, digits);
}

/** A share in per cent with its interval: "12.5 [10.0, 15.0]". See {@linkcode formatShare}. */
export function formatShareInterval(
  share: number,
  { low, high }: { readonly low: number; readonly high: number },
): string {
  return `${formatShare(share)} [${formatShare(low)}, ${formatShare(high)}]`;
}

/** Joins names as in a sentence: "a, b and c". */
export function sentenceList(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Ends a text with a full stop, unless it is empty or has an end already. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/**
 * The sample size at the end of a caption.
 *
 * @param n the number
 * @param unit what it counts, in the plural
 * @param of what each number belongs to
 * @returns such as "n = 3 runs for each line."
 *
 * @example
 * ```ts
 * import { sampleSize } from "./figure.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sampleSize(1, "batches", "point"), "n = 1 batch for each point.");
 * ```
 */
export function sampleSize(n: number, unit: string, of: string): string {
  const counted = n === 1 ? unit.replace(/(?<=ch|sh|ss|x)es$|s$/, "") : unit;
  return `n = ${n} ${counted} for each ${of}.`;
}

/**
 * Checks that lists have one length and that low <= value <= high wherever all three are there.
 *
 * @throws {UsageError} with the place, what was expected and what was found.
 */
export function checkInterval(
  where: string,
  length: number,
  values: readonly (number | null)[],
  low?: readonly (number | null)[],
  high?: readonly (number | null)[],
): void {
  if ((low === undefined) !== (high === undefined)) {
    throw new UsageError(
      `Expected low and high together in ${where} but found one of them`,
    );
  }
  for (const [name, list] of Object.entries({ values, low, high })) {
    if (list !== undefined && list.length !== length) {
      throw new UsageError(
        `Expected ${name} of ${where} to have ${length} entries but found ${list.length}`,
      );
    }
  }
  for (let i = 0; i < length; i++) {
    const [value, from, to] = [values[i], low?.[i], high?.[i]];
    for (const number of [value, from, to]) {
      if (typeof number === "number" && !Number.isFinite(number)) {
        throw new UsageError(
          `Expected finite numbers in ${where} but found ${number} at ${i}`,
        );
      }
    }
    if (
      typeof value !== "number" || typeof from !== "number" ||
      typeof to !== "number"
    ) continue;
    const slack = 1e-9 * Math.max(1, Math.abs(value));
    if (from > value + slack || value > to + slack) {
      throw new UsageError(
        `Expected low <= value <= high in ${where} but found ${from}, ${value}, ${to} at ${i}`,
      );
    }
  }
}

/**
 * Checks that a log axis can show all numbers.
 *
 * @throws {UsageError} with the place and the first number that is not greater than 0.
 */
export function checkPositive(where: string, values: readonly (number | null)[]): void {
  const bad = values.find((value) => value !== null && value <= 0);
  if (bad !== undefined) {
    throw new UsageError(
      `Expected numbers greater than 0 on a log axis in ${where} but found ${bad}`,
    );
  }
}
