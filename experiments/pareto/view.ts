/** Tables, figures and sentences of the preference sweep. @module */

import { type Figure, formatShare, parallelCoordinates, type Row } from "../../lib/figures/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { relativeVolume } from "../exact/pareto_points.ts";
import { holm } from "../stages/statistics.ts";
import {
  bootstrapSpread,
  counted,
  detectableMeaning,
  detectableText,
  fewItemsCaveat,
  listed,
  shareOf,
  sideOf,
  withInterval,
} from "../stages/verdicts.ts";
import type { paretoSchema } from "./config.ts";
import { type ParetoFindings, pointName, type Sweep, sweeps } from "./findings.ts";
import { meansOf, measuredFigure, tabularSection } from "./fronts_view.ts";

type ParetoResults = ResultsOf<typeof paretoSchema>;

/** Share of the resamples from which on a knee counts as settled. */
const SETTLED = 0.95;

/** What each corner and the centre of a sweep change in every capability. */
function profileFigure(
  results: ParetoResults,
  { preferences, items }: ParetoFindings,
  sweep: Sweep,
): Figure {
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
    n: items.length,
    digits: 1,
    caption: "A line for each preference: one capability alone, or all",
  });
}

function scoreTable(results: ParetoResults, { preferences }: ParetoFindings): Row[] {
  const row = (system: string, sweep: string, preference: string): Row => ({
    sweep,
    preference,
    ...Object.fromEntries(capabilities.map((capability) => {
      const m = results.metrics.find((m) => m.system === system && m.capability === capability)!;
      return [capability, withInterval(m.mean, m, 1, 100)];
    })),
  });
  return [
    row("start", "start", "\u2013"),
    ...sweeps.flatMap((sweep) =>
      preferences.map((preference) => row(pointName({ sweep, preference }), sweep, preference.name))
    ),
  ];
}

function volumeTable(findings: ParetoFindings): Row[] {
  const { tabular } = findings;
  return findings.sweeps.map(({ sweep, volume, knee, kneeShare }): Row => ({
    sweep,
    "hypervolume (start = 1)": withInterval(volume.value, volume, 2),
    "tabular problem": relativeVolume(tabular.points[sweep], tabular.start),
    knee,
    "share of resamples with this knee": kneeShare,
  }));
}

/** What the differences of volume say. */
function volumeAnswer({ differences }: ParetoFindings): string {
  const adjusted = holm(differences.map(({ estimate }) => estimate.p));
  const told = differences.filter(({ estimate }) => sideOf(estimate) !== undefined);
  const open = differences.filter(({ estimate }) => sideOf(estimate) === undefined);
  const sure = adjusted.filter((p) => p < 0.05).length;
  const list = told.map(({ system, baseline, estimate }) =>
    `${system} lies ${sideOf(estimate)} ${baseline} (difference ${
      withInterval(estimate.value, estimate, 2)
    })`
  );
  const detectable = open.length === 0 ? "" : detectableText(
    open.map(({ estimate }) => estimate),
    2,
  );
  if (told.length === 0) {
    return `By hypervolume the sweeps cannot be told apart: every interval of ${
      counted(differences.length, "difference")
    } holds 0 (in units of the start's, ${detectable}).`;
  }
  return `By hypervolume, in units of the start's, ${list.join("; ")}${
    open.length === 0
      ? ""
      : `; not told apart: ${
        listed(open.map(({ system, baseline }) => `${system} and ${baseline}`))
      } (${detectable})`
  }. After Holm's correction for ${counted(differences.length, "comparison")} ${
    sure === 0 ? "none is left" : `${sure} of ${told.length} ${sure === 1 ? "is" : "are"} left`
  }.`;
}

