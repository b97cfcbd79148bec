/** Tables, figures and sentences of the experiment on the gradients' geometry. @module */

import { average, wilsonInterval } from "../lib/evaluation/mod.ts";
import {
  curves,
  type Figure,
  formatNumber,
  formatShare,
  type Row,
  scatterPanels,
} from "../lib/figures/mod.ts";
import type { Presentation } from "./experiment.ts";
import type { GeometryConfig, GeometryFindings } from "./gradient_geometry.ts";
import { metricPairs, signChanges } from "./gradient_geometry_metrics.ts";
import { opposedExact, type ProductRow, sizes } from "./gradient_geometry_checks.ts";
import {
  bankAnswer,
  bankFigure,
  bankMatrix,
  bankRows,
  batchFigure,
  cosineFigure,
  modelAnswer,
  modelRows,
  stepAnswer,
  stepFigure,
} from "./gradient_geometry_model_view.ts";
import { commandOf, type Results } from "./results.ts";

/** Points that a panel shows. */
const SHOWN = 400;

function harmFigure({ harm }: GeometryFindings): Figure {
  return scatterPanels({
    title: "Preferences that harm somebody, by the least cosine",
    panels: harm.map(({ points }, i) => ({
      title: `${sizes[i]} capabilities`,
      xTitle: "Least cosine",
      yTitle: i === 0 ? "Harmful preferences (%)" : "",
      series: [{
        name: "Gram matrices",
        x: points.slice(0, SHOWN).map(({ cosine }) => cosine),
        y: points.slice(0, SHOWN).map(({ share }) => 100 * share),
      }],
      references: [{ axis: "x" as const, value: 0 }],
    })),
    caption: `The first ${Math.min(SHOWN, harm[0]!.points.length)} of ${
      harm[0]!.points.length
    } random Gram matrices a panel; shares of a lattice on the simplex.`,
    n: 1,
    unit: "Gram matrix",
  });
}

const metricNames = { euclidean: "Euclid", adam: "Adam's metric", natural: "natural gradient" };

function metricFigure({ metrics }: GeometryFindings): Figure {
  const shown = metrics.slice(0, SHOWN);
  return scatterPanels({
    title: "The same two gradients in three metrics",
    panels: metricPairs.map(([a, b]) => ({
      xTitle: `Cosine, ${metricNames[a]}`,
      yTitle: `Cosine, ${metricNames[b]}`,
      series: [{
        name: "problems",
        x: shown.map((point) => point[a]),
        y: shown.map((point) => point[b]),
      }],
      references: [{ axis: "x" as const, value: 0 }, { axis: "y" as const, value: 0 }],
    })),
    caption:
      `${shown.length} of ${metrics.length} softmax policies with four prompts and five answers; points left above and right ` +
      "below the lines change sign.",
    n: 1,
    unit: "problem",
  });
}

function productFigure({ products }: GeometryFindings): Figure {
  const x = products.map(({ prompts }) => prompts);
  const { gram, covariance, flip } = opposedExact();
  const grid = Array.from({ length: 40 }, (_, i) => x[0]! * (x.at(-1)! / x[0]!) ** (i / 39));
  const measured = (name: string, of: (row: ProductRow) => ProductRow["single"]) => ({
    name,
    x,
    y: products.map((row) => of(row).mean),
    low: products.map((row) => of(row).mean - of(row).half),
    high: products.map((row) => of(row).mean + of(row).half),
  });
  const wrong = (name: string, of: (row: ProductRow) => ProductRow["single"]) => {
    const found = products.map((row) => wilsonInterval(of(row).positive, row.draws));
    return {
      name,
      x,
      y: products.map((row) => 100 * of(row).positive / row.draws),
      low: found.map(({ low }) => 100 * low),
      high: found.map(({ high }) => 100 * high),
    };
  };
  const single = (row: ProductRow) => row.single;
  const cross = (row: ProductRow) => row.cross;
  return curves({
    title: "A single batch shows opposed gradients as aligned",
    series: [
      {
        title: "Mean product",
        series: [
          {
            name: "G + C / n",
            kind: "bound",
            x: grid,
            y: grid.map((n) => gram[0]![1]! + covariance[0]![1]! / n),
          },
          measured("single batch", single),
          measured("across halves", cross),
        ],
        references: [
          { axis: "y", value: gram[0]![1]!, label: "true" },
          { axis: "x", value: flip, label: `n* = ${flip.toFixed(0)}` },
        ],
      },
      {
        title: "Batches with the wrong sign (%)",
        series: [wrong("single batch", single), wrong("across halves", cross)],
      },
    ],
    xTitle: "Prompts",
    yTitle: "Product of the gradients",
    xScale: "log",
    sharedY: false,
    columns: 2,
    n: products[0]!.draws,
    digits: 4,
    caption:
      "One completion a prompt against the exact mean reward; both ways use the same prompts.",
  });
}

function productRows({ products }: GeometryFindings): Row[] {
  return products.map(({ prompts, predicted, draws, single, cross }) => ({
    prompts,
    "G + C / n": predicted,
    "single batch": single.mean,
    "across halves": cross.mean,
    "wrong sign, single (%)": 100 * single.positive / draws,
    "wrong sign, across (%)": 100 * cross.positive / draws,
  }));
}

