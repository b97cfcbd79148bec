/** Tables, figures and sections of the experiment on the gradients' geometry. @module */

import { sentenceList } from "../../lib/figures/mod.ts";
import type { NamedFigure, Presentation, ReportSection, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import type { geometrySchema } from "./config.ts";
import {
  harmAnswer,
  harmFigure,
  harmRows,
  metricAnswer,
  metricFigure,
  productAnswer,
  productFigure,
  productRows,
} from "./exact_view.ts";
import { apart, type GeometryFindings } from "./findings.ts";
import { bankAnswer, bankFigure, bankMatrix, bankRows } from "./banks_view.ts";
import {
  batchFigure,
  cosineFigure,
  modelAnswer,
  modelRows,
  stepAnswer,
  stepFigure,
} from "./model_view.ts";

type GeometryResults = ResultsOf<typeof geometrySchema>;
type Figures = Readonly<Record<string, NamedFigure["figure"]>>;
type Section = Omit<ReportSection, "command">;

/** Sections on what is exact. */
function exactSections(
  results: GeometryResults,
  findings: GeometryFindings,
  figures: Figures,
): Section[] {
  const { config } = results;
  return [
    {
      id: "harm",
      question: "When do fixed weights harm a capability?",
      answer: harmAnswer(results, findings),
      table: harmRows(results, findings),
      figures: [figures["harm"]!],
      method:
        `${config.grams} random Gram matrices for each number of capabilities; every preference k / ${findings.lattice} of the ` +
        "simplex, and the witness of Theorem 2a. Shares of Gram matrices with 95 % Wilson intervals, of preferences bootstrapped.",
    },
    {
      id: "metrics",
      question: "Does conflict depend on the metric?",
      answer: metricAnswer(results, findings),
      figures: [figures["metrics"]!],
      method:
        `${config.problems} tabular softmax policies with two rewards. Adam's metric is that of the second moment of earlier ` +
        "batches; in the natural gradient's the cosine is the rewards' correlation. 95 % Wilson intervals.",
    },
    {
      id: "products",
      question: "How many prompts show opposed gradients?",
      answer: productAnswer(findings),
      table: productRows(findings),
      digits: 4,
      figures: [figures["products"]!],
      method:
        `${config.draws} batches of each size. Two likely answers have one reward each; ${findings.opposed.unlikely} unlikely ` +
        "ones have both or neither, which correlates the noise.",
    },
  ];
}

/** Numbers of prompts, as one where they are the same for every capability. */
const countsOf = (counts: readonly number[]) => sentenceList([...new Set(counts)].map(String));

/** Sections on the model and its adapters. */
function modelSections(
  { config }: GeometryResults,
  findings: GeometryFindings,
  figures: Figures,
): Section[] {
  const { model, banks } = findings;
  return [
    {
      id: "model",
      question: "What do the model's gradients look like?",
      answer: modelAnswer(findings),
      table: modelRows(findings),
      digits: 2,
      figures: [figures["cosines"]!, figures["batches"]!],
      method:
        `Adapter of rank ${config.rank} on the model ${config.model} after supervised fine-tuning, B = 0; ${config.pool} prompts, ` +
        `${config.grpo.numGenerations} completions each. The first ${model.earlier} give Adam's second moment, ${model.pool} the ` +
        "products of all pairs of prompts, from which batches are drawn.",
    },
    {
      id: "steps",
      question: "How far does the first order carry?",
      answer: stepAnswer(findings),
      figures: [figures["steps"]!],
      method:
        "Steps along the pool's mean gradient, every reward weighing the same. The change in full is the mean of " +
        "(\u03c0' / \u03c0 \u2212 1) times the advantage over the earlier prompts' answers.",
    },
    {
      id: "banks",
      question: "Does a bank for each capability keep the others still?",
      answer: bankAnswer(findings),
      table: bankRows(findings),
      figures: [figures["banks"]!, figures["inside"]!],
      method:
        `Adapters of rank ${banks.rank} on the down projections, ${banks.ranksEach} ranks a bank, B = 0. Removed are the states ` +
        `of the first prompts of ${sentenceList(apart)} (${
          countsOf(banks.removed)
        } of each) with their completions from the banks of the others; those of further ones (${
          countsOf(banks.further)
        } of each) are not. Answers move when a bank follows its own gradient until its own answers have moved by ` +
        `${banks.ownMove} nats.`,
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
export function viewGeometry(results: GeometryResults, findings: GeometryFindings): Presentation {
  const figures = {
    harm: harmFigure(findings),
    metrics: metricFigure(findings),
    products: productFigure(findings),
    cosines: cosineFigure(findings, results.config),
    batches: batchFigure(findings),
    steps: stepFigure(findings),
    banks: bankFigure(results, findings),
    inside: bankMatrix(findings),
  };
  const command = commandOf(results);
  const sections = [
    ...exactSections(results, findings, figures),
    ...modelSections(results, findings, figures),
  ];
  return {
    tables: [
      { name: "harm", caption: "Harmful preferences", rows: harmRows(results, findings) },
      { name: "products", caption: "Products of opposed gradients", rows: productRows(findings) },
      {
        name: "model",
        caption: `Geometry of the model ${results.config.model}`,
        rows: modelRows(findings),
      },
      { name: "banks", caption: "What a bank does to the others", rows: bankRows(findings) },
    ],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: sections.map((section) => ({ ...section, command })),
  };
}
