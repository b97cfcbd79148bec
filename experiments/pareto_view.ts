/** Tables, figures and sentences of the preference sweep, from its results. @module */

import {
  type Figure,
  formatShare,
  formatShareInterval,
  parallelCoordinates,
  type Row,
  type ScatterPanel,
  scatterPanels,
} from "../lib/figures/mod.ts";
import { capabilities } from "../lib/synthesis/mod.ts";
import type { Presentation } from "./experiment.ts";
import type { ParetoConfig, TabularSweep } from "./pareto.ts";
import { pointName, type Sweep, sweeps, type SweepStatistics } from "./pareto_statistics.ts";
import { exactFront, relativeVolume } from "./pareto_points.ts";
import type { Preference } from "./preferences.ts";
import { commandOf, type Results } from "./results.ts";

/** What the figures need besides the results. */
export interface ParetoRecord {
  /** The configuration that ran. */
  readonly config: ParetoConfig;
  /** The preferences. */
  readonly preferences: readonly Preference[];
  /** Volume and knee of each sweep. */
  readonly statistics: Readonly<Record<Sweep, SweepStatistics>>;
  /** The exact problem. */
  readonly tabular: TabularSweep;
}

/** Name of the line that no policy passes. */
const EXACT = "exact front";

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

function meansOf(results: Results, system: string): number[] {
  return capabilities.map((capability) =>
    results.metrics.find((m) => m.system === system && m.capability === capability)!.mean
  );
}

const scaled = (row: readonly number[]): number[] => row.map((x) => x * 100);

