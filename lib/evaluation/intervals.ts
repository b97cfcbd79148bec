/** Confidence intervals for means and for shares. @module */
import { randomStream, UsageError } from "../runtime/mod.ts";
import { betaQuantile, normalQuantile } from "./special_functions.ts";

/** A confidence interval. */
export interface Interval {
  /** Lower limit. */
  readonly low: number;
  /** Upper limit. */
  readonly high: number;
}

/** Settings of a bootstrap. */
export interface BootstrapOptions {
  /** Seed: same seed and values, same interval. */
  readonly seed: number;
  /** Confidence level, 0.95 when left out. */
  readonly level?: number;
  /** Number of resamples, 2,000 when left out. */
  readonly resamples?: number;
}

/** A mean with its interval. */
export interface MeanInterval extends Interval {
  /** Mean of the values; NaN without values. */
  readonly mean: number;
  /** Number of values. */
  readonly n: number;
}

/**
 * Mean with a percentile bootstrap interval (Efron, 1979). Resample the independent units: prompts or cases, never
 * completions of one prompt.
 *
 * @param values One finite value a unit, [n].
 * @param options Seed, level and number of resamples.
 * @returns Mean and interval; NaN throughout without values, a single point with one value.
 * @throws UsageError for a value that is not finite or a level outside (0, 1).
 * @example
 * ```ts
 * import { bootstrapInterval } from "./intervals.ts";
 * import { assert } from "@std/assert";
 * const { mean, low, high } = bootstrapInterval([0, 1, 1, 0, 1, 1], { seed: 1 });
 * assert(low < mean && mean < high);
 * ```
 */
export function bootstrapInterval(
  values: readonly number[],
  options: BootstrapOptions,
): MeanInterval {
  const { seed, level = 0.95, resamples = 2000 } = options;
  checkLevel(level);
  if (!(Number.isInteger(resamples) && resamples > 0)) {
    throw new UsageError(
      `Expected resamples to be an integer greater than 0 but found ${resamples}`,
    );
  }
  checkFinite(values);
  const n = values.length;
  if (n === 0) return { mean: NaN, low: NaN, high: NaN, n };
  const random = randomStream(seed, "bootstrap");
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += values[random.integer(n)]!;
    means[r] = sum / n;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return {
    mean: average(values),
    low: quantile(means, tail),
    high: quantile(means, 1 - tail),
    n,
  };
}

/**
 * Mean with Student's interval (Student, 1908): for few independent units, over which a bootstrap is too narrow. Exact for
 * normal values.
 *
 * @param values One finite value a unit, [n].
 * @param level Confidence level, 0.95 when left out.
 * @returns Mean and interval; limits of NaN with fewer than two values, which have no spread.
 * @throws UsageError for a value that is not finite or a level outside (0, 1).
 * @example
 * ```ts
 * import { studentInterval } from "./intervals.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * // t(0.975; 2) = 4.3027, standard error 1 / sqrt(3)
 * assertAlmostEquals(studentInterval([1, 2, 3]).high, 2 + 4.302652729911275 / Math.sqrt(3), 1e-9);
 * ```
 */
export function studentInterval(values: readonly number[], level = 0.95): MeanInterval {
  checkLevel(level);
  checkFinite(values);
  const n = values.length;
  const mean = average(values);
  if (n < 2) return { mean, low: NaN, high: NaN, n };
  // P(|T| > t) = I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2).
  const freedom = n - 1;
  const x = betaQuantile(1 - level, freedom / 2, 1 / 2);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom;
  const half = Math.sqrt(freedom * (1 - x) / x * variance / n);
  return { mean, low: mean - half, high: mean + half, n };
}

/**
 * Arithmetic mean.
 *
 * @param values Numbers [n].
 * @returns The mean, NaN without values.
 */
export function average(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** Quantile of sorted values by linear interpolation. */
function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! +
    (position - below) * (sorted[above]! - sorted[below]!);
}

/**
 * Wilson score interval for a share (Wilson, 1927): close to its nominal level on average, also near 0 and 1.
 *
 * @param successes k.
 * @param n Number of trials.
 * @param level Confidence level, 0.95 when left out.
 * @returns Limits in [0, 1]; [0, 1] without trials.
 * @throws UsageError when not `0 <= k <= n`.
 * @example
 * ```ts
 * import { wilsonInterval } from "./intervals.ts";
 * import { assertAlmostEquals } from "@std/assert";
 * assertAlmostEquals(wilsonInterval(20, 20).low, 0.8388748419471804, 1e-12);
 * ```
 */
export function wilsonInterval(
  successes: number,
  n: number,
  level = 0.95,
): Interval {
  checkCounts(successes, n, level);
  return n === 0 ? { low: 0, high: 1 } : wilsonLimits(successes / n, n, level);
}

/** Wilson's limits for a share of n observations; n need not be whole. */
function wilsonLimits(share: number, n: number, level: number): Interval {
  const z = normalQuantile((1 + level) / 2);
  const scale = 1 + z * z / n;
  const centre = (share + z * z / (2 * n)) / scale;
  const half = z * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) /
    scale;
  return {
    low: share === 0 ? 0 : Math.max(0, centre - half),
    high: share === 1 ? 1 : Math.min(1, centre + half),
  };
}

