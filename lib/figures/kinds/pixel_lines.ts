/**
 * Lines of one panel in px, and how far those that run over each other have to move apart to be seen.
 *
 * @module
 */
import type { PlotlyObject } from "../figure.ts";

/** Points of a line in px, in the order in which they are joined. `null` leaves a gap. */
export type PixelLine = readonly (readonly [x: number, y: number] | null)[];

/** Difference of heights, in px, that is none: of rounding. */
const SAME = 0.05;

/** A line nearer to another than this, in px, covers it. */
const NEAR = 1.5;

/** Least space, in px, between the middles of two lines that are both to be seen. */
const APART = 2;

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
 * Heights as near to given ones as can be, in their order and no nearer to each other than they must be: the least sum of
 * squared ways, by pooling adjacent violators.
 *
 * @param heights heights in px from the lowest on, [n]
 * @returns the heights apart, [n]
 */
function apart(heights: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const [i, height] of heights.entries()) {
    pools.push({ sum: height - i * APART, count: 1 });
    while (pools.length > 1) {
      const [before, last] = pools.slice(-2) as [typeof pools[0], typeof pools[0]];
      if (before.sum / before.count <= last.sum / last.count) break;
      pools.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  const levels = pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count));
  return levels.map((level, i) => level + i * APART);
}

/**
 * How far each point has to move so that lines which run over each other lie side by side: by as little as can be, the
 * higher one above, so that no order is turned about. Where lines are equal, the one that is higher elsewhere is above,
 * or else the first.
 *
 * @param lines the panel's lines in the order in which they are drawn
 * @returns for each line the way up of each of its points in px, 0 where no other line is near
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sideBySide } from "./pixel_lines.ts";
 *
 * const lines = [[[0, 5], [9, 5], [18, 5]], [[0, 5], [9, 6], [18, 30]]] as const;
 * assertEquals(sideBySide(lines), [[-1, -0.5, 0], [1, 0.5, 0]]);
 * ```
 */
export function sideBySide(lines: readonly PixelLine[]): number[][] {
  const rank = (height: number) => Math.round(height / SAME);
  const means = lines.map((line) => {
    const heights = line.flatMap((point) => point === null ? [] : [point[1]]);
    return heights.reduce((sum, height) => sum + height, 0) / Math.max(1, heights.length);
  });
  return lines.map((line, own) =>
    line.map((point) => {
      if (point === null) return 0;
      const there = lines.flatMap((other, i) => {
        const height = i === own ? point[1] : heightAt(other, point[0]);
        return height === undefined ? [] : [{ i, height }];
      }).sort((a, b) =>
        rank(a.height) - rank(b.height) || rank(means[a.i]!) - rank(means[b.i]!) || b.i - a.i
      );
      const moved = apart(there.map(({ height }) => height));
      const way = moved[there.findIndex(({ i }) => i === own)]! - point[1];
      return Math.abs(way) < 1e-9 ? 0 : way;
    })
  );
}

/**
 * The parts of a line over which others run.
 *
 * @param line the line
 * @param others the lines that are drawn over it
 * @returns indices of the points that are joined, null between two parts
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { coveredPoints } from "./pixel_lines.ts";
 *
 * const bound = [[0, 5], [9, 5], [18, 5], [27, 5], [36, 5]] as const;
 * const measured = [[0, 5], [9, 5], [18, 30], [27, 5], [36, 6]] as const;
 * assertEquals(coveredPoints(bound, [measured]), [0, 1, null, 3, 4]);
 * ```
 */
export function coveredPoints(line: PixelLine, others: readonly PixelLine[]): (number | null)[] {
  const covered = line.map((point) =>
    point !== null && others.some((other) => {
      const height = heightAt(other, point[0]);
      return height !== undefined && Math.abs(height - point[1]) < NEAR;
    })
  );
  const joined: (number | null)[] = [];
  for (let k = 0; k + 1 < line.length; k++) {
    if (!covered[k] || !covered[k + 1]) continue;
    if (joined.at(-1) === k) joined.push(k + 1);
    else joined.push(...(joined.length === 0 ? [] : [null]), k, k + 1);
  }
  return joined;
}
