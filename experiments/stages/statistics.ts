/**
 * Systems that were run at several seeds and answered the same items, compared with intervals that hold both sources of
 * chance: seeds and items are drawn again with replacement, the same for all systems, so differences stay paired.
 *
 * @module
 */

import { randomStream, UsageError } from "../../lib/runtime/mod.ts";
import type { Estimate, HeldOut } from "./findings.ts";

/** A system's rewards on the same items at each seed. */
export interface Runs {
  /** The system. */
  readonly name: string;
  /** One for each seed; a system without chance in it may have one. */
  readonly heldOut: readonly HeldOut[];
}

/** Mean reward by system and capability, `[systems][capabilities]`, over the items to which it applies. */
export type Means = readonly (readonly number[])[];

/** How often means are drawn again: the smallest p value, 1e-4, outlives a correction for 500 tests. */
export const RESAMPLES = 20_000;

/** How means are drawn again. */
export interface ResampleOptions {
  /** Number of resamples; default {@linkcode RESAMPLES}. */
  readonly resamples?: number;
  /** Seed of the draws; default 0. */
  readonly seed?: number;
}

/** All systems' rewards beside each other, so that a mean under other counts is one weighted sum of rows. */
interface RewardRows {
  readonly systems: number;
  readonly capabilities: number;
  /** By seed, `[seeds][items * systems * capabilities]`; 0 where a reward does not apply. */
  readonly seeds: readonly Float64Array[];
  /** Numbers of the items by the rewards that apply to them: each group is drawn again by itself. */
  readonly groups: readonly (readonly number[])[];
  /** Items to which each reward applies, `[capabilities]`: the same in every resample, which keeps the groups' sizes. */
  readonly applies: readonly number[];
  readonly items: number;
}

/** Which rewards apply to an item, as a text. */
const patternOf = (row: readonly (number | null)[]): string =>
  row.map((r) => r === null ? "-" : "+").join("");

/** Checks that systems can be compared and lays out their rewards. */
function rewardRows(systems: readonly Runs[]): RewardRows {
  const seeds = Math.max(...systems.map(({ heldOut }) => heldOut.length));
  const { ids, rewards } = systems[0]!.heldOut[0]!;
  const patterns = rewards.map(patternOf);
  for (const { name, heldOut } of systems) {
    if (heldOut.length !== seeds && heldOut.length !== 1) {
      throw new UsageError(`Expected ${seeds} seeds of ${name} but found ${heldOut.length}`);
    }
    for (const run of heldOut) {
      if (
        run.ids.join() !== ids.join() ||
        run.rewards.map(patternOf).join() !== patterns.join()
      ) {
        throw new UsageError(`Expected the same items for ${name} but found others`);
      }
    }
  }
  const capabilities = rewards[0]!.length;
  const width = systems.length * capabilities;
  const groups = [...new Set(patterns)].map((pattern) =>
    patterns.flatMap((other, i) => other === pattern ? [i] : [])
  );
  return {
    systems: systems.length,
    capabilities,
    seeds: Array.from({ length: seeds }, (_, seed) => {
      const rows = new Float64Array(ids.length * width);
      systems.forEach(({ heldOut }, s) => {
        // A system without chance in it is the same at every seed.
        heldOut[heldOut.length === 1 ? 0 : seed]!.rewards.forEach((row, i) =>
          row.forEach((r, c) => rows[i * width + s * capabilities + c] = r ?? 0)
        );
      });
      return rows;
    }),
    groups,
    applies: rewards[0]!.map((_, c) => rewards.filter((row) => row[c] !== null).length),
    items: ids.length,
  };
}

/** Means under how often each seed and each item counts. */
function weightedMeans(
  { systems, capabilities, seeds, applies, items }: RewardRows,
  seedCounts: Int32Array,
  itemCounts: Int32Array,
): number[][] {
  const width = systems * capabilities;
  const sums = new Float64Array(width);
  seeds.forEach((rows, s) => {
    if (seedCounts[s] === 0) return;
    for (let i = 0; i < items; i++) {
      const count = seedCounts[s]! * itemCounts[i]!;
      if (count === 0) continue;
      for (let k = 0, at = i * width; k < width; k++, at++) sums[k]! += count * rows[at]!;
    }
  });
  return Array.from(
    { length: systems },
    (_, s) => applies.map((n, c) => sums[s * capabilities + c]! / (n * seeds.length)),
  );
}

/** Statistics of the means as they are, and of means that were drawn again. */
export interface Resampled {
  /** `[statistics]` */
  readonly values: readonly number[];
  /** `[statistics][resamples]` */
  readonly draws: readonly Float64Array[];
}