function harmRows({ harm }: GeometryFindings): Row[] {
  return harm.map(({ points, violations, conflicts }, i) => ({
    capabilities: sizes[i]!,
    "Gram matrices": points.length,
    "with a negative cosine": conflicts,
    violations,
    "preferences that harm (%)": 100 * average(points.map(({ share }) => share)),
  }));
}

/** Tables, figures and sections of the report. */
export function presentGeometry(
  results: Results,
  findings: GeometryFindings,
  config: GeometryConfig,
): Presentation {
  const { harm, metrics, products } = findings;
  const { cosine, flip } = opposedExact();
  const figures = {
    harm: harmFigure(findings),
    metrics: metricFigure(findings),
    products: productFigure(findings),
    cosines: cosineFigure(findings),
    batches: batchFigure(findings),
    steps: stepFigure(findings),
    banks: bankFigure(findings),
    inside: bankMatrix(findings),
  };
  const grams = harm.reduce((n, { points }) => n + points.length, 0);
  const violations = harm.reduce((n, row) => n + row.violations, 0);
  const changes = metricPairs.map(([a, b]) =>
    `${formatShare(signChanges(metrics, a, b) / metrics.length)} % between ${metricNames[a]} and ${
      metricNames[b]
    }`
  );
  const few = products[0]!;
  const settled = products.find(({ draws, cross }) => cross.positive / draws < 0.05);
  const off = Math.max(
    ...products.map(({ single, predicted }) => Math.abs(single.mean - predicted) / single.half),
  );
  const command = commandOf(results);
  return {
    tables: [
      { name: "harm", caption: "Harmful preferences", rows: harmRows(findings) },
      { name: "products", caption: "Products of opposed gradients", rows: productRows(findings) },
      { name: "model", caption: "Geometry of the tiny model", rows: modelRows(findings) },
      { name: "banks", caption: "What a bank does to the others", rows: bankRows(findings) },
    ],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: [
      {
        id: "harm",
        question: "When do fixed weights harm a capability?",
        answer: `Exactly when a cosine is negative: ${violations} exceptions in ${
          grams.toLocaleString("en")
        } Gram matrices. Of four capabilities' preferences ${
          formatShare(average(harm.at(-1)!.points.map(({ share }) => share)), 0)
        } % harm somebody on average.`,
        table: harmRows(findings),
        figures: [figures.harm],
        method:
          `${config.grams} random Gram matrices for each number of capabilities; every preference k / 20 of the simplex, and the ` +
          "witness of Theorem 2a.",
        command,
      },
      {
        id: "metrics",
        question: "Does conflict depend on the metric?",
        answer: `Yes: the sign of the cosine differs for ${changes.join(", ")}.`,
        figures: [figures.metrics],
        method:
          `${config.problems} tabular softmax policies with two rewards. Adam's metric is that of the second moment of earlier ` +
          "batches; in the natural gradient's the cosine is the rewards' correlation.",
        command,
      },
      {
        id: "products",
        question: "How many prompts show opposed gradients?",
        answer: `The true cosine is ${
          formatNumber(cosine, 2)
        }, yet one batch of ${few.prompts} shows a positive product in ${
          formatShare(few.single.positive / few.draws, 0)
        } % of draws; its mean changes sign at n* = ${
          flip.toFixed(1)
        } prompts. Across halves the mean is right at every size${
          settled === undefined
            ? ""
            : `, and under 5 % of batches have the wrong sign from ${settled.prompts} prompts`
        }. The means stray from G + C / n by at most ${
          off.toFixed(1)
        } half-widths of their 95 % intervals.`,
        table: productRows(findings),
        digits: 4,
        figures: [figures.products],
        method:
          `${config.draws} batches of each size. Two likely answers have one reward each; 100 unlikely ones have both or ` +
          "neither, which correlates the noise.",
        command,
      },
      {
        id: "model",
        question: "What do the tiny model's gradients look like?",
        answer: modelAnswer(findings),
        table: modelRows(findings),
        digits: 2,
        figures: [figures.cosines, figures.batches],
        method:
          `Adapter of rank ${config.rank} on the tiny model after supervised fine-tuning, B = 0; ${config.pool} prompts, ${config.grpo.numGenerations} completions each. ` +
          `The first ${findings.model.earlier} give Adam's second moment, ${findings.model.pool} the products of all pairs of prompts, from which batches are drawn.`,
        command,
      },
      {
        id: "steps",
        question: "How far does the first order carry?",
        answer: stepAnswer(findings),
        figures: [figures.steps],
        method:
          "Steps along the pool's mean gradient, every reward weighing the same. The change in full is the mean of " +
          "(\u03c0' / \u03c0 \u2212 1) times the advantage over the earlier prompts' answers.",
        command,
      },
      {
        id: "banks",
        question: "Does a bank for each capability keep the others still?",
        answer: bankAnswer(findings),
        table: bankRows(findings),
        figures: [figures.banks, figures.inside],
        method:
          `Adapters of rank 8 on the down projections, two ranks a bank, B = 0. The states of one prompt of each capability with its completions are removed; ${config.furtherPrompts} further ones each are not. ` +
          "Answers move when a bank follows its own gradient until its own answers have moved by half a nat.",
        command,
      },
    ],
  };
}
