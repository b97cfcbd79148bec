import type { CurveSeries } from "./curve_options.ts";
import type { PlotlyObject } from "../figure.ts";
import { spreadLabels } from "../panels.ts";
import { markerSize, type MarkerSymbol, type MethodStyle, withOpacity } from "../method_style.ts";
import { fontSizes, ink, textAt } from "../theme.ts";

/** Markers as letters of the shipped font: names of one colour are told apart by them. */
const glyphs: Readonly<Record<MarkerSymbol, string>> = {
  circle: "\u25CF",
  square: "\u25A0",
  diamond: "\u25C6",
  "triangle-up": "\u25B2",
  "triangle-down": "\u25BC",
  x: "\u2716",
};

/** A line and its band. */
export function curveTraces(
  series: CurveSeries,
  own: MethodStyle,
  suffix: string,
  first: boolean,
  bandOpacity: number,
): PlotlyObject[] {
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
    marker: { symbol: own.symbol, size: markerSize(own.symbol, 5), color, maxdisplayed: 12 },
    showlegend: first,
    hovertemplate: `${series.name}: %{y:.3g} at %{x}<extra></extra>`,
    ...common,
  };
  return [...band(series, withOpacity(color, bandOpacity), color, common), line];
}

/** A band as one closed outline for each stretch in which both edges are there. */
function band(
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
      type: "scatter",
      name: series.name,
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
      ...common,
    };
  });
}

/** A line's marker and name, as text. */
export function labelOf({ name, kind }: CurveSeries, { symbol }: MethodStyle): string {
  return kind === "bound" ? name : `${glyphs[symbol]} ${name}`;
}

/** Names at the right ends of the lines of one panel, moved apart. */
export function directLabels(
  series: readonly CurveSeries[],
  styles: ReadonlyMap<string, MethodStyle>,
  scaled: PlotlyObject,
  panelHeight: number,
): PlotlyObject[] {
  const [low, high] = scaled.range as [number, number];
  const ended = series.flatMap((s) => {
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
    textAt(labelOf(s, styles.get(s.name)!), {
      x: 1,
      y: 0,
      yshift: placed[i]!,
      xshift: 5,
      xanchor: "left",
      yanchor: "middle",
      font: {
        size: fontSizes.small,
        color: s.kind === "bound" ? ink : styles.get(s.name)!.color,
      },
    })
  );
}
