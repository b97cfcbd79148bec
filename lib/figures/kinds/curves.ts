import { UsageError } from "../../runtime/mod.ts";
import {
  asSentence,
  checkInterval,
  checkPositive,
  type Figure,
  type PlotlyObject,
} from "../figure.ts";
import type { CurvePanel, CurveSeries, CurvesOptions } from "./curve_options.ts";
import { curveAltText, curveRows, referencesOf } from "./curve_text.ts";
import { curveTraces, directLabels, labelOf } from "./curve_traces.ts";
import {
  axisScale,
  panelAxis,
  type PanelGrid,
  panelGrid,
  type PanelTexts,
  panelTexts,
  panelTitle,
  referenceLabel,
  referenceTrace,
} from "../panels.ts";
import { textWidth } from "../text.ts";
import { type MethodStyle, methodStyle, methodStyles } from "../method_style.ts";
import { fontSizes, frame, pageWidth, sides, xAxisTitle, yAxisRoom, yAxisTitle } from "../theme.ts";
import { type AxisTicks, axisTicks } from "../ticks.ts";

const between = { x: 46, y: 58 };

/** Greatest height of a panel in px. */
const tallest = 240;

/**
 * Lines over steps (or any x) with interval bands, in one panel or in small multiples with one legend.
 *
 * @throws {UsageError} if lists differ in length, an interval does not hold its value, or a log axis gets a
 * number that is not positive.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { curves } from "./curves.ts";
 *
 * const figure = curves({
 *   title: "Reward while training",
 *   series: [{ name: "GRPO", x: [0, 10], y: [0.2, 0.4], low: [0.1, 0.3], high: [0.3, 0.5] }],
 *   xTitle: "Step",
 *   yTitle: "Reward",
 *   n: 3,
 * });
 * assertEquals(figure.rows[1]!.value, 0.4);
 * ```
 */
export function curves(options: CurvesOptions): Figure {
  const panels = panelsOf(options);
  check(options, panels);
  const width = options.width ?? pageWidth;
  const names = [
    ...new Set(panels.flatMap((p) => p.series.map((s) => s.name))),
  ];
  const styles = stylesOf(panels);
  const multiple = panels.length > 1;
  const direct = (options.directLabels ?? false) && !multiple;
  const ends = panels[0]!.series.map((s) => labelOf(s, styles.get(s.name)!));
  const beside = direct
    ? Math.ceil(Math.max(...ends.map((text) => textWidth(text, fontSizes.small)))) + 12
    : sides.right;
  const places = placesOf(options, panels, width, beside);
  const { left, right, grid, xLabels } = places;
  const seen = new Set<string>();
  const drawn = panels.map((panel, i) => drawPanel(options, panel, i, places, styles, seen));
  const texts = drawn.flatMap((one) => one.texts);
  if (direct) {
    const scaled = places.yScales[0]!;
    texts.push(...directLabels(panels[0]!.series, styles, scaled, grid.panelHeight));
  }
  const foot = panelTexts([options.xTitle], places.oneTitle ? width - left - right : Infinity);
  if (places.oneTitle) texts.push(xAxisTitle(foot.texts[0]!, 0, 1, 0, xLabels));
  const shared = frame({
    title: options.title,
    width,
    plotHeight: grid.plotHeight,
    legend: names.length > 1 && !direct ? names : [],
    left,
    right,
    bottom: 27 + xLabels + foot.further,
    above: multiple ? 18 + places.heads.further : 0,
  }, texts);
  const layout: PlotlyObject = Object.assign({ ...shared }, ...drawn.map(({ axes }) => axes));
  return {
    title: options.title,
    spec: { data: drawn.flatMap(({ data }) => data), layout },
    rows: curveRows(panels),
    alt: curveAltText(options, panels),
    caption: captionOf(options, panels),
  };
}

/** Sizes of a figure's parts in px, and the scales of its axes, one for each panel. */
interface CurvePlaces {
  readonly grid: PanelGrid;
  readonly xScales: readonly PlotlyObject[];
  readonly yScales: readonly PlotlyObject[];
  /** Room left and right of all panels. */
  readonly left: number;
  readonly right: number;
  /** Titles over the panels. */
  readonly heads: PanelTexts;
  /** The title beside the panels. */
  readonly yTitle: PanelTexts;
  readonly xTicks: readonly AxisTicks[];
  /** Height of the numbers under a panel. */
  readonly xLabels: number;
  /** Whether the x title stands once under all panels, being too wide for one. */
  readonly oneTitle: boolean;
}

