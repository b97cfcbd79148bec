/** Tables, figures and sentences on what the model may answer and which treatments it names. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, groupedBars, type Row, sentenceList } from "../../lib/figures/mod.ts";
import {
  type Selective,
  type SelectiveOutcome,
  type TreatmentCount,
  treatmentVerdicts,
} from "./findings.ts";
import { detectableMeaning, detectableText } from "../stages/verdicts.ts";
import { counted, percent, shares, sideOf } from "./shares_view.ts";

/** Outcomes from the strictest error rate asked for on. */
const byAlpha = ({ outcomes }: Selective) => outcomes.toSorted((a, b) => a.alpha - b.alpha);

/** Number of options of a question, "any number of" without questions. */
const optionsOf = ({ answers }: Selective) => `${answers[0]?.scores.length ?? "any number of"}`;

/**
 * Risk and its upper limit over what is answered, at the calibration's thresholds.
 *
 * @param selective What was found.
 * @param model Name of the model.
 * @returns The figure.
 */
export function riskFigure(selective: Selective, model: string): Figure {
  const [{ tests, calibration, alpha }] = byAlpha(selective) as [
    SelectiveOutcome,
    ...SelectiveOutcome[],
  ];
  const used = tests.filter(({ n }) => n > 0);
  const x = used.map(({ n }) => 100 * n / calibration);
  return curves({
    title: `Risk of ${model} over the share that it answers`,
    series: [{
      name: "errors among answers",
      x,
      y: used.map(({ n, errors }) => 100 * errors / n),
      low: used.map(({ n, errors }) => 100 * errors / n),
      high: used.map(({ upper }) => 100 * upper),
    }],
    xTitle: "Calibration items answered (%)",
    yTitle: "Errors (%)",
    references: [{ axis: "y", value: 100 * alpha, label: `\u03b1 = ${alpha}` }],
    caption: `Questions with ${
      optionsOf(selective)
    } options. A promise needs the upper end of the band to lie under \u03b1 = ${alpha}.`,
    band: `up to the one-sided Clopper-Pearson limit at ${percent(1 - selective.delta, 0)}`,
    n: calibration,
    unit: "calibration questions",
  });
}

/**
 * One row an error rate asked for.
 *
 * @param selective What was found.
 * @returns The rows.
 */
export function selectiveRows({ outcomes }: Selective): Row[] {
  return outcomes.map(({ alpha, calibration, test, threshold, answered, errors }) => ({
    alpha,
    calibration,
    test,
    promised: threshold !== null,
    "answered (%)": test === 0 ? null : 100 * answered / test,
    "errors among answers (%)": answered === 0 ? null : 100 * errors / answered,
    "upper limit (%)": answered === 0 ? null : 100 * wilsonInterval(errors, answered).high,
  }));
}

/** What the promise came to on the test questions. */
function keptText({ alpha, answered, errors, test }: SelectiveOutcome): string {
  if (answered === 0) return `Of ${test} test questions it answers none.`;
  const interval = wilsonInterval(errors, answered);
  const outcome = {
    within: "within the promise",
    above: "above the promise, beyond the interval",
    open: `not told apart from the promise (${detectableText([interval], 1, 100, " points")})`,
  }[sideOf(interval, alpha)];
  return `It answers ${counted(answered, test, "test questions")}; ${
    counted(errors, answered, "answers")
  } are wrong, ${outcome}.`;
}

/**
 * Which error rates can be promised, and what came of the strictest.
 *
 * @param selective What was found.
 * @returns Sentences.
 */
export function selectiveAnswer(selective: Selective): string {
  const outcomes = byAlpha(selective);
  const refused = outcomes.filter(({ threshold }) => threshold === null);
  const least = outcomes.find(({ threshold }) => threshold !== null);
  const rates = (rows: readonly SelectiveOutcome[]) =>
    `${rows.length === 1 ? "An error rate" : "Error rates"} of ${
      sentenceList(rows.map(({ alpha }) => `${alpha}`))
    }`;
  if (least === undefined) {
    const { allErrors, test } = outcomes[0]!;
    return `${rates(outcomes)} cannot be promised, so it answers nothing${
      test === 0 ? "" : `: it is wrong on ${counted(allErrors, test, "test questions")}`
    }.`;
  }
  const without = refused.length === 0 ? "" : ` ${rates(refused)} cannot be promised.`;
  return `The least error rate asked for that can be promised is ${least.alpha}. ${
    keptText(least)
  }${without}`;
}

/**
 * How questions, thresholds and calibration were chosen.
 *
 * @param selective What was found.
 * @returns Sentences.
 */
export function selectiveMethod(selective: Selective): string {
  const { coverages, answers, delta } = selective;
  const families = sentenceList([...new Set(answers.map(({ family }) => family))]);
  return `${answers.length} held-out questions with ${
    optionsOf(selective)
  } options, of ${families}. Confidence is the lead of the ` +
    "likeliest option in nats a token. Thresholds are quantiles of the validation questions' confidence, which answer " +
    `${
      sentenceList(coverages.map((share) => percent(share, 0)))
    } of them; the test split's cases are halved for calibration and ` +
    `test. A promise may fail with probability ${delta}. 95 % intervals: Wilson's. ${detectableMeaning}`;
}

/**
 * Verdicts on the treatments that answers name, by system.
 *
 * @param treatments What was counted.
 * @returns The figure.
 */
export function treatmentFigure(treatments: readonly TreatmentCount[]): Figure {
  return groupedBars({
    title: "Treatments that answers to held-out questions name, by what the graph says of them",
    groups: treatmentVerdicts.map((verdict) =>
      verdict === "unknown" ? "unknown to the graph" : verdict
    ),
    series: treatments.map(({ system, n, counts }) => ({
      name: system,
      ...shares(treatmentVerdicts.map((verdict) => [counts[verdict], n])),
      n,
    })),
    yTitle: "Answers (%)",
    interval: "95 % Wilson intervals",
    unit: "answers",
    caption: "Greedy answers, by the worst drug that they name. " +
      "Contradicted: relieves only, where a disease-modifying drug is asked for. Contraindicated: harmful in the disease.",
  });
}

/** One system's share, of all its answers and of those that name a drug. */
function deniedText({ system, n, counts }: TreatmentCount): string {
  const k = counts.contradicted + counts["contraindicated"];
  const named = n - counts["none named"];
  return `${system} ${counted(k, n, "answers")}, ${
    named === 0 ? "none of which names a drug" : `of ${named} that name a drug`
  }`;
}

/**
 * How often every system names a treatment that the graph denies.
 *
 * @param treatments What was counted.
 * @returns Sentences.
 */
export function treatmentAnswer(treatments: readonly TreatmentCount[]): string {
  const silent = treatments.filter(({ n, counts }) => counts["none named"] === n);
  const note = silent.length === 0
    ? ""
    : ` Nothing is seen of what ${sentenceList(silent.map(({ system }) => system))} would name.`;
  return `${treatments.map(deniedText).join("; ")}.${note}`;
}

/** How treatments were judged. */
export const treatmentMethod =
  "Greedy answers to the held-out items whose reference names a drug for a disease. Every drug named is checked against the " +
  "graph in the role asked for; what the graph does not state is unknown. Intervals: Wilson's, 95 %.";
