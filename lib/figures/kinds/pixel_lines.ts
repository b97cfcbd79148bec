/**
 * Lines of one panel in px, and how far those that run over each other have to move apart to be seen.
 *
 * @module
 */
import type { PlotlyObject } from "../figure.ts";

/** Points of a line in px, in the order in which they are joined. `null` leaves a gap. */
export type PixelLine = readonly (readonly [x: number, y: number] | null)[];

/** Lines nearer than this, in px, cover each other. */
const NEAR = 1.5;

/** Difference of heights, in px, that is none: of rounding. */
const SAME = 0.05;

/** Space, in px, from one line to the next where they would cover each other. */
const APART = 2.2;

/** A panel's size in px, and where a number of its axes stands, in px from its lower left. */
export interface PanelPixels {
  /** Width of the panel. */
  readonly width: number;
  /** Height of the panel. */
  readonly height: number;
  /** Place of a number of the x axis. */
  readonly x: (value: number) => number;
  /** Place of a number of the y axis. */
  readonly y: (value: number) => number;
  /** The number that a place along the y axis stands for. */
  readonly valueAt: (y: number) => number;
}

/**
 * A panel in px.
 *
 * @param xScaled type and range of its x axis, as {@linkcode axisScale} gives them
 * @param yScaled those of its y axis
 * @param width its width in px
 * @param height its height in px
 * @returns places of numbers
 */
export function panelPixels(
  xScaled: PlotlyObject,
  yScaled: PlotlyObject,
  width: number,
  height: number,
): PanelPixels {
  const place = ({ type, range }: PlotlyObject, pixels: number) => {
    const [from, to] = range as readonly [number, number];
    const log = type === "log";
    return {
      to: (value: number) => ((log ? Math.log10(value) : value) - from) / (to - from) * pixels,
      from: (at: number) => {
        const scaled = from + at / pixels * (to - from);
        return log ? 10 ** scaled : scaled;
      },
    };
  };
  const [across, up] = [place(xScaled, width), place(yScaled, height)];
  return { width, height, x: across.to, y: up.to, valueAt: up.from };
}

/**
 * The points of a line in px.
 *
 * @param x where they stand, [n]
 * @param y their heights, [n]
 * @param panel the line's panel
 * @returns the points, null where there is no height
 */
export function pixelLine(
  x: readonly number[],
  y: readonly (number | null)[],
  panel: PanelPixels,
): PixelLine {
  return x.map((at, i) => y[i] === null ? null : [panel.x(at), panel.y(y[i]!)] as const);
}

/**
 * Height of a line at a place.
 *
 * @param line the line
 * @param at the place in px along the x axis
 * @returns its height in px, `undefined` outside it and in its gaps
 */
export function heightAt(line: PixelLine, at: number): number | undefined {
  for (let i = 0; i < line.length; i++) {
    const [from, to] = [line[i] ?? null, line[i + 1] ?? null];
    if (from !== null && Math.abs(from[0] - at) < 1e-6) return from[1];
    if (from === null || to === null) continue;
    if (at <= Math.min(from[0], to[0]) || at >= Math.max(from[0], to[0])) continue;
    return from[1] + (to[1] - from[1]) * (at - from[0]) / (to[0] - from[0]);
  }
  return undefined;
}

/**
 * How far each point has to move so that lines which run over each other lie side by side: the higher one above, so that
 * no order is turned about, and of equal ones the first.
 *
 * @param lines the panel's lines in the order in which they are drawn
 * @returns for each line the way up of each of its points in px, 0 where no other line runs
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sideBySide } from "./pixel_lines.ts";
 *
 * const lines = [[[0, 5], [9, 5], [18, 5]], [[0, 5], [9, 5.5], [18, 30]]] as const;
 * assertEquals(sideBySide(lines), [[1.1, -1.1, 0], [-1.1, 1.1, 0]]);
 * ```
 */
export function sideBySide(lines: readonly PixelLine[]): number[][] {
  return lines.map((line, own) =>
    line.map((point) => {
      if (point === null) return 0;
      const together = lines.flatMap((other, i) => {
        const height = i === own ? point[1] : heightAt(other, point[0]);
        return height !== undefined && Math.abs(height - point[1]) < NEAR ? [{ i, height }] : [];
      });
      const above = together.filter(({ i, height }) =>
        height > point[1] + SAME || (Math.abs(height - point[1]) <= SAME && i < own)
      );
      return ((together.length - 1) / 2 - above.length) * APART;
    })
  );
}
