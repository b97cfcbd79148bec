import type { PlotlyObject } from "./figure.ts";
import { textWidth } from "./text.ts";
import { fontSizes, ink, labelHeight } from "./theme.ts";

/** The ticks of an axis. */
export interface AxisTicks {
  /** The settings for Plotly. */
  readonly settings: PlotlyObject;
  /** Width of the widest label in px. */
  readonly width: number;
  /** Height of a label in px. */
  readonly height: number;
}

/** Which way an axis runs: labels on `"x"` must not touch side by side, on `"y"` one over another. */
export type AxisDirection = "x" | "y";

/** Size of labels with an exponent: the exponent, at 0.7 of it, must still be read in print. */
const powerSize = 12;

/** Least space in px between two labels side by side. */
const gap = 10;

/** Most labels on an axis. */
const most = 12;

/**
 * Ticks of an axis: as many as fit without a label over another, never turned.
 *
 * A log axis gets powers of ten where it spans more than 1.5 decades, else 1, 2, 5 or even steps, always as whole
 * numbers. A linear axis leaves the places to Plotly, so that they follow a reader who zooms, and sets how many.
 *
 * @param scaled Type and range of the axis, as {@linkcode axisScale} gives them.
 * @param pixels Length of the axis in px.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { axisTicks } from "./ticks.ts";
 *
 * const { settings } = axisTicks({ type: "log", range: [0, 1.2] }, 300, "x");
 * assertEquals(settings.ticktext, ["1", "2", "5", "10"]);
 * ```
 */
export function axisTicks(
  { type, range }: PlotlyObject,
  pixels: number,
  direction: AxisDirection,
): AxisTicks {
  const ends = range as [number, number];
  return type === "log" ? logTicks(ends, pixels, direction) : linearTicks(ends, pixels, direction);
}

/** The steps 1, 2, 5 and their tens: the least one that gives at most `count` steps over `span`. */
function niceStep(span: number, count: number): number {
  const least = span / count;
  const ten = 10 ** Math.floor(Math.log10(least));
  return ten * ([1, 2, 5].find((m) => m * ten >= least * (1 - 1e-9)) ?? 10);
}

