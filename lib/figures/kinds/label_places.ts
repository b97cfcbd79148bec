/** Where the labels of reference lines stand in a panel of curves, so that they cover as little of the lines as can be. @module */

import { heightAt, type PanelPixels, type PixelLine } from "./pixel_lines.ts";
import type { PlotlyObject } from "../figure.ts";
import {
  type LabelSide,
  labelSides,
  type PanelPlace,
  type Reference,
  referenceLabel,
} from "../panels.ts";
import { textWidth } from "../text.ts";
import { fontSizes } from "../theme.ts";

/** Space in px on a panel, from its lower left. */
interface Box {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Distances, in px, from a reference to its label: a greater one where lines run along the reference. */
const gaps = [1, 9] as const;

/** How far, in px, a label may reach over its panel's upper end: there is room under the title. */
const SLACK = 4;

/** The space that a label takes on one of its sides. */
function boxOf(reference: Reference, side: LabelSide, gap: number, panel: PanelPixels): Box {
  const wide = textWidth(reference.label ?? "", fontSizes.small) + 4;
  const high = fontSizes.small * 1.4;
  const beside = (at: number, before: boolean, size: number) =>
    before ? [at - gap - size, at - gap] as const : [at + gap, at + gap + size] as const;
  const [left, up] = [side.across === "left", side.along === "top"];
  if (reference.axis === "y") {
    return {
      x: left ? [0, wide] : [panel.width - wide, panel.width],
      y: beside(panel.y(reference.value), !up, high),
    };
  }
  return {
    x: beside(panel.x(reference.value), left, wide),
    y: up ? [panel.height - high, panel.height] : [0, high],
  };
}

/** How much of the lines lies inside a box, in px along the x axis; what lies outside the panel counts as covered. */
function covers(
  { x, y }: Box,
  lines: readonly PixelLine[],
  { width, height }: PanelPixels,
): number {
  const outside = x[0] < -1 || x[1] > width + 1 || y[0] < -1 || y[1] > height + SLACK;
  let found = outside ? width : 0;
  for (let at = x[0]; at <= x[1]; at += 2) {
    for (const line of lines) {
      const there = heightAt(line, at);
      if (there !== undefined && there > y[0] - 3 && there < y[1] + 3) found += 2;
    }
  }
  return found;
}

const overlap = (a: Box, b: Box) =>
  a.x[0] < b.x[1] && b.x[0] < a.x[1] && a.y[0] < b.y[1] && b.y[0] < a.y[1];

/**
 * Labels of reference lines, each on the side where it covers the least.
 *
 * @param references the panel's references, of which those with a label get one
 * @param lines the panel's lines in px
 * @param panel the panel in px
 * @param place where the panel stands
 * @param logs whether the axes are logarithmic
 * @returns the annotations
 */
export function referenceLabels(
  references: readonly Reference[],
  lines: readonly PixelLine[],
  panel: PanelPixels,
  place: PanelPlace,
  logs: Readonly<Record<"x" | "y", boolean>>,
): PlotlyObject[] {
  const taken: Box[] = [];
  return references.filter(({ label }) => label).map((reference) => {
    const costs = gaps.flatMap((gap) => labelSides.map((side) => ({ gap, side }))).map((place) => {
      const box = boxOf(reference, place.side, place.gap, panel);
      const hidden = taken.filter((other) => overlap(box, other)).length;
      return { ...place, box, cost: covers(box, lines, panel) + hidden * panel.width };
    });
    const best = costs.reduce((a, b) => b.cost < a.cost ? b : a);
    taken.push(best.box);
    return referenceLabel(reference, place, logs[reference.axis], best.side, best.gap);
  });
}
