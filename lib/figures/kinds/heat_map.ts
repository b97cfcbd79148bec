import { UsageError } from "../../runtime/mod.ts";
import { asSentence, type Figure, formatNumber, type PlotlyObject, type Row } from "../figure.ts";
import { textWidth } from "../text.ts";
import {
  axis,
  columnWidth,
  fontSizes,
  frame,
  ink,
  sides,
  wrapText,
  xAxisTitle,
  yAxisTitle,
} from "../theme.ts";

/** What {@linkcode heatMap} draws. */
export interface HeatMapOptions {
  /** The figure's title. */
  readonly title: string;
  /** Names of the rows, from the top. */
  readonly rows: readonly string[];
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** A number for each cell, by row and column. `null`: there is none; the cell is hatched. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Why a cell has no number, for the caption; default "no value". */
  readonly missing?: string;
  /** The numbers that get the two ends of the colours; further ones are cut. */
  readonly range: readonly [number, number];
  /** `"diverging"`: two colours about the middle of the range, as for cosines; default `"sequential"`. */
  readonly colors?: "sequential" | "diverging";
  /** Title under the columns. */
  readonly xTitle?: string;
  /** Title left of the rows. */
  readonly yTitle?: string;
  /** What the figure shows, with sample sizes. */
  readonly caption: string;
  /** Decimals in the cells; default 2. */
  readonly digits?: number;
  /** Width in px; default `columnWidth`. */
  readonly width?: number;
}

type Rgb = readonly [number, number, number];

/** Colours that stay in order in grey (sequential), and red against blue, safe with red-green blindness. */
const scales: Readonly<Record<"sequential" | "diverging", readonly Rgb[]>> = {
  sequential: [[247, 251, 255], [158, 202, 225], [66, 146, 198], [8, 69, 148]],
  diverging: [[33, 102, 172], [146, 197, 222], [247, 247, 247], [244, 165, 130], [178, 24, 43]],
};

/**
 * A matrix as coloured squares with their numbers inside, such as cosines between gradients or a confusion matrix.
 *
 * The squares are markers: Plotly's own heat map needs a canvas, which is not there without a browser.
 *
 * @throws {UsageError} if the values are not rows x columns or the range is empty.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { heatMap } from "./heat_map.ts";
 *
 * const names = ["domain", "reasoning"];
 * const values = [[1, -0.2], [-0.2, 1]];
 * const figure = heatMap({ title: "Cosines", rows: names, columns: names, values, range: [-1, 1], caption: "n = 8." });
 * assertEquals(figure.rows[1], { row: "domain", column: "reasoning", value: -0.2 });
 * ```
 */
export function heatMap(options: HeatMapOptions): Figure {
  const { rows, columns, values, range } = options;
  const digits = options.digits ?? 2;
  const width = options.width ?? columnWidth;
  check(options);
  const cells = rows.flatMap((row, r) =>
    columns.map((column, c) => ({ row, column, r, c, value: values[r]![c]! }))
  ).filter((cell) => cell.value !== null);
  const nameWidth = Math.max(...rows.map((name) => textWidth(name, fontSizes.small))) + 10;
  const left = nameWidth + (options.yTitle ? 22 : 4);
  const plotWidth = width - left - sides.right;
  const cell = Math.min(plotWidth / columns.length, 72);
  const labels = cells.map(({ value }) => formatNumber(value, digits));
  const labelSize = Math.min(
    fontSizes.small,
    (cell - 4) / Math.max(...labels.map((l) => textWidth(l, 1))),
  );
  const wrapped = columns.map((name) => wrapText(name, fontSizes.small, cell - 4));
  const widest = (names: readonly string[]) =>
    Math.max(...names.map((name) => textWidth(name, fontSizes.small)));
  const turned = widest(wrapped.flat()) > cell - 4;
  const lineCount = Math.max(...wrapped.map((lines) => lines.length));
  const namesHeight = turned ? widest(columns) + 10 : 6 + 12 * lineCount;
  const fills = cells.map(({ value }) => colorAt(value, range, options.colors ?? "sequential"));
  const shared = frame({
    title: options.title,
    width,
    plotHeight: Math.round(cell * rows.length),
    legend: [],
    bottom: Math.ceil(namesHeight + (options.xTitle ? 20 : 4)),
  }, []);
  const [title] = shared.annotations as PlotlyObject[];
  const used = cell * columns.length;
  const hatched = rows.flatMap((_, r) =>
    columns.flatMap((_, c) => values[r]![c] === null ? [hatch(r, c)] : [])
  );
  const missing = options.missing ?? "no value";
  const layout: PlotlyObject = {
    ...shared,
    ...(hatched.length > 0 ? { shapes: hatched } : {}),
    margin: { ...shared.margin as PlotlyObject, l: left, r: width - left - used },
    annotations: [
      { ...title, xshift: 6 - left },
      ...(options.xTitle ? [{ ...xAxisTitle(options.xTitle), yshift: -namesHeight }] : []),
      ...(options.yTitle ? [{ ...yAxisTitle(options.yTitle), xshift: 11 - left }] : []),
    ],
    xaxis: {
      ...plainAxis(turned ? columns : wrapped.map((lines) => lines.join("<br>"))),
      range: [-0.5, columns.length - 0.5],
      tickangle: turned ? -90 : 0,
    },
    yaxis: { ...plainAxis(rows), range: [rows.length - 0.5, -0.5] },
  };
  return {
    title: options.title,
    spec: { data: [squares(cells, labels, labelSize, fills, cell)], layout },
    rows: cells.map(({ row, column, value }): Row => ({ row, column, value })),
    alt: altText(options, digits),
    caption: [asSentence(options.caption), hatched.length > 0 ? `Hatched: ${missing}.` : ""]
      .filter((part) => part !== "").join(" "),
  };
}

