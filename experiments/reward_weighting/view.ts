/** Tables, figures and sentences of the comparison of weighting rules. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { dotIntervals, type Figure, type Row } from "../../lib/figures/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { NamedFigure, Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf, MEAN } from "../core/results.ts";
import { ruleGroups } from "../exact/rules.ts";
import type { Estimate, LoggedSteps } from "../stages/findings.ts";
import { rewardCurves } from "../stages/reward_curves.ts";
import {
  bootstrapSpread,
  counted,
  detectableMeaning,
  fewItemsCaveat,
  listed,
  sideOf,
  withInterval,
} from "../stages/verdicts.ts";
import { ruleAnswer, startAnswer } from "./answers_view.ts";
import type { weightingSchema } from "./config.ts";
import { metricDots } from "./dots_view.ts";
import { viewExact } from "./exact_view.ts";
import type { WeightingFindings } from "./findings.ts";

type WeightingResults = ResultsOf<typeof weightingSchema>;

const names = [...capabilities, MEAN];

function ruleRows({ rules }: WeightingFindings): Row[] {
  return rules.map(({ name, estimates: { fromStart, volume, rank } }): Row => {
    const fallen = capabilities.filter((_, c) => sideOf(fromStart[c]!) === "below");
    const cell = (found: Estimate) => withInterval(found.value, found, 1, 100);
    return {
      rule: name,
      ...Object.fromEntries(names.map((column, c) => [column, cell(fromStart[c]!)])),
      "hypervolume (start = 1)": withInterval(volume.value, volume, 2),
      "mean rank": withInterval(rank.value, rank, 1),
      "below the start": listed(fallen, "\u2013"),
    };
  });
}

/** Differences to the start by rule, a panel for each capability. */
function differenceDots({ rules, items }: WeightingFindings): Figure {
  return dotIntervals({
    title: "Score less that of the start",
    rows: rules.map(({ name }) => name),
    panels: capabilities.map((capability, c) => {
      const own = rules.map(({ estimates }) => estimates.fromStart[c]!);
      return {
        title: capability,
        xTitle: "Points",
        values: own.map(({ value }) => value * 100),
        low: own.map(({ low }) => low * 100),
        high: own.map(({ high }) => high * 100),
        reference: 0,
      };
    }),
    n: items.length,
    digits: 1,
  });
}

/** Rewards while training, a figure for each group of rules that has more than one. */
function curveFigures({ config }: WeightingResults, { rules }: WeightingFindings): NamedFigure[] {
  const logs = new Map(rules.map(({ name, logs }) => [name, logs]));
  return Object.entries(ruleGroups)
    .map(([group, members]) => [group, members.filter((rule) => logs.has(rule))] as const)
    .filter(([, members]) => members.length > 1)
    .map(([group, members]) => ({
      name: `rewards-${group.replaceAll(" ", "-")}`,
      figure: rewardCurves(logs, members, {
        title: `Reward while training: ${group}`,
        sharedY: false,
        window: Math.max(1, Math.round(config.grpo.maxSteps / 4)),
      }),
    }));
}

/** Mean reward in the first and in the last quarter of the steps. */
function movement(runs: readonly LoggedSteps[]): string {
  const size = Math.max(1, Math.round(runs[0]!.length / 4));
  const mean = (part: LoggedSteps) =>
    average(
      part.flatMap((log) =>
        capabilities.map((c) => log[`rewards/${c}/mean`]).filter((r) => r !== undefined)
      ),
    );
  const over = (pick: (log: LoggedSteps) => LoggedSteps) =>
    average(runs.map((log) => mean(pick(log))));
  return `${over((log) => log.slice(0, size)).toFixed(3)} to ${
    over((log) => log.slice(-size)).toFixed(3)
  }`;
}

/** What the volume of a point is, which depends on whether the start scores anything. */
function volumeMeaning({ start }: WeightingFindings): string {
  const zero = capabilities.filter((_, c) => start.means[c]!.value === 0);
  return `Hypervolume: the product of the scores, in units of the start's${
    zero.length === 0 ? "" : `, but as it is on ${listed(zero)}, where the start scores 0`
  }.`;
}

function ruleSection(
  results: WeightingResults,
  findings: WeightingFindings,
): Omit<ReportSection, "table" | "tableCaption" | "figures"> {
  const { config: { model, sft, grpo }, seeds } = results;
  const { start, rules, items, resamples } = findings;
  return {
    id: "reward-weighting",
    question: "Which rule should weigh the capabilities' rewards?",
    answer: `${ruleAnswer(findings)} ${startAnswer(findings)}${fewItemsCaveat(start.heldOut)}`,
    method:
      `${rules.length} rules from one start (model ${model}, ${sft.maxSteps} steps of SFT), ${
        counted(seeds.length, "seed")
      }, ${grpo.maxSteps} steps of ${grpo.promptsPerStep} prompts and ${grpo.numGenerations} completions each; ` +
      `${
        counted(items.length, "held-out item")
      }. 95 % intervals and p values by bootstrap over items${
        seeds.length > 1 ? " and seeds" : ""
      }, ${
        counted(resamples, "resample")
      }; the rank is a rule's mean rank over the capabilities, 1 the best. ` +
      `${volumeMeaning(findings)} ${
        bootstrapSpread(start.heldOut, seeds.length)
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
export function viewWeighting(
  results: WeightingResults,
  findings: WeightingFindings,
): Presentation {
  const { rules, items } = findings;
  const table = {
    name: "rules",
    caption: "Score less that of the start in points, with 95 % intervals",
    rows: ruleRows(findings),
  };
  const differences = differenceDots(findings);
  const standing = metricDots(results, rules.map(({ name }) => name), (rule) => rule, [
    ["Mean of the capabilities", MEAN],
    ["Hypervolume (start = 1)", "hypervolume", 1],
    ["Mean rank", "mean rank"],
  ], { title: "Mean score, hypervolume and rank", n: items.length, unit: "items" });
  const curves = curveFigures(results, findings);
  const command = commandOf(results);
  const exact = viewExact(results, results.config.tabular, findings, command);
  const movements = rules.map(({ name, logs }) => `${name} ${movement(logs)}`).join(", ");
  return {
    tables: [table, exact.table],
    figures: [
      { name: "differences", figure: differences },
      { name: "standing", figure: standing },
      ...curves,
      exact.figure,
    ],
    sections: [
      {
        ...ruleSection(results, findings),
        table: table.rows,
        tableCaption: table.caption,
        figures: [differences, standing],
      },
      {
        id: "reward-weighting-curves",
        question: "How do the rewards move while training?",
        answer:
          `In ${results.config.grpo.maxSteps} steps the mean reward of the sampled completions goes from the first ` +
          `quarter of the steps to the last: ${movements}.`,
        figures: curves.map(({ figure }) => figure),
        method:
          "Rewards of the completions that were sampled for training, at the sampling temperature.",
        command,
      },
      exact.section,
    ],
  };
}
