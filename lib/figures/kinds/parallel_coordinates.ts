import { UsageError } from "../../runtime/mod.ts";
import {
  asSentence,
  checkInterval,
  type Figure,
  formatNumber,
  type PlotlyObject,
  type Row,
  sampleSize,
} from "../figure.ts";
import { axisScale, type PanelPlace, referenceTrace } from "../panels.ts";
import { markerSize, methodStyles, withOpacity } from "../method_style.ts";
import { axis, fontSizes, frame, pageWidth, sides, wrapText, yAxisTitle } from "../theme.ts";
import { axisTicks } from "../ticks.ts";

/** One line over the categories. */
export interface ParallelSeries {
  /** The method: gives colour, marker and legend entry. Several lines may have one name. */
  readonly name: string;
  /** What tells lines of one name apart, such as a preference. */
  readonly label?: string;
  /** A value for each category. `null`: not measured. */
  readonly values: readonly (number | null)[];
  /** Lower ends of the intervals. */
  readonly low?: readonly (number | null)[];
  /** Upper ends of the intervals. */
  readonly high?: readonly (number | null)[];
}

/** What {@linkcode parallelCoordinates} draws. */
export interface ParallelCoordinatesOptions {
  /** The figure's title. */
  readonly title: string;
  /** The categories along the x axis, such as the capabilities. */
  readonly categories: readonly string[];
  /** The lines. */
  readonly series: readonly ParallelSeries[];
  /** Title of the y axis, with the unit. */
  readonly yTitle: string;
  /** What the figure shows; the meaning of the intervals and n are added. */
  readonly caption?: string;
  /** Number of items or runs behind each point. */
  readonly n: number;
  /** What n counts; default "items". */
  readonly unit?: string;
  /** How intervals are drawn: `"bars"` at the points, or `"bands"` along the lines; default `"bars"`. */
  readonly intervals?: "bars" | "bands";
  /** A value to read the lines against, such as 0 for the start; drawn as a dashed line. */
  readonly reference?: number;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}

/** Share of the space between categories over which lines stand side by side, so that intervals do not cover. */
const dodge = 0.3;

/**
 * Lines over categories: the profile of each method, or of each preference, over the capabilities.
 *
 * @throws {UsageError} if there are fewer than two categories, no lines, lists differ in length, or an interval does
 * not hold its value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parallelCoordinates } from "./parallel_coordinates.ts";
 *
 * const figure = parallelCoordinates({
 *   title: "Profiles",
 *   categories: ["domain", "reasoning"],
 *   series: [{ name: "GRPO", values: [0.2, 0.4] }],
 *   yTitle: "Score",
 *   n: 100,
 * });
 * assertEquals(figure.rows.length, 2);
 * ```
 */
export function parallelCoordinates(options: ParallelCoordinatesOptions): Figure {
  const { categories, series } = options;
  check(options);
  const width = options.width ?? pageWidth;
  const names = [...new Set(series.map(({ name }) => name))];
  const withIntervals = series.some(({ low }) => low);
  const slot = (width - sides.left - sides.right) / categories.length - 4;
  const ticks = categories.map((category) => wrapText(category, fontSizes.text, slot));
  const plotHeight = Math.round(Math.min(240, width * 0.6));
  const shared = frame({
    title: options.title,
    width,
    plotHeight,
    legend: names.length > 1 ? names : [],
    bottom: 12 + 13 * Math.max(...ticks.map((lines) => lines.length)),
  }, [yAxisTitle(options.yTitle)]);
  const reference = options.reference ?? null;
  const all = series.flatMap((s) => [...s.values, ...(s.low ?? []), ...(s.high ?? [])]);
  const scaled = axisScale("linear", [...all, reference]);
  const range = [-0.4, categories.length - 0.6];
  const layout: PlotlyObject = {
    ...shared,
    xaxis: {
      ...axis,
      tickfont: { size: fontSizes.text },
      tickvals: categories.map((_, i) => i),
      ticktext: ticks.map((lines) => lines.join("<br>")),
      range,
      showgrid: true,
    },
    yaxis: { ...axis, ...scaled, ...axisTicks(scaled, plotHeight, "y").settings },
  };
  const intervals = options.intervals === "bands" ? "Bands" : "Error bars";
  const data = [
    ...(reference === null
      ? []
      : [referenceTrace({ axis: "y", value: reference }, onlyPanel, { range }, scaled)]),
    ...(options.intervals === "bands" ? bandsOf(options) : []),
    ...linesOf(options, withIntervals && options.intervals !== "bands"),
  ];
  return {
    title: options.title,
    spec: { data, layout },
    rows: rowsOf(options),
    alt: altText(options),
    caption: [
      asSentence(options.caption ?? options.title),
      withIntervals ? `${intervals}: 95 % intervals.` : "",
      sampleSize(options.n, options.unit ?? "items", "point"),
    ].filter((part) => part !== "").join(" "),
  };
}