/**
 * Statistics of the mean rewards under seeds and items drawn again with replacement, the same for all systems.
 *
 * @param systems systems with the same items and the same number of seeds (or one)
 * @param statistic numbers from means
 * @param options how often, and the seed of the draws
 * @returns the numbers and their draws
 * @throws {UsageError} when the systems' items or seeds do not fit
 */
export function resampledStatistics(
  systems: readonly Runs[],
  statistic: (means: Means) => readonly number[],
  { resamples = RESAMPLES, seed = 0 }: ResampleOptions = {},
): Resampled {
  const rows = rewardRows(systems);
  const seedCounts = new Int32Array(rows.seeds.length).fill(1);
  const itemCounts = new Int32Array(rows.items).fill(1);
  const values = statistic(weightedMeans(rows, seedCounts, itemCounts));
  const draws = values.map(() => new Float64Array(resamples));
  const random = randomStream(seed, "trials");
  for (let r = 0; r < resamples; r++) {
    seedCounts.fill(0);
    itemCounts.fill(0);
    for (let s = 0; s < seedCounts.length; s++) seedCounts[random.integer(seedCounts.length)]!++;
    for (const group of rows.groups) {
      for (let i = 0; i < group.length; i++) itemCounts[group[random.integer(group.length)]!]!++;
    }
    statistic(weightedMeans(rows, seedCounts, itemCounts)).forEach((x, k) => draws[k]![r] = x);
  }
  return { values, draws };
}

/**
 * A number with its 95 % percentile interval from draws of it; where a draw is a maximum over noise, the interval is
 * widened to hold the number.
 *
 * @param value the number
 * @param draws draws of it, in any order
 * @returns the estimate; its p value is at least 2 / (draws + 1)
 */
export function estimate(value: number, draws: Float64Array): Estimate {
  const sorted = draws.toSorted();
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

/**
 * Statistics of the mean rewards with 95 % percentile intervals over seeds and items.
 *
 * @param systems see {@linkcode resampledStatistics}
 * @param statistic see {@linkcode resampledStatistics}
 * @param options see {@linkcode resampledStatistics}
 * @returns an estimate for each number
 * @throws {UsageError} when the systems' items or seeds do not fit
 */
export function bootstrapStatistics(
  systems: readonly Runs[],
  statistic: (means: Means) => readonly number[],
  options: ResampleOptions = {},
): Estimate[] {
  const { values, draws } = resampledStatistics(systems, statistic, options);
  return values.map((value, k) => estimate(value, draws[k]!));
}

/**
 * Smallest true difference that a two-sided test at 5 % finds with a power of 80 %: 2.8 standard errors (1.96 + 0.84),
 * where the standard error is the width of the 95 % interval over 2 x 1.96.
 *
 * @param interval 95 % interval of the difference
 * @returns the smallest detectable difference, in units of the interval
 */
export function detectableDifference({ low, high }: Pick<Estimate, "low" | "high">): number {
  return (1.96 + 0.84) * (high - low) / (2 * 1.96);
}

/**
 * Smallest true difference of two numbers whose 95 % intervals then lie apart with a power of 80 %: both half widths, and
 * 0.84 standard errors of the difference between independent numbers. It is larger than what a test of the difference
 * finds.
 *
 * @param a interval of the one number
 * @param b interval of the other
 * @returns the smallest difference, in units of the intervals
 */
export function detectableGap(
  a: Pick<Estimate, "low" | "high">,
  b: Pick<Estimate, "low" | "high">,
): number {
  const halves = [a, b].map(({ low, high }) => (high - low) / 2);
  return halves[0]! + halves[1]! + 0.84 * Math.hypot(...halves) / 1.96;
}

/**
 * Ranks from 1 for the largest; equal values share the mean of their ranks.
 *
 * @param values any numbers
 * @returns their ranks, in the same order
 */
export function ranks(values: readonly number[]): number[] {
  return values.map((x) => {
    const above = values.filter((y) => y > x).length;
    const same = values.filter((y) => y === x).length;
    return above + (same + 1) / 2;
  });
}

/**
 * Mean over the columns of the ranks within each column, by row.
 *
 * @param table `[rows][columns]`
 * @returns `[rows]`
 */
export function meanRanks(table: Means): number[] {
  const columns = table[0]!.map((_, c) => ranks(table.map((row) => row[c]!)));
  return table.map((_, r) => columns.reduce((sum, column) => sum + column[r]!, 0) / columns.length);
}

/**
 * p values with Holm's correction for their number (Holm, 1979).
 *
 * @param values p values
 * @returns the corrected ones, in the same order
 */
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
