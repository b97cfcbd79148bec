/** From the rules' runs to the numbers that the results hold. @module */

import { average, bootstrapInterval } from "../../lib/evaluation/mod.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { relativeVolume } from "../exact/pareto_points.ts";
import type { Estimate } from "../stages/findings.ts";
import {
  bootstrapStatistics,
  meanRanks,
  type Means,
  type ResampleOptions,
  type Runs,
} from "../stages/statistics.ts";
import { MEAN } from "../core/results.ts";
import { type ExactRule, type RuleEstimates, tabularName } from "./findings.ts";

/** Everything that is estimated. */
export interface Estimates {
  /** The start's scores by capability, and their mean. */
  readonly start: readonly Estimate[];
  /** The rules, in the order of the systems. */
  readonly rules: readonly RuleEstimates[];
}

/**
 * Estimates of the start, and of the rules in one bootstrap over items and seeds.
 *
 * @param systems the start, then the rules, static weights among them
 * @param options how often means are drawn again
 * @returns the estimates
 * @throws {UsageError} when the systems' items or seeds do not fit
 */
export function estimatesOf(systems: readonly Runs[], options: ResampleOptions = {}): Estimates {
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
  const all = bootstrapStatistics(systems, statistic, options);
  const stride = all.length / (systems.length - 1);
  return {
    start: bootstrapStatistics(
      systems.slice(0, 1),
      ([row]) => [...row!, average(row!)],
      options,
    ),
    rules: systems.slice(1).map((_, k) => {
      const own = all.slice(k * stride, (k + 1) * stride);
      return {
        means: own.slice(0, width + 1),
        fromStart: own.slice(width + 1, 2 * width + 2),
        fromStatic: own[2 * width + 2]!,
        volume: own[2 * width + 3]!,
        rank: own[2 * width + 4]!,
      };
    }),
  };
}

/** Mean over the problems in which there is a number, with its interval. */
function overProblems(values: readonly (number | null)[]) {
  const { mean, low, high, n } = bootstrapInterval(values.filter((x) => x !== null), { seed: 0 });
  return { n, value: mean, low: Math.min(mean, low), high: Math.max(mean, high) };
}

const outcomeKeys = ["harm", "ratio", "gain", "least", "volume", "rank"] as const;

/**
 * All metrics: scores, volumes and ranks of the rules, and what they do in the exact problems. One that no problem has is
 * left out.
 *
 * @param systems the start, then the rules
 * @param estimates of them
 * @param exact the rules on the exact problems
 * @param hash of the items
 * @returns the metrics
 */
export function metricsOf(
  systems: readonly Runs[],
  estimates: Estimates,
  exact: readonly ExactRule[],
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
  return [
    ...shares("start", 1, estimates.start),
    ...systems.slice(1).flatMap(({ name, heldOut }, k) => {
      const { means, volume, rank } = estimates.rules[k]!;
      const n = items.ids.length;
      return [
        ...shares(name, heldOut.length, means),
        metric(name, "hypervolume", n, heldOut.length, volume, "value"),
        metric(name, "mean rank", n, heldOut.length, rank, "value"),
      ];
    }),
    ...exact.flatMap(({ rule, ...outcome }) =>
      outcomeKeys.flatMap((key) => {
        const found = overProblems(outcome[key]);
        return found.n === 0
          ? []
          : [metric(tabularName(rule), key, found.n, found.n, found, "value")];
      })
    ),
  ];
}

/**
 * Every rule against the start, by capability, and against static weights on the mean.
 *
 * @param names the rules
 * @param estimates of them
 * @param items number of held-out items
 * @returns the comparisons
 */
export function comparisonsOf(
  names: readonly string[],
  { rules }: Pick<Estimates, "rules">,
  items: number,
): Results["comparisons"] {
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
  const capabilityNames = [...capabilities, MEAN];
  return [
    ...names.flatMap((name, k) =>
      rules[k]!.fromStart.map((found, c) => compare(name, "start", capabilityNames[c]!, found))
    ),
    ...names.flatMap((name, k) =>
      name === "static" ? [] : [compare(name, "static", MEAN, rules[k]!.fromStatic)]
    ),
  ];
}
