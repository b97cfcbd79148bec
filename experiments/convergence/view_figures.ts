/** Figures of the convergence experiment. @module */

import { preservationRatio } from "../../lib/balance/mod.ts";
import { curves, dotIntervals, type Figure } from "../../lib/figures/mod.ts";
import type { ConvergenceConfig } from "./config.ts";
import type { ConvergenceFindings } from "./findings.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { adamMetric, distinctRules, plural, ways } from "./view_answers.ts";

/**
 * Largest harm relative to gain over the step size, with its bound.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function harmFigure(
  { harm, sharp, relativeSteps }: ConvergenceFindings,
  { instances }: ConvergenceConfig,
): Figure {
  const grid = sharp.curve.map(({ c }) => c);
  return curves({
    title: "Harm to a capability relative to what was gained, and c / (2 \u2212 c)",
    series: [
      { name: "the sharp example", x: grid, y: sharp.curve.map(({ harm }) => harm) },
      { name: "c / (2 \u2212 c)", kind: "bound", x: grid, y: grid.map(preservationRatio) },
      ...harm.map(({ kind, values }) => ({
        name: plural[kind],
        x: relativeSteps,
        y: values.map((value) => value > 0 ? value : null),
      })),
    ],
    xTitle: "c = step size \u00d7 L",
    yTitle: "Largest harm / gain of the preferred sum",
    yScale: "log",
    n: instances,
    caption:
      "The largest over all problems and all steps; every second problem in a random metric. The sharp example is one problem.",
  });
}

/**
 * Smallest norm over the number of steps, with its bound.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function normFigure(
  { norms }: ConvergenceFindings,
  { horizons }: ConvergenceConfig,
): Figure {
  return curves({
    title: "The smallest gradient of a run, and its bound",
    series: norms.map(({ kind, measured, bound, rounded }) => {
      const kept = measured.map((y, i) => rounded[i]! > 0 ? null : y);
      const last = kept.findLastIndex((y) => y !== null) + 1;
      return {
        title: plural[kind],
        series: [
          {
            name: "bound",
            kind: "bound" as const,
            x: horizons.slice(0, last),
            y: bound.slice(0, last),
          },
          { name: "measured", x: horizons.slice(0, last), y: kept.slice(0, last) },
        ],
      };
    }),
    xTitle: "Steps T",
    yTitle: "min ||d||\u00b2, geometric mean",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    n: norms[0]!.problems,
    caption: "Lines end where a problem has only rounding left.",
  });
}

/** The trainer's ways, as the rows name them. */
const trainers: Readonly<Record<string, string>> = {
  "cap and ridge": "trainer, default cap and ridge",
  "momentum-aware": "trainer, no cap, no ridge",
};

/**
 * Share of harmed steps and least cosine for each way to use Adam; those of the trainer are marked.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function adamFigure(
  results: Pick<Results, "metrics">,
  { adam, adamOptions }: ConvergenceFindings,
): Figure {
  const panel = (capability: "harmed steps" | "least cosine", factor: number) => {
    const found = adam.map(({ variant }) => adamMetric(results, variant, capability));
    return {
      values: found.map(({ mean }) => factor * mean),
      low: found.map(({ low }) => factor * low),
      high: found.map(({ high }) => factor * high),
      reference: 0,
    };
  };
  return dotIntervals({
    title: "Steps of Adam that harm a capability, and how much",
    rows: adam.map(({ variant }) => trainers[variant] ?? ways[variant] ?? variant),
    panels: [
      { title: "Steps that harm", xTitle: "Steps (%)", ...panel("harmed steps", 100) },
      { title: "Least cosine", xTitle: "Cosine, mean over problems", ...panel("least cosine", 1) },
    ],
    n: adam[0]!.runs.length,
    unit: "problems",
    caption:
      "The trainer solves for the whole step and divides by v with the preferred gradient's mean square in place of its own; its " +
      "default cap and ridge leave small harm. The other rows have neither, and are or lack what they name; weights one step " +
      "late go with v after the step and a clipped gradient, as in version 0.1. Norms are clipped at " +
      `${adamOptions.maxNorm}. Least cosine: of an update with a gradient.`,
  });
}

/** A panel for each exponent: what was measured and its bound. */
function noisePanels(
  { noise }: ConvergenceFindings,
  { noiseHorizons }: ConvergenceConfig,
  value: "harm" | "stationarity",
) {
  return [...new Set(noise.map(({ alpha }) => alpha))].map((alpha) => {
    const rows = noise.filter((row) => row.alpha === alpha);
    const positive = (x: number) => x > 0 ? x : null;
    return {
      title: `\u03b1 = ${alpha.toFixed(2)}`,
      series: [
        {
          name: "bound",
          kind: "bound" as const,
          x: noiseHorizons,
          y: rows.map((row) => row[`${value}Bound`]),
        },
        { name: "measured", x: noiseHorizons, y: rows.map((row) => positive(row[value])) },
      ],
    };
  });
}

