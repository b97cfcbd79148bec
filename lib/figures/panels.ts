import type { PlotlyObject } from "./figure.ts";
import { axis, fontSizes, sides, textAt, wrapText } from "./theme.ts";
import type { AxisTicks } from "./ticks.ts";

/** Where one panel of small multiples stands. */
export interface PanelPlace {
  /** Column, from the left. */
  readonly column: number;
  /** Line, from the top. */
  readonly line: number;
  /** What Plotly puts behind the names of the panel's axes: "", "2", "3". */
  readonly suffix: string;
  /** Left and right end, as shares of the plot area's width. */
  readonly x: readonly [number, number];
  /** Lower and upper end, as shares of the plot area's height. */
  readonly y: readonly [number, number];
  /** Whether no panel stands under it. */
  readonly lowest: boolean;
}

/** What {@linkcode panelGrid} depends on. */
export interface PanelGridOptions {
  /** Number of panels. */
  readonly count: number;
  /** Width of the figure in px. */
  readonly width: number;
  /** Panels in a row. */
  readonly columns: number;
  /** Space between panels in px. */
  readonly between: { readonly x: number; readonly y: number };
  /** Height of a panel in px, from its width. */
  readonly height: (panelWidth: number) => number;
  /** Space left of the axes in px; default that of all figures. */
  readonly left?: number;
  /** Space right of the axes in px; default that of all figures. */
  readonly right?: number;
}

/** Panels in rows of equal size. */
export interface PanelGrid {
  /** Each panel's place. */
  readonly places: readonly PanelPlace[];
  /** Width of a panel in px. */
  readonly panelWidth: number;
  /** Height of a panel in px. */
  readonly panelHeight: number;
  /** Height of all panels in px. */
  readonly plotHeight: number;
}

/** Places panels in rows of equal size. */
export function panelGrid(options: PanelGridOptions): PanelGrid {
  const { count, between } = options;
  const columns = Math.max(1, Math.min(count, options.columns));
  const inner = options.width - (options.left ?? sides.left) - (options.right ?? sides.right);
  const lines = Math.ceil(count / columns);
  const panelWidth = (inner - (columns - 1) * between.x) / columns;
  const panelHeight = Math.round(options.height(panelWidth));
  const plotHeight = lines * panelHeight + (lines - 1) * between.y;
  const places = Array.from({ length: count }, (_, index): PanelPlace => {
    const [column, line] = [index % columns, Math.floor(index / columns)];
    const left = column * (panelWidth + between.x) / inner;
    const top = 1 - line * (panelHeight + between.y) / plotHeight;
    return {
      column,
      line,
      suffix: index === 0 ? "" : String(index + 1),
      x: [left, Math.min(1, left + panelWidth / inner)],
      y: [Math.max(0, top - panelHeight / plotHeight), top],
      lowest: index + columns >= count,
    };
  });
  return { places, panelWidth, panelHeight, plotHeight };
}

/** Texts of panels in lines that fit, for all of which there must be room. */
export interface PanelTexts {
  /** The texts, with `<br>` between lines. */
  readonly texts: readonly string[];
  /** Most lines of a text. */
  readonly lines: number;
  /** Height in px of the lines after the first. */
  readonly further: number;
}

/** Cuts texts of panels into lines that fit a width in px. */
export function panelTexts(texts: readonly string[], width: number): PanelTexts {
  const cut = texts.map((text) => wrapText(text, fontSizes.text, width));
  const lines = Math.max(1, ...cut.map((rows) => rows.length));
  const further = Math.ceil((lines - 1) * fontSizes.text * 1.3);
  return { texts: cut.map((rows) => rows.join("<br>")), lines, further };
}

/** The title over a panel. */
export function panelTitle(text: string, { x, y }: PanelPlace): PlotlyObject {
  return textAt(text, { x: x[0], y: y[1], xanchor: "left", yanchor: "bottom", yshift: 3 });
}

/** Type and range of an axis that shows all of these values with a little room. */
export function axisScale(
  kind: "linear" | "log" = "linear",
  values: readonly (number | null)[],
): PlotlyObject {
  const log = kind === "log";
  const numbers = values.filter((v) => v !== null).filter((v) => !log || v > 0)
    .map((v) => log ? Math.log10(v) : v);
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  const room = (to - from || Math.abs(to) || 1) * 0.05;
  const range = numbers.length === 0 ? [0, 1] : [from - room, to + room];
  return { type: kind, range };
}

