/** From the sweeps' runs to volumes, knees and the numbers that the results hold. @module */

import { average } from "../../lib/evaluation/mod.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { kneeOf, relativeVolume } from "../exact/pareto_points.ts";
import type { Estimate } from "../stages/findings.ts";
import {
  estimate,
  type Means,
  resampledStatistics,
  type ResampleOptions,
  type Runs,
} from "../stages/statistics.ts";
import { type ParetoFindings, type Sweep, type SweepPoint, sweeps } from "./findings.ts";

/** Everything that is estimated. */
export interface Statistics extends Pick<ParetoFindings, "sweeps" | "differences" | "corners"> {
  /** Estimates of each system's mean rewards, `[systems][capabilities]`. */
  readonly means: readonly (readonly Estimate[])[];
}

const pairs: readonly (readonly [system: Sweep, baseline: Sweep])[] = [
  ["capability-aware", "static"],
  ["static", "rewarded soups"],
  ["capability-aware", "rewarded soups"],
];

/** The numbers that are estimated, in order: means, volumes, their differences, leads of the corners, knees. */
function statisticOf(points: readonly SweepPoint[]): (means: Means) => number[] {
  const indices = sweeps.map((sweep) =>
    points.flatMap((point, k) => point.sweep === sweep ? [k + 1] : [])
  );
  const corners = capabilities.map((_, c) =>
    points.findIndex(({ sweep, preference }) => sweep === "static" && preference.weights[c] === 1) +
    1
  );
  return (means) => {
    const bySweep = indices.map((own) => own.map((k) => means[k]!));
    const volumes = bySweep.map((own) => relativeVolume(own, means[0]!));
    const volume = (sweep: Sweep) => volumes[sweeps.indexOf(sweep)]!;
    return [
      ...means.flat(),
      ...volumes,
      ...pairs.map(([system, baseline]) => volume(system) - volume(baseline)),
      ...corners.map((own, c) =>
        means[own]![c]! - average(corners.filter((k) => k !== own).map((k) => means[k]![c]!))
      ),
      ...bySweep.map(kneeOf),
    ];
  };
}

/**
 * Estimates of all systems, in one bootstrap over items and seeds.
 *
 * @param systems the start, then the points in order
 * @param points what was measured; each sweep has the same preferences, the corners among them
 * @param options how often means are drawn again
 * @returns the estimates
 * @throws {UsageError} when the systems' items or seeds do not fit
 */
export function statisticsOf(
  systems: readonly Runs[],
  points: readonly SweepPoint[],
  options: ResampleOptions = {},
): Statistics {
  const { values, draws } = resampledStatistics(systems, statisticOf(points), options);
  const width = capabilities.length;
  const all = values.map((value, k) => estimate(value, draws[k]!));
  const volumes = systems.length * width;
  const differences = volumes + sweeps.length;
  const leads = differences + pairs.length;
  const knees = leads + width;
  return {
    means: systems.map((_, s) => all.slice(s * width, (s + 1) * width)),
    sweeps: sweeps.map((sweep, k) => {
      const knee = values[knees + k]!;
      const own = points.filter((point) => point.sweep === sweep);
      return {
        sweep,
        volume: all[volumes + k]!,
        knee: own[knee]!.preference.name,
        kneeShare: draws[knees + k]!.filter((other) => other === knee).length /
          draws[knees + k]!.length,
      };
    }),
    differences: pairs.map(([system, baseline], k) => ({
      system,
      baseline,
      estimate: all[differences + k]!,
    })),
    corners: capabilities.map((capability, c) => ({ capability, lead: all[leads + c]! })),
  };
}

/**
 * Scores of all systems and the volumes of the sweeps.
 *
 * @param systems the start, then the points in order
 * @param statistics their estimates
 * @param seeds number of seeds
 * @param hash of the items
 * @returns the metrics
 */
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
    ...statistics.sweeps.map(({ sweep, volume: { value, low, high } }): Metric => {
      const shared = { ...base, seeds, unit: "value" as const, n: first.ids.length };
      return { system: sweep, capability: "hypervolume", mean: value, low, high, ...shared };
    }),
  ];
}

/**
 * Differences of volume between the sweeps.
 *
 * @param statistics the estimates
 * @param items number of held-out items
 * @returns the comparisons
 */
export function comparisonsOf(
  { differences }: Pick<Statistics, "differences">,
  items: number,
): Results["comparisons"] {
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
