/** Panels for every two capabilities, measured and in the tabular problem, and what the latter says. @module */

import { average } from "../../lib/evaluation/mod.ts";
import {
  type Figure,
  formatShare,
  type ScatterPanel,
  scatterPanels,
} from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { ReportSection } from "../core/experiment.ts";
import { bestWeighted, exactFront, relativeVolume } from "../exact/pareto_points.ts";
import { counted } from "../stages/verdicts.ts";
import type { ParetoConfig } from "./config.ts";
import { type ParetoFindings, pointName, type Preference, type Sweep, sweeps } from "./findings.ts";

/** Name of the line that no policy passes. */
const EXACT = "exact front";

/** Rounding that a mean of rewards of size 1 allows. */
const ROUNDING = 1e-9;

/** Every two of the capabilities. */
const pairs = capabilities.flatMap((_, i) =>
  capabilities.flatMap((_, j) => i < j ? [[i, j] as const] : [])
);

/** Points of all sweeps in a panel for every two capabilities. */
function panelsOf(
  rowsOf: (sweep: Sweep) => readonly (readonly number[])[],
  preferences: readonly Preference[],
  start: readonly number[],
  unit: string,
  exact?: (i: number, j: number) => readonly (readonly [number, number])[],
): ScatterPanel[] {
  return pairs.map(([i, j]): ScatterPanel => {
    const curve = exact?.(i, j);
    return {
      xTitle: `${capabilities[i]}${unit}`,
      yTitle: `${capabilities[j]}${unit}`,
      series: [
        ...(curve
          ? [{
            name: EXACT,
            x: curve.map(([x]) => x),
            y: curve.map(([, y]) => y),
            line: "path" as const,
          }]
          : []),
        { name: "start", x: [start[i]!], y: [start[j]!] },
        ...sweeps.map((sweep) => ({
          name: sweep,
          x: rowsOf(sweep).map((row) => row[i]!),
          y: rowsOf(sweep).map((row) => row[j]!),
          labels: preferences.map(({ name }) => name),
          line: "front" as const,
        })),
      ],
    };
  });
}

/**
 * Mean rewards of a system.
 *
 * @param results where they stand
 * @param system its name there
 * @returns shares by capability
 */
export function meansOf({ metrics }: Pick<Results, "metrics">, system: string): number[] {
  return capabilities.map((capability) =>
    metrics.find((m) => m.system === system && m.capability === capability)!.mean
  );
}

const scaled = (row: readonly number[]): number[] => row.map((x) => x * 100);

/**
 * Measured points of every two capabilities.
 *
 * @param results scores and seeds
 * @param findings the preferences
 * @returns the figure
 */
export function measuredFigure(
  results: Pick<Results, "metrics" | "seeds">,
  { preferences }: Pick<ParetoFindings, "preferences">,
): Figure {
  const rowsOf = (sweep: Sweep) =>
    preferences.map((preference) => scaled(meansOf(results, pointName({ sweep, preference }))));
  return scatterPanels({
    title: "Fronts of every two capabilities",
    panels: panelsOf(rowsOf, preferences, scaled(meansOf(results, "start")), " (%)"),
    n: results.seeds.length,
    digits: 1,
    caption: "Mean rewards of greedy answers to held-out items, a point for each preference",
  });
}

type Tabular = Pick<ParetoFindings, "preferences" | "tabular">;

function tabularFigure(config: ParetoConfig["tabular"], { preferences, tabular }: Tabular): Figure {
  const exact = (i: number, j: number) =>
    exactFront(tabular.table.map((rows) => rows.map((r) => [r[i]!, r[j]!] as const)));
  return scatterPanels({
    title: "Tabular problem: every two rewards, and the exact front",
    panels: panelsOf((sweep) => tabular.points[sweep], preferences, tabular.start, "", exact),
    n: 1,
    caption:
      `Softmax policy over ${config.answers} answers to ${config.prompts} prompts, ${config.steps} steps of exact ` +
      "ascent. The exact front is that of two rewards over all policies: a preference for other rewards need not lead to it",
  });
}

const weighted = (weights: readonly number[], row: readonly number[]): number =>
  row.reduce((sum, x, i) => sum + weights[i]! * x, 0);

/** Whether a point is further than any policy can be, and how far each sweep goes towards the best there is. */
function frontAnswer({ preferences, tabular }: Tabular): string {
  const best = preferences.map(({ weights }) => bestWeighted(tabular.table, weights));
  const all = sweeps.flatMap((sweep) => tabular.points[sweep]);
  const beyond =
    all.filter((row) =>
      preferences.some(({ weights }, k) => weighted(weights, row) > best[k]! + ROUNDING)
    ).length;
  const way = (sweep: Sweep) =>
    average(preferences.flatMap(({ weights }, k) => {
      const from = weighted(weights, tabular.start);
      const reach = best[k]! - from;
      return reach > ROUNDING
        ? [(weighted(weights, tabular.points[sweep][k]!) - from) / reach]
        : [];
    }));
  const checked = `of ${all.length} points in the tabular problem, compared under ${
    counted(preferences.length, "preference")
  }`;
  return `${
    beyond === 0
      ? `None ${checked}, lies beyond what a policy can reach.`
      : `${beyond} ${checked}, ${
        beyond === 1 ? "lies" : "lie"
      } beyond what a policy can reach, so these numbers are wrong.`
  } Of the way from the start to the best weighted sum for their own preference the points go, on average, ${
    sweeps.map((sweep) => `${sweep} ${formatShare(way(sweep))} %`).join(", ")
  }.`;
}

function tabularAnswer(findings: Tabular): string {
  const { tabular } = findings;
  const volumes = sweeps.map((sweep) =>
    `${sweep} ${relativeVolume(tabular.points[sweep], tabular.start).toFixed(2)}`
  );
  const lowered = sweeps.map((sweep) => {
    const rows = tabular.points[sweep];
    const below = rows.flatMap((row) =>
      row.filter((x, c) => x < tabular.start[c]! - ROUNDING)
    ).length;
    return `${sweep} ${below} of ${rows.length * capabilities.length}`;
  });
  return `${frontAnswer(findings)} The volumes are ${
    volumes.join(", ")
  }, and so many rewards end below their start: ${lowered.join(", ")}.`;
}

/**
 * The section on the tabular problem.
 *
 * @param config options of the problem
 * @param findings preferences and points
 * @param command that makes them again
 * @returns the section, its figure the only one
 */
export function tabularSection(
  config: ParetoConfig["tabular"],
  findings: Tabular,
  command: string,
): ReportSection {
  return {
    id: "pareto-tabular",
    question: "How near do the sweeps come to the exact front?",
    answer: tabularAnswer(findings),
    figures: [tabularFigure(config, findings)],
    method:
      `Exact gradients, no sampling, ${capabilities.length} rewards with conflict ${config.conflict} (0: independent, ` +
      "1: as opposed as they can be); the best weighted sum over all policies takes the best answer to each prompt, and " +
      "the front of two rewards is the mean of the prompts' hulls.",
    command,
  };
}
