/** Tables, figures and sentences of the experiment on synthesis. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import {
  dotIntervals,
  type Figure,
  formatShare,
  formatShareInterval,
  groupedBars,
  type Row,
  sentenceList,
  stageBars,
} from "../../lib/figures/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import type { NamedTable, Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { detectableMeaning, detectableText, sideOf, withInterval } from "../stages/verdicts.ts";
import type { synthesisSchema } from "./config.ts";
import {
  type ArmName,
  controlSets,
  type KeyKind,
  type MeasuredSet,
  measuredSets,
  type SynthesisFindings,
} from "./findings.ts";
import { auditSection, blindFigure, guessTable } from "./audit_view.ts";
import { setTitles } from "./titles.ts";
import { BASE, CHANCE, CONTROL, metricsOf, type Reading, RIGHT } from "./statistics.ts";

type SynthesisResults = ResultsOf<typeof synthesisSchema>;

const stageNames: Readonly<Record<string, string>> = {
  source: "diseases selected",
  seed: "facts drawn",
  construct: "texts built",
  validate: "validated",
  curate: "no twin, no overlap, checks pass",
};

function funnel({ stages }: SynthesisFindings): Figure {
  return stageBars({
    title: "What each stage of the generator keeps",
    stages: stages.map(({ stage, produced, kept }) => ({
      name: stageNames[stage] ?? stage,
      produced,
      kept,
    })),
    xTitle: "Diseases, then items",
    caption:
      "A group of items that differ in their findings alone goes on as a whole or not at all.",
  });
}

function keptFigure({ kept }: SynthesisFindings): Figure {
  const series = (name: "validated" | "curated", shown: string) => {
    const ends = kept.map((row) => wilsonInterval(row[name], row.items));
    return {
      name: shown,
      values: kept.map((row) => 100 * row[name] / Math.max(1, row.items)),
      low: ends.map(({ low }) => 100 * low),
      high: ends.map(({ high }) => 100 * high),
      n: kept.map(({ items }) => items),
    };
  };
  return groupedBars({
    title: "What validation and curation keep of items whose key is right, random or wrong",
    groups: kept.map(({ key }) => key),
    series: [
      series("validated", "validation, which reads the text"),
      series("curated", "curation by a model"),
    ],
    yTitle: "Items kept (%)",
    interval: "95 % Wilson intervals",
    unit: "items",
    caption: "The same items of slice 1 three times. A random key is right by chance in some.",
  });
}

const found = (metrics: readonly Metric[], system: string, set: MeasuredSet): Metric | undefined =>
  metrics.find((m) => m.system === system && m.capability === set);

function armsFigure({ metrics }: SynthesisResults, { arms, sets }: SynthesisFindings): Figure {
  const rows = [BASE, ...arms.map(({ name }) => name)];
  const shown = sets.filter(({ units }) => units > 0);
  return dotIntervals({
    title: "Right decisions after training on what is kept",
    rows,
    panels: shown.map(({ set, chance, units }) => {
      const own = rows.map((row) => found(metrics, row, set));
      const percent = (value: (metric: Metric) => number) =>
        own.map((metric) => metric === undefined ? null : 100 * value(metric));
      return {
        title: `${setTitles[set]} (${units})`,
        xTitle: "Right decisions (%)",
        values: percent(({ mean }) => mean),
        low: percent(({ low }) => low),
        high: percent(({ high }) => high),
        notes: own.map((metric) => metric === undefined ? "not measured" : null),
        reference: 100 * chance,
      };
    }),
    columns: 3,
    caption: "Dashed: what a guess gets. In brackets the number of groups.",
    n: Math.max(...shown.map(({ units }) => units)),
    unit: "groups at most",
  });
}

const readings = {
  predicted: {
    name: "decisions",
    caption: "Right decisions in per cent with 95 % interval, by what the findings add",
  },
  likeliest: {
    name: "likeliest",
    caption: "Right decisions in per cent with 95 % interval, by the likelihood a token alone",
  },
} as const;

function scoreTable(
  metrics: readonly Metric[],
  { arms, sets, guesses }: SynthesisFindings,
  reading: Reading,
): NamedTable {
  const floors = ["echo", "memory"].map((guesser): Row => ({
    system: `floor: ${guesser}`,
    ...Object.fromEntries(guesses.flatMap(({ set, table }) => {
      const guess = table.find((one) => one.guesser === guesser);
      return guess === undefined
        ? []
        : [[setTitles[set], formatShareInterval(guess.accuracy, guess)]];
    })),
  }));
  const rows = [CHANCE, BASE, ...arms.map(({ name }) => name)].map((system): Row => ({
    system,
    ...Object.fromEntries(
      sets.filter(({ units }) => units > 0).map(({ set }) => {
        const metric = found(metrics, system, set);
        const shown = metric === undefined
          ? ""
          : system === CHANCE
          ? formatShare(metric.mean)
          : formatShareInterval(metric.mean, metric);
        return [setTitles[set], shown];
      }),
    ),
  }));
  const [chance, ...systems] = rows;
  return { ...readings[reading], rows: [chance!, ...floors, ...systems] };
}

function armTable({ arms, drafts }: SynthesisFindings): NamedTable {
  const all: Row = {
    arm: "drafts of slice 1",
    items: drafts.items,
    "with a wrong key": drafts.wrong,
    "share wrong (%)": formatShare(drafts.wrong / Math.max(1, drafts.items)),
  };
  const rows = arms.map(({ name, items, wrong }): Row => ({
    arm: name,
    items,
    "with a wrong key": wrong,
    "share wrong (%)": formatShare(wrong / Math.max(1, items)),
  }));
  return { name: "arms", caption: "What the arms are trained on", rows: [all, ...rows] };
}

function keptTable({ kept }: SynthesisFindings): NamedTable {
  return {
    name: "kept",
    caption: "Items kept, by what their key is",
    rows: kept.map(({ key, items, validated, curated, faults }): Row => ({
      key,
      items,
      "kept by validation (%)": formatShareInterval(
        validated / Math.max(1, items),
        wilsonInterval(validated, items),
      ),
      "kept by curation (%)": formatShareInterval(
        curated / Math.max(1, items),
        wilsonInterval(curated, items),
      ),
      ...faults,
    })),
  };
}

function keptAnswer({ kept }: SynthesisFindings): string {
  const rate = (key: KeyKind, by: "validated" | "curated"): number => {
    const row = kept.find((one) => one.key === key)!;
    return row[by] / Math.max(1, row.items);
  };
  const said = (by: "validated" | "curated"): string =>
    sentenceList(kept.map(({ key }) => `${formatShare(rate(key, by))} % with a ${key}`));
  const h1 = rate("right key", "validated") >= 0.9 && rate("wrong key", "validated") <= 0.1;
  const h2 = rate("random key", "curated") <= 0.1 && rate("wrong key", "curated") <= 0.1;
  const ends = (key: KeyKind) => {
    const row = kept.find((one) => one.key === key)!;
    return wilsonInterval(row.curated, row.items);
  };
  const tells = ends("right key").low > ends("wrong key").high
    ? ""
    : ", which says little, as it keeps no more of the right ones beyond the intervals";
  return `Of the same items validation keeps ${
    said("validated")
  }: H1 (nine tenths of the right ones, one tenth of the wrong ` +
    `ones) ${h1 ? "holds" : "does not hold"}. Curation keeps ${
      said("curated")
    }: H2 (at most one tenth of those with a random or a wrong key) ${
      h2 ? "holds" : "does not hold"
    }${tells}.`;
}

function heldOutAnswer(
  { metrics }: Pick<SynthesisResults, "metrics">,
  { sets, guesses }: Pick<SynthesisFindings, "sets" | "guesses">,
): string {
  const right = found(metrics, RIGHT, "test-diseases");
  if (right === undefined) return "";
  const { chance } = sets.find(({ set }) => set === "test-diseases")!;
  const best = guesses.find(({ set }) => set === "test-diseases")?.table
    .filter(({ kind }) => kind !== "control").toSorted((a, b) => b.accuracy - a.accuracy)[0];
  const floor = best === undefined
    ? ""
    : ` The highest guesser there, ${best.guesser}, gets ${
      formatShareInterval(best.accuracy, best)
    } %, which lies ${best.accuracy < right.low ? "below" : "not below"} the arm's interval.`;
  return ` On held-out diseases the arm with ${RIGHT} gets ${
    formatShareInterval(right.mean, right)
  } % where a guess gets ${formatShare(chance)} %: H4 ${
    right.low > chance ? "holds" : "does not hold"
  }.${floor}`;
}

function armsAnswer(
  { comparisons, metrics }: SynthesisResults,
  { sets, guesses, drafts }: SynthesisFindings,
): string {
  /** What an arm's difference from the control says of a hypothesis. */
  const judged = (system: ArmName, hypothesis: string, missing: string): string => {
    const found = comparisons.find((c) => c.system === system && c.capability === "test");
    if (found === undefined) return `${hypothesis} is not decided: ${missing}.`;
    const power = sideOf(found) === undefined
      ? ` (${detectableText([found], 1, 100, " points")})`
      : "";
    return `In distribution ${system} differs from ${CONTROL} by ${
      withInterval(found.difference, found, 1, 100)
    } points: ${hypothesis} ${found.low > 0 ? "holds" : "does not hold"}${power}.`;
  };
  const kept = (count: number): string => `kept ${count} of ${drafts.items} drafts, too few`;
  return `${judged("curated", "H3", `curation ${kept(drafts.curated)}`)} ${
    judged("validated", "H5", `validation ${kept(drafts.validated)}`)
  }${heldOutAnswer({ metrics }, { sets, guesses })}`;
}

