/** Scores and differences as tables and bars, beside what the paper reports. @module */

import {
  type BarSeries,
  type Figure,
  formatShareInterval,
  groupedBars,
  type Row,
} from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";

/** What the BalancedBio abstract reports, in per cent. Its benchmarks are not public: never compare, never subtract. */
export const reportedByPaper: Readonly<Record<string, number>> = {
  domain: 80.95,
  reasoning: 61.94,
  instruction: 67.95,
  integration: 86.7,
};

/** Heading of the column and of the marks that hold {@linkcode reportedByPaper}. */
export const reportedName = "reported by the paper (not comparable)";

/**
 * The scores as a table: a row for each capability, a column for each system with its 95 % interval, and what the
 * paper reports in a column of its own.
 *
 * @param results Results whose metrics are shares; they are shown in per cent.
 */
export function scoreRows(results: Pick<Results, "metrics" | "comparisons">): Row[] {
  const { capabilities, systems, find } = scores(results);
  return capabilities.map((capability): Row => {
    const cells = systems.map((system): [string, string | null] => {
      const m = find(system, capability);
      return [system, m ? formatShareInterval(m.mean, m) : null];
    });
    const sizes = [
      ...new Set(systems.flatMap((s) => find(s, capability)?.n ?? [])),
    ];
    return {
      capability,
      n: sizes.join(" / "),
      ...Object.fromEntries(cells),
      [reportedName]: reportedByPaper[capability]?.toString() ?? null,
    };
  });
}

/** The paired differences as a table, in points of per cent. */
export function comparisonRows(results: Pick<Results, "metrics" | "comparisons">): Row[] {
  return results.comparisons.map((c): Row => ({
    capability: c.capability,
    comparison: `${c.system} \u2212 ${c.baseline}`,
    "difference (points)": formatShareInterval(c.difference, c),
    p: c.p < 0.001 ? "< 0.001" : c.p.toFixed(3),
    n: c.n,
  }));
}

/** The scores as grouped bars, with what the paper reports as hollow marks. */
export function scoreBars(
  results: Pick<Results, "metrics" | "comparisons">,
  title: string,
): Figure {
  const { capabilities, systems, find } = scores(results);
  const series = systems.map((system): BarSeries => {
    const metrics = capabilities.map((capability) => find(system, capability));
    return {
      name: system,
      values: metrics.map((m) => m ? m.mean * 100 : null),
      low: metrics.map((m) => m ? m.low * 100 : null),
      high: metrics.map((m) => m ? m.high * 100 : null),
      n: metrics.map((m) => m?.n ?? 0),
    };
  });
  const stated = capabilities.map((capability) => reportedByPaper[capability] ?? null);
  return groupedBars({
    title,
    groups: capabilities,
    series,
    yTitle: "Score (%)",
    ...(stated.some((v) => v !== null) ? { reported: { name: reportedName, values: stated } } : {}),
  });
}

function scores(results: Pick<Results, "metrics" | "comparisons">): {
  capabilities: string[];
  systems: string[];
  find: (
    system: string,
    capability: string,
  ) => Results["metrics"][number] | undefined;
} {
  const metrics = results.metrics.filter((m) => m.unit === "share");
  return {
    capabilities: [...new Set(metrics.map((m) => m.capability))],
    systems: [...new Set(metrics.map((m) => m.system))],
    find: (system, capability) =>
      metrics.find((m) => m.system === system && m.capability === capability),
  };
}
