/** What is measured of a sweep: the ends of one way to weigh over all preferences. @module */

import { relativeVolume, volumeFromStart } from "../exact/pareto_points.ts";
import { preferredSum, ROUNDING } from "../laboratory/trajectory.ts";

/** The ways to make a policy for a preference, in the order of tables. MGDA has no preference, so it is one point. */
export const sweeps = ["static", "capability-aware", "UPGrad", "rewarded soups", "MGDA"] as const;

/** One of {@linkcode sweeps}. */
export type Sweep = typeof sweeps[number];

/** Which prompts are looked at. */
export const parts = ["train", "heldOut"] as const;

/** One of {@linkcode parts}. */
export type Part = typeof parts[number];

/** How a measure is shown. */
export interface Measure {
  /** What it is. */
  readonly title: string;
  /** Its unit; an empty text without one. */
  readonly unit: string;
  /** By which it is multiplied to be in that unit. */
  readonly factor: number;
  /** Decimals. */
  readonly digits: number;
  /** What it cannot be below or above, before it is multiplied. */
  readonly limits: readonly [number, number];
}

const share = { unit: "%", factor: 100, digits: 1, limits: [0, 1] } as const;
const fall = { unit: "points", factor: 100, digits: 2, limits: [0, 1] } as const;
const change = { unit: "points", factor: 100, digits: 2, limits: [-1, 1] } as const;

/** The measures in the order of tables. PROTOCOL.md defines them. */
export const measures = {
  volume: {
    title: "hypervolume from 0, start = 1",
    unit: "",
    factor: 1,
    digits: 3,
    limits: [0, Infinity],
  },
  reach: {
    title: "hypervolume from the start",
    unit: "millionths",
    factor: 1e6,
    digits: 1,
    limits: [0, 1],
  },
  harmed: { title: "preferences that harm somebody", ...share },
  fall: { title: "fall of the worst-off", ...fall },
  worst: { title: "largest fall", ...fall },
  gain: { title: "gain of the preferred sum", ...change },
  least: { title: "change of the worst-off", ...change },
  way: { title: "way to the best preferred sum", ...share, limits: [-Infinity, 1] },
} as const satisfies Record<string, Measure>;

/** Name of a measure. */
export type MeasureName = keyof typeof measures;

/** All names. */
export const measureNames = Object.keys(measures) as [MeasureName, ...MeasureName[]];

/** Measures in which sweeps are compared. */
export const comparedNames = [
  "volume",
  "reach",
  "harmed",
  "fall",
  "gain",
] as const satisfies readonly MeasureName[];

/** Where a sweep ended in a replicate or problem. */
export interface SweptPoints {
  /** Mean rewards of the start, [m]. */
  readonly start: readonly number[];
  /** Mean rewards at the end, [preferences][m]. */
  readonly ends: readonly (readonly number[])[];
  /** Weights of the preferences, [preferences][m]. */
  readonly weights: readonly (readonly number[])[];
  /** Largest preferred sum over all policies, [preferences]; null where it is not known. */
  readonly best: readonly number[] | null;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * Measures a sweep.
 *
 * @param points where it ended
 * @returns its measures; the way is null where the best is not known
 */
export function measureSweep(
  { start, ends, weights, best }: SweptPoints,
): Record<MeasureName, number | null> {
  const changes = ends.map((end) => end.map((x, i) => x - start[i]!));
  const leasts = changes.map((row) => Math.min(...row));
  const falls = leasts.map((least) => least < -ROUNDING ? -least : 0);
  const gains = changes.map((row, k) => preferredSum(row, weights[k]!));
  const reached = gains.map((gain, k) => {
    const way = best === null ? NaN : best[k]! - preferredSum(start, weights[k]!);
    return way > ROUNDING ? gain / way : null;
  }).filter((x) => x !== null);
  return {
    volume: relativeVolume(ends, start),
    reach: volumeFromStart(ends, start),
    harmed: falls.filter((x) => x > 0).length / falls.length,
    fall: mean(falls),
    worst: Math.max(...falls),
    gain: mean(gains),
    least: mean(leasts),
    way: best === null || reached.length === 0 ? null : mean(reached),
  };
}
