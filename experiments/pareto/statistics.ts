/** From the sweeps' runs to volumes, knees and the numbers that the results hold. @module */

import { capabilities } from "../../lib/synthesis/mod.ts";
import { kneeOf, relativeVolume } from "../exact/pareto_points.ts";
import type { Preference } from "./preferences.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import {
  type Estimate,
  estimate,
  meanRewards,
  type Means,
  resampledMeans,
  type Runs,
} from "../stages/statistics.ts";

/** The ways to make a system for a preference. */
export const sweeps = ["static", "capability-aware", "rewarded soups"] as const;

/** One of {@linkcode sweeps}. */
export type Sweep = typeof sweeps[number];

/** A system of a sweep. */
export interface SweepPoint {
  /** How it was made. */
  readonly sweep: Sweep;
  /** For what. */
  readonly preference: Preference;
}

/** Name of a point in metrics. */
export function pointName({ sweep, preference }: SweepPoint): string {
  return `${sweep}: ${preference.name}`;
}

/** What the bootstrap says of each sweep. */
export interface SweepStatistics {
  /** Hypervolume relative to the start's. */
  readonly volume: Estimate;
  /** Preference at the knee. */
  readonly knee: string;
  /** Share of resamples that have the same knee. */
  readonly kneeShare: number;
}

/** Everything that is estimated. */
export interface Statistics {
  readonly sweeps: Readonly<Record<Sweep, SweepStatistics>>;
  /** Estimates of each system's mean rewards, `[systems][capabilities]`. */
  readonly means: readonly (readonly Estimate[])[];
  /** Differences of volume between sweeps. */
  readonly differences: readonly { system: Sweep; baseline: Sweep; estimate: Estimate }[];
}

const pairs = [["capability-aware", "static"], ["static", "rewarded soups"], [
  "capability-aware",
  "rewarded soups",
]] as const;

/** Estimates of all systems; the first is the start, the others are the points in order. */
export function statisticsOf(systems: readonly Runs[], points: readonly SweepPoint[]): Statistics {
  const now = meanRewards(systems);
  const drawn = resampledMeans(systems);
  const of = (means: Means, sweep: Sweep) =>
    points.flatMap((point, k) => point.sweep === sweep ? [means[k + 1]!] : []);
  const volume = (means: Means, sweep: Sweep) => relativeVolume(of(means, sweep), means[0]!);
  const byName = Object.fromEntries(sweeps.map((sweep) => {
    const names = points.filter((p) => p.sweep === sweep).map((p) => p.preference.name);
    const knee = kneeOf(of(now, sweep));
    const same = drawn.filter((means) => kneeOf(of(means, sweep)) === knee).length;
    return [sweep, {
      volume: estimate(volume(now, sweep), drawn.map((means) => volume(means, sweep))),
      knee: names[knee]!,
      kneeShare: same / drawn.length,
    }];
  })) as Record<Sweep, SweepStatistics>;
  return {
    sweeps: byName,
    means: now.map((row, s) =>
      row.map((value, c) => estimate(value, drawn.map((means) => means[s]![c]!)))
    ),
    differences: pairs.map(([system, baseline]) => {
      const difference = (means: Means) => volume(means, system) - volume(means, baseline);
      return { system, baseline, estimate: estimate(difference(now), drawn.map(difference)) };
    }),
  };
}

/** Scores of all systems and the volumes of the sweeps. */
export function metricsOf(
  systems: readonly Runs[],
  statistics: Statistics,
  seeds: number,
  hash: string,
): Metric[] {
  const base = { invalid_rate: 0, prompt_hash: hash };
  const first = systems[0]!.heldOut[0]!;
  return [
    ...systems.flatMap(({ name, heldOut }, s) =>
      capabilities.map((capability, c): Metric => {
        const { value, low, high } = statistics.means[s]![c]!;
        const n = first.rewards.filter((row) => row[c] !== null).length;
        const shared = { ...base, seeds: heldOut.length, unit: "share" as const };
        return { system: name, capability, n, mean: value, low, high, ...shared };
      })
    ),
    ...sweeps.map((sweep): Metric => {
      const { value, low, high } = statistics.sweeps[sweep].volume;
      const shared = { ...base, seeds, unit: "value" as const, n: first.ids.length };
      return { system: sweep, capability: "hypervolume", mean: value, low, high, ...shared };
    }),
  ];
}

/** Differences of volume between the sweeps. */
export function comparisonsOf({ differences }: Statistics, items: number): Results["comparisons"] {
  return differences.map(({ system, baseline, estimate: { value, low, high, p } }) => ({
    system,
    baseline,
    capability: "hypervolume",
    n: items,
    difference: value,
    low,
    high,
    p,
  }));
}
