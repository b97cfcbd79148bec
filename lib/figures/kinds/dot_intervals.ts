import { UsageError } from "../../runtime/mod.ts";
import {
  asSentence,
  checkInterval,
  checkPositive,
  type Figure,
  formatNumber,
  type PlotlyObject,
  type Row,
  sentenceList,
} from "../figure.ts";
import {
  axisScale,
  panelAxis,
  panelGrid,
  panelTexts,
  panelTitle,
  referenceTrace,
} from "../panels.ts";
import { textWidth } from "../text.ts";
import { knownStyle, markerSize, type MethodStyle } from "../method_style.ts";
import { axis, fontSizes, frame, labelHeight, pageWidth, sides, xAxisTitle } from "../theme.ts";
import { axisTicks } from "../ticks.ts";

/** One metric of {@linkcode dotIntervals}: a value with its interval for each row. */
export interface DotPanel {
  /** Title over the panel. */
  readonly title: string;
  /** Title of its x axis, with the unit. */
  readonly xTitle: string;
  /** A value for each row. `null`: not measured. */
  readonly values: readonly (number | null)[];
  /** Lower ends of the intervals. */
  readonly low: readonly (number | null)[];
  /** Upper ends of the intervals. */
  readonly high: readonly (number | null)[];
  /** A value to read the points against, such as 0 for differences; drawn as a dashed line. */
  readonly reference?: number;
  /** Scale of the axis; default linear. */
  readonly scale?: "linear" | "log";
}

/** What {@linkcode dotIntervals} draws. */
export interface DotIntervalsOptions {
  /** The figure's title. */
  readonly title: string;
  /** Names of the rows, from the top. Methods have their colour, other rows are black. */
  readonly rows: readonly string[];
  /** The metrics, one panel each. */
  readonly panels: readonly DotPanel[];
  /** What the figure shows; the meaning of the intervals and n are added. */
  readonly caption?: string;
  /** Number of items or runs behind each point. */
  readonly n: number;
  /** What n counts; default "items". */
  readonly unit?: string;
  /** What the intervals are; default "95 % intervals". */
  readonly interval?: string;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Panels in a row; default as many as give each 130 px. */
  readonly columns?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}

const rowHeight = 17;

/**
 * A point and its interval for each method, one panel for each metric: a table to look at.
 *
 * @throws {UsageError} if there are no rows or panels, lists differ in length, an interval does not hold its value,
 * or a log axis gets a number that is not positive.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { dotIntervals } from "./dot_intervals.ts";
 *
 * const panel = { title: "domain", xTitle: "Points", values: [1.5, -2], low: [0.5, -4], high: [2.5, 0], reference: 0 };
 * const figure = dotIntervals({ title: "Against SFT", rows: ["GRPO", "CA-GRPO"], panels: [panel], n: 100 });
 * assertStringIncludes(figure.alt, "GRPO 1.50 (0.50 to 2.50)");
 * ```
 */