function measuredFigure(results: Results, { preferences }: ParetoRecord): Figure {
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

function tabularFigure({ config, preferences, tabular }: ParetoRecord): Figure {
  const exact = (i: number, j: number) =>
    exactFront(tabular.table.map((rows) => rows.map((r) => [r[i]!, r[j]!] as const)));
  return scatterPanels({
    title: "Tabular problem: every two rewards, and the exact front",
    panels: panelsOf((sweep) => tabular.points[sweep], preferences, tabular.start, "", exact),
    n: 1,
    caption:
      `Softmax policy over ${config.tabular.answers} answers to ${config.tabular.prompts} prompts, ` +
      `${config.tabular.steps} steps of exact ascent. No policy lies beyond the exact front of two rewards; ` +
      "a preference for other rewards lies under it",
  });
}

/** What each corner and the centre of a sweep change in every capability. */
function profileFigure(results: Results, { preferences }: ParetoRecord, sweep: Sweep): Figure {
  const start = meansOf(results, "start");
  const shown = preferences.filter(({ name, weights }) => name === "all" || weights.includes(1));
  return parallelCoordinates({
    title: `What a preference changes: ${sweep}`,
    categories: capabilities,
    series: shown.map((preference) => ({
      name: preference.name,
      values: meansOf(results, pointName({ sweep, preference }))
        .map((x, c) => (x - start[c]!) * 100),
    })),
    yTitle: "Points from the start",
    n: results.metrics.find((m) => m.system === sweep)!.n,
    digits: 1,
    caption: "A line for each preference: one capability alone, or all",
  });
}

function scoreTable(results: Results, { preferences }: ParetoRecord): Row[] {
  const row = (system: string, sweep: string, preference: string): Row => ({
    sweep,
    preference,
    ...Object.fromEntries(capabilities.map((capability) => {
      const m = results.metrics.find((m) => m.system === system && m.capability === capability)!;
      return [capability, formatShareInterval(m.mean, m)];
    })),
  });
  return [
    row("start", "start", "\u2013"),
    ...sweeps.flatMap((sweep) =>
      preferences.map((preference) => row(pointName({ sweep, preference }), sweep, preference.name))
    ),
  ];
}

function volumeTable(results: Results, record: ParetoRecord): Row[] {
  return sweeps.map((sweep) => {
    const m = results.metrics.find((m) => m.system === sweep && m.capability === "hypervolume")!;
    const { knee, kneeShare } = record.statistics[sweep];
    return {
      sweep,
      "hypervolume (start = 1)": `${m.mean.toFixed(2)} [${m.low.toFixed(2)}, ${m.high.toFixed(2)}]`,
      "tabular problem": relativeVolume(record.tabular.points[sweep], record.tabular.start),
      knee,
      "share of resamples with this knee": kneeShare,
    };
  });
}

/** What the differences of volume say. */
function volumeAnswer(results: Results): string {
  const told = results.comparisons.filter(({ low, high }) => low > 0 || high < 0);
  const list = told.map(({ system, baseline, difference, low, high }) =>
    `${system} ${difference > 0 ? "above" : "below"} ${baseline} by ${
      Math.abs(difference).toFixed(2)
    } [${Math.min(Math.abs(low), Math.abs(high)).toFixed(2)}, ${
      Math.max(Math.abs(low), Math.abs(high)).toFixed(2)
    }]`
  );
  return told.length === 0
    ? "By hypervolume the sweeps cannot be told apart: every interval of a difference holds 0."
    : `By hypervolume, in units of the start's: ${list.join("; ")}${
      told.length < results.comparisons.length ? "; the others cannot be told apart" : ""
    }.`;
}

/** Whether weight on a capability alone raises it more than the other corners do. */
function cornerAnswer(results: Results): string {
  const find = (system: string, capability: string) =>
    results.metrics.find((m) => m.system === system && m.capability === capability)!;
  const obeyed = capabilities.filter((capability) => {
    const own = find(`static: ${capability}`, capability).mean;
    return capabilities.every((other) =>
      other === capability || find(`static: ${other}`, capability).mean < own
    );
  });
  return `With static weights ${
    obeyed.length === 0 ? "no corner" : `the corner of ${obeyed.join(", ")}`
  } has the highest score of all corners in its own capability (${obeyed.length} of ${capabilities.length}; one by chance).`;
}

function tabularAnswer({ tabular }: ParetoRecord): string {
  const volumes = sweeps.map((sweep) =>
    `${sweep} ${relativeVolume(tabular.points[sweep], tabular.start).toFixed(2)}`
  );
  const lowered = sweeps.map((sweep) => {
    const rows = tabular.points[sweep];
    const below = rows.flatMap((row) => row.filter((x, c) => x < tabular.start[c]! - 1e-9)).length;
    return `${sweep} ${below} of ${rows.length * capabilities.length}`;
  });
  return `In the tabular problem the volumes are ${
    volumes.join(", ")
  }, and so many rewards end below their start: ${lowered.join(", ")}.`;
}

/** Tables, figures and sections of the report. */
export function presentPareto(results: Results, record: ParetoRecord): Presentation {
  const { config, preferences } = record;
  const tables = [
    {
      name: "volumes",
      caption: "Hypervolume and knee of each sweep, with 95 % intervals",
      rows: volumeTable(results, record),
    },
    {
      name: "points",
      caption: "Score in per cent by preference, with 95 % intervals",
      rows: scoreTable(results, record),
    },
  ];
  const fronts = measuredFigure(results, record);
  const profiles = (["static", "capability-aware"] as const).map((sweep) => ({
    name: `profiles-${sweep}`,
    figure: profileFigure(results, record, sweep),
  }));
  const exact = tabularFigure(record);
  const command = commandOf(results);
  return {
    tables,
    figures: [
      { name: "fronts", figure: fronts },
      ...profiles,
      { name: "tabular-fronts", figure: exact },
    ],
    sections: [
      {
        id: "pareto",
        question: "What does a preference among the capabilities buy?",
        answer: `${volumeAnswer(results)} ${cornerAnswer(results)}`,
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        figures: [fronts],
        method:
          `${preferences.length} preferences from one start, ${config.grpo.maxSteps} steps of GRPO each; a soup is ` +
          "the mean of the corners' parameters. The knee is the undominated point nearest to the best of every capability.",
        command,
      },
      {
        id: "pareto-points",
        question: "Where does each preference lead?",
        answer: `Knees: ${
          sweeps.map((sweep) => {
            const { knee, kneeShare } = record.statistics[sweep];
            return `${sweep} at ${knee} (in ${formatShare(kneeShare)} % of resamples)`;
          }).join(", ")
        }.`,
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: profiles.map(({ figure }) => figure),
        method: `${
          results.metrics.find((m) => m.system === "static")!.n
        } held-out items; intervals over items and seeds.`,
        command,
      },
      {
        id: "pareto-tabular",
        question: "How near do the sweeps come to the exact front?",
        answer: tabularAnswer(record),
        figures: [exact],
        method:
          "Exact gradients, no sampling, rewards that oppose each other; the front of two rewards over all policies " +
          "is the mean of the prompts' hulls.",
        command,
      },
    ],
  };
}
