import type { CurvePanel, CurveSeries } from "./curve_options.ts";
import type { PlotlyObject } from "../figure.ts";
import { type PanelPlace, spreadLabels } from "../panels.ts";
import {
  type LineDash,
  markerSize,
  type MarkerSymbol,
  type MethodStyle,
  methodStyle,
  methodStyles,
  withOpacity,
} from "../method_style.ts";
import { fontSizes, ink, textAt } from "../theme.ts";

/** Markers as letters of the shipped font: names of one colour are told apart by them. */
const glyphs: Readonly<Record<MarkerSymbol, string>> = {
  circle: "\u25CF",
  square: "\u25A0",
  diamond: "\u25C6",
  "triangle-up": "\u25B2",
  "triangle-down": "\u25BC",
  x: "\u2716",
  star: "\u2605",
};

/** Kinds of line of the parts of a name, in the order in which the parts come. */
const partDashes: readonly LineDash[] = ["solid", "dash", "dot", "dashdot", "longdash"];

/** How one line looks. */
export interface CurveStyle {
  /** The method's style, with the line's own kind of line. */
  readonly style: MethodStyle;
  /** Heights at which the points are drawn: their own, but for those that lie beside other lines. */
  readonly drawn: readonly (number | null)[];
  /** Points of the line that are joined under others, null between parts: there it is drawn wider. */
  readonly covered: readonly (number | null)[];
  /** Behind the names of the panel's axes. */
  readonly suffix: string;
  /** Whether the line stands for its name in the legend. */
  readonly inLegend: boolean;
  /** Opacity of its band. */
  readonly bandOpacity: number;
}

/** The parts of names, in the order in which they come. */
export function partsOf(panels: readonly CurvePanel[]): string[] {
  return [...new Set(panels.flatMap(({ series }) => series.flatMap(({ part }) => part ?? [])))];
}

/** The style of every line of a figure. Lines from theory have one look; the others must not look alike. */
export function curveStyles(panels: readonly CurvePanel[]): (series: CurveSeries) => MethodStyle {
  const all = panels.flatMap(({ series }) => series);
  const [bounds, measured] = [true, false].map((bound) =>
    all.filter(({ kind }) => (kind === "bound") === bound).map(({ name }) => name)
  );
  const styles = new Map([
    ...bounds!.map((name) => [name, { ...methodStyle(name), color: ink, dash: "dash" }] as const),
    ...methodStyles(measured!),
  ]);
  const parts = partsOf(panels);
  return ({ name, part, dash }) => {
    const own = styles.get(name)!;
    const ofPart = part === undefined ? own.dash : partDashes[parts.indexOf(part)] ?? own.dash;
    return { ...own, dash: dash ?? ofPart };
  };
}

/** Entries of a legend that say which kind of line belongs to which part. */
export function partTraces(parts: readonly string[], legend: "legend" | "legend2"): PlotlyObject[] {
  return parts.map((name, i) => ({
    type: "scatter",
    mode: "lines",
    name,
    x: [null],
    y: [null],
    line: { color: ink, width: 1.4, dash: partDashes[i] ?? "solid" },
    showlegend: true,
    legend,
    hoverinfo: "skip",
  }));
}

/**
 * A line and its band.
 *
 * @param series the line
 * @param look how it looks
 * @returns the traces of the band and of what is wider, which belong under all lines of the panel, and that of the line
 */
export function curveTraces(
  series: CurveSeries,
  look: CurveStyle,
): {
  readonly bands: PlotlyObject[];
  readonly beneath: PlotlyObject[];
  readonly line: PlotlyObject;
} {
  const { style: { color, dash, symbol }, drawn, covered, suffix, inLegend } = look;
  const common = {
    type: "scatter",
    name: series.name,
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    legendgroup: series.name,
  };
  const what = series.part === undefined ? series.name : `${series.name}, ${series.part}`;
  const moved = drawn.some((y, i) => y !== series.y[i]);
  const told = {
    ...(moved ? { customdata: series.y } : {}),
    hovertemplate: `${what}: %{${moved ? "customdata" : "y"}:.3g} at %{x}<extra></extra>`,
    showlegend: inLegend,
  };
  if (series.kind === "points") {
    const marker = { symbol, size: markerSize(symbol, 3.5), color, opacity: 0.4 };
    const line = { ...common, ...told, mode: "markers", x: series.x, y: series.y, marker };
    return { bands: [], beneath: [], line };
  }
  const bound = series.kind === "bound";
  const line: PlotlyObject = {
    ...common,
    ...told,
    mode: bound ? "lines" : "lines+markers",
    x: series.x,
    y: drawn,
    line: { color, width: bound ? 1.2 : 1.6, dash },
    // Some markers on long lines too: colour alone is lost in grey print.
    marker: { symbol, size: markerSize(symbol, 5), color, maxdisplayed: 12 },
  };
  const beneath: PlotlyObject[] = covered.length === 0 ? [] : [{
    ...common,
    mode: "lines",
    x: covered.map((i) => i === null ? null : series.x[i]),
    y: covered.map((i) => i === null ? null : drawn[i]),
    line: { color, width: 4, dash },
    showlegend: false,
    hoverinfo: "skip",
  }];
  return {
    bands: bandTraces(series, withOpacity(color, look.bandOpacity), color, common),
    beneath,
    line,
  };
}

/** A band as one closed outline for each stretch in which both edges are there. */
function bandTraces(
  series: CurveSeries,
  fillcolor: string,
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
      ...common,
      mode: "lines",
      x: [...stretch, ...back].map((i) => series.x[i]),
      y: [
        ...stretch.map((i) => series.high![i]),
        ...back.map((i) => series.low![i]),
      ],
      fill: "toself",
      fillcolor,
      line: { width: 0, color },
      showlegend: false,
      hoverinfo: "skip",
    };
  });
}

/** A line's marker and name, as text. */
export function labelOf({ name, kind }: CurveSeries, { symbol }: MethodStyle): string {
  return kind === "bound" ? name : `${glyphs[symbol]} ${name}`;
}

/** The lines of a panel that get a name at their end: the first of each name, without single points. */
export function labelledSeries(series: readonly CurveSeries[]): CurveSeries[] {
  const lines = series.filter(({ kind }) => kind !== "points");
  return lines.filter(({ name }, i) => lines.findIndex((other) => other.name === name) === i);
}

/** Names at the right ends of a panel's lines, moved apart. */
export function directLabels(
  series: readonly CurveSeries[],
  styleOf: (series: CurveSeries) => MethodStyle,
  scaled: PlotlyObject,
  { x, y }: PanelPlace,
  panelHeight: number,
): PlotlyObject[] {
  const [low, high] = scaled.range as [number, number];
  const ended = labelledSeries(series).flatMap((s) => {
    const last = s.y.findLast((y) => y !== null);
    return last === undefined || last === null ? [] : [{ s, last }];
  });
  const heights = ended.map(({ last }) => {
    const value = scaled.type === "log" ? Math.log10(last) : last;
    return (value - low) / (high - low) * panelHeight;
  });
  const room = fontSizes.small + 2.5;
  const placed = spreadLabels(heights, room, [room / 2, panelHeight - room / 2]);
  return ended.map(({ s }, i) =>
    textAt(labelOf(s, styleOf(s)), {
      x: x[1],
      y: y[0],
      yshift: placed[i]!,
      xshift: 5,
      xanchor: "left",
      yanchor: "middle",
      font: { size: fontSizes.small, color: styleOf(s).color },
    })
  );
}
