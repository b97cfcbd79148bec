/** Study 1 in tables, figures and sentences. @module */

import { preservationRatio } from "../../lib/balance/mod.ts";
import {
  dotIntervals,
  type Figure,
  formatFixed,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import { replicateMean } from "../laboratory/replicates.ts";
import { counted } from "../stages/verdicts.ts";
import { changes, everyStep, trajectoryCurves } from "./curves.ts";
import type { AscentRule, ExactLmConfig } from "./config.ts";
import type { AscentRow, ExactLmFindings } from "./findings.ts";
import { ruleNames } from "./names.ts";
import {
  drawable,
  meanText,
  median,
  number,
  rangeText,
  ratioText,
  type StudyView,
} from "./wording.ts";

/** A ratio as a number; null, a fall without a gain, exceeds every bound. */
const finite = (ratio: number | null): number => ratio ?? Infinity;

/** Change of the reward that came off worst. */
const worstOff = ({ values }: AscentRow): number =>
  Math.min(...values.at(-1)!.map((value, i) => value - values[0]![i]!));

const isMain = ({ control }: AscentRow): boolean => control === null;

/** Rows of one rule at one preference, but for the controls. */
function rowsOf(rows: readonly AscentRow[], rule: AscentRule, preference: string): AscentRow[] {
  return rows.filter((row) => isMain(row) && row.rule === rule && row.preference === preference);
}

function tableRow(rule: AscentRule, preference: string, rows: readonly AscentRow[]): Row {
  const mean = (pick: (row: AscentRow) => number) => meanText(replicateMean(rows.map(pick)), 4);
  return {
    preference,
    rule: ruleNames[rule],
    "gain of F_p": mean(({ gain }) => gain),
    "largest fall": mean(({ fall }) => fall),
    "fall / gain": rangeText(rows.map(({ ratio }) => finite(ratio))),
    "worst-off": mean(worstOff),
    "harmful steps": `${rows.reduce((sum, { harmful }) => sum + harmful, 0)} of ${
      rows.reduce((sum, { weights }) => sum + weights.length, 0)
    }`,
    "smoothness / L": rangeText(rows.map(({ smoothness }) => smoothness), 2),
    "held-out gain": mean(({ heldOutGain }) => heldOutGain),
    "held-out fall": mean(({ heldOutFall }) => heldOutFall),
  };
}

/** Fall over gain by rule: median with the least and the largest, against the bound. */
function ratioFigure(rows: readonly AscentRow[], { ascent }: ExactLmConfig): Figure {
  const bound = preservationRatio(ascent.c);
  const names = ascent.rules.map((rule) => ruleNames[rule]);
  const replicates = rowsOf(rows, ascent.rules[0]!, ascent.preferences[0]!).length;
  return dotIntervals({
    title: "Largest fall of a reward relative to the gain of the preferred sum",
    rows: names,
    panels: ascent.preferences.map((preference) => {
      const ratios = ascent.rules.map((rule) =>
        rowsOf(rows, rule, preference).map(({ ratio }) => finite(ratio))
      );
      const known = ratios.map((values) => values.filter(Number.isFinite));
      const shown = (pick: (values: readonly number[]) => number) =>
        known.map((values, k) =>
          values.length === ratios[k]!.length ? drawable(pick(values)) : null
        );
      return {
        title: preference,
        xTitle: "fall / gain",
        values: shown(median),
        low: shown((values) => Math.min(...values)),
        high: shown((values) => Math.max(...values)),
        replicates: known.map((values) => [...values]),
        notes: known.map((values, k) =>
          values.length === ratios[k]!.length ? null : "fell without a gain"
        ),
        reference: bound,
      };
    }),
    n: replicates,
    unit: "replicates",
    interval: "least and largest of the replicates; dots: medians",
    caption: `A panel for each preference; dashed: the bound c / (2 \u2212 c) = ${
      formatFixed(bound, 3)
    } at c = ${ascent.c}`,
    digits: 3,
  });
}

/** Whether the rule of Theorem 7b is kept, and by whom. */
function boundSentence(rows: readonly AscentRow[], { ascent }: ExactLmConfig): string {
  const bound = preservationRatio(ascent.c);
  const above = (rule: AscentRule) => {
    const own = rows.filter((row) => isMain(row) && row.rule === rule);
    return { own, count: own.filter(({ ratio }) => finite(ratio) > bound).length };
  };
  const texts = ascent.rules.map((rule) => {
    const { own, count } = above(rule);
    const worst = Math.max(...own.map(({ ratio }) => finite(ratio)));
    return `${ruleNames[rule]} in ${count} of ${own.length} runs (largest ${ratioText(worst)})`;
  });
  const aware = above("capability_aware");
  const verdict = aware.own.length === 0
    ? ""
    : aware.count === 0
    ? "With capability-aware weights no reward ever falls by more than the theorem allows. "
    : "The theorem's bound is broken with capability-aware weights. ";
  return `${verdict}Fall over gain exceeds c / (2 \u2212 c) = ${formatFixed(bound, 3)}: ${
    texts.join("; ")
  }.`;
}

/** Whether a step was less smooth than the L that was used. */
function smoothnessSentence(rows: readonly AscentRow[]): string {
  const main = rows.filter(isMain);
  const over = main.filter(({ smoothness }) => smoothness > 1);
  const largest = number(Math.max(...main.map(({ smoothness }) => smoothness)), 2);
  return over.length === 0
    ? `No step was less smooth than the L that was used (largest ${largest} L), so the premise of Theorem 7 held along every run.`
    : `In ${over.length} of ${
      counted(main.length, "run")
    } a step was less smooth than the L that was used (largest ${largest} L): there the premise of Theorem 7 is broken. Rules: ${
      sentenceList([...new Set(over.map(({ rule }) => ruleNames[rule]))])
    }.`;
}

/** Who is best for the reward that comes off worst, by its mean change. */
function worstOffSentence(rows: readonly AscentRow[], { ascent }: ExactLmConfig): string {
  const texts = ascent.preferences.map((preference) => {
    const means = ascent.rules.map((rule) => ({
      rule,
      change: replicateMean(rowsOf(rows, rule, preference).map(worstOff)),
    }));
    const [best] = means.toSorted((a, b) => b.change.mean - a.change.mean);
    const aware = means.find(({ rule }) => rule === "capability_aware");
    return best!.rule === "capability_aware" || aware === undefined
      ? `at ${preference} ${ruleNames[best!.rule]} (${meanText(best!.change, 4)})`
      : `at ${preference} ${ruleNames[best!.rule]} (${
        meanText(best!.change, 4)
      }, capability-aware ${meanText(aware.change, 4)})`;
  });
  return `For the worst-off reward the best rule is ${texts.join("; ")}.`;
}

/** What the controls showed. */
function controlSentences(rows: readonly AscentRow[]): string[] {
  const of = (control: AscentRow["control"], rule: AscentRule) =>
    rows.filter((row) => row.control === control && row.rule === rule);
  const aligned = of("aligned", "capability_aware");
  const dominant = of("dominant", "capability_aware");
  const random = of("random", "capability_aware");
  const largest = (own: readonly AscentRow[], pick: (row: AscentRow) => number) =>
    Math.max(...own.map(pick));
  const stayed = largest(aligned, ({ deviation }) => deviation) <= 1e-6;
  return [
    ...aligned.length === 0 ? [] : [
      `On the aligned copy the weights ${
        stayed ? "stay at" : "leave"
      } the preference (largest deviation ${
        number(largest(aligned, ({ deviation }) => deviation), 6)
      }).`,
    ],
    ...dominant.length === 0 ? [] : [
      `Where one reward is the other's complement capability-aware weights move the preferred sum by ${
        number(largest(dominant, ({ gain }) => Math.abs(gain)), 6)
      } and no reward by more than ${number(largest(dominant, ({ fall }) => fall), 6)} downwards${
        of("dominant", "static").length === 0
          ? ""
          : ` (static: ${number(largest(of("dominant", "static"), ({ fall }) => fall), 4)})`
      }.`,
    ],
    ...random.length === 0 ? [] : [
      `With random labels and the cap the largest addition to a weight is ${
        number(largest(random, ({ deviation }) => deviation), 2)
      }, the largest fall ${number(largest(random, ({ fall }) => fall), 4)}${
        of("random", "static").length === 0
          ? ""
          : ` (static: ${number(largest(of("random", "static"), ({ fall }) => fall), 4)})`
      }.`,
    ],
  ];
}

function controlRows(rows: readonly AscentRow[]): Row[] {
  const groups = Map.groupBy(
    rows.filter((row) => !isMain(row)),
    ({ control, rule }) => `${control} ${rule}`,
  );
  return [...groups.values()].map((own): Row => {
    const { control, rule } = own[0]!;
    return {
      control: control!,
      rule: ruleNames[rule],
      replicates: own.length,
      "gain of F_p": rangeText(own.map(({ gain }) => gain), 4),
      "largest fall": rangeText(own.map(({ fall }) => fall), 4),
      "largest deviation of a weight": rangeText(own.map(({ deviation }) => deviation), 4),
    };
  });
}

/** Weights of capability-aware weights over the steps. */
function weightsFigure(
  rows: readonly AscentRow[],
  names: readonly string[],
  { ascent }: ExactLmConfig,
): Figure {
  return trajectoryCurves({
    title: `Capability-aware weights over the steps, preference ${ascent.lopsided}`,
    names,
    lines: [{
      name: ruleNames.capability_aware,
      part: "weight",
      rows: rowsOf(rows, "capability_aware", ascent.lopsided).map(({ weights }) =>
        everyStep(weights).map(({ step, values }) => ({ step: step + 1, values }))
      ),
    }],
    yTitle: "Weight",
    caption: "A panel for each reward",
  });
}

/**
 * Shows study 1.
 *
 * @param rows the runs
 * @param findings names of the rewards
 * @param config options of the run
 * @returns tables, figures and section
 */
export function viewAscent(
  rows: readonly AscentRow[],
  { rewardNames }: Pick<ExactLmFindings, "rewardNames">,
  config: ExactLmConfig,
): StudyView {
  const { ascent, pilot } = config;
  const figures: Record<string, Figure> = {
    ...Object.fromEntries(ascent.preferences.map((preference) => [
      `ascent-${preference.replaceAll(" + ", "-")}`,
      trajectoryCurves({
        title: `Mean rewards over the steps in a fixed metric, preference ${preference}`,
        names: rewardNames,
        lines: ascent.rules.flatMap((rule) => {
          const own = rowsOf(rows, rule, preference);
          const name = ruleNames[rule];
          return [
            { name, part: "train", rows: own.map(({ values }) => changes(everyStep(values))) },
            { name, part: "held out", rows: own.map(({ heldOut }) => changes(heldOut)) },
          ];
        }),
        yTitle: "Change of the mean reward",
        caption: "A panel for each reward; change from the start, exact over all answers",
      }),
    ])),
    "fall-to-gain": ratioFigure(rows, config),
    ...ascent.rules.includes("capability_aware") && ascent.preferences.includes(ascent.lopsided)
      ? { "ascent-weights": weightsFigure(rows, rewardNames, config) }
      : {},
  };
  const table = {
    name: "ascent",
    caption:
      "Runs in a fixed metric: means with 95 % intervals over replicates, or medians with the least and the largest",
    rows: ascent.preferences.flatMap((preference) =>
      ascent.rules.map((rule) => tableRow(rule, preference, rowsOf(rows, rule, preference)))
    ),
  };
  const controls = controlRows(rows);
  return {
    tables: [
      table,
      ...controls.length === 0 ? [] : [{
        name: "controls",
        caption: "Controls: median over replicates with the least and the largest",
        rows: controls,
      }],
    ],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    section: {
      id: "exact-lm-ascent",
      question:
        "Study 1: is what a reward loses bounded by what the preferred sum gains (Theorem 7)?",
      answer: [
        boundSentence(rows, config),
        smoothnessSentence(rows),
        worstOffSentence(rows, config),
        ...controlSentences(rows),
      ].join(" "),
      table: table.rows,
      tableCaption: table.caption,
      figures: Object.values(figures),
      digits: 4,
      method: `${
        counted(ascent.steps, "step")
      } of c / L with c = ${ascent.c} in the metric of a pilot of ${
        counted(pilot.steps, "step")
      }, no momentum; L is ${pilot.safety} times the largest effective smoothness over the pilot; it grows fourfold, up to ${ascent.growths} times, while a run of the replicate meets a larger one. Fall over gain is the largest over all rewards and all two steps of a run.`,
    },
  };
}