/** Whether weight on a capability alone raises it more than the other corners do. */
function cornerAnswer(results: ParetoResults, { corners }: ParetoFindings): string {
  const score = (corner: string, capability: string) =>
    results.metrics.find((m) => m.system === `static: ${corner}` && m.capability === capability)!
      .mean;
  const obeyed = capabilities.filter((capability) =>
    capabilities.every((other) =>
      other === capability || score(other, capability) < score(capability, capability)
    )
  );
  const on = (side: "above" | "below" | undefined) =>
    corners.filter(({ lead }) => sideOf(lead) === side);
  const names = (side: "above" | "below") =>
    listed(
      on(side).map(({ capability, lead }) =>
        `${capability} (${withInterval(lead.value, lead, 1, 100)} points)`
      ),
    );
  const open = on(undefined);
  return `With static weights ${
    obeyed.length === 0 ? "no corner" : `the corner of ${obeyed.join(", ")}`
  } has the highest score of all corners in its own capability: ${
    shareOf(obeyed.length, capabilities.length, "corner")
  }; one by chance. Against the mean of the other corners' scores in that capability, above 0 beyond the interval: ${
    names("above")
  }; below: ${names("below")}; not told apart: ${
    open.length === 0
      ? "none"
      : `${listed(open.map(({ capability }) => capability))} (${
        detectableText(open.map(({ lead }) => lead), 1, 100, " points")
      })`
  }.`;
}

/** Where the knees are, and whether other draws of items and seeds would have them elsewhere. */
function kneeAnswer(findings: ParetoFindings): string {
  const settled = findings.sweeps.filter(({ kneeShare }) => kneeShare >= SETTLED);
  const bar = `${SETTLED * 100} % of ${counted(findings.resamples, "resample")}`;
  return `Knees: ${
    findings.sweeps.map(({ sweep, knee, kneeShare }) =>
      `${sweep} at ${knee} (in ${formatShare(kneeShare)} %)`
    ).join(", ")
  }. ${
    settled.length === 0
      ? `None is settled: no knee is the same in ${bar}`
      : settled.length === findings.sweeps.length
      ? `All are settled: the same in at least ${bar}`
      : `Settled, the same in at least ${bar}: ${
        listed(settled.map(({ sweep }) => sweep))
      }; the others are not`
  }.`;
}

function sweepSection(
  results: ParetoResults,
  findings: ParetoFindings,
): Omit<ReportSection, "table" | "tableCaption" | "figures"> {
  const { config, seeds } = results;
  const { preferences, items, resamples } = findings;
  return {
    id: "pareto",
    question: "What does a preference among the capabilities buy?",
    answer: `${volumeAnswer(findings)} ${cornerAnswer(results, findings)}${
      fewItemsCaveat(findings.start.heldOut)
    }`,
    method:
      `${preferences.length} preferences from one start (model ${config.model}, ${config.sft.maxSteps} steps of SFT), ` +
      `${config.grpo.maxSteps} steps of GRPO each at ${counted(seeds.length, "seed")}, ${
        counted(items.length, "held-out item")
      }; a soup is the mean of the corners' parameters. The knee is the undominated point nearest to the best of every ` +
      `capability. 95 % intervals from ${counted(resamples, "resample")} of items${
        seeds.length > 1 ? " and seeds" : ""
      }, the same for all systems. ${
        bootstrapSpread(findings.start.heldOut, seeds.length)
      } ${detectableMeaning}`,
    command: commandOf(results),
  };
}

/**
 * Tables, figures and sections of the report.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns what is shown
 */
export function viewPareto(results: ParetoResults, findings: ParetoFindings): Presentation {
  const tables = [
    {
      name: "volumes",
      caption: "Hypervolume and knee of each sweep, with 95 % intervals",
      rows: volumeTable(findings),
    },
    {
      name: "points",
      caption: "Score in per cent by preference, with 95 % intervals",
      rows: scoreTable(results, findings),
    },
  ];
  const fronts = measuredFigure(results, findings);
  const profiles = (["static", "capability-aware"] as const).map((sweep) => ({
    name: `profiles-${sweep}`,
    figure: profileFigure(results, findings, sweep),
  }));
  const command = commandOf(results);
  const tabular = tabularSection(results.config.tabular, findings, command);
  return {
    tables,
    figures: [
      { name: "fronts", figure: fronts },
      ...profiles,
      { name: "tabular-fronts", figure: tabular.figures[0]! },
    ],
    sections: [
      {
        ...sweepSection(results, findings),
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        figures: [fronts],
      },
      {
        id: "pareto-points",
        question: "Where does each preference lead?",
        answer: kneeAnswer(findings),
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: profiles.map(({ figure }) => figure),
        method: `${counted(findings.items.length, "held-out item")}; intervals over items${
          results.seeds.length > 1 ? " and seeds" : ""
        }.`,
        command,
      },
      tabular,
    ],
  };
}
