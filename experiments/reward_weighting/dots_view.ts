/** Metrics of rules as dots with intervals, a panel for each metric. @module */

import { dotIntervals, type Figure } from "../../lib/figures/mod.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";

/**
 * A metric of a system.
 *
 * @param results where it stands
 * @param system its name there
 * @param capability what was measured
 * @returns the metric, undefined where there is none
 */
export function metricOf(
  { metrics }: Pick<Results, "metrics">,
  system: string,
  capability: string,
): Metric | undefined {
  return metrics.find((m) => m.system === system && m.capability === capability);
}

/** A metric that is drawn: title of its panel, its name, and a value to read it against. */
export type DotMetric = readonly [title: string, metric: string, reference?: number];

/**
 * A panel for each metric, a row for each rule.
 *
 * @param results where the metrics stand
 * @param rules names of the rows
 * @param systemOf name of a rule's system in the metrics
 * @param panels the metrics
 * @param words title, and what n counts
 * @returns the figure
 */
export function metricDots(
  results: Pick<Results, "metrics">,
  rules: readonly string[],
  systemOf: (rule: string) => string,
  panels: readonly DotMetric[],
  words: { readonly title: string; readonly n: number; readonly unit: string },
): Figure {
  return dotIntervals({
    ...words,
    columns: 3,
    digits: 3,
    rows: rules,
    panels: panels.map(([title, metric, reference]) => {
      const own = rules.map((rule) => metricOf(results, systemOf(rule), metric));
      return {
        title,
        xTitle: "",
        values: own.map((m) => m?.mean ?? null),
        low: own.map((m) => m?.low ?? null),
        high: own.map((m) => m?.high ?? null),
        ...(reference !== undefined && { reference }),
      };
    }),
  });
}
