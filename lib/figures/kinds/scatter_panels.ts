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
import {
  axisScale,
  panelAxis,
  panelGrid,
  type PanelPlace,
  panelTexts,
  panelTitle,
  type Reference,
  referenceLabel,
  referenceTrace,
} from "../panels.ts";
import { markerSize, type MethodStyle, methodStyles } from "../method_style.ts";
import { fontSizes, frame, pageWidth, textAt, xAxisTitle, yAxisRoom } from "../theme.ts";
import { axisTicks } from "../ticks.ts";

/** Points of one method in one panel. */
export interface ScatterSeries {
  /** The method. */
  readonly name: string;
  /** Where the points stand. */
  readonly x: readonly number[];
  /** Their heights. */
  readonly y: readonly number[];
  /** Left ends of the intervals. */
  readonly xLow?: readonly number[];
  /** Right ends of the intervals. */
  readonly xHigh?: readonly number[];
  /** Lower ends of the intervals. */
  readonly yLow?: readonly number[];
  /** Upper ends of the intervals. */
  readonly yHigh?: readonly number[];
  /** What each point is, such as a preference; shown on hover and in the CSV file. */
  readonly labels?: readonly string[];
  /**
   * `"front"`: steps through the points that no other point of the method beats (more is better on both axes);
   * `"path"`: a line in the order of the points; default `"none"`.
   */
  readonly line?: "front" | "path" | "none";
  /** Whether the points have markers; without them the line alone is drawn. Default true. */
  readonly markers?: boolean;
}

/** One panel of {@linkcode scatterPanels}. */
export interface ScatterPanel {
  /** Title over the panel. */
  readonly title?: string;
  /** Title of its x axis. */
  readonly xTitle: string;
  /** Title of its y axis. */
  readonly yTitle: string;
  /** The methods. */
  readonly series: readonly ScatterSeries[];
  /** Values that the panel is read against. */
  readonly references?: readonly Reference[];
}

/** What {@linkcode scatterPanels} draws. */
export interface ScatterPanelsOptions {
  /** The figure's title. */
  readonly title: string;
  /** The panels, such as one for each pair of capabilities. */
  readonly panels: readonly ScatterPanel[];
  /** What the figure shows; the meaning of lines and intervals and n are added. */
  readonly caption?: string;
  /** Number of runs (seeds) or items behind each point. */
  readonly n: number;
  /** What n counts; default "runs". */
  readonly unit?: string;
  /** Whether all axes, across and up, have one range, as for measures of one kind; default false. */
  readonly oneScale?: boolean;
  /** Panels in a row; default 3, or 2 where four panels or a narrow figure leave no room. */
  readonly columns?: number;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}

/** Greatest height of a panel in px. */
const tallest = 260;

/** Points of a method in a panel from which on they would hide each other. */
const MANY = 100;

/**
 * Points of methods against two measures, in small multiples with one legend: pairwise Pareto fronts, for example.
 *
 * @throws {UsageError} if there are no panels, lists differ in length, or an interval does not hold its value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scatterPanels } from "./scatter_panels.ts";
 *
 * const series = [{ name: "CA-GRPO", x: [0.2, 0.6, 0.1], y: [0.7, 0.3, 0.1], line: "front" as const }];
 * const panels = [{ xTitle: "domain", yTitle: "reasoning", series }];
 * const figure = scatterPanels({ title: "Fronts", panels, n: 3 });
 * assertEquals(figure.rows.map((row) => row.front), [true, true, false]);
 * ```
 */
