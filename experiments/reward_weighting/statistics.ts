/** From the rules' runs to the numbers that the results hold. @module */

import { average, bootstrapInterval } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { relativeVolume } from "../exact/pareto_points.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import { MEAN, tabularName } from "./view.ts";
import type { TabularOutcome } from "./outcomes.ts";
import {
  bootstrapStatistics,
  type Estimate,
  meanRanks,
  type Means,
  type Runs,
} from "../stages/statistics.ts";

/** Estimates of one rule. */
export interface RuleEstimates {
  readonly means: readonly Estimate[];
  readonly fromStart: readonly Estimate[];
  readonly fromStatic: Estimate;
  readonly volume: Estimate;
  readonly rank: Estimate;
}

/** The start's scores by capability, and their mean. */
export function startEstimates(start: Runs): Estimate[] {
  return bootstrapStatistics([start], ([row]) => [...row!, average(row!)]);
}

/** Everything that is estimated of the rules, in one bootstrap over items and seeds; the first system is the start. */
export function ruleEstimates(systems: readonly Runs[]): Map<string, RuleEstimates> {
  const width = capabilities.length;
  const at = systems.findIndex(({ name }) => name === "static");
  const statistic = (means: Means): number[] => {
    const start = means[0]!;
    const ranks = meanRanks(means.slice(1));
    return means.slice(1).flatMap((row, k) => {
      const differences = row.map((x, c) => x - start[c]!);
      return [
        ...row,
        average(row),
        ...differences,
        average(differences),
        average(row) - average(means[at]!),
        relativeVolume([row], start),
        ranks[k]!,
      ];
    });
  };
  const all = bootstrapStatistics(systems, statistic);
  const stride = all.length / (systems.length - 1);
  return new Map(
    systems.slice(1).map(({ name }, k) => {
      const own = all.slice(k * stride, (k + 1) * stride);
      return [name, {
        means: own.slice(0, width + 1),
        fromStart: own.slice(width + 1, 2 * width + 2),
        fromStatic: own[2 * width + 2]!,
        volume: own[2 * width + 3]!,
        rank: own[2 * width + 4]!,
      }];
    }),
  );
}

/** All metrics: scores, volumes and ranks of the rules, and what they do in the exact problems. */
export function metricsOf(
  systems: readonly Runs[],
  start: readonly Estimate[],
  estimates: ReadonlyMap<string, RuleEstimates>,
  tabular: ReadonlyMap<string, TabularOutcome>,
  hash: string,
): Metric[] {
  const items = systems[0]!.heldOut[0]!;
  const names = [...capabilities, MEAN];
  const count = (c: number) =>
    c < capabilities.length
      ? items.rewards.filter((row) => row[c] !== null).length
      : items.ids.length;
  const metric = (
    system: string,
    capability: string,
    n: number,
    seeds: number,
    { value, low, high }: Pick<Estimate, "value" | "low" | "high">,
    unit: Metric["unit"],
  ): Metric => ({
    system,
    capability,
    unit,
    n,
    mean: value,
    low,
    high,
    seeds,
    invalid_rate: 0,
    prompt_hash: hash,
  });
  const shares = (system: string, seeds: number, means: readonly Estimate[]) =>
    means.map((found, c) => metric(system, names[c]!, count(c), seeds, found, "share"));
  const interval = (values: readonly number[]) => {
    const { mean, low, high } = bootstrapInterval(values, { seed: 0 });
    return { value: mean, low: Math.min(mean, low), high: Math.max(mean, high) };
  };
  return [
    ...shares("start", 1, start),
    ...systems.slice(1).flatMap(({ name, heldOut }) => {
      const { means, volume, rank } = estimates.get(name)!;
      const n = items.ids.length;
      return [
        ...shares(name, heldOut.length, means),
        metric(name, "hypervolume", n, heldOut.length, volume, "value"),
        metric(name, "mean rank", n, heldOut.length, rank, "value"),
      ];
    }),
    ...[...tabular].flatMap(([name, outcome]) =>
      Object.entries(outcome).map(([key, values]: [string, readonly number[]]) =>
        metric(tabularName(name), key, values.length, values.length, interval(values), "value")
      )
    ),
  ];
}

/** Every rule against the start, by capability, and against static weights on the mean. */
export function comparisonsOf(
  estimates: ReadonlyMap<string, RuleEstimates>,
  items: number,
): Results["comparisons"] {
  const names = [...capabilities, MEAN];
  const compare = (system: string, baseline: string, capability: string, found: Estimate) => ({
    system,
    baseline,
    capability,
    n: items,
    difference: found.value,
    low: found.low,
    high: found.high,
    p: found.p,
  });
  return [
    ...[...estimates].flatMap(([name, { fromStart }]) =>
      fromStart.map((found, c) => compare(name, "start", names[c]!, found))
    ),
    ...[...estimates].filter(([name]) => name !== "static").map(([name, { fromStatic }]) =>
      compare(name, "static", MEAN, fromStatic)
    ),
  ];
}