/** The one panel of the figure. */
const onlyPanel: PanelPlace = {
  column: 0,
  line: 0,
  suffix: "",
  x: [0, 1],
  y: [0, 1],
  lowest: true,
};

/** A band for each line between categories that have both ends; many over each other are paler. */
function bandsOf({ series }: ParallelCoordinatesOptions): PlotlyObject[] {
  const styles = methodStyles([...new Set(series.map(({ name }) => name))]);
  const opacity = Math.min(0.18, 0.6 / series.length);
  return series.flatMap(({ name, low, high, values }) => {
    const stretches: number[][] = [[]];
    values.forEach((_, i) => {
      if (typeof low?.[i] === "number" && typeof high?.[i] === "number") stretches.at(-1)!.push(i);
      else stretches.push([]);
    });
    const { color } = styles.get(name)!;
    return stretches.filter((stretch) => stretch.length > 1).map((stretch): PlotlyObject => ({
      type: "scatter",
      mode: "lines",
      name,
      legendgroup: name,
      x: [...stretch, ...stretch.toReversed()],
      y: [...stretch.map((i) => high![i]), ...stretch.toReversed().map((i) => low![i])],
      fill: "toself",
      fillcolor: withOpacity(color, opacity),
      line: { width: 0, color },
      showlegend: false,
      hoverinfo: "skip",
    }));
  });
}

/** A trace for each line; lines with error bars stand side by side. */
function linesOf(
  { categories, series, digits = 2 }: ParallelCoordinatesOptions,
  withBars: boolean,
): PlotlyObject[] {
  const gap = series.length > 1 && withBars ? dodge / (series.length - 1) : 0;
  const styles = methodStyles([...new Set(series.map(({ name }) => name))]);
  return series.map((s, index) => {
    const { color, symbol, dash } = styles.get(s.name)!;
    const shift = gap * (index - (series.length - 1) / 2);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: s.name,
      legendgroup: s.name,
      showlegend: series.findIndex(({ name }) => name === s.name) === index,
      x: categories.map((_, i) => i + shift),
      y: s.values,
      line: { color, width: series.length > 12 ? 0.9 : 1.5, dash },
      marker: { symbol, size: markerSize(symbol, 6), color },
      ...(withBars && s.low && s.high
        ? {
          error_y: {
            type: "data",
            symmetric: false,
            array: s.values.map((v, i) => side(v, s.high![i])),
            arrayminus: s.values.map((v, i) => side(s.low![i], v)),
            color,
            thickness: 1,
            width: 2,
          },
        }
        : {}),
      text: categories,
      hovertemplate: `${s.name}${
        s.label ? ` (${s.label})` : ""
      }, %{text}: %{y:.${digits}f}<extra></extra>`,
    };
  });
}

function side(from: number | null | undefined, to: number | null | undefined): number | null {
  return typeof from === "number" && typeof to === "number" ? Math.max(0, to - from) : null;
}

function check({ title, categories, series }: ParallelCoordinatesOptions): void {
  if (categories.length < 2 || series.length === 0) {
    throw new UsageError(
      `Expected at least 2 categories and a line in "${title}" but found ${categories.length} and ${series.length}`,
    );
  }
  for (const s of series) {
    checkInterval(`line "${s.name}"`, categories.length, s.values, s.low, s.high);
  }
}

function rowsOf({ categories, series, n }: ParallelCoordinatesOptions): Row[] {
  return series.flatMap((s) =>
    categories.map((category, i): Row => ({
      series: s.name,
      label: s.label ?? null,
      category,
      value: s.values[i] ?? null,
      low: s.low?.[i] ?? null,
      high: s.high?.[i] ?? null,
      n,
    }))
  );
}

function altText(
  { title, categories, series, yTitle, digits = 2 }: ParallelCoordinatesOptions,
): string {
  const parts = series.map((s) => {
    const values = categories.map((category, i) => {
      const value = s.values[i] ?? null;
      return `${category} ${value === null ? "not measured" : formatNumber(value, digits)}`;
    });
    return `${s.name}${s.label ? ` (${s.label})` : ""}: ${values.join(", ")}.`;
  });
  return [`Parallel coordinates: ${asSentence(title)} ${yTitle}.`, ...parts].join(" ");
}
