import { UsageError } from "../../runtime/mod.ts";
import {
  asSentence,
  checkInterval,
  checkPositive,
  type Figure,
  type PlotlyObject,
  sampleSize,
} from "../figure.ts";
import { coveredPoints, panelPixels, pixelLine, sideBySide } from "./pixel_lines.ts";
import type { CurvePanel, CurveSeries, CurvesOptions } from "./curve_options.ts";
import { type CurvePlaces, heights, placesOf } from "./curve_places.ts";
import { curveAltText, curveRows, referencesOf } from "./curve_text.ts";
import {
  curveStyles,
  curveTraces,
  directLabels,
  labelledSeries,
  labelOf,
  partsOf,
  partTraces,
} from "./curve_traces.ts";
import { referenceLabels } from "./label_places.ts";
import { panelAxis, panelTexts, panelTitle, referenceTrace } from "../panels.ts";
import { textWidth } from "../text.ts";
import type { MethodStyle } from "../method_style.ts";
import { fontSizes, frame, pageWidth, sides, xAxisTitle, yAxisTitle } from "../theme.ts";
import { axisTicks } from "../ticks.ts";

/** Way of a point, in px, from which on the caption says that lines were moved. */
const TOLD = 0.4;

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
  const names = [...new Set(panels.flatMap((p) => p.series.map((s) => s.name)))];
  const parts = partsOf(panels);
  const styleOf = curveStyles(panels);
  const direct = options.directLabels ?? false;
  const named = names.length > 1 && !direct;
  const ends = panels.flatMap((p) => labelledSeries(p.series)).map((s) => labelOf(s, styleOf(s)));
  const beside = direct
    ? Math.ceil(Math.max(...ends.map((text) => textWidth(text, fontSizes.small)))) + 12
    : sides.right;
  const places = placesOf(options, panels, width, beside);
  const { left, right, grid, xLabels } = places;
  // Where names stand beside their lines, or there is one, the legend is left to the parts.
  const seen = new Set(named || parts.length === 0 ? [] : names);
  const drawn = panels.map((panel, i) => drawPanel(options, panel, i, places, styleOf, seen));
  const texts = drawn.flatMap((one) => one.texts);
  const foot = panelTexts([options.xTitle], places.oneTitle ? width - left - right : Infinity);
  if (places.oneTitle) texts.push(xAxisTitle(foot.texts[0]!, 0, 1, 0, xLabels));
  const shared = frame({
    title: options.title,
    width,
    plotHeight: grid.plotHeight,
    legend: named ? names : parts,
    secondLegend: named && parts.length > 0,
    left,
    right,
    bottom: 27 + xLabels + foot.further,
    above: panels.length > 1 ? 18 + places.heads.further : 0,
  }, texts);
  const layout: PlotlyObject = Object.assign({ ...shared }, ...drawn.map(({ axes }) => axes));
  const data = drawn.flatMap((one) => one.data);
  return {
    title: options.title,
    spec: { data: [...data, ...partTraces(parts, named ? "legend2" : "legend")], layout },
    rows: curveRows(panels),
    alt: curveAltText(options, panels),
    caption: captionOf(options, panels, drawn),
  };
}

/** What is drawn of one panel. */
interface DrawnPanel {
  readonly axes: Record<string, PlotlyObject>;
  readonly texts: readonly PlotlyObject[];
  readonly data: readonly PlotlyObject[];
  /** Whether lines were moved apart. */
  readonly beside: boolean;
  /** Whether lines lie over a bound. */
  readonly covered: boolean;
}

