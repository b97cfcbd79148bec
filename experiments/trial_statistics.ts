/**
 * Systems that were run at several seeds and answered the same items, compared with intervals that hold both sources of
 * chance: seeds and items are drawn again with replacement, the same for all systems, so differences stay paired.
 *
 * @module
 */

import { randomStream, UsageError } from "../lib/runtime/mod.ts";
import type { HeldOut } from "./evaluate_systems.ts";

/** A system's rewards on the same items at each seed. */
export interface Runs {
  /** The system. */
  readonly name: string;
  /** One for each seed; a system without chance in it may have one. */
  readonly heldOut: readonly HeldOut[];
}

/** Mean reward by system and capability, `[systems][capabilities]`, over the items to which it applies. */
export type Means = readonly (readonly number[])[];

/** A number with its 95 % interval. */
export interface Estimate {
  /** From the items and seeds as they are. */
  readonly value: number;
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** Two-sided p value of "it is 0": twice the smaller share of resamples on one side of 0. */
  readonly p: number;
}

/** Numbers of the items by the rewards that apply to them: each group is drawn again by itself. */
function strata({ rewards }: HeldOut): number[][] {
  const groups = new Map<string, number[]>();
  rewards.forEach((row, i) => {
    const pattern = row.map((r) => r === null ? "-" : "+").join("");
    groups.set(pattern, [...groups.get(pattern) ?? [], i]);
  });
  return [...groups.values()];
}

/** Means under how often each seed and each item counts. */
function weightedMeans(
  systems: readonly Runs[],
  seedCounts: readonly number[],
  itemCounts: readonly number[],
): number[][] {
  return systems.map(({ heldOut }) => {
    const width = heldOut[0]!.rewards[0]!.length;
    const sums = new Array<number>(width).fill(0);
    const counts = new Array<number>(width).fill(0);
    heldOut.forEach(({ rewards }, s) => {
      const seedCount = heldOut.length === 1 ? 1 : seedCounts[s]!;
      if (seedCount === 0) return;
      rewards.forEach((row, i) => {
        const count = seedCount * itemCounts[i]!;
        if (count === 0) return;
        row.forEach((r, c) => {
          if (r === null) return;
          sums[c]! += count * r;
          counts[c]! += count;
        });
      });
    });
    return sums.map((sum, c) => sum / counts[c]!);
  });
}

/** Mean rewards of the systems as they are. */
export function meanRewards(systems: readonly Runs[]): number[][] {
  const seeds = Math.max(...systems.map(({ heldOut }) => heldOut.length));
  const items = systems[0]!.heldOut[0]!.ids.length;
  return weightedMeans(systems, new Array(seeds).fill(1), new Array(items).fill(1));
}

/** How means are drawn again. */
export interface ResampleOptions {
  /** Number of resamples; default 1,000. */
  readonly resamples?: number;
  /** Seed of the draws; default 0. */
  readonly seed?: number;
}

/**
 * Mean rewards under seeds and items drawn again with replacement, `[resamples]`.
 *
 * @param systems Systems with the same items and the same number of seeds (or one).
 * @throws UsageError when the systems' items or seeds do not fit.
 */
export function resampledMeans(
  systems: readonly Runs[],
  { resamples = 1000, seed = 0 }: ResampleOptions = {},
): Means[] {
  const seeds = Math.max(...systems.map(({ heldOut }) => heldOut.length));
  const first = systems[0]!.heldOut[0]!;
  for (const { name, heldOut } of systems) {
    if (heldOut.length !== seeds && heldOut.length !== 1) {
      throw new UsageError(`Expected ${seeds} seeds of ${name} but found ${heldOut.length}`);
    }
    if (heldOut.some(({ ids }) => ids.join() !== first.ids.join())) {
      throw new UsageError(`Expected the same items for ${name} but found others`);
    }
  }
  const groups = strata(first);
  const random = randomStream(seed, "trials");
  return Array.from({ length: resamples }, () => {
    const seedCounts = new Array<number>(seeds).fill(0);
    for (let s = 0; s < seeds; s++) seedCounts[random.integer(seeds)]!++;
    const itemCounts = new Array<number>(first.ids.length).fill(0);
    for (const group of groups) {
      for (let i = 0; i < group.length; i++) itemCounts[group[random.integer(group.length)]!]!++;
    }
    return weightedMeans(systems, seedCounts, itemCounts);
  });
}

/**
 * A number with its 95 % percentile interval from draws of it; where a draw is a maximum over noise, the interval is
 * widened to hold the number.
 */
export function estimate(value: number, draws: readonly number[]): Estimate {
  const sorted = [...draws].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const below = sorted.filter((x) => x <= 0).length;
  const above = sorted.filter((x) => x >= 0).length;
  return {
    value,
    low: Math.min(value, at(0.025)),
    high: Math.max(value, at(0.975)),
    p: Math.min(1, 2 * (1 + Math.min(below, above)) / (sorted.length + 1)),
  };
}

/** Statistics of the mean rewards with 95 % percentile intervals over seeds and items. */
export function bootstrapStatistics(
  systems: readonly Runs[],
  statistic: (means: Means) => readonly number[],
  options: ResampleOptions = {},
): Estimate[] {
  const drawn = resampledMeans(systems, options).map(statistic);
  return statistic(meanRewards(systems)).map((value, k) =>
    estimate(value, drawn.map((row) => row[k]!))
  );
}

/** Ranks from 1 for the largest; equal values share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  return values.map((x) => {
    const above = values.filter((y) => y > x).length;
    const same = values.filter((y) => y === x).length;
    return above + (same + 1) / 2;
  });
}

/** Mean over the columns of the ranks within each column, by row. */
export function meanRanks(table: Means): number[] {
  const columns = table[0]!.map((_, c) => ranks(table.map((row) => row[c]!)));
  return table.map((_, r) => columns.reduce((sum, column) => sum + column[r]!, 0) / columns.length);
}

/** p values with Holm's correction for their number (Holm, 1979), in the same order. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  order.forEach((i, k) => {
    largest = Math.max(largest, Math.min(1, values[i]! * (values.length - k)));
    adjusted[i] = largest;
  });
  return adjusted;
}
