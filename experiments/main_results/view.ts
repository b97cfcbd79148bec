/** Tables, figures and sentences of the main comparison. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { formatShare, type Row, sentenceList } from "../../lib/figures/mod.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { NamedTable, Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf, MEAN } from "../core/results.ts";
import type { systemsSchema } from "../stages/config.ts";
import { FLOOR, floorMeanings, floorNames } from "../stages/floor.ts";
import { apartMeaning, detectableMeaning, detectableText, gapText } from "../stages/verdicts.ts";
import type { MainResultsFindings } from "./findings.ts";
import { comparisonRows, scoreBars, scoreRows } from "./reported.ts";
import { AWARE, ruleNames, systems } from "./systems.ts";
import { trainingAnswer, trainingFigures } from "./training_view.ts";

type Comparison = Results["comparisons"][number];
type Numbers = Pick<Results, "metrics" | "comparisons">;

const onMean = ({ metrics }: Numbers, system: string): Metric | undefined =>
  metrics.find((m) => m.system === system && m.capability === MEAN);

const against = ({ comparisons }: Numbers, system: string, baseline: string) =>
  comparisons.find((c) => c.system === system && c.baseline === baseline && c.capability === MEAN);

const interval = ({ low, high }: { low: number; high: number }): string =>
  `[${formatShare(low)}, ${formatShare(high)}]`;

/** Whether trained systems beat the model as it is. */
function baseVerdict({ comparisons }: Numbers): string {
  const compared = comparisons.filter((c) => c.baseline === "base" && c.capability === MEAN);
  const above = compared.filter(({ low }) => low > 0).map(({ system }) => system);
  const below = compared.filter(({ high }) => high < 0).map(({ system }) => system);
  const worse = below.length === 0 ? "" : `; ${below.join(", ")} lie below it`;
  if (above.length === compared.length) {
    return "every trained system beats the base model (paired interval above 0)";
  }
  if (above.length === 0) {
    return `no trained system beats the base model beyond the paired interval${worse}`;
  }
  const list = above.join(", ");
  return `${list} beat the base model (paired interval above 0), the others do not${worse}`;
}

/** How two systems stand to each other, by the paired interval of their difference. */
function relation({ low, high }: Comparison, name: string): string {
  if (low > 0) return `above ${name} beyond the interval`;
  if (high < 0) return `below ${name} beyond the interval`;
  return `not told apart from ${name} (${detectableText([{ low, high }], 1, 100, " points")})`;
}

/** The highest floor of a capability or of their mean, of those that were measured. */
function highestFloor({ metrics }: Numbers, capability: string): Metric | undefined {
  return metrics.filter((m) =>
    m.capability === capability && floorNames.some((name) => name === m.system)
  ).toSorted((a, b) => b.mean - a.mean)[0];
}

/** How the best system stands to the highest floor, paired where its answers were kept. */
function floorVerdict(results: Numbers, best: Metric): string {
  const floor = highestFloor(results, MEAN);
  if (floor === undefined) return "";
  const base = `The highest floor (${floor.system}) scores ${formatShare(floor.mean)} %`;
  const paired = against(results, best.system, floor.system);
  if (paired !== undefined) {
    return ` ${base}: ${best.system} differs from it by ${formatShare(paired.difference)} points ` +
      `${interval(paired)} and is ${relation(paired, "it")}.`;
  }
  const apart = best.low > floor.high
    ? "the intervals do not meet"
    : `the intervals meet, so they are not told apart (${
      gapText([[best, floor]], 1, 100, " points")
    })`;
  return ` ${base} ${interval(floor)}, ${best.system} ${interval(best)}: ${apart}.`;
}

/** The answer in sentences, from the numbers. */
function bestAnswer(results: Numbers): string {
  const best = systems.map((system) => onMean(results, system)!)
    .reduce((a, b) => b.mean > a.mean ? b : a);
  const [summed] = ruleNames;
  const sum = against(results, AWARE, summed!)!;
  return `On the mean of the four capabilities ${
    baseVerdict(results)
  }; the highest is ${best.system} with ` +
    `${formatShare(best.mean)} %.${
      floorVerdict(results, best)
    } Against summed rewards (${summed}) ${AWARE} differs by ` +
    `${formatShare(sum.difference)} points ${interval(sum)}: it is ${relation(sum, "it")}.`;
}

/** Which paired differences on the mean of the capabilities are beyond their interval. */
function pairedAnswer({ comparisons }: Numbers): string {
  const mean = comparisons.filter(({ capability }) => capability === MEAN);
  const name = ({ system, baseline, difference }: Comparison) =>
    `${system} \u2212 ${baseline} (${formatShare(difference)})`;
  const list = (found: readonly Comparison[]) =>
    found.length === 0 ? "none" : found.map(name).join(", ");
  const open = mean.filter(({ low, high }) => low <= 0 && high >= 0);
  return `On the mean of the four capabilities, in points, of ${mean.length} differences: above 0 beyond the interval ${
    list(mean.filter(({ low }) => low > 0))
  }; below 0 ${list(mean.filter(({ high }) => high < 0))}; not told apart ${list(open)}${
    open.length === 0 ? "" : `: ${detectableText(open, 1, 100, " points")}`
  }.`;
}

