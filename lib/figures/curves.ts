import {
  asSentence,
  checkInterval,
  type Figure,
  formatNumber,
  type PlotlyObject,
  type Row,
  sentenceList,
} from "./figure.ts";
import {
  axis,
  frame,
  ink,
  type LineDash,
  methodStyle,
  pageWidth,
  sides,
  textAt,
  withOpacity,
  xAxisTitle,
  yAxisTitle,
} from "./theme.ts";

/** One line over x. `null` in y leaves a gap. */
export interface CurveSeries {
  /** The method, or another name for the legend. */
  readonly name: string;
  /** Where the points stand. */
  readonly x: readonly number[];
  /** Their heights. */
  readonly y: readonly (number | null)[];
  /** Lower edge of the band. */
  readonly low?: readonly (number | null)[];
  /** Upper edge of the band. */
  readonly high?: readonly (number | null)[];
  /** `"bound"`: a line that theory gives, drawn dark and without markers; default `"measured"`. */
  readonly kind?: "measured" | "bound";
  /** Kind of line; by default the method's own. */
  readonly dash?: LineDash;
}

/** One panel of small multiples. */
export interface CurvePanel {
  /** The panel's title. */
  readonly title: string;
  /** The panel's lines. */
  readonly series: readonly CurveSeries[];
}

/** What {@linkcode curves} draws. */
export interface CurvesOptions {
  /** The figure's title. */
  readonly title: string;
  /** The lines of a single panel, or several panels with titles. */
  readonly series: readonly CurveSeries[] | readonly CurvePanel[];
  /** Title of the x axis. */
  readonly xTitle: string;
  /** Title of the y axis, with the unit. */
  readonly yTitle: string;
  /** What the figure shows; the meaning of the bands and n are added. */
  readonly caption?: string;
  /** Number of runs (seeds) behind each line. */
  readonly n: number;
  /** What the bands are; default "95 % intervals". */
  readonly band?: string;
  /** Scale of the x axis; default linear. */
  readonly xScale?: "linear" | "log";
  /** Scale of the y axis; default linear. */
  readonly yScale?: "linear" | "log";
  /** Whether panels share the y axis, so that heights compare; default true. */
  readonly sharedY?: boolean;
  /** Panels in a row; default as many as give each 190 px, at most 3. */
  readonly columns?: number;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}

const between = { x: 46, y: 58 };