export function dotIntervals(options: DotIntervalsOptions): Figure {
  const { rows, panels } = options;
  check(options);
  const width = options.width ?? pageWidth;
  const left = Math.min(
    width * 0.4,
    Math.ceil(Math.max(...rows.map((name) => textWidth(name, fontSizes.text)))) + 12,
  );
  const columns = options.columns ??
    Math.max(1, Math.min(5, Math.floor((width - left) / 130)));
  const names = panelTexts(rows, left - 10);
  const gridOf = (further: number) =>
    panelGrid({
      count: panels.length,
      width,
      columns,
      between: { x: 16, y: 58 + further },
      height: () => rows.length * (rowHeight + names.further) + 8,
      left,
    });
  const { panelWidth } = gridOf(0);
  const heads = panelTexts(panels.map(({ title }) => title), panelWidth + 6);
  const feet = panelTexts(panels.map(({ xTitle }) => xTitle), panelWidth + 6);
  const scales = panels.map(({ values, low, high, reference = null, scale }) =>
    axisScale(scale, [...values, ...low, ...high, reference])
  );
  const ticksOf = scales.map((scaled) => axisTicks(scaled, panelWidth, "x"));
  const labels = Math.max(...ticksOf.map(({ height }) => height));
  const grid = gridOf(heads.further + feet.further + labels - labelHeight(fontSizes.small));
  const axes: Record<string, PlotlyObject> = {};
  const texts: PlotlyObject[] = [];
  const data: PlotlyObject[] = [];
  panels.forEach((panel, index) => {
    const place = grid.places[index]!;
    const { suffix } = place;
    const { reference } = panel;
    axes[`xaxis${suffix}`] = panelAxis(scales[index]!, place.x, `y${suffix}`, ticksOf[index]!);
    axes[`yaxis${suffix}`] = {
      ...axis,
      type: "linear",
      range: [rows.length - 0.4, -0.6],
      domain: place.y,
      anchor: `x${suffix}`,
      tickvals: rows.map((_, i) => i),
      ticktext: place.column === 0 ? names.texts : rows.map(() => ""),
      tickfont: { size: fontSizes.text },
      showline: false,
      ticks: "",
    };
    texts.push(panelTitle(heads.texts[index]!, place));
    texts.push(xAxisTitle(feet.texts[index]!, ...place.x, place.y[0], labels));
    if (reference !== undefined) {
      const [x, y] = [axes[`xaxis${suffix}`]!, axes[`yaxis${suffix}`]!];
      data.push(referenceTrace({ axis: "x", value: reference }, place, x, y));
    }
    for (const [row, name] of rows.entries()) {
      const trace = dot(panel, name, knownStyle(name), row, suffix, options.digits ?? 2);
      if (trace !== undefined) data.push(trace);
    }
  });
  const shared = frame({
    title: options.title,
    width,
    plotHeight: grid.plotHeight,
    legend: [],
    bottom: 27 + labels + feet.further,
    above: 18 + heads.further,
    left,
    right: sides.right,
  }, texts);
  const n = `n = ${options.n} ${options.unit ?? "items"} for each point.`;
  const interval = `Lines: ${options.interval ?? "95 % intervals"}.`;
  return {
    title: options.title,
    spec: { data, layout: { ...shared, ...axes } },
    rows: rowsOf(options),
    alt: altText(options),
    caption: [asSentence(options.caption ?? options.title), interval, n].join(" "),
  };
}

function dot(
  { title, values, low, high }: DotPanel,
  name: string,
  { color, symbol }: MethodStyle,
  row: number,
  suffix: string,
  digits: number,
): PlotlyObject | undefined {
  const value = values[row] ?? null;
  if (value === null) return undefined;
  const [from, to] = [low[row] ?? value, high[row] ?? value];
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: [value],
    y: [row],
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    marker: { symbol, size: markerSize(symbol, 7), color },
    error_x: {
      type: "data",
      symmetric: false,
      array: [Math.max(0, to - value)],
      arrayminus: [Math.max(0, value - from)],
      color,
      thickness: 1.5,
      width: 3,
    },
    customdata: [[from, to]],
    hovertemplate: `${name}, ${title}: %{x:.${digits}f} ` +
      `[%{customdata[0]:.${digits}f}, %{customdata[1]:.${digits}f}]<extra></extra>`,
    showlegend: false,
  };
}

function check({ title, rows, panels }: DotIntervalsOptions): void {
  if (rows.length === 0 || panels.length === 0) {
    throw new UsageError(`Expected rows and panels in "${title}" but found none`);
  }
  for (const panel of panels) {
    const where = `panel "${panel.title}"`;
    checkInterval(where, rows.length, panel.values, panel.low, panel.high);
    if (panel.scale === "log") checkPositive(where, [...panel.values, ...panel.low]);
  }
}

function rowsOf({ rows, panels, n }: DotIntervalsOptions): Row[] {
  return panels.flatMap((panel) =>
    rows.map((method, i): Row => ({
      metric: panel.title,
      method,
      value: panel.values[i] ?? null,
      low: panel.low[i] ?? null,
      high: panel.high[i] ?? null,
      n,
    }))
  );
}

function altText({ title, rows, panels, digits = 2 }: DotIntervalsOptions): string {
  const parts = panels.map((panel) => {
    const texts = rows.flatMap((name, i) => {
      const [value, low, high] = [panel.values[i], panel.low[i], panel.high[i]];
      if (typeof value !== "number") return [`${name} not measured`];
      const interval = typeof low === "number" && typeof high === "number"
        ? ` (${formatNumber(low, digits)} to ${formatNumber(high, digits)})`
        : "";
      return [`${name} ${formatNumber(value, digits)}${interval}`];
    });
    const against = panel.reference === undefined ? "" : ` against ${panel.reference}`;
    return `${panel.title}${against}: ${texts.join(", ")}.`;
  });
  return [
    `Dot plot with intervals: ${asSentence(title)} Metrics: ${
      sentenceList(panels.map((panel) => panel.title))
    }.`,
    ...parts,
  ].join(" ");
}