/**
 * Harm of noise and its bound over the number of steps, a panel for each exponent on one scale.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function noiseFigure(findings: ConvergenceFindings, config: ConvergenceConfig): Figure {
  return curves({
    title: "What noise takes from a capability, by the exponent \u03b1 of the step size",
    series: noisePanels(findings, config, "harm"),
    xTitle: "Steps T",
    yTitle: "Harm",
    xScale: "log",
    yScale: "log",
    n: config.noiseProblems * config.noiseRuns,
    caption:
      "Runs start where the preferred sum is highest. The harm is the largest mean fall of a capability. " +
      `${config.noiseProblems} problems, ${config.noiseRuns} runs of each.`,
  });
}

/**
 * Mean squared norm under noise and its bound, a panel for each exponent on one scale.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function stationarityFigure(
  findings: ConvergenceFindings,
  config: ConvergenceConfig,
): Figure {
  return curves({
    title: "How stationary noise leaves a run, by the exponent \u03b1 of the step size",
    series: noisePanels(findings, config, "stationarity"),
    xTitle: "Steps T",
    yTitle: "Mean ||d||\u00b2",
    xScale: "log",
    yScale: "log",
    n: config.noiseProblems * config.noiseRuns,
    caption:
      `The bound is that of Theorem 7c. ${config.noiseProblems} problems, ${config.noiseRuns} runs of each.`,
  });
}

/**
 * Mean squared norm relative to its bound for rules of every kind.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function anyRuleFigure({ anyRule }: ConvergenceFindings): Figure {
  const rules = distinctRules(anyRule);
  const ratios = rules.map(({ points }) =>
    points.map(({ measured, bound }) => 100 * measured / bound).sort((a, b) => a - b)
  );
  return dotIntervals({
    title: "Mean ||d||\u00b2 relative to its bound, by rule",
    rows: rules.map(({ rule }) => rule),
    panels: [{
      title: "Median and range over the problems",
      xTitle: "Measured / bound (%)",
      values: ratios.map((sorted) => sorted[Math.floor(sorted.length / 2)]!),
      low: ratios.map((sorted) => sorted[0]!),
      high: ratios.map((sorted) => sorted.at(-1)!),
      reference: 100,
    }],
    n: ratios[0]!.length,
    unit: "problems",
    interval: "from the least to the worst problem",
    digits: 1,
    caption: "The points are the median problem; at 100 % the bound would be met.",
  });
}

/**
 * Largest weight over the size of an opposed gradient.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function blowUpFigure({ blowUp: { cap, points } }: ConvergenceFindings): Figure {
  const x = points.map(({ size }) => size);
  return curves({
    title: "The largest weight as an opposed gradient vanishes",
    series: [
      { name: "without a cap", x, y: points.map(({ free }) => free) },
      { name: "with a cap", x, y: points.map(({ capped }) => capped) },
    ],
    xTitle: "Size of the second gradient",
    yTitle: "Largest weight",
    xScale: "log",
    yScale: "log",
    n: 1,
    caption: `The cap adds at most ${cap} to a weight.`,
  });
}