/** One observation of a share, and what it belongs to. */
export interface ClusteredValue {
  /** In [0, 1]: 1 where it is a success; between them where chance decides. */
  readonly value: number;
  /** Observations of one cluster depend on each other; those of different ones do not. */
  readonly cluster: string;
}

/** A share with its interval. */
export interface ClusteredShare extends MeanInterval {
  /** Number of clusters. */
  readonly clusters: number;
  /** Number of independent observations that tell as much, at most n. */
  readonly effective: number;
}

/**
 * A share over dependent observations, with Wilson's interval at the effective sample size n / deff (Korn and Graubard, 1998). The
 * design effect deff is the variance of the share between clusters over that of n independent observations, and counts as
 * 1 where it is smaller: clusters in which exactly one option is right, which make a share steadier than coins do, do not
 * make the interval narrower than theirs.
 *
 * @param values Observations with their clusters.
 * @param level Confidence level, 0.95 when left out.
 * @returns The share and its interval, [0, 1] and NaN without observations; a single cluster counts as one observation.
 * @throws UsageError for a value outside [0, 1] or a level outside (0, 1).
 * @example
 * ```ts
 * import { clusteredShare, wilsonInterval } from "./intervals.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Ten clusters of two that agree tell as much as ten coins, but for the factor 10 / 9.
 * const values = Array.from({ length: 20 }, (_, i) => ({ value: i < 10 ? 1 : 0, cluster: `${i >> 1}` }));
 * assertAlmostEquals(clusteredShare(values).effective, 9, 1e-12);
 * assertAlmostEquals(clusteredShare(values.slice(0, 10).map((one, i) => ({ ...one, cluster: `${i}` }))).low,
 *   wilsonInterval(10, 10).low, 1e-12);
 * ```
 */
export function clusteredShare(
  values: readonly ClusteredValue[],
  level = 0.95,
): ClusteredShare {
  checkLevel(level);
  const n = values.length;
  const sums = new Map<string, { size: number; sum: number }>();
  for (const { value, cluster } of values) {
    if (!(value >= 0 && value <= 1)) {
      throw new UsageError(`Expected a value from 0 to 1 but found ${value}`);
    }
    const own = sums.get(cluster) ?? { size: 0, sum: 0 };
    sums.set(cluster, { size: own.size + 1, sum: own.sum + value });
  }
  const clusters = sums.size;
  const mean = average(values.map(({ value }) => value));
  if (n === 0) return { mean, low: 0, high: 1, n, clusters, effective: 0 };
  if (clusters === 1) return { mean, ...wilsonLimits(mean, 1, level), n, clusters, effective: 1 };
  const residual = [...sums.values()].reduce(
    (all, { size, sum }) => all + (sum - size * mean) ** 2,
    0,
  );
  const between = clusters / (clusters - 1) * residual / n ** 2;
  const independent = mean * (1 - mean) / n;
  const effective = n / Math.max(1, independent === 0 ? 1 : between / independent);
  return { mean, ...wilsonLimits(mean, effective, level), n, clusters, effective };
}

/**
 * Exact interval for a share (Clopper and Pearson, 1934): at least its nominal level for every share.
 *
 * @param successes k.
 * @param n Number of trials.
 * @param level Confidence level, 0.95 when left out.
 * @returns Limits in [0, 1]; [0, 1] without trials.
 * @throws UsageError when not `0 <= k <= n`.
 */
export function clopperPearson(
  successes: number,
  n: number,
  level = 0.95,
): Interval {
  checkCounts(successes, n, level);
  const tail = (1 - level) / 2;
  return {
    low: 1 - clopperPearsonUpper(n - successes, n, 1 - tail),
    high: clopperPearsonUpper(successes, n, 1 - tail),
  };
}

/**
 * One-sided upper limit of Clopper and Pearson: the share p with `P(Bin(n, p) <= k) = 1 - level`.
 *
 * @param successes k.
 * @param n Number of trials.
 * @param level Confidence level.
 * @returns The limit, 1 when k = n.
 * @throws UsageError when not `0 <= k <= n`.
 */
export function clopperPearsonUpper(
  successes: number,
  n: number,
  level: number,
): number {
  checkCounts(successes, n, level);
  return successes === n ? 1 : betaQuantile(level, successes + 1, n - successes);
}

function checkFinite(values: readonly number[]): void {
  values.forEach((x, i) => {
    if (!Number.isFinite(x)) {
      throw new UsageError(`Expected values[${i}] to be finite but found ${x}`);
    }
  });
}

function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new UsageError(
      `Expected level to be between 0 and 1 but found ${level}`,
    );
  }
}

function checkCounts(successes: number, n: number, level: number): void {
  checkLevel(level);
  if (!(Number.isInteger(n) && n >= 0)) {
    throw new UsageError(
      `Expected n to be an integer of at least 0 but found ${n}`,
    );
  }
  if (!(Number.isInteger(successes) && successes >= 0 && successes <= n)) {
    throw new UsageError(
      `Expected successes to be an integer from 0 to ${n} but found ${successes}`,
    );
  }
}
