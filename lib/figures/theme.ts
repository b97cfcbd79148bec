import { fontFamily, textWidth } from "./text.ts";
import type { PlotlyObject } from "./figure.ts";

/** Colour of text, axes and error bars. */
export const ink = "#222222";

/** Width of a figure over one column of a paper: 3.5 in at 96 px an inch. */
export const columnWidth = 336;

/** Width of a figure over a whole page: 7 in at 96 px an inch. */
export const pageWidth = 672;

/** Font sizes in px: 10 px are 7.5 pt in print at `columnWidth` or `pageWidth`. */
export const fontSizes = { text: 10, small: 9, title: 11.5 } as const;

/** What the frame of a figure depends on. */
export interface FrameOptions {
  /** The title; it is cut into lines that fit. */
  readonly title: string;
  /** Width in px; `columnWidth` or `pageWidth`. */
  readonly width: number;
  /** Height in px of the part with the axes. */
  readonly plotHeight: number;
  /** Entries of the legend; none: no legend. */
  readonly legend: readonly string[];
  /** Whether a row for traces with `legend: "legend2"` comes under the legend. */
  readonly secondLegend?: boolean;
  /** Space in px under the axes. */
  readonly bottom: number;
  /** Space in px left of the axes; default that of all figures. */
  readonly left?: number;
  /** Space in px right of the axes; default that of all figures. */
  readonly right?: number;
  /** Further space in px between the legend and the axes, as for the titles of panels. */
  readonly above?: number;
}

/** Space in px left and right of the axes, in all figures. */
export const sides = { left: 54, right: 10 } as const;

const legendRow = 19;
const legendPadding = 8;

/** Cuts a text into lines that fit a width in px. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/**
 * The layout that all figures share: white ground, named font, title at the top left, legend in rows under it.
 *
 * Heights are worked out from the widths of the texts, so nothing overlaps and nothing is cut. Titles are annotations,
 * because Plotly places axis titles by measuring a page that is not there.
 *
 * @param options What the frame depends on.
 * @param annotations The texts of the figure besides its title.
 */
export function frame(
  options: FrameOptions,
  annotations: readonly PlotlyObject[],
): PlotlyObject {
  const { width, plotHeight } = options;
  const [left, right] = [options.left ?? sides.left, options.right ?? sides.right];
  const plotWidth = width - left - right;
  const titleLines = wrapText(options.title, fontSizes.title, width - 12);
  const titleHeight = 6 + titleLines.length * fontSizes.title * 1.3;
  const rows = legendRows(options.legend, width - sides.right);
  const second = options.secondLegend ? legendRow : 0;
  const legendHeight = rows === 0 ? 6 : rows * legendRow + second + legendPadding;
  const above = options.above ?? 0;
  const top = Math.ceil(titleHeight + legendHeight + above);
  const legend = {
    orientation: "h",
    // Left of the axes, so that Plotly gives the legend the whole width.
    x: -(left - 4) / plotWidth,
    xanchor: "left",
    yanchor: "bottom",
    font: { size: fontSizes.text },
    itemwidth: 30,
    // Clear, or the second legend would cover the foot of the first.
    bgcolor: "rgba(0,0,0,0)",
    traceorder: "normal",
  };
  return {
    width,
    height: top + plotHeight + options.bottom,
    paper_bgcolor: "#FFFFFF",
    plot_bgcolor: "#FFFFFF",
    font: { family: fontFamily, size: fontSizes.text, color: ink },
    margin: {
      l: left,
      r: right,
      t: top,
      b: options.bottom,
      pad: 0,
    },
    showlegend: options.legend.length > 0,
    legend: { ...legend, y: 1 + (above + second + 1) / plotHeight },
    ...(options.secondLegend ? { legend2: { ...legend, y: 1 + (above + 1) / plotHeight } } : {}),
    hoverlabel: { font: { family: fontFamily } },
    annotations: [
      textAt(titleLines.join("<br>"), {
        x: 0,
        y: 1,
        xanchor: "left",
        yanchor: "top",
        xshift: 6 - left,
        yshift: top - 4,
        font: { size: fontSizes.title, color: ink },
      }),
      ...annotations,
    ],
  };
}

/** Rows that Plotly's horizontal legend takes in a width in px: one if all fit, else columns of equal width. */
function legendRows(names: readonly string[], width: number): number {
  if (names.length === 0) return 0;
  const [symbol, gap] = [40, 5];
  const widths = names.map((name) => textWidth(name, fontSizes.text) + symbol);
  if (widths.reduce((sum, w) => sum + w + gap, 0) - gap < width) return 1;
  const column = Math.max(...widths) + gap;
  return Math.ceil(
    names.length / Math.max(1, Math.floor((width + gap) / column)),
  );
}

/** A text at a place of the plot area, 0 to 1 from the left and from the bottom, moved by `xshift` and `yshift` px. */
export function textAt(text: string, place: PlotlyObject): PlotlyObject {
  return {
    text,
    showarrow: false,
    xref: "paper",
    yref: "paper",
    borderpad: 0,
    align: "left",
    font: { size: fontSizes.text, color: ink },
    ...place,
  };
}

/**
 * The title under an x axis that spans `from` to `to` of the plot area's width and lies at `bottom`.
 *
 * @param labels Height in px of the axis' labels, which stand above the title.
 */
export function xAxisTitle(
  text: string,
  from = 0,
  to = 1,
  bottom = 0,
  labels: number = labelHeight(fontSizes.small),
): PlotlyObject {
  const place = {
    x: (from + to) / 2,
    y: bottom,
    xanchor: "center",
    yanchor: "top",
    yshift: -7 - labels,
    align: "center",
  };
  return textAt(text, place);
}

/**
 * The title left of a y axis that spans `from` to `to` of the plot area's height.
 *
 * @param left Space in px left of the axis.
 * @param at Where the axis stands, as a share of the plot area's width.
 */
export function yAxisTitle(
  text: string,
  from = 0,
  to = 1,
  left: number = sides.left,
  at = 0,
): PlotlyObject {
  const place = {
    x: at,
    y: (from + to) / 2,
    xanchor: "center",
    yanchor: "middle",
  };
  const lines = text.split("<br>").length;
  const xshift = 5 + lines * fontSizes.text * 0.6 - left;
  return textAt(text, { ...place, xshift, textangle: -90, align: "center" });
}

/** Height in px of a line of labels of a font size in px. */
export function labelHeight(size: number): number {
  return Math.round(size * 1.2);
}

/** Space in px that a y axis takes from its labels' width: ticks, labels and the title. */
export function yAxisRoom(labels: number): number {
  return Math.max(sides.left, Math.ceil(labels) + 26);
}

/** The settings that all axes share. */
export const axis: PlotlyObject = {
  tickfont: { size: fontSizes.small },
  linecolor: ink,
  linewidth: 1,
  showline: true,
  ticks: "outside",
  ticklen: 3,
  tickcolor: ink,
  gridcolor: "#E3E3E3",
  gridwidth: 0.6,
  zeroline: false,
  automargin: false,
};