function placesOf(
  options: CurvesOptions,
  panels: readonly CurvePanel[],
  width: number,
  beside: number,
): CurvePlaces {
  const xScales = panels.map((panel) =>
    axisScale(options.xScale, [
      ...panel.series.flatMap((s) => [...s.x]),
      ...marksOf(options, panel, "x"),
    ])
  );
  const yScales = panels.map((panel) =>
    axisScale(options.yScale, [
      ...(options.sharedY ?? true ? panels : [panel]).flatMap((p) => p.series.flatMap(heights)),
      ...marksOf(options, panel, "y"),
    ])
  );
  const labels = Math.max(...yScales.map((scaled) => axisTicks(scaled, tallest, "y").width));
  const gap = Math.max(between.x, Math.ceil(labels) + 18);
  const fitting = Math.floor((width - sides.left - beside) / 180);
  const gridOf = (left: number, right: number, further: number) =>
    panelGrid({
      count: panels.length,
      width,
      columns: options.columns ?? Math.min(panels.length === 4 ? 2 : 3, fitting),
      between: { x: gap, y: between.y + further },
      left,
      right,
      height: (panel) => Math.min(panels.length > 1 ? panel * 0.7 : width * 0.6, tallest),
    });
  // How far texts reach depends on the panels' size, and that on the room that texts take.
  const about = gridOf(yAxisRoom(labels), beside, 0);
  const yTitle = panelTexts([options.yTitle], about.panelHeight + 16);
  const last = Math.max(...xScales.map((scaled) => axisTicks(scaled, about.panelWidth, "x").width));
  const left = yAxisRoom(labels) + yTitle.further;
  const right = Math.max(beside, Math.ceil(last / 2));
  const { panelWidth } = gridOf(left, right, 0);
  const heads = panelTexts(panels.map(({ title }) => title), panelWidth + 6);
  const xTicks = xScales.map((scaled) => axisTicks(scaled, panelWidth, "x"));
  return {
    grid: gridOf(left, right, heads.further),
    xScales,
    yScales,
    left,
    right,
    heads,
    yTitle,
    xTicks,
    xLabels: Math.max(...xTicks.map(({ height }) => height)),
    // A title wider than its panel would run into the next one or out of the figure.
    oneTitle: textWidth(options.xTitle, fontSizes.text) > panelWidth + Math.min(gap, 2 * right) - 4,
  };
}

/** One panel's axes, texts and traces; `seen` holds the names that the legend has already. */
function drawPanel(
  options: CurvesOptions,
  panel: CurvePanel,
  index: number,
  places: CurvePlaces,
  styles: ReadonlyMap<string, MethodStyle>,
  seen: Set<string>,
): { axes: Record<string, PlotlyObject>; texts: PlotlyObject[]; data: PlotlyObject[] } {
  const { grid: { panelWidth, panelHeight }, left, oneTitle } = places;
  const place = places.grid.places[index]!;
  const { suffix } = place;
  const [xScaled, yScaled] = [places.xScales[index]!, places.yScales[index]!];
  const yTicks = axisTicks(yScaled, panelHeight, "y");
  const axes = {
    [`xaxis${suffix}`]: {
      ...panelAxis(xScaled, place.x, `y${suffix}`, places.xTicks[index]!),
      ...wholeSteps(xScaled, panel, panelWidth),
      showgrid: false,
    },
    [`yaxis${suffix}`]: panelAxis(yScaled, place.y, `x${suffix}`, yTicks),
  };
  const texts: PlotlyObject[] = [];
  const data: PlotlyObject[] = [];
  if (panel.title !== "") texts.push(panelTitle(places.heads.texts[index]!, place));
  if (place.lowest && !oneTitle) {
    texts.push(xAxisTitle(options.xTitle, ...place.x, place.y[0], places.xLabels));
  }
  if (place.column === 0) texts.push(yAxisTitle(places.yTitle.texts[0]!, ...place.y, left));
  for (const reference of referencesOf(options, panel)) {
    const log = (reference.axis === "x" ? options.xScale : options.yScale) === "log";
    data.push(referenceTrace(reference, place, xScaled, yScaled));
    if (reference.label) texts.push(referenceLabel(reference, place, log));
  }
  for (const series of panel.series) {
    const first = !seen.has(series.name);
    // Many bands over each other would hide the lines.
    const opacity = Math.min(0.18, 0.5 / panel.series.length);
    const style = styles.get(series.name)!;
    data.push(...curveTraces(clip(series, options.yScale), style, suffix, first, opacity));
    seen.add(series.name);
  }
  return { axes, texts, data };
}

