/** Tables, figures and sentences of the safety experiment. @module */

import { clopperPearson, wilsonInterval } from "../lib/evaluation/mod.ts";
import {
  curves,
  dotIntervals,
  type Figure,
  formatShare,
  groupedBars,
  type Row,
} from "../lib/figures/mod.ts";
import type { BoundCheck } from "./bound_check.ts";
import type { Presentation } from "./experiment.ts";
import { commandOf, type Results } from "./results.ts";
import type { SafetyConfig, SafetyFindings } from "./safety.ts";
import {
  boundLines,
  checkpointAnswer,
  checkpointFigure,
  checkpointRows,
} from "./safety_drift_view.ts";
import { promise } from "./safety_checks.ts";
import { TEMPERATURE } from "./safety_drift.ts";
import type { SelectiveOutcome } from "./safety_model.ts";

/** k of n as a share in per cent with its interval. */
function shares(counts: readonly (readonly [number, number])[], interval = wilsonInterval) {
  const found = counts.map(([k, n]) => n === 0 ? undefined : { mean: k / n, ...interval(k, n) });
  const of = (key: "mean" | "low" | "high") =>
    found.map((share) => share === undefined ? null : 100 * share[key]);
  return { values: of("mean"), low: of("low"), high: of("high") };
}

function promiseFigure({ promises }: SafetyFindings, config: SafetyConfig): Figure {
  const panel = (title: string, count: "broken" | "testAbove") => ({
    title,
    xTitle: "Draws (%)",
    ...shares(promises.map((row) => [row[count], row.draws])),
    reference: 100 * promise.delta,
  });
  return dotIntervals({
    title: "What is promised, and errors on a further split",
    rows: promises.map(({ population, procedure }) => `${procedure}, ${population}`),
    panels: [
      panel("Risk above \u03b1: promised", "broken"),
      panel("Test errors above \u03b1: not promised", "testAbove"),
    ],
    caption:
      `\u03b1 = \u03b4 = 0.1, the dashed line. ${config.calibrationItems} calibration items in each draw. ` +
      "Without a sequence nothing is promised on either side.",
    n: config.draws,
    unit: "draws",
    digits: 1,
  });
}

/** Least divergence that is drawn: below it nothing falls. */
const LEAST_KL = 1e-3;

function driftFigure({ drifts }: SafetyFindings): Figure {
  return curves({
    title: "How far an objective falls at a distance from the reference",
    series: drifts.map(({ objective, points: all }) => {
      const points = all.filter(({ kl }) => kl >= LEAST_KL);
      return {
        title: objective,
        series: [
          ...boundLines(points),
          {
            name: "realised",
            x: points.map(({ kl }) => kl),
            y: points.map(({ realised }) => realised),
          },
        ],
      };
    }),
    xTitle: "KL of whole answers (nats)",
    yTitle: "Fall of the objective",
    xScale: "log",
    caption:
      "Exact policies. Left: the reference tilted against a binary reward. Others: objective 1 alone is trained. " +
      "No bound exceeds the objective's height at the start.",
    n: 1,
  });
}

/** Risk and its upper limit over what is answered, at the calibration's thresholds. */
function riskFigure({ selective }: SafetyFindings): Figure {
  const [{ tests, calibration }] = selective as [SelectiveOutcome, ...SelectiveOutcome[]];
  const used = tests.filter(({ n }) => n > 0);
  const x = used.map(({ n }) => 100 * n / calibration);
  return curves({
    title: "Risk of the tiny model over the share that it answers",
    series: [
      { name: "errors among answers", x, y: used.map(({ n, errors }) => 100 * errors / n) },
      { name: "upper limit", x, y: used.map(({ upper }) => 100 * upper), dash: "dash" },
    ],
    xTitle: "Calibration items answered (%)",
    yTitle: "Errors (%)",
    references: [{ axis: "y", value: 100 * promise.alpha, label: "\u03b1 = 0.1" }],
    caption:
      `${calibration} calibration questions with four options; one-sided Clopper-Pearson limits at ${
        formatShare(1 - promise.delta, 0)
      } %.`,
    n: 1,
  });
}

