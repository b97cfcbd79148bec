/**
 * Lines of one panel that run over each other: how much wider the ones beneath have to be to be seen.
 *
 * @module
 */
import type { PlotlyObject } from "../figure.ts";

/** Points of a line in px, in the order in which they are joined. `null` leaves a gap. */
export type PixelLine = readonly (readonly [x: number, y: number] | null)[];

/** Lines nearer than this, in px, cover each other. */
const NEAR = 1.5;

/** Markers nearer than this, in px, cover each other. */
const NEAR_MARKERS = 2.5;

/** What covers a line. */
export interface Coverage {
  /** For each stretch between two points, how many later lines run over it, `[n - 1]`. */
  readonly stretches: readonly number[];
  /** For each point, how many later lines have a point there, `[n]`. */
  readonly points: readonly number[];
}

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
    return (value: number) =>
      ((type === "log" ? Math.log10(value) : value) - from) / (to - from) * pixels;
  };
  return { width, height, x: place(xScaled, width), y: place(yScaled, height) };
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
 * How many of the lines that are drawn later cover each part of a line.
 *
 * @param lines the panel's lines in the order in which they are drawn
 * @returns the coverage of each
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { coverage } from "./coincident_lines.ts";
 *
 * const [under, over] = coverage([[[0, 5], [9, 5], [18, 5]], [[0, 5], [9, 5.5], [18, 30]]]);
 * assertEquals(under, { stretches: [1, 0], points: [1, 1, 0] });
 * assertEquals(over, { stretches: [0, 0], points: [0, 0, 0] });
 * ```
 */
export function coverage(lines: readonly PixelLine[]): Coverage[] {
  return lines.map((line, i) => {
    const later = lines.slice(i + 1);
    const meets = (other: PixelLine, point: readonly [number, number]) => {
      const height = heightAt(other, point[0]);
      return height !== undefined && Math.abs(height - point[1]) < NEAR;
    };
    return {
      stretches: line.slice(1).map((to, k) => {
        const from = line[k]!;
        if (from === null || to === null) return 0;
        return later.filter((other) => meets(other, from) && meets(other, to)).length;
      }),
      points: line.map((point) =>
        point === null
          ? 0
          : later.filter((other) =>
            other.some((there) =>
              there !== null && Math.hypot(there[0] - point[0], there[1] - point[1]) < NEAR_MARKERS
            )
          ).length
      ),
    };
  });
}

/**
 * The parts of a line that others cover, by how many do.
 *
 * @param stretches how many lines cover each stretch, [n - 1]
 * @returns for each number above 0, the most first, indices of the points that are joined; null between parts
 */
export function coveredParts(
  stretches: readonly number[],
): { readonly depth: number; readonly points: readonly (number | null)[] }[] {
  const depths = [...new Set(stretches)].filter((depth) => depth > 0).sort((a, b) => b - a);
  return depths.map((depth) => {
    const points: (number | null)[] = [];
    stretches.forEach((found, k) => {
      if (found !== depth) return;
      if (points.at(-1) === k) points.push(k + 1);
      else points.push(...(points.length === 0 ? [] : [null]), k, k + 1);
    });
    return { depth, points };
  });
}
