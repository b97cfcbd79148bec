/** Shares of successes as sentences and figures show them: with counts and intervals. @module */

import { formatShare } from "../../lib/figures/mod.ts";
import { type Interval, wilsonInterval } from "../../lib/evaluation/mod.ts";

/**
 * A share in per cent.
 *
 * @param share From 0 to 1.
 * @param digits Decimals; default 1.
 * @returns Such as `12.5 %`.
 */
export function percent(share: number, digits = 1): string {
  return `${formatShare(share, digits)} %`;
}

/**
 * A share of successes with Wilson's interval, for a sentence.
 *
 * @param k Successes.
 * @param n Trials, at least 1.
 * @param trials What they are.
 * @returns Such as `3 of 24 draws (12.5 %, 4.3 % to 31.0 %)`.
 */
export function counted(k: number, n: number, trials: string): string {
  const { low, high } = wilsonInterval(k, n);
  const [of, all] = [k, n].map((count) => count.toLocaleString("en"));
  return `${of} of ${all} ${trials} (${percent(k / n)}, ${percent(low)} to ${percent(high)})`;
}

/**
 * Where an interval lies against a limit.
 *
 * @param interval The interval.
 * @param limit The limit.
 * @returns `within`: nothing of it exceeds the limit; `above`: all of it does; `open`: it holds the limit.
 */
export function sideOf({ low, high }: Interval, limit: number): "within" | "above" | "open" {
  if (high <= limit) return "within";
  return low > limit ? "above" : "open";
}

/**
 * Shares in per cent with Wilson's intervals, for a figure.
 *
 * @param counts Successes and trials of each share.
 * @returns Means and limits, null without trials.
 */
export function shares(counts: readonly (readonly [number, number])[]): {
  readonly values: (number | null)[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
} {
  const found = counts.map(([k, n]) =>
    n === 0 ? undefined : { mean: k / n, ...wilsonInterval(k, n) }
  );
  const of = (key: "mean" | "low" | "high") =>
    found.map((share) => share === undefined ? null : 100 * share[key]);
  return { values: of("mean"), low: of("low"), high: of("high") };
}