function treatmentFigure({ treatments }: SafetyFindings): Figure {
  const verdicts = ["supported", "unknown", "none named", "contradicted", "not indicated"] as const;
  return groupedBars({
    title: "Treatments in answers to held-out questions for one",
    groups: ["supported", "unknown to the graph", "none named", "contradicted", "not indicated"],
    series: treatments.map(({ system, n, counts }) => ({
      name: system,
      ...shares(verdicts.map((verdict) => [counts[verdict], n])),
      n,
    })),
    yTitle: "Answers (%)",
    caption: "Greedy answers, by the worst drug that they name. " +
      "Contradicted: relieves only, where a disease-modifying drug is asked for.",
  });
}

function boundRows(checks: readonly BoundCheck[], source: string): Row[] {
  return checks.map(({ name, checks, violations, largest }) => ({
    bound: name,
    on: source,
    checks,
    violations,
    "largest measured / bound": largest.toFixed(5),
  }));
}

function selectiveRows({ selective }: SafetyFindings): Row[] {
  return selective.map(({ alpha, calibration, test, answered, errors, promised }) => ({
    alpha,
    calibration,
    test,
    promised,
    "answered (%)": 100 * answered / test,
    "errors among answers (%)": answered === 0 ? null : 100 * errors / answered,
    "upper limit (%)": answered === 0 ? null : 100 * clopperPearson(errors, answered).high,
  }));
}

function modelAnswer({ selective }: SafetyFindings): string {
  const [strict] = selective as [SelectiveOutcome, ...SelectiveOutcome[]];
  const least = selective.find(({ promised }) => promised);
  const base = `${formatShare(strict.allErrors / strict.test, 0)} %`;
  const asked = strict.promised
    ? `An error rate of ${strict.alpha} can be promised for ${
      formatShare(strict.answered / strict.test, 0)
    } % of the questions.`
    : `An error rate of ${strict.alpha} cannot be promised, so it answers nothing: it is wrong on ${base} of the test questions.`;
  if (strict.promised) return asked;
  return least === undefined
    ? `${asked} Nothing can be promised at ${selective.at(-1)!.alpha} either.`
    : `${asked} The least rate asked for that can be promised is ${least.alpha}: ${
      formatShare(least.answered / least.test, 0)
    } % answered, ${least.errors} of ${least.answered} wrong.`;
}

