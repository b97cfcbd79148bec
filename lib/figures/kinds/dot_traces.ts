import type { PlotlyObject } from "../figure.ts";
import type { DotPanel, DotPart } from "./dot_options.ts";
import { beyondSide } from "./dot_text.ts";
import { knownStyle, markerSize } from "../method_style.ts";
import type { PanelPlace } from "../panels.ts";
import { fontSizes, textAt } from "../theme.ts";

/** Share of a row's height between the dots of two parts. */
const APART = 0.3;

/** Ground and text of a row without a value. */
const missing = { ground: "#EFEFEF", text: "#5A5A5A" } as const;

/** Which of the parts of a row is drawn. */
export interface DotPlace {
  /** The panel's axes. */
  readonly suffix: string;
  /** Which part, from 0. */
  readonly index: number;
  /** Number of parts. */
  readonly count: number;
}

/** Height of a part's dot in a row: the first part is uppermost. */
function heightOf(row: number, { index, count }: DotPlace): number {
  return row + (index - (count - 1) / 2) * APART;
}

/** How a dot of a part is drawn: filled, or hollow so that parts differ in grey too. */
function markerOf(name: string, index: number): PlotlyObject {
  const { color, symbol } = knownStyle(name);
  const size = markerSize(symbol, 7);
  return index === 0
    ? { symbol, size, color }
    : { symbol, size, color: "#FFFFFF", line: { color, width: 1.4 }, opacity: 1 };
}

/** Arrows at the ends of an axis for ends of intervals that lie beyond them. */
function arrows(
  panel: DotPanel,
  ends: readonly number[],
  y: number,
  color: string,
  suffix: string,
): PlotlyObject[] {
  const sides = new Set(ends.flatMap((end) => beyondSide(panel, end) ?? []));
  return [...sides].map((side) => ({
    type: "scatter",
    mode: "markers",
    x: [panel.limits![side === "left" ? 0 : 1]],
    y: [y],
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    marker: { symbol: `triangle-${side}`, size: 9, color },
    showlegend: false,
    hoverinfo: "skip",
  }));
}

/** The dots of one row: the replicates, the value with its interval, and arrows where these lie beyond the axis. */
function rowTraces(
  panel: DotPanel,
  part: DotPart,
  name: string,
  row: number,
  place: DotPlace,
  digits: number,
): PlotlyObject[] {
  const { suffix, index } = place;
  const { color } = knownStyle(name);
  const y = heightOf(row, place);
  const axes = { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
  const inside = (v: number) =>
    panel.limits ? Math.min(panel.limits[1], Math.max(panel.limits[0], v)) : v;
  const single = (part.replicates?.[row] ?? []).filter((v) => !beyondSide(panel, v));
  const replicates: PlotlyObject[] = single.length === 0 ? [] : [{
    type: "scatter",
    mode: "markers",
    name,
    x: single,
    y: single.map(() => y + (place.count === 1 ? 0.22 : APART / 2)),
    ...axes,
    marker: { symbol: "circle", size: 3.5, color, opacity: 0.35 },
    showlegend: false,
    hovertemplate: `${name}: %{x:.${digits}f}<extra></extra>`,
  }];
  const value = part.values[row] ?? null;
  if (value === null) return replicates;
  const [from, to] = [part.low[row] ?? value, part.high[row] ?? value];
  const of = part.name === "" ? name : `${name}, ${part.name}`;
  const at = inside(value);
  const side = beyondSide(panel, value);
  const marker = markerOf(name, index);
  return [...replicates, {
    type: "scatter",
    mode: "markers",
    name,
    x: [at],
    y: [y],
    ...axes,
    marker: side ? { ...marker, symbol: `triangle-${side}`, size: 11 } : marker,
    error_x: {
      type: "data",
      symmetric: false,
      array: [Math.max(0, inside(to) - at)],
      arrayminus: [Math.max(0, at - inside(from))],
      color,
      thickness: 1.5,
      width: 3,
    },
    customdata: [[value, from, to]],
    hovertemplate: `${of}, ${panel.title}: %{customdata[0]:.${digits}f} ` +
      `[%{customdata[1]:.${digits}f}, %{customdata[2]:.${digits}f}]<extra></extra>`,
    showlegend: false,
  }, ...arrows(panel, side ? [] : [from, to], y, color, suffix)];
}

/**
 * The dots of one part of a panel.
 *
 * @param panel the panel
 * @param part the part's values
 * @param rows names of the rows
 * @param place which part it is, and where
 * @param digits decimals of the numbers on hover
 * @returns the traces, row by row
 */
export function dotTraces(
  panel: DotPanel,
  part: DotPart,
  rows: readonly string[],
  place: DotPlace,
  digits: number,
): PlotlyObject[] {
  return rows.flatMap((name, row) => rowTraces(panel, part, name, row, place, digits));
}

/**
 * What is said of rows without a value, on a grey ground across the panel.
 *
 * @param part the part's values
 * @param place where the panel stands
 * @param at which part it is
 * @returns the texts and the grounds, for the layout
 */
export function noteMarks(
  { values, notes }: DotPart,
  { suffix }: PanelPlace,
  at: DotPlace,
): { readonly texts: PlotlyObject[]; readonly shapes: PlotlyObject[] } {
  const said = values.flatMap((value, row) => {
    const note = notes?.[row] ?? null;
    return value === null && note !== null ? [{ note, y: heightOf(row, at) }] : [];
  });
  const half = at.count === 1 ? 0.36 : APART / 2;
  const axes = { xref: `x${suffix} domain`, yref: `y${suffix}` };
  return {
    texts: said.map(({ note, y }) =>
      textAt(note, {
        ...axes,
        x: 0.5,
        y,
        xanchor: "center",
        yanchor: "middle",
        font: { size: fontSizes.small, color: missing.text },
      })
    ),
    shapes: said.map(({ y }) => ({
      type: "rect",
      ...axes,
      x0: 0,
      x1: 1,
      y0: y - half,
      y1: y + half,
      line: { width: 0 },
      fillcolor: missing.ground,
      layer: "below",
    })),
  };
}

/** Entries of a legend that say which mark belongs to which part. */
export function dotPartEntries(parts: readonly string[]): PlotlyObject[] {
  return parts.map((name, index) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: [null],
    y: [null],
    marker: markerOf("", index),
    showlegend: true,
    hoverinfo: "skip",
  }));
}