/** Slanted lines over a cell that has no number. */
function hatch(row: number, column: number): PlotlyObject {
  const lines = [-0.6, -0.2, 0.2, 0.6].map((shift) => {
    // From the lower or left edge to the right or upper one, 0.46 off the middle.
    const [from, to] = [Math.max(-0.46, shift - 0.46), Math.min(0.46, shift + 0.46)];
    return `M${column + from},${row + from - shift}L${column + to},${row + to - shift}`;
  });
  return {
    type: "path",
    path: lines.join(""),
    xref: "x",
    yref: "y",
    line: { color: "#B5B5B5", width: 0.8 },
    layer: "below",
  };
}

/** A square for each cell, `size` px apart, with its number inside where there is room for letters. */
function squares(
  cells: readonly { row: string; column: string; r: number; c: number }[],
  labels: readonly string[],
  labelSize: number,
  fills: readonly Rgb[],
  size: number,
): PlotlyObject {
  return {
    type: "scatter",
    mode: labelSize >= 8.5 ? "markers+text" : "markers",
    x: cells.map(({ c }) => c),
    y: cells.map(({ r }) => r),
    text: labels,
    textposition: "middle center",
    textfont: {
      size: labelSize,
      color: fills.map((fill) => luminance(fill) > 0.21 ? ink : "#FFFFFF"),
    },
    marker: {
      symbol: "square",
      size: size - 1,
      color: fills.map((fill) => `rgb(${fill.join(",")})`),
      opacity: 1,
    },
    customdata: cells.map(({ row, column }) => `${row}, ${column}`),
    hovertemplate: "%{customdata}: %{text}<extra></extra>",
    cliponaxis: false,
    showlegend: false,
  };
}

function altText(
  { title, rows, columns, values, missing = "none" }: HeatMapOptions,
  digits: number,
): string {
  return `Heat map: ${asSentence(title)} ` + rows.map((row, r) => {
    const texts = columns.map((column, c) => {
      const value = values[r]![c]!;
      return `${column} ${value === null ? missing : formatNumber(value, digits)}`;
    });
    return `${row}: ${texts.join(", ")}.`;
  }).join(" ");
}

function plainAxis(names: readonly string[]): PlotlyObject {
  return {
    ...axis,
    tickvals: names.map((_, i) => i),
    ticktext: names,
    showline: false,
    showgrid: false,
    ticks: "",
  };
}

function check({ title, rows, columns, values, range }: HeatMapOptions): void {
  const fits = rows.length > 0 && columns.length > 0 && values.length === rows.length &&
    values.every((row) => row.length === columns.length);
  if (!fits) {
    throw new UsageError(
      `Expected ${rows.length} x ${columns.length} values in "${title}" but found ${values.length} rows of ` +
        `${[...new Set(values.map((row) => row.length))].join(" or ")}`,
    );
  }
  const bad = [...range, ...values.flat()].find((v) => v !== null && !Number.isFinite(v));
  if (bad !== undefined) {
    throw new UsageError(`Expected finite numbers in "${title}" but found ${bad}`);
  }
  if (range[0] >= range[1]) {
    throw new UsageError(
      `Expected a range from low to high in "${title}" but found ${range.join(" to ")}`,
    );
  }
}

function colorAt(
  value: number,
  [low, high]: readonly [number, number],
  kind: keyof typeof scales,
): Rgb {
  const stops = scales[kind];
  const place = Math.min(1, Math.max(0, (value - low) / (high - low))) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const share = place - index;
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(stops[index]![channel] * (1 - share) + stops[index + 1]![channel] * share);
  return [mix(0), mix(1), mix(2)];
}

/** Relative luminance in [0, 1], roughly: for choosing dark or light text. */
function luminance([r, g, b]: Rgb): number {
  return 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2;
}