/** Tables, figures and sections of the report. */
export function presentSafety(
  results: Results,
  findings: SafetyFindings,
  config: SafetyConfig,
): Presentation {
  const { promises, pairs, ascent, drifts, treatments } = findings;
  const promiseRows = promises.map((row): Row => ({
    procedure: row.procedure,
    population: row.population,
    draws: row.draws,
    "promise broken (%)": 100 * row.broken / row.draws,
    "test errors above alpha, not promised (%)": 100 * row.testAbove / row.draws,
    "abstained (%)": 100 * row.abstained / row.draws,
  }));
  const bounds = [...boundRows(pairs, "random pairs"), ...boundRows(ascent, "exact ascent")];
  const figures = {
    promise: promiseFigure(findings, config),
    drift: driftFigure(findings),
    checkpoints: checkpointFigure(findings.checkpoints),
    risk: riskFigure(findings),
    treatments: treatmentFigure(findings),
  };
  const worst = (valid: boolean, count: "broken" | "testAbove") =>
    Math.max(
      ...promises.filter(({ procedure }) => (procedure !== "no sequence") === valid)
        .map((row) => row[count] / row.draws),
    );
  const compared = [...pairs, ...ascent];
  const total = compared.reduce((n, { checks }) => n + checks, 0);
  const broken = compared.reduce((n, { violations }) => n + violations, 0);
  const lowest = promises.filter(({ procedure }) => procedure !== "no sequence")
    .map(({ broken, draws }) => wilsonInterval(broken, draws).low);
  const holds = Math.max(...lowest) <= promise.delta;
  const last = drifts.at(-1)!.points;
  const near = last.findLast(({ kl }) => kl <= 0.1) ?? last[0]!;
  const gap = Math.max(
    ...drifts[0]!.points.map(({ realised, klInverse }) => Math.abs(realised / klInverse - 1)),
  );
  const denied = treatments.map(({ system, n, counts }) => {
    const k = counts.contradicted + counts["not indicated"];
    const { low, high } = wilsonInterval(k, n);
    return `${system} ${k} of ${n} (${formatShare(low)} % to ${
      formatShare(high)
    } %; names no drug in ${counts["none named"]})`;
  });
  const command = commandOf(results);
  return {
    tables: [
      {
        name: "promises",
        caption: "How often a promise was broken, and what is not promised",
        rows: promiseRows,
      },
      { name: "bounds", caption: "Bounds on the distance to a reference", rows: bounds },
      {
        name: "checkpoints",
        caption: "Falls of the model's rewards and their bounds",
        rows: checkpointRows(findings.checkpoints),
      },
      { name: "selective", caption: "What the model may answer", rows: selectiveRows(findings) },
    ],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: [
      {
        id: "promise",
        question: "Does selective answering keep its promise?",
        answer: `${holds ? "Yes" : "No"}: the risk exceeds \u03b1 in at most ${
          formatShare(worst(true, "broken"))
        } % of draws with a fixed start or the skip rule, where \u03b4 allows ${
          formatShare(promise.delta, 0)
        } %. Taking the best threshold out of all without a sequence breaks it in up to ${
          formatShare(worst(false, "broken"))
        } %. Errors on a further split exceed \u03b1 in up to ${
          formatShare(worst(true, "testAbove"))
        } %, which nothing promises.`,
        table: promiseRows,
        digits: 1,
        figures: [figures.promise],
        method:
          `${config.draws} calibration sets of ${config.calibrationItems} items from populations with a known risk: one falls with ` +
          "confidence, one is 0.1001 everywhere. The further split has 100 items.",
        command,
      },
      {
        id: "drift",
        question: "What does the distance to the reference guarantee?",
        answer: `${broken} of ${total.toLocaleString("en")} comparisons broke a bound. At ${
          near.kl.toFixed(3)
        } nats the third objective fell by ${near.realised.toFixed(3)}; kl inversion allows ${
          near.klInverse.toFixed(3)
        }, Pinsker ${near.pinsker.toFixed(3)}, Bretagnolle\u2013Huber ${
          near.bretagnolleHuber.toFixed(3)
        }. The reference tilted against a binary reward meets kl inversion to ${
          gap.toExponential(0)
        }: no smaller bound would do.`,
        table: bounds,
        figures: [figures.drift],
        method:
          `${config.pairs} random pairs of tabular policies and ${config.runs} runs of exact ascent with ${config.checkpoints} policies ` +
          "each; divergences of whole answers, exact.",
        command,
      },
      {
        id: "checkpoints",
        question: "And on the checkpoints of the tiny model?",
        answer: checkpointAnswer(findings.checkpoints, config.drift.trained),
        table: checkpointRows(findings.checkpoints),
        digits: 3,
        figures: [figures.checkpoints],
        method:
          `GRPO on the ${config.drift.trained} reward alone, ${config.drift.legs} legs of ${config.drift.steps} steps with an optimizer each, whose learning rate doubles; ` +
          `${config.drift.samples} answers to each of ${config.drift.prompts} held-out prompts a capability, at temperature ${TEMPERATURE}, from which the ` +
          "divergence is measured too.",
        command,
      },
      {
        id: "selective",
        question: "What may the tiny model answer?",
        answer: modelAnswer(findings),
        table: selectiveRows(findings),
        digits: 1,
        figures: [figures.risk],
        method:
          "Confidence is the lead of the likeliest option in nats a token. Thresholds are quantiles of the validation questions' " +
          "confidence, the first of which answers half; the test split's cases are halved for calibration and test.",
        command,
      },
      {
        id: "treatments",
        question: "How often does it name a treatment that the graph denies?",
        answer: `${denied.join("; ")}.`,
        figures: [figures.treatments],
        method:
          "Greedy answers to the held-out items whose reference names a drug for a disease. Every drug named is checked against the " +
          "graph in the role asked for; what the graph does not state is unknown.",
        command,
      },
    ],
  };
}