/** One panel's axes, texts and traces; `seen` holds the names that the legend has already. */
function drawPanel(
  options: CurvesOptions,
  panel: CurvePanel,
  index: number,
  places: CurvePlaces,
  styleOf: (series: CurveSeries) => MethodStyle,
  seen: Set<string>,
): DrawnPanel {
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
  if (places.ownTitles || place.column === 0) {
    texts.push(yAxisTitle(places.yTitles.texts[index]!, ...place.y, left, place.x[0]));
  }
  const lines = panel.series.filter(({ kind }) => kind !== "points");
  const pixels = panelPixels(xScaled, yScaled, panelWidth, panelHeight);
  const paths = lines.map(({ x, y }) => pixelLine(x, y, pixels));
  const references = referencesOf(options, panel);
  data.push(...references.map((one) => referenceTrace(one, place, xScaled, yScaled)));
  const logs = { x: options.xScale === "log", y: options.yScale === "log" };
  texts.push(...referenceLabels(references, paths, pixels, place, logs));
  // Bounds stay where they are beside what is measured: no side of them may be taken for the other.
  const groups = [true, false].map((bound) =>
    lines.flatMap(({ kind }, i) => (kind === "bound") === bound ? [i] : [])
  );
  const moved = groups.map((group) => sideBySide(group.map((i) => paths[i]!)));
  const wayOf = (i: number, k: number) =>
    groups.reduce((way, group, g) => way + (moved[g]![group.indexOf(i)]?.[k] ?? 0), 0);
  const over = (bound: number) =>
    groups[1]!.flatMap((other) => other > bound ? [paths[other]!] : []);
  const traces = panel.series.map((series) => {
    const inLegend = !seen.has(series.name) &&
      (series.kind !== "points" || !lines.some(({ name }) => name === series.name));
    if (inLegend) seen.add(series.name);
    const i = lines.indexOf(series);
    return curveTraces(clip(series, options.yScale), {
      style: styleOf(series),
      drawn: series.y.map((y, k) => {
        const way = y === null ? 0 : wayOf(i, k);
        return way === 0 ? y : pixels.valueAt(paths[i]![k]![1] + way);
      }),
      covered: series.kind === "bound" ? coveredPoints(paths[i]!, over(i)) : [],
      suffix,
      inLegend,
      // Many bands over each other would hide the lines.
      bandOpacity: Math.min(0.18, 0.5 / panel.series.length),
    });
  });
  data.push(
    ...traces.flatMap(({ bands }) => bands),
    ...traces.flatMap(({ beneath }) => beneath),
    ...traces.map(({ line }) => line),
  );
  if (options.directLabels) {
    texts.push(...directLabels(panel.series, styleOf, yScaled, place, panelHeight));
  }
  return {
    axes,
    texts,
    data,
    beside: moved.flat(2).some((way) => Math.abs(way) > TOLD),
    covered: traces.some(({ beneath }) => beneath.length > 0),
  };
}

function captionOf(
  options: CurvesOptions,
  panels: readonly CurvePanel[],
  drawn: readonly Pick<DrawnPanel, "beside" | "covered">[],
): string {
  const all = panels.flatMap(({ series }) => series);
  return [
    asSentence(options.caption ?? options.title),
    all.some((s) => s.low) ? `Bands: ${options.band ?? "95 % intervals"}.` : "",
    all.some((s) => s.kind === "bound")
      ? `Lines without markers: ${options.bound ?? "bounds from theory"}.`
      : "",
    drawn.some(({ beside }) => beside) ? "Lines that coincide are drawn side by side." : "",
    drawn.some(({ covered }) => covered)
      ? "Lines without markers are wider where another runs over them."
      : "",
    sampleSize(options.n, options.unit ?? "runs", "line"),
  ].filter((part) => part !== "").join(" ");
}

/** Few whole numbers on an axis get a tick each, and no tick stands between them. */
function wholeSteps({ type, range }: PlotlyObject, panel: CurvePanel, width: number): PlotlyObject {
  const [from, to] = range as [number, number];
  const whole = panel.series.every(({ x }) => x.every(Number.isInteger));
  return type === "linear" && whole && to - from <= width / 35 ? { dtick: 1 } : {};
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