function controlAnswer({ metrics }: SynthesisResults, { arms, sets }: SynthesisFindings): string {
  return controlSets.map((set) => {
    const { chance, units } = sets.find((one) => one.set === set)!;
    if (units === 0) return `${setTitles[set]}: no group.`;
    const off = arms.flatMap(({ name }) => found(metrics, name, set) ?? [])
      .filter(({ low, high }) => low > chance || high < chance);
    const title = setTitles[set];
    return off.length === 0
      ? `${title}: chance (${formatShare(chance)} %) lies inside the interval.`
      : `${title}: chance (${formatShare(chance)} %) lies outside the interval of ${
        sentenceList(off.map((m) => `${m.system} (${formatShareInterval(m.mean, m)} %)`))
      }.`;
  }).join(" ");
}

/**
 * Shows a run.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns tables, figures and sections
 */
export function viewSynthesis(
  results: SynthesisResults,
  findings: SynthesisFindings,
): Presentation {
  const command = commandOf(results);
  const tables = [
    scoreTable(results.metrics, findings, "predicted"),
    keptTable(findings),
    armTable(findings),
    guessTable(findings.audit),
    scoreTable(metricsOf(findings, "likeliest"), findings, "likeliest"),
  ];
  const [scores, kept, arms] = tables;
  const figures = {
    funnel: funnel(findings),
    blind: blindFigure(findings.audit),
    kept: keptFigure(findings),
    arms: armsFigure(results, findings),
  };
  const { errorRate, tries } = results.config;
  const protocol = `The protocol was fixed before the run (hash ${findings.protocol}).`;
  const sections: ReportSection[] = [
    auditSection(findings.audit, figures.blind, command),
    {
      id: "synthesis",
      question: "What do validation and curation keep?",
      answer: keptAnswer(findings),
      table: kept!.rows,
      tableCaption: kept!.caption,
      figures: [figures.kept, figures.funnel],
      method:
        `Validation reads reference and prompt as text and drops an item of whose claims one is contradicted or unknown. Curation: a model fine-tuned on slice 0, in which ${
          formatShare(errorRate)
        } % of the items have a wrong key, answers slice 1 ${tries} times with shuffled options; an item is kept where it beats a guess and does not with another patient's findings. ${protocol}`,
      command,
    },
    {
      id: "synthesis-arms",
      question: "Is a model better for it?",
      answer: armsAnswer(results, findings),
      table: scores!.rows,
      tableCaption: scores!.caption,
      figures: [figures.arms],
      method:
        `Every arm is trained from the same start for the same number of steps, ${results.seeds.length} seeds. A decision is read off what the findings add to the log-likelihood of each option in the field that states it; the likelihood a token alone (table likeliest) shows what a model prefers whatever a patient has. On ${
          sentenceList(measuredSets.map((set) => setTitles[set]))
        }; 95 % bootstrap intervals over counterfactual groups, differences paired by group. ${detectableMeaning}`,
      command,
    },
    {
      id: "synthesis-controls",
      question: "Does it fall to chance without findings or names?",
      answer: controlAnswer(results, findings),
      table: arms!.rows,
      tableCaption: arms!.caption,
      figures: [],
      method:
        `The evidence of each item is exchanged within its group; diseases and drugs are renamed alike in all items. Arm: ${RIGHT}.`,
      command,
    },
  ];
  return {
    tables,
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections,
  };
}