export function scatterPanels(options: ScatterPanelsOptions): Figure {
  const { panels } = options;
  check(options);
  const width = options.width ?? pageWidth;
  const columns = options.columns ??
    (width < 500 ? Math.min(2, panels.length) : panels.length === 4 ? 2 : 3);
  const titled = panels.some(({ title }) => title);
  const scales = scalesOf(options);
  const labels = yAxisRoom(Math.max(...scales.map(({ y }) => axisTicks(y, tallest, "y").width)));
  const gridOf = (left: number, further: number) =>
    panelGrid({
      count: panels.length,
      width,
      columns,
      between: { x: left + 4, y: (titled ? 64 : 50) + further },
      left,
      height: (panel) => Math.min(panel * 0.85, tallest),
    });
  // How many lines a title beside a panel takes depends on the panel's height, and that on the room left of it.
  const flanksAt = (left: number) =>
    panelTexts(panels.map(({ yTitle }) => yTitle), gridOf(left, 0).panelHeight + 12);
  const flanks = flanksAt(labels + flanksAt(labels).further);
  const left = labels + flanks.further;
  const { panelWidth } = gridOf(left, 0);
  const heads = panelTexts(panels.map(({ title }) => title ?? ""), panelWidth + 6);
  const feet = panelTexts(panels.map(({ xTitle }) => xTitle), panelWidth + 14);
  const grid = gridOf(left, heads.further + feet.further);
  const axes: Record<string, PlotlyObject> = {};
  const texts: PlotlyObject[] = [];
  const data: PlotlyObject[] = [];
  const seen = new Set<string>();
  const styles = methodStyles(panels.flatMap(({ series }) => series.map(({ name }) => name)));
  panels.forEach((panel, index) => {
    const place = grid.places[index]!;
    const { suffix } = place;
    const { x, y } = scales[index]!;
    const xTicks = axisTicks(x, grid.panelWidth, "x");
    const yTicks = axisTicks(y, grid.panelHeight, "y");
    axes[`xaxis${suffix}`] = panelAxis(x, place.x, `y${suffix}`, xTicks);
    axes[`yaxis${suffix}`] = panelAxis(y, place.y, `x${suffix}`, yTicks);
    if (panel.title) texts.push(panelTitle(heads.texts[index]!, place));
    texts.push(xAxisTitle(feet.texts[index]!, ...place.x, place.y[0]));
    texts.push(flankTitle(flanks.texts[index]!, place, 12 + flanks.further / 2 - left));
    for (const reference of panel.references ?? []) {
      data.push(referenceTrace(reference, place, x, y));
      if (reference.label) texts.push(referenceLabel(reference, place));
    }
    for (const series of panel.series) {
      const style = styles.get(series.name)!;
      data.push(...traces(series, suffix, style, !seen.has(series.name), options.digits ?? 2));
      seen.add(series.name);
    }
  });
  const shared = frame({
    title: options.title,
    width,
    plotHeight: grid.plotHeight,
    legend: seen.size > 1 ? [...seen] : [],
    left,
    bottom: 38 + feet.further,
    above: titled ? 18 + heads.further : 4,
  }, texts);
  return {
    title: options.title,
    spec: { data, layout: { ...shared, ...axes } },
    rows: rowsOf(panels),
    alt: altText(options),
    caption: captionOf(options),
  };
}

/** Types and ranges of the axes of each panel. */
function scalesOf(
  { panels, oneScale = false }: ScatterPanelsOptions,
): { readonly x: PlotlyObject; readonly y: PlotlyObject }[] {
  const values = (panel: ScatterPanel, across: "x" | "y") => [
    ...panel.series.flatMap((s) => [...s[across], ...edges(s, across)]),
    ...(panel.references ?? []).filter((r) => r.axis === across).map(({ value }) => value),
  ];
  if (oneScale) {
    const all = axisScale("linear", panels.flatMap((p) => [...values(p, "x"), ...values(p, "y")]));
    return panels.map(() => ({ x: all, y: all }));
  }
  return panels.map((panel) => ({
    x: axisScale("linear", values(panel, "x")),
    y: axisScale("linear", values(panel, "y")),
  }));
}

/** How points are drawn: where there are many, small and translucent, so that they do not hide each other. */
function markerOf({ x }: ScatterSeries, { symbol, color }: MethodStyle): PlotlyObject {
  return x.length > MANY
    ? { symbol: "circle", size: 4, color, opacity: 0.4, line: { width: 0 } }
    : { symbol, size: markerSize(symbol, 6), color, line: { color: "#FFFFFF", width: 0.5 } };
}

/** The title left of a panel, `xshift` px from its axis. */
function flankTitle(text: string, { x, y }: PanelPlace, xshift: number): PlotlyObject {
  return textAt(text, {
    x: x[0],
    y: (y[0] + y[1]) / 2,
    xanchor: "center",
    yanchor: "middle",
    xshift,
    align: "center",
    textangle: -90,
    font: { size: fontSizes.text },
  });
}

/** The points of a method that no other one of it beats on both measures, by x. */
export function frontOf(x: readonly number[], y: readonly number[]): number[] {
  const beaten = (i: number) =>
    x.some((_, j) => x[j]! >= x[i]! && y[j]! >= y[i]! && (x[j]! > x[i]! || y[j]! > y[i]!));
  return x.map((_, i) => i).filter((i) => !beaten(i)).sort((a, b) => x[a]! - x[b]!);
}

function edges(s: ScatterSeries, across: "x" | "y"): readonly number[] {
  return across === "x"
    ? [...(s.xLow ?? []), ...(s.xHigh ?? [])]
    : [...(s.yLow ?? []), ...(s.yHigh ?? [])];
}

