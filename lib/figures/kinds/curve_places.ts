/** Where the parts of a figure of curves stand. @module */

import type { PlotlyObject } from "../figure.ts";
import type { CurvePanel, CurveSeries, CurvesOptions } from "./curve_options.ts";
import { referencesOf } from "./curve_text.ts";
import { axisScale, type PanelGrid, panelGrid, type PanelTexts, panelTexts } from "../panels.ts";
import { textWidth } from "../text.ts";
import { fontSizes, sides, yAxisRoom } from "../theme.ts";
import { type AxisTicks, axisTicks } from "../ticks.ts";

const between = { x: 46, y: 58 };

/** Greatest height of a panel in px. */
const tallest = 240;

/** Least width of a panel in px: with fewer columns where there is no room. */
const narrowest = 90;

/** Sizes of a figure's parts in px, and the scales of its axes, one for each panel. */
export interface CurvePlaces {
  /** The panels. */
  readonly grid: PanelGrid;
  /** Scales of the x axes. */
  readonly xScales: readonly PlotlyObject[];
  /** Scales of the y axes. */
  readonly yScales: readonly PlotlyObject[];
  /** Room left of all panels. */
  readonly left: number;
  /** Room right of all panels. */
  readonly right: number;
  /** Titles over the panels. */
  readonly heads: PanelTexts;
  /** Titles beside the panels, one for each. */
  readonly yTitles: PanelTexts;
  /** Whether every panel has its title beside it; else only the first of a row has. */
  readonly ownTitles: boolean;
  /** Ticks of the x axes. */
  readonly xTicks: readonly AxisTicks[];
  /** Height of the numbers under a panel. */
  readonly xLabels: number;
  /** Whether the x title stands once under all panels, being too wide for one. */
  readonly oneTitle: boolean;
}

/** Where the references of a panel lie on one of its axes. */
function marksOf(options: CurvesOptions, panel: CurvePanel, across: "x" | "y"): number[] {
  return referencesOf(options, panel).filter(({ axis }) => axis === across)
    .map(({ value }) => value);
}

/** All heights of a line and its band. */
export function heights(series: CurveSeries): (number | null)[] {
  return [...series.y, ...(series.low ?? []), ...(series.high ?? [])];
}

/**
 * Places the parts of a figure.
 *
 * @param options what is drawn
 * @param panels its panels
 * @param width width of the figure in px
 * @param beside room right of each panel in px, as for the names of its lines
 * @returns sizes and scales
 */
export function placesOf(
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
  const ownTitles = panels.some(({ yTitle }) => yTitle !== undefined);
  const labels = Math.max(...yScales.map((scaled) => axisTicks(scaled, tallest, "y").width));
  // Room from the lines of one panel to the axis of the next; what stands right of the last one does so of each.
  const gapOf = (left: number) =>
    Math.max(between.x, ownTitles ? left + 4 : Math.ceil(labels) + 18) + beside - sides.right;
  const fitting = Math.floor((width - sides.left - beside) / (170 + beside));
  const wanted = options.columns ?? Math.min(panels.length === 4 ? 2 : 3, fitting);
  const gridOf = (left: number, right: number, further: number) =>
    panelGrid({
      count: panels.length,
      width,
      columns: Math.min(
        wanted,
        Math.floor((width - left - right + gapOf(left)) / (narrowest + gapOf(left))),
      ),
      between: { x: gapOf(left), y: between.y + further },
      left,
      right,
      height: (panel) => Math.min(panels.length > 1 ? panel * 0.7 : width * 0.6, tallest),
    });
  // How far texts reach depends on the panels' size, and that on the room that texts take.
  const about = gridOf(yAxisRoom(labels), beside, 0);
  const yTitles = panelTexts(
    panels.map(({ yTitle }) => yTitle ?? options.yTitle),
    about.panelHeight + 16,
  );
  const last = Math.max(...xScales.map((scaled) => axisTicks(scaled, about.panelWidth, "x").width));
  const left = yAxisRoom(labels) + yTitles.further;
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
    yTitles,
    ownTitles,
    xTicks,
    xLabels: Math.max(...xTicks.map(({ height }) => height)),
    // A title wider than its panel would run into the next one or out of the figure.
    oneTitle: textWidth(options.xTitle, fontSizes.text) >
      panelWidth + Math.min(gapOf(left), 2 * right) - 4,
  };
}
