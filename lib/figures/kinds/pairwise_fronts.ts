import { UsageError } from "../../runtime/mod.ts";
import type { Figure } from "../figure.ts";
import { type ScatterPanel, scatterPanels, type ScatterSeries } from "./scatter_panels.ts";

/** Where a preference led: a value of each reward. */
export interface FrontPoint {
  /** What the point is, such as a preference. */
  readonly label?: string;
  /** A value of each reward, [m]. */
  readonly values: readonly number[];
  /** Lower ends of the intervals, [m]. */
  readonly low?: readonly number[];
  /** Upper ends of the intervals, [m]. */
  readonly high?: readonly number[];
}

/** The points of one method. */
export interface FrontSweep {
  /** The method. */
  readonly name: string;
  /** Its points, one for each preference. */
  readonly points: readonly FrontPoint[];
  /** What joins them, see {@linkcode ScatterSeries}; default `"front"`. */
  readonly line?: "front" | "path" | "none";
}

/** Lines that nothing passes, one for each pair of rewards. */
export interface ReachableFront {
  /** Their name in the legend. */
  readonly name: string;
  /** Points of the line of each pair, in the order of {@linkcode rewardPairs}. */
  readonly fronts: readonly { readonly x: readonly number[]; readonly y: readonly number[] }[];
}

/** What {@linkcode pairwiseFronts} draws. */
export interface PairwiseFrontsOptions {
  /** The figure's title. */
  readonly title: string;
  /** Names of the rewards, [m], at least 2: each pair gets a panel. */
  readonly rewards: readonly string[];
  /** The methods. */
  readonly sweeps: readonly FrontSweep[];
  /** Where all of them start, [m]: a star. */
  readonly start?: readonly number[];
  /** What can be reached at all. */
  readonly reachable?: ReachableFront;
  /** What stands behind the rewards' names at the axes, such as " (%)". */
  readonly unitLabel?: string;
  /** What the figure shows; the meaning of lines and intervals and n are added. */
  readonly caption?: string;
  /** Number of runs (seeds) or items behind each point. */
  readonly n: number;
  /** What n counts, in the plural; default "runs". */
  readonly unit?: string;
  /** Panels in a row; default 3, or 2 in a narrow figure. */
  readonly columns?: number;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}

/**
 * Pairs of rewards in the order of the panels.
 *
 * @param m number of rewards
 * @returns indices of the reward at the x axis and of that at the y axis
 */
export function rewardPairs(m: number): [x: number, y: number][] {
  return Array.from({ length: m }, (_, i) => i).flatMap((i) =>
    Array.from({ length: m - i - 1 }, (_, k): [number, number] => [i, i + 1 + k])
  );
}

/**
 * Where preferences led, a panel for every two rewards: points with intervals both ways, the points of each method that
 * no other one of it beats joined by steps, the start as a star, and what can be reached as a line.
 *
 * A point on the front of one pair need not lie on that of another.
 *
 * @throws {UsageError} if there are fewer than two rewards, or a list has not one entry a reward or pair.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairwiseFronts } from "./pairwise_fronts.ts";
 *
 * const rewards = ["domain", "reasoning", "instruction"];
 * const sweeps = [{ name: "static", points: [{ values: [0.2, 0.7, 0.4] }, { values: [0.6, 0.3, 0.5] }] }];
 * const figure = pairwiseFronts({ title: "Fronts", rewards, sweeps, start: [0.1, 0.1, 0.1], n: 6 });
 * assertEquals(figure.rows.length, 3 * (2 + 1));
 * ```
 */
export function pairwiseFronts(options: PairwiseFrontsOptions): Figure {
  const { rewards, sweeps, start, reachable, unitLabel = "" } = options;
  check(options);
  const panels = rewardPairs(rewards.length).map(([i, j], pair): ScatterPanel => ({
    xTitle: `${rewards[i]}${unitLabel}`,
    yTitle: `${rewards[j]}${unitLabel}`,
    series: [
      ...(reachable
        ? [{
          name: reachable.name,
          ...reachable.fronts[pair]!,
          line: "path" as const,
          markers: false,
        }]
        : []),
      // Under the points, some of which may lie where they started.
      ...(start ? [{ name: "start", x: [start[i]!], y: [start[j]!] }] : []),
      ...sweeps.map((sweep) => seriesOf(sweep, i, j)),
    ],
  }));
  const { title, caption, n, unit, columns, digits, width } = options;
  return scatterPanels({
    title,
    panels,
    n,
    ...(caption !== undefined && { caption }),
    ...(unit !== undefined && { unit }),
    ...(columns !== undefined && { columns }),
    ...(digits !== undefined && { digits }),
    ...(width !== undefined && { width }),
  });
}

/** The points of a sweep on two of the rewards. */
function seriesOf(
  { name, points, line = "front" }: FrontSweep,
  i: number,
  j: number,
): ScatterSeries {
  const of = (key: "values" | "low" | "high", at: number) =>
    points.map((point) => point[key]![at]!);
  const intervals = points.length > 0 && points.every(({ low, high }) => low && high);
  return {
    name,
    x: of("values", i),
    y: of("values", j),
    ...(intervals && {
      xLow: of("low", i),
      xHigh: of("high", i),
      yLow: of("low", j),
      yHigh: of("high", j),
    }),
    ...(points.some(({ label }) => label !== undefined) && {
      labels: points.map(({ label }) => label ?? ""),
    }),
    line,
  };
}

function check({ title, rewards, sweeps, start, reachable }: PairwiseFrontsOptions): void {
  const m = rewards.length;
  if (m < 2) throw new UsageError(`Expected at least 2 rewards in "${title}" but found ${m}`);
  const refuse = (what: string, expected: number, found: number) => {
    if (found === expected) return;
    throw new UsageError(`Expected ${what} to have ${expected} entries but found ${found}`);
  };
  for (const { name, points } of sweeps) {
    for (const { values, low, high } of points) {
      for (const list of [values, low ?? values, high ?? values]) {
        refuse(`points of "${name}"`, m, list.length);
      }
      if ((low === undefined) !== (high === undefined)) {
        throw new UsageError(`Expected low and high together in points of "${name}" but found one`);
      }
    }
    const bare = points.filter(({ low }) => low === undefined).length;
    if (bare > 0 && bare < points.length) {
      throw new UsageError(
        `Expected intervals at all or none of the points of "${name}" but found ${
          points.length - bare
        } of ${points.length}`,
      );
    }
  }
  if (start) refuse("the start", m, start.length);
  if (reachable) refuse(`fronts of "${reachable.name}"`, m * (m - 1) / 2, reachable.fronts.length);
}