/** An axis of one panel, in the settings of all figures. */
export function panelAxis(
  scaled: PlotlyObject,
  domain: readonly [number, number],
  anchor: string,
  ticks: AxisTicks,
): PlotlyObject {
  return { ...axis, ...scaled, domain, anchor, ...ticks.settings };
}

/** A value that a panel is read against, such as 0, a bound or what was reported. */
export interface Reference {
  /** `"y"`: a horizontal line at a height; `"x"`: a vertical one. */
  readonly axis: "x" | "y";
  /** Where. */
  readonly value: number;
  /** What it is; it stands at the line's end. */
  readonly label?: string;
}

const referenceColor = "#6B6B6B";

/**
 * The line of a reference across a panel: dashed and grey. It comes before the panel's other traces, to lie under them.
 *
 * @param x The panel's x axis, with its type and range.
 * @param y The panel's y axis.
 */
export function referenceTrace(
  reference: Reference,
  { suffix }: PanelPlace,
  x: PlotlyObject,
  y: PlotlyObject,
): PlotlyObject {
  const ends = ({ type, range }: PlotlyObject) =>
    (range as number[]).map((end) => type === "log" ? 10 ** end : end);
  const across = [reference.value, reference.value];
  return {
    type: "scatter",
    mode: "lines",
    name: reference.label ?? "reference",
    x: reference.axis === "x" ? across : ends(x),
    y: reference.axis === "y" ? across : ends(y),
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    line: { color: referenceColor, width: 1, dash: "dash" },
    showlegend: false,
    hoverinfo: "name",
  };
}

/** On which side of a reference line its label stands: for a horizontal line at which end, and over or under it. */
export interface LabelSide {
  /** The panel's left or right end; of a vertical line the line's own side. */
  readonly across: "left" | "right";
  /** Over or under the line; of a vertical one the panel's upper or lower end. */
  readonly along: "top" | "bottom";
}

/** The sides that a label can have, the usual one first. */
export const labelSides: readonly LabelSide[] = [
  { across: "right", along: "top" },
  { across: "right", along: "bottom" },
  { across: "left", along: "top" },
  { across: "left", along: "bottom" },
];

/** The label of a reference, inside the panel, by default at the line's right or upper end, `gap` px from the line. */
export function referenceLabel(
  { axis: across, value, label }: Reference,
  { suffix }: PanelPlace,
  log = false,
  side: LabelSide = labelSides[0]!,
  gap = 1,
): PlotlyObject {
  const at = log ? Math.log10(value) : value;
  const font = { size: fontSizes.small, color: referenceColor };
  const [left, up] = [side.across === "left", side.along === "top"];
  return textAt(label ?? "", {
    font,
    bgcolor: "rgba(255,255,255,0.75)",
    ...(across === "y"
      ? {
        xref: `x${suffix} domain`,
        x: left ? 0 : 1,
        xanchor: side.across,
        xshift: left ? 2 : 0,
        yref: `y${suffix}`,
        y: at,
        yanchor: up ? "bottom" : "top",
        yshift: up ? gap : -gap,
      }
      : {
        xref: `x${suffix}`,
        x: at,
        xanchor: left ? "right" : "left",
        xshift: left ? -2 - gap : 2 + gap,
        yref: `y${suffix} domain`,
        y: up ? 1 : 0,
        yanchor: side.along,
      }),
  });
}

/** Moves heights of labels (px) apart so that none covers another; the order stays. */
export function spreadLabels(
  wanted: readonly number[],
  room: number,
  [low, high]: readonly [number, number],
): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const placed: number[] = [];
  for (const i of order) {
    placed.push(Math.max(wanted[i]!, low, (placed.at(-1) ?? -Infinity) + room));
  }
  let limit = high;
  for (let k = placed.length - 1; k >= 0 && placed[k]! > limit; k--) {
    placed[k] = limit;
    limit -= room;
  }
  const result = new Array<number>(wanted.length);
  order.forEach((i, k) => result[i] = placed[k]!);
  return result;
}