/** Mean score of each system on each family of items, in per cent. */
function familyRows({ items, systems }: MainResultsFindings): Row[] {
  const families = [...new Set(items.map(({ family }) => family))];
  return families.map((family): Row => {
    const own = items.flatMap((item, i) => item.family === family ? [i] : []);
    const mean = (scores: readonly number[]) => average(own.map((i) => scores[i]!));
    return {
      family,
      n: own.length,
      ...Object.fromEntries(
        systems.map(({ name, runs }) => [
          name,
          formatShare(average(runs.map(({ scores }) => mean(scores)))),
        ]),
      ),
    };
  });
}

/** Where each system stands to the floor, capability by capability. */
function floorAnswer(results: Numbers): string {
  const level: [Metric, Metric][] = [];
  const standing = (system: string): string => {
    const words = capabilities.map((capability) => {
      const own = results.metrics.find((m) => m.system === system && m.capability === capability);
      const floor = highestFloor(results, capability);
      if (own === undefined || floor === undefined) return undefined;
      if (own.low > floor.high) return "above";
      if (own.high < floor.low) return "below";
      level.push([own, floor]);
      return "level";
    });
    const named = (word: string) => capabilities.filter((_, i) => words[i] === word);
    const parts = ["above", "level", "below"].flatMap((word) => {
      const list = named(word);
      if (list.length === 0) return [];
      return `${word === "level" ? "not told apart from" : word} it in ${list.join(", ")}`;
    });
    return `${system} is ${parts.join(", ")}`;
  };
  const standings = systems.map(standing).join("; ");
  return `By intervals that do not meet, against the highest floor of each capability: ${standings}${
    level.length === 0 ? "" : ` (${gapText(level, 1, 100, " points")})`
  }. ` +
    "Only what lies above it shows more than a grasp of the form.";
}

/** Sections of the report. */
function sectionsOf(
  results: ResultsOf<typeof systemsSchema>,
  findings: MainResultsFindings,
  tables: Readonly<Record<"scores" | "differences" | "families", NamedTable>>,
  figures: Presentation["figures"],
): ReportSection[] {
  const command = commandOf(results);
  const { mixing, grpo } = results.config;
  const sizes = capabilities.map((c) => findings.items.filter((i) => i.capability === c).length);
  const each = new Set(sizes).size === 1 ? `${sizes[0]} of each capability` : "by capability";
  return [
    {
      id: "main-results",
      question: "Which system is best on the four capabilities?",
      answer: bestAnswer(results),
      table: tables.scores.rows,
      tableCaption: tables.scores.caption,
      figures: [figures[0]!.figure],
      method:
        `${findings.items.length} held-out synthetic items, ${each}, answered greedily and scored by rules; ` +
        "no item's case or wording occurs in training. 95 % bootstrap intervals over items; an accuracy's by Wilson. " +
        detectableMeaning,
      command,
    },
    {
      id: "floor",
      question: "What does the form alone earn?",
      answer: floorAnswer(results),
      ...(findings.systems.length > 0 && {
        table: tables.families.rows,
        tableCaption: tables.families.caption,
      }),
      figures: [],
      method:
        `The ${FLOOR} fills each field of an item's form at random with names that the prompt offers, or with the ` +
        `commonest answer of the training split; an item's score is its mean over many fillings. The others fill forms alike and decide among options: ${
          sentenceList(floorNames.slice(1).map((name) => `${name} ${floorMeanings[name]}`))
        }. ${apartMeaning}`,
      command,
    },
    {
      id: "paired",
      question: "How do the systems differ on the same items?",
      answer: pairedAnswer(results),
      table: tables.differences.rows,
      tableCaption: tables.differences.caption,
      figures: [],
      method:
        "Differences are paired by item: 95 % bootstrap intervals over them, p values of a sign-flip " +
        `permutation test, not corrected for their number. ${detectableMeaning}`,
      command,
    },
    {
      id: "training",
      question: "How does training go?",
      answer: trainingAnswer(findings),
      figures: figures.slice(1).map(({ figure }) => figure),
      method: `Rewards are ${mixing} times the rule score and ${
        (1 - mixing).toFixed(1)
      } times the similarity to the reference; ${grpo.promptsPerStep} prompts and ${grpo.numGenerations} completions a step.`,
      command,
    },
  ];
}

/**
 * Tables, figures and sections of the report.
 *
 * @param results scores and paired differences
 * @param findings answers item by item, and logs
 * @returns what is shown
 */
export function viewMainResults(
  results: ResultsOf<typeof systemsSchema>,
  findings: MainResultsFindings,
): Presentation {
  const tables = {
    scores: {
      name: "scores",
      caption: "Score in per cent with 95 % interval",
      rows: scoreRows(results),
    },
    differences: {
      name: "differences",
      caption: "Paired differences in points with 95 % interval",
      rows: comparisonRows(results),
    },
    families: {
      name: "families",
      caption: "Mean score in per cent by family of items",
      rows: familyRows(findings),
    },
    items: {
      name: "items",
      caption: "Items that the systems are trained and tested on",
      rows: findings.data.map((row): Row => ({ ...row })),
    },
  };
  const figures = [
    {
      name: "scores",
      figure: scoreBars(results, "Scores on the four capabilities"),
    },
    ...trainingFigures(findings),
  ];
  const { scores, differences, families, items } = tables;
  return {
    tables: [scores, differences, ...(findings.systems.length > 0 ? [families] : []), items],
    figures,
    sections: sectionsOf(results, findings, tables, figures),
  };
}