function captionOf(options: CurvesOptions, panels: readonly CurvePanel[]): string {
  const all = panels.flatMap(({ series }) => series);
  return [
    asSentence(options.caption ?? options.title),
    all.some((s) => s.low) ? `Bands: ${options.band ?? "95 % intervals"}.` : "",
    all.some((s) => s.kind === "bound") ? "Lines without markers: bounds from theory." : "",
    `n = ${options.n} ${options.n === 1 ? "run" : "runs"} for each line.`,
  ].filter((part) => part !== "").join(" ");
}

/** Few whole numbers on an axis get a tick each, and no tick stands between them. */
function wholeSteps({ type, range }: PlotlyObject, panel: CurvePanel, width: number): PlotlyObject {
  const [from, to] = range as [number, number];
  const whole = panel.series.every(({ x }) => x.every(Number.isInteger));
  return type === "linear" && whole && to - from <= width / 35 ? { dtick: 1 } : {};
}

/** Lines from theory have one look; the others must not look alike. */
function stylesOf(panels: readonly CurvePanel[]): ReadonlyMap<string, MethodStyle> {
  const all = panels.flatMap(({ series }) => series);
  const [bounds, measured] = [true, false].map((bound) =>
    all.filter(({ kind }) => (kind === "bound") === bound).map(({ name }) => name)
  );
  return new Map([
    ...bounds!.map((name) => [name, methodStyle(name)] as const),
    ...methodStyles(measured!),
  ]);
}

/** Where the references of a panel lie on one of its axes. */
function marksOf(options: CurvesOptions, panel: CurvePanel, across: "x" | "y"): number[] {
  return referencesOf(options, panel).filter(({ axis }) => axis === across)
    .map(({ value }) => value);
}

function heights(series: CurveSeries): (number | null)[] {
  return [...series.y, ...(series.low ?? []), ...(series.high ?? [])];
}

/** On a log axis an edge of a band at or under 0 moves to the line's lowest tenth, where it is out of sight. */
function clip(series: CurveSeries, yScale?: "linear" | "log"): CurveSeries {
  if (yScale !== "log" || !series.low) return series;
  const least = Math.min(...heights(series).filter((v) => v !== null).filter((v) => v > 0));
  return { ...series, low: series.low.map((v) => v === null || v > 0 ? v : least / 10) };
}

function panelsOf({ series }: CurvesOptions): readonly CurvePanel[] {
  const isPanels = (
    list: CurvesOptions["series"],
  ): list is readonly CurvePanel[] => list.length > 0 && "series" in list[0]!;
  return isPanels(series) ? series : [{ title: "", series: series as readonly CurveSeries[] }];
}

function check(options: CurvesOptions, panels: readonly CurvePanel[]): void {
  if (!panels.every((p) => p.series.length > 0)) {
    throw new UsageError(`Expected lines in "${options.title}" but found none`);
  }
  for (const { axis, value } of panels.flatMap((panel) => referencesOf(options, panel))) {
    const log = (axis === "x" ? options.xScale : options.yScale) === "log";
    if (!Number.isFinite(value) || (log && value <= 0)) {
      throw new UsageError(
        `Expected a reference line at a number that the ${axis} axis can show but found ${value}`,
      );
    }
  }
  for (const s of panels.flatMap((p) => p.series)) {
    const where = `line "${s.name}"`;
    checkInterval(where, s.x.length, s.y, s.low, s.high);
    if (options.xScale === "log") checkPositive(where, s.x);
    if (options.yScale === "log") checkPositive(where, s.y);
  }
}