/**
 * Lines over steps (or any x) with interval bands, in one panel or in small multiples with one legend.
 *
 * @throws {RangeError} if lists differ in length, an interval does not hold its value, or a log axis gets a
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
  const multiple = panels.length > 1;
  const inner = width - sides.left - sides.right;
  const columns = Math.min(
    panels.length,
    options.columns ??
      Math.min(panels.length === 4 ? 2 : 3, Math.floor(inner / 180)),
  );
  const lines = Math.ceil(panels.length / columns);
  const panelWidth = (inner - (columns - 1) * between.x) / columns;
  const panelHeight = Math.round(
    Math.min(multiple ? panelWidth * 0.7 : width * 0.6, 240),
  );
  const plotHeight = lines * panelHeight + (lines - 1) * between.y;
  const axes: Record<string, PlotlyObject> = {};
  const titles: PlotlyObject[] = [];
  const seen = new Set<string>();
  const data: PlotlyObject[] = [];
  panels.forEach((panel, index) => {
    const [column, line] = [index % columns, Math.floor(index / columns)];
    const suffix = index === 0 ? "" : String(index + 1);
    const x0 = column * (panelWidth + between.x) / inner;
    const x1 = Math.min(1, x0 + panelWidth / inner);
    const y1 = 1 - line * (panelHeight + between.y) / plotHeight;
    const y0 = Math.max(0, y1 - panelHeight / plotHeight);
    axes[`xaxis${suffix}`] = {
      ...axis,
      ...scale(options.xScale, panel.series.flatMap((s) => [...s.x])),
      domain: [x0, x1],
      anchor: `y${suffix}`,
      nticks: Math.max(3, Math.floor(panelWidth / 35)),
      showgrid: false,
    };
    const scaled = options.sharedY ?? true ? panels : [panel];
    axes[`yaxis${suffix}`] = {
      ...axis,
      ...scale(
        options.yScale,
        scaled.flatMap((p) => p.series.flatMap(heights)),
      ),
      domain: [y0, y1],
      anchor: `x${suffix}`,
      nticks: Math.max(4, Math.floor(panelHeight / 22)),
    };
    if (panel.title !== "") {
      titles.push(
        textAt(panel.title, {
          x: x0,
          y: y1,
          xanchor: "left",
          yanchor: "bottom",
          yshift: 3,
        }),
      );
    }
    if (index + columns >= panels.length) {
      titles.push(xAxisTitle(options.xTitle, x0, x1, y0));
    }
    if (column === 0) titles.push(yAxisTitle(options.yTitle, y0, y1));
    for (const series of panel.series) {
      data.push(...traces(clip(series, options.yScale), suffix, !seen.has(series.name)));
      seen.add(series.name);
    }
  });
  const shared = frame({
    title: options.title,
    width,
    plotHeight,
    legend: names.length > 1 ? names : [],
    bottom: 38,
    above: multiple ? 18 : 0,
  }, titles);
  const layout: PlotlyObject = { ...shared, ...axes };
  return {
    title: options.title,
    spec: { data, layout },
    rows: rowsOf(panels),
    alt: altText(options, panels),
    caption: [
      asSentence(options.caption ?? options.title),
      panels.some((p) => p.series.some((s) => s.low))
        ? `Bands: ${options.band ?? "95 % intervals"}.`
        : "",
      panels.some((p) => p.series.some((s) => s.kind === "bound"))
        ? "Lines without markers: bounds from theory."
        : "",
      `n = ${options.n} ${options.n === 1 ? "run" : "runs"} for each line.`,
    ].filter((part) => part !== "").join(" "),
  };
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
    throw new RangeError(`Expected lines in "${options.title}" but found none`);
  }
  for (const s of panels.flatMap((p) => p.series)) {
    const where = `line "${s.name}"`;
    checkInterval(where, s.x.length, s.y, s.low, s.high);
    const wrong = (list: readonly (number | null)[], axisScale?: string) =>
      axisScale === "log" ? list.find((v) => v !== null && v <= 0) : undefined;
    const bad = wrong(s.x, options.xScale) ?? wrong(s.y, options.yScale);
    if (bad !== undefined) {
      throw new RangeError(
        `Expected numbers greater than 0 on a log axis in ${where} but found ${bad}`,
      );
    }
  }
}

function scale(
  kind: "linear" | "log" = "linear",
  values: readonly (number | null)[],
): PlotlyObject {
  const log = kind === "log";
  const numbers = values.filter((v) => v !== null).filter((v) => !log || v > 0)
    .map((v) => log ? Math.log10(v) : v);
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  const room = (to - from || Math.abs(to) || 1) * 0.04;
  const range = numbers.length === 0 ? [0, 1] : [from - room, to + room];
  return log
    ? {
      type: "log",
      range,
      dtick: range[1]! - range[0]! > 1.5 ? 1 : "D2",
      exponentformat: "power",
    }
    : { type: "linear", range };
}

function traces(
  series: CurveSeries,
  suffix: string,
  first: boolean,
): PlotlyObject[] {
  const own = methodStyle(series.name);
  const bound = series.kind === "bound";
  const color = bound ? ink : own.color;
  const common = {
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    legendgroup: series.name,
  };
  const line: PlotlyObject = {
    type: "scatter",
    name: series.name,
    mode: bound ? "lines" : "lines+markers",
    x: series.x,
    y: series.y,
    line: {
      color,
      width: bound ? 1.2 : 1.6,
      dash: series.dash ?? (bound ? "dash" : own.dash),
    },
    // Some markers on long lines too: colour alone is lost in grey print.
    marker: { symbol: own.symbol, size: 5, color, maxdisplayed: 12 },
    showlegend: first,
    hovertemplate: `${series.name}: %{y:.3g} at %{x}<extra></extra>`,
    ...common,
  };
  return [...band(series, color, common), line];
}

/** A band as one closed outline for each stretch in which both edges are there. */
function band(
  series: CurveSeries,
  color: string,
  common: PlotlyObject,
): PlotlyObject[] {
  if (!series.low || !series.high) return [];
  const stretches: number[][] = [[]];
  series.x.forEach((_, i) => {
    if (series.low![i] === null || series.high![i] === null) stretches.push([]);
    else stretches.at(-1)!.push(i);
  });
  return stretches.filter((s) => s.length > 1).map((stretch) => {
    const back = stretch.toReversed();
    return {
      type: "scatter",
      name: series.name,
      mode: "lines",
      x: [...stretch, ...back].map((i) => series.x[i]),
      y: [
        ...stretch.map((i) => series.high![i]),
        ...back.map((i) => series.low![i]),
      ],
      fill: "toself",
      fillcolor: withOpacity(color, 0.18),
      line: { width: 0, color },
      showlegend: false,
      hoverinfo: "skip",
      ...common,
    };
  });
}

function rowsOf(panels: readonly CurvePanel[]): Row[] {
  return panels.flatMap((panel) =>
    panel.series.flatMap((s) =>
      s.x.map((x, i): Row => ({
        ...(panels.length > 1 ? { panel: panel.title } : {}),
        series: s.name,
        kind: s.kind ?? "measured",
        x,
        value: s.y[i] ?? null,
        low: s.low?.[i] ?? null,
        high: s.high?.[i] ?? null,
      }))
    )
  );
}

function altText(
  options: CurvesOptions,
  panels: readonly CurvePanel[],
): string {
  const format = (value: number) => formatNumber(value, options.digits ?? 2);
  const logs = [
    options.xScale === "log" ? "x" : "",
    options.yScale === "log" ? "y" : "",
  ]
    .filter((name) => name !== "");
  const parts = panels.map((panel) => {
    const texts = panel.series.map((s) => {
      const there = s.y.map((y, i) => [s.x[i]!, y] as const).filter(([, y]) => y !== null);
      const [from, to] = [there[0], there.at(-1)];
      if (!from || !to) return `${s.name} has no values`;
      return `${s.name} from ${format(from[1]!)} at ${from[0]} to ${format(to[1]!)} at ${to[0]}`;
    });
    return `${panel.title === "" ? "" : `${panel.title}: `}${texts.join("; ")}.`;
  });
  return [
    `Line chart: ${asSentence(options.title)} ${options.yTitle} over ${options.xTitle}` +
    `${logs.length > 0 ? `, logarithmic ${sentenceList(logs)} axis` : ""}.`,
    ...parts,
  ].join(" ");
}
