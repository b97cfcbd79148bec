/** Tables, figures and sections of the safety experiment. @module */

import type { Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import {
  checkpointAnswer,
  checkpointFigure,
  checkpointMethod,
  checkpointRows,
} from "./checkpoints_view.ts";
import type { safetySchema } from "./config.ts";
import { boundRows, driftAnswer, driftFigure, driftMethod } from "./distance_view.ts";
import type { SafetyFindings } from "./findings.ts";
import {
  riskFigure,
  selectiveAnswer,
  selectiveMethod,
  selectiveRows,
  treatmentAnswer,
  treatmentFigure,
  treatmentMethod,
} from "./model_view.ts";
import { promiseAnswer, promiseFigure, promiseMethod, promiseRows } from "./promise_view.ts";

/** The tables with their captions. */
const captions = [
  ["promises", "How often a promise was broken, and what is not promised"],
  ["bounds", "Bounds on the distance to a reference"],
  ["checkpoints", "Falls of the model's rewards and their bounds"],
  ["selective", "What the model may answer"],
] as const;

/**
 * Tables, figures and sections of the report.
 *
 * @param results What ran.
 * @param findings What was found.
 * @returns What is shown.
 */
export function viewSafety(
  results: ResultsOf<typeof safetySchema>,
  findings: SafetyFindings,
): Presentation {
  const { config } = results;
  const { promises, distance, checkpoints, selective, treatments } = findings;
  const model = config.model === "tiny" ? "the tiny model" : config.model;
  const rows = {
    promises: promiseRows(promises),
    bounds: boundRows(distance),
    checkpoints: checkpointRows(checkpoints),
    selective: selectiveRows(selective),
  };
  const figures = {
    promise: promiseFigure(promises, config),
    drift: driftFigure(distance),
    checkpoints: checkpointFigure(checkpoints),
    risk: riskFigure(selective, model),
    treatments: treatmentFigure(treatments),
  };
  const command = commandOf(results);
  const sections: ReportSection[] = [
    {
      id: "promise",
      question: "Does selective answering keep its promise?",
      answer: promiseAnswer(promises),
      table: rows.promises,
      digits: 1,
      figures: [figures.promise],
      method: promiseMethod(promises, config),
      command,
    },
    {
      id: "drift",
      question: "What does the distance to the reference guarantee?",
      answer: driftAnswer(distance),
      table: rows.bounds,
      figures: [figures.drift],
      method: driftMethod(config),
      command,
    },
    {
      id: "checkpoints",
      question: `And on the checkpoints of ${model}?`,
      answer: checkpointAnswer(checkpoints, config.drift.trained),
      table: rows.checkpoints,
      digits: 3,
      figures: [figures.checkpoints],
      method: checkpointMethod(checkpoints, config.drift),
      command,
    },
    {
      id: "selective",
      question: `What may ${model} answer?`,
      answer: selectiveAnswer(selective),
      table: rows.selective,
      digits: 1,
      figures: [figures.risk],
      method: selectiveMethod(selective),
      command,
    },
    {
      id: "treatments",
      question: "How often does it name a treatment that the graph denies?",
      answer: treatmentAnswer(treatments),
      figures: [figures.treatments],
      method: treatmentMethod,
      command,
    },
  ];
  return {
    tables: captions.map(([name, caption]) => ({ name, caption, rows: rows[name] })),
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections,
  };
}
