/** Tables, figures and sections of the convergence experiment. @module */

import { wilsonInterval } from "../../lib/evaluation/mod.ts";
import { formatShare, type Row } from "../../lib/figures/mod.ts";
import type { Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { detectableMeaning } from "../stages/verdicts.ts";
import type { convergenceSchema } from "./config.ts";
import type { ConvergenceFindings } from "./findings.ts";
import {
  adamAnswer,
  boundsAnswer,
  noiseAnswer,
  plural,
  rateAnswer,
  weightsAnswer,
} from "./view_answers.ts";
import {
  adamFigure,
  anyRuleFigure,
  blowUpFigure,
  harmFigure,
  noiseFigure,
  normFigure,
  stationarityFigure,
} from "./view_figures.ts";
import { gateAnswer, gateFigure, gateMethod, gateRows, movedFigure } from "./view_gates.ts";

function checkRows({ checks }: ConvergenceFindings): Row[] {
  return checks.map((bound) => ({
    bound: bound.name,
    problems: bound.problems,
    "problems on which it is broken": bound.broken,
    "95 % interval (%)": shareInterval(bound.broken, bound.problems),
    "largest measured / bound": bound.largest?.toFixed(3) ?? "\u2013",
  }));
}

/** Wilson's interval of a share, in per cent. */
function shareInterval(k: number, n: number): string {
  const { low, high } = wilsonInterval(k, n);
  return `${formatShare(low)} to ${formatShare(high)}`;
}

type Section = Omit<ReportSection, "command">;

/** The figures by the name of their files. */
function figuresOf(results: ResultsOf<typeof convergenceSchema>, findings: ConvergenceFindings) {
  const { config } = results;
  return {
    harm: harmFigure(findings, config),
    norms: normFigure(findings, config),
    adam: adamFigure(results, findings),
    noise: noiseFigure(findings, config),
    stationarity: stationarityFigure(findings, config),
    gates: gateFigure(findings.gates),
    "gates-moved": movedFigure(findings.gates),
    "any-rule": anyRuleFigure(findings),
    "blow-up": blowUpFigure(findings),
  };
}

/** The sections but for their figures' command, in the order of the report. */
function sectionsOf(
  results: ResultsOf<typeof convergenceSchema>,
  findings: ConvergenceFindings,
  rows: readonly Row[],
  figures: ReturnType<typeof figuresOf>,
): Section[] {
  const { config } = results;
  const kinds = findings.harm.map(({ kind }) => `${config.instances} ${plural[kind]}`);
  return [
    {
      id: "bounds",
      question: "Is any bound ever broken?",
      answer: boundsAnswer(findings),
      table: rows,
      tableCaption:
        "Numbers in brackets are those of the theorems. A problem counts once, by its worst comparison.",
      figures: [figures.harm],
      method:
        `${
          kinds.join(" and ")
        } with two to four objectives, at ${findings.relativeSteps.length} step sizes, ` +
        `${config.steps} steps each, exact gradients in double precision; comparisons at other steps, step sizes and rules on ` +
        "one problem depend on each other and are not counted. Shares of problems with 95 % Wilson intervals.",
    },
    {
      id: "rate",
      question: "How fast do the gradients vanish?",
      answer: rateAnswer(findings, config.horizons),
      figures: [figures.norms],
      method: `Step size 1 / L. Norms are averaged in logarithms over ${
        findings.norms[0]!.problems
      } problems of each kind.`,
    },
    {
      id: "adam",
      question: "Does Adam harm a capability although the weights are harmless?",
      answer: adamAnswer(results, findings),
      figures: [figures.adam],
      method:
        `Tabular softmax policies with opposed rewards, ${config.adamInstances} problems, ${config.steps} steps each, ` +
        `learning rate ${findings.adamOptions.learningRate}, betas ${
          findings.adamOptions.betas.join(" and ")
        }, norms clipped at ${findings.adamOptions.maxNorm}. ` +
        "A step harms when its update has a negative product with an objective's gradient. Means over problems with bootstrap " +
        "intervals; where no problem has a harmed step, Wilson's limit for the share of problems.",
    },
    {
      id: "gates",
      question: "Which gate stands noisy gradients?",
      answer: gateAnswer(findings.gates),
      table: gateRows(findings.gates),
      figures: [figures.gates, figures["gates-moved"]],
      method: `${gateMethod(findings.gates)} ${detectableMeaning}`,
    },
    {
      id: "noise",
      question: "What does noise cost?",
      answer: noiseAnswer(findings),
      figures: [figures.noise, figures.stationarity],
      method:
        `Quadratics with normal noise on every gradient entry (problems: ${config.noiseProblems}, runs of each: ${config.noiseRuns}); ` +
        "the noise's first-order effect, whose mean is 0, is taken off. Powers are least-squares slopes in logarithms, with " +
        `95 % bootstrap intervals over problems where there are five or more. ${detectableMeaning}`,
    },
    {
      id: "weights",
      question: "Which weights are covered?",
      answer: weightsAnswer(findings),
      figures: [figures["any-rule"], figures["blow-up"]],
      method: `Softmax policies, step size 1 / L, ${config.steps} steps, exact gradients: ${
        findings.anyRule[0]!.points.length
      } problems for the rules, ${findings.falls.plain.length} for the margin.`,
    },
  ];
}

/**
 * Shows a run.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns tables, figures and sections of the report
 */
export function viewConvergence(
  results: ResultsOf<typeof convergenceSchema>,
  findings: ConvergenceFindings,
): Presentation {
  const rows = checkRows(findings);
  const figures = figuresOf(results, findings);
  const command = commandOf(results);
  return {
    tables: [
      {
        name: "bounds",
        caption:
          "Bounds, on how many problems they were broken, and how near the nearest case came",
        rows,
      },
      {
        name: "gates",
        caption: "The trainer's weights from noisy gradients, judged by the true ones",
        rows: gateRows(findings.gates),
      },
    ],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: sectionsOf(results, findings, rows, figures).map((section) => ({
      ...section,
      command,
    })),
  };
}
