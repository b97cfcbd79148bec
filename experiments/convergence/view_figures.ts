/** Figures of the convergence experiment. @module */

import { preservationRatio } from "../../lib/balance/mod.ts";
import { curves, type Figure, groupedBars } from "../../lib/figures/mod.ts";
import type { ConvergenceConfig } from "./config.ts";
import type { ConvergenceFindings } from "./findings.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { harmedSteps, knows, plural } from "./view_answers.ts";

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
      "The largest over all problems and all steps; every second problem in a random metric.",
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
    series: norms.map(({ kind, measured, bound }) => ({
      title: plural[kind],
      series: [
        { name: "bound", kind: "bound" as const, x: horizons, y: bound },
        { name: "measured", x: horizons, y: measured },
      ],
    })),
    xTitle: "Steps T",
    yTitle: "min ||d||\u00b2, geometric mean",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    n: norms[0]!.problems,
    caption: "Values are cut off at 10\u207b\u00b3\u2070, where only rounding is left.",
  });
}

/**
 * Share of harmed steps for each way to use Adam.
 *
 * @param results what stands in results.json
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function adamFigure(
  results: Pick<Results, "metrics">,
  { adam }: ConvergenceFindings,
): Figure {
  const found = adam.map(({ variant }) => harmedSteps(results, variant));
  return groupedBars({
    title: "Steps of Adam that harm a capability",
    groups: adam.map(({ variant }) => variant),
    series: [{
      name: "capability-aware weights",
      values: found.map(({ mean }) => 100 * mean),
      low: found.map(({ low }) => 100 * low),
      high: found.map(({ high }) => 100 * high),
      n: found[0]!.n,
    }],
    yTitle: "Steps (%)",
    caption: `What the weights know of the optimizer: ${
      adam.map(({ variant }) => knows[variant] ?? variant).join("; ")
    }. Intervals over problems.`,
  });
}

/**
 * Harm, its bound and stationarity of runs with noise.
 *
 * @param findings what stands in findings.json
 * @param config options of the run
 * @returns the figure
 */
export function noiseFigure({ noise }: ConvergenceFindings, config: ConvergenceConfig): Figure {
  const alphas = [...new Set(noise.map(({ alpha }) => alpha))];
  const panel = (title: string, value: "harm" | "harmBound" | "stationarity") => ({
    title,
    series: alphas.map((alpha) => ({
      name: `\u03b1 = ${alpha.toFixed(2)}`,
      x: config.noiseHorizons,
      y: noise.filter((row) => row.alpha === alpha)
        .map((row) => row[value] > 0 ? row[value] : null),
    })),
  });
  return curves({
    title: "What noise costs, by the exponent α of the step size",
    series: [
      panel("Harm", "harm"),
      panel("Bound on the harm", "harmBound"),
      panel("Mean ||d||\u00b2", "stationarity"),
    ],
    xTitle: "Steps T",
    yTitle: "Value",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    n: config.noiseProblems * config.noiseRuns,
    caption:
      "Runs start where the preferred sum is highest. The harm is the largest mean fall of a capability.",
  });
}

/**
 * Mean squared norm relative to its bound for rules of every kind.
 *
 * @param findings what stands in findings.json
 * @returns the figure
 */
export function anyRuleFigure({ anyRule }: ConvergenceFindings): Figure {
  const ratios = anyRule.map(({ points }) =>
    points.map(({ measured, bound }) => 100 * measured / bound).sort((a, b) => a - b)
  );
  const at = (sorted: readonly number[], share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const n = ratios[0]!.length;
  return groupedBars({
    title: "Mean ||d||\u00b2 relative to its bound, by rule",
    groups: anyRule.map(({ rule }) => rule),
    series: [
      { name: "median problem", values: ratios.map((sorted) => at(sorted, 0.5)), n },
      { name: "worst problem", values: ratios.map((sorted) => sorted.at(-1)!), n },
    ],
    yTitle: "Measured / bound (%)",
    caption: "At 100 % the bound would be met.",
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