/** Multiples of a step between two numbers. */
function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.floor(to / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

/** A number as it stands at an axis whose labels go up to `largest`: 0.05, 2000, 20k, 5M. */
function label(value: number, largest: number): string {
  const units = [[1e9, "B"], [1e6, "M"], [1e3, "k"]] as const;
  const unit = largest < 1e4 ? undefined : units.find(([size]) => Math.abs(value) >= size);
  const [size, letter] = unit ?? [1, ""];
  return `${Number((value / size).toPrecision(10))}${letter}`.replace("-", "\u2212");
}

/** A power of ten, or a multiple of one, in the markup that Plotly reads. */
function power(value: number): string {
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const mantissa = Number((value / 10 ** exponent).toPrecision(6));
  const ten = `10<sup>${String(exponent).replace("-", "\u2212")}</sup>`;
  return mantissa === 1 ? ten : `${mantissa}\u00D7${ten}`;
}

function labelWidth(text: string, size: number): number {
  const [plain, raised] = text.split(/<\/?sup>/);
  return textWidth(plain!, size) + (raised === undefined ? 0 : textWidth(raised, size * 0.7));
}

/** Whether no label lies over the next one. `at` in px along the axis. */
function fits(
  at: readonly number[],
  labels: readonly string[],
  size: number,
  direction: AxisDirection,
): boolean {
  if (at.length > most) return false;
  const extents = labels.map((text) => direction === "x" ? labelWidth(text, size) + gap : size * 2);
  return at.every((place, i) =>
    i === 0 || Math.abs(place - at[i - 1]!) >= (extents[i]! + extents[i - 1]!) / 2
  );
}

function linearTicks(
  [from, to]: readonly [number, number],
  pixels: number,
  direction: AxisDirection,
): AxisTicks {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const size = fontSizes.small;
  const labelled = (count: number) => {
    const step = niceStep(high - low, count);
    const values = multiples(low, high, step);
    const labels = values.map((value) => label(value, largest));
    return { at: values.map((v) => (v - low) / (high - low) * pixels), labels };
  };
  let count = Math.max(3, Math.min(most, Math.floor(pixels / (direction === "x" ? 20 : 26))));
  let ticks = labelled(count);
  while (count > 1 && !fits(ticks.at, ticks.labels, size, direction)) ticks = labelled(--count);
  return {
    settings: {
      nticks: count,
      tickangle: 0,
      // Plotly would write millionths as a letter, and exponents too small to read in print.
      exponentformat: largest >= 1e-3 ? "B" : largest >= 1e-5 ? "none" : "e",
    },
    width: Math.max(0, ...ticks.labels.map((text) => labelWidth(text, size))),
    height: labelHeight(size),
  };
}

/** Places of labels that a log axis could have, the best first. */
function logPlaces([from, to]: readonly [number, number]): number[][] {
  const exponents = multiples(from, to, 1);
  const powers = [1, 2, 3, 5, 10, 20, 50].map((every) =>
    exponents.filter((e) => Math.round(e) % every === 0).map((e) => 10 ** Math.round(e))
  );
  const inside = (value: number) =>
    value >= 10 ** from * (1 - 1e-9) && value <= 10 ** to * (1 + 1e-9);
  const decades = multiples(Math.floor(from), Math.ceil(to), 1);
  const within = (mantissas: readonly number[]) =>
    decades.flatMap((e) => mantissas.map((m) => Number((m * 10 ** e).toPrecision(12))))
      .filter(inside);
  const steps = [within([1, 2, 5]), within([1, 3]), within([1, 5])];
  const [low, high] = [10 ** from, 10 ** to];
  const even = [6, 5, 4, 3, 2].map((count) =>
    multiples(low, high, niceStep(high - low, count)).map((v) => Number(v.toPrecision(12)))
  );
  return to - from > 1.5 ? [...powers, ...steps] : [...steps, ...even, ...powers];
}

function logTicks(
  [from, to]: readonly [number, number],
  pixels: number,
  direction: AxisDirection,
): AxisTicks {
  const place = (value: number) => (Math.log10(value) - from) / (to - from) * pixels;
  const candidates = logPlaces([from, to]).map((values) => {
    const largest = Math.max(...values);
    const asPowers = values.some((v) => v < 1e-4) || (to - from > 1.5 &&
      values.some((v) => v < 1e-3 || v > 1e3));
    const labels = values.map((v) => asPowers ? power(v) : label(v, largest));
    const size = asPowers ? powerSize : fontSizes.small;
    return { values, labels, size, fit: fits(values.map(place), labels, size, direction) };
  });
  const wanted = to - from > 1.5 ? 2 : 3;
  const chosen = candidates.find(({ values, fit }) => fit && values.length >= wanted) ??
    candidates.find(({ values, fit }) => fit && values.length === 2) ??
    candidates.find(({ values, fit }) => fit && values.length === 1) ??
    candidates[0]!;
  return {
    settings: {
      tickmode: "array",
      tickvals: chosen.values,
      ticktext: chosen.labels,
      tickfont: { size: chosen.size },
      tickangle: 0,
      ...minorTicks([from, to], pixels),
    },
    width: Math.max(0, ...chosen.labels.map((text) => labelWidth(text, chosen.size))),
    height: labelHeight(chosen.size),
  };
}

/** Small ticks at 1 to 9 of each decade where there is room: they show that the axis is a log one. */
function minorTicks([from, to]: readonly [number, number], pixels: number): PlotlyObject {
  if (pixels / (to - from) < 30) return {};
  const tickvals = multiples(Math.floor(from), Math.ceil(to), 1)
    .flatMap((e) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((m) => m * 10 ** e))
    .filter((v) => Math.log10(v) >= from && Math.log10(v) <= to);
  return {
    minor: { tickmode: "array", tickvals, ticks: "outside", ticklen: 1.5, tickcolor: ink },
  };
}