function check({ title, panels }: ScatterPanelsOptions): void {
  if (panels.length === 0 || panels.some(({ series }) => series.length === 0)) {
    throw new UsageError(`Expected panels with points in "${title}" but found none`);
  }
  for (const s of panels.flatMap(({ series }) => series)) {
    const where = `points of "${s.name}"`;
    checkInterval(where, s.x.length, s.y, s.yLow, s.yHigh);
    checkInterval(where, s.x.length, s.x, s.xLow, s.xHigh);
    if (s.labels && s.labels.length !== s.x.length) {
      throw new UsageError(
        `Expected labels of ${where} to have ${s.x.length} entries but found ${s.labels.length}`,
      );
    }
  }
}

function traces(
  series: ScatterSeries,
  suffix: string,
  style: MethodStyle,
  first: boolean,
  digits: number,
): PlotlyObject[] {
  const { name, x, y } = series;
  const { color, dash } = style;
  const common = { xaxis: `x${suffix}`, yaxis: `y${suffix}`, legendgroup: name, name };
  const bars = (values: readonly number[], low?: readonly number[], high?: readonly number[]) =>
    low && high
      ? {
        type: "data",
        symmetric: false,
        array: values.map((v, i) => Math.max(0, high[i]! - v)),
        arrayminus: values.map((v, i) => Math.max(0, v - low[i]!)),
        color,
        thickness: 0.7,
        width: 0,
      }
      : undefined;
  const [across, up] = [bars(x, series.xLow, series.xHigh), bars(y, series.yLow, series.yHigh)];
  const order = series.line === "front" ? frontOf(x, y) : x.map((_, i) => i);
  const line: PlotlyObject[] = (series.line ?? "none") === "none" ? [] : [{
    type: "scatter",
    mode: "lines",
    x: order.map((i) => x[i]),
    y: order.map((i) => y[i]),
    // Between two points of a front lies what both are better than: a step down.
    line: { color, width: 1.4, dash, shape: series.line === "front" ? "vh" : "linear" },
    showlegend: false,
    hoverinfo: "skip",
    ...common,
  }];
  if (series.markers === false) return line.map((one) => ({ ...one, showlegend: first }));
  return [...line, {
    type: "scatter",
    mode: "markers",
    x,
    y,
    marker: markerOf(series, style),
    ...(across ? { error_x: across } : {}),
    ...(up ? { error_y: up } : {}),
    text: series.labels ?? x.map(() => ""),
    hovertemplate: `${name} %{text}: %{x:.${digits}f}, %{y:.${digits}f}<extra></extra>`,
    showlegend: first,
    ...common,
  }];
}

function rowsOf(panels: readonly ScatterPanel[]): Row[] {
  return panels.flatMap((panel) =>
    panel.series.flatMap((s) => {
      const front = new Set(frontOf(s.x, s.y));
      return s.x.map((x, i): Row => ({
        "x measure": panel.xTitle,
        "y measure": panel.yTitle,
        series: s.name,
        label: s.labels?.[i] ?? null,
        x,
        x_low: s.xLow?.[i] ?? null,
        x_high: s.xHigh?.[i] ?? null,
        y: s.y[i]!,
        y_low: s.yLow?.[i] ?? null,
        y_high: s.yHigh?.[i] ?? null,
        front: front.has(i),
      }));
    })
  );
}

function captionOf({ panels, n, unit, caption, title }: ScatterPanelsOptions): string {
  const all = panels.flatMap(({ series }) => series);
  return [
    asSentence(caption ?? title),
    all.some((s) => s.line === "front") ? "Steps: the points that no other of a method beats." : "",
    all.some((s) => s.yLow ?? s.xLow) ? "Thin lines: 95 % intervals." : "",
    sampleSize(n, unit ?? "runs", "point"),
  ].filter((part) => part !== "").join(" ");
}

function altText({ title, panels, digits = 2 }: ScatterPanelsOptions): string {
  const format = (values: readonly number[]) =>
    `${formatNumber(Math.min(...values), digits)} to ${formatNumber(Math.max(...values), digits)}`;
  const parts = panels.map((panel) => {
    const texts = panel.series.filter(({ x }) => x.length > 0).map((s) =>
      `${s.name} ${s.x.length} ${s.x.length === 1 ? "point" : "points"}, ` +
      `${panel.xTitle} ${format(s.x)}, ${panel.yTitle} ${format(s.y)}` +
      (s.line === "front" ? `, ${frontOf(s.x, s.y).length} on the front` : "")
    );
    return `${panel.title ?? `${panel.yTitle} against ${panel.xTitle}`}: ${texts.join("; ")}.`;
  });
  return [`Scatter plot: ${asSentence(title)}`, ...parts].join(" ");
}
