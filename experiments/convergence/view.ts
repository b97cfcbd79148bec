/** Tables, figures and sentences of the convergence experiment. @module */

import { preservationRatio } from "../../lib/balance/mod.ts";
import { logSlope } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, groupedBars, type Row } from "../../lib/figures/mod.ts";
import type { ConvergenceConfig, ConvergenceFindings } from "./run.ts";
import { relativeSteps, sharpHarm } from "./checks.ts";
import type { Presentation } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import type { Results } from "../../lib/runs/mod.ts";

const plural: Readonly<Record<string, string>> = {
  quadratic: "quadratics",
  softmax: "softmax policies",
  "sharp example": "the sharp example",
};

/** Its name in the findings. */
const SHARP = "sharp example";

function harmFigure({ harm }: ConvergenceFindings, n: number): Figure {
  const grid = Array.from({ length: 40 }, (_, i) => 0.05 + 1.9 * i / 39);
  return curves({
    title: "Harm to a capability is at most c / (2 \u2212 c) of what was gained",
    series: [
      // At every point of the bound's line: drawn through a few points it would seem to cross it.
      { name: plural[SHARP]!, x: grid, y: grid.map(sharpHarm) },
      { name: "c / (2 \u2212 c)", kind: "bound", x: grid, y: grid.map(preservationRatio) },
      ...harm.filter(({ kind }) => kind !== SHARP).map(({ kind, values }) => ({
        name: plural[kind]!,
        x: relativeSteps,
        y: values.map((value) => value > 0 ? value : null),
      })),
    ],
    xTitle: "c = step size \u00d7 L",
    yTitle: "Largest harm / gain of the preferred sum",
    yScale: "log",
    n,
    caption:
      "The largest over all problems and all steps; every second problem in a random metric.",
  });
}

function normFigure({ norms }: ConvergenceFindings, config: ConvergenceConfig): Figure {
  return curves({
    title: "The smallest gradient falls at least as 1 / T",
    series: norms.map(({ kind, measured, bound }) => ({
      title: plural[kind]!,
      series: [
        { name: "bound", kind: "bound" as const, x: config.horizons, y: bound },
        { name: "measured", x: config.horizons, y: measured },
      ],
    })),
    xTitle: "Steps T",
    yTitle: "min ||d||\u00b2, geometric mean",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    n: Math.max(10, Math.round(config.instances / 20)),
    caption: "Values are cut off at 10\u207b\u00b3\u2070, where only rounding is left.",
  });
}

function adamFigure(results: Results, findings: ConvergenceFindings): Figure {
  const found = findings.adam.map(({ variant }) =>
    results.metrics.find(({ system }) => system === `Adam, ${variant}`)!
  );
  const percent = (xs: readonly number[]) => xs.map((x) => 100 * x);
  return groupedBars({
    title: "Steps of Adam that harm a capability",
    groups: findings.adam.map(({ variant }) => variant),
    series: [{
      name: "capability-aware weights",
      values: percent(found.map(({ mean }) => mean)),
      low: percent(found.map(({ low }) => low)),
      high: percent(found.map(({ high }) => high)),
      n: found[0]!.n,
    }],
    yTitle: "Steps (%)",
    caption:
      "What the weights know of the optimizer: nothing; its metric before the step; metric and momentum, but the " +
      "update uses the metric after the step; metric and momentum.",
  });
}

function noiseFigure({ noise }: ConvergenceFindings, config: ConvergenceConfig): Figure {
  const alphas = [...new Set(noise.map(({ alpha }) => alpha))];
  const name = (alpha: number) => `\u03b1 = ${alpha.toFixed(2)}`;
  const of = (alpha: number, value: "harm" | "harmBound" | "stationarity") =>
    noise.filter((row) => row.alpha === alpha).map((row) => row[value] > 0 ? row[value] : null);
  const panel = (title: string, value: "harm" | "harmBound" | "stationarity") => ({
    title,
    series: alphas.map((alpha) => ({
      name: name(alpha),
      x: config.noiseHorizons,
      y: of(alpha, value),
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

function anyRuleFigure({ anyRule }: ConvergenceFindings): Figure {
  const rules = [...Map.groupBy(anyRule, ({ rule }) => rule)];
  const ratios = rules.map(([, points]) =>
    points.map(({ measured, bound }) => 100 * measured / bound).sort((a, b) => a - b)
  );
  const at = (sorted: readonly number[], share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return groupedBars({
    title: "Any rule: mean ||d||\u00b2 relative to its bound",
    groups: rules.map(([rule]) => rule.replaceAll("_", "-")),
    series: [
      {
        name: "median problem",
        values: ratios.map((sorted) => at(sorted, 0.5)),
        n: ratios[0]!.length,
      },
      {
        name: "worst problem",
        values: ratios.map((sorted) => sorted.at(-1)!),
        n: ratios[0]!.length,
      },
    ],
    yTitle: "Measured / bound (%)",
    caption: "At 100 % the bound would be met.",
  });
}

function blowUpFigure({ blowUp }: ConvergenceFindings): Figure {
  const x = blowUp.map(({ size }) => size);
  return curves({
    title: "A vanishing opposed gradient takes the weight with it, unless there is a cap",
    series: [
      { name: "without a cap", x, y: blowUp.map(({ free }) => free) },
      { name: "with a cap", x, y: blowUp.map(({ capped }) => capped) },
    ],
    xTitle: "Size of the second gradient",
    yTitle: "Largest weight",
    xScale: "log",
    yScale: "log",
    n: 1,
  });
}

function checkRows({ checks }: ConvergenceFindings): Row[] {
  return checks.map(({ name, checks, violations, largest }) => ({
    bound: name,
    checks,
    violations,
    "largest measured / bound": Number.isFinite(largest) ? largest.toFixed(3) : "\u2013",
  }));
}

/** Tables, figures and sections of the report. */
export function presentConvergence(
  results: Results,
  findings: ConvergenceFindings,
  config: ConvergenceConfig,
): Presentation {
  const rows = checkRows(findings);
  const total = findings.checks.reduce((n, { checks }) => n + checks, 0);
  const broken = findings.checks.reduce((n, { violations }) => n + violations, 0);
  const figures = {
    harm: harmFigure(findings, config.instances),
    norms: normFigure(findings, config),
    adam: adamFigure(results, findings),
    noise: noiseFigure(findings, config),
    "any-rule": anyRuleFigure(findings),
    "blow-up": blowUpFigure(findings),
  };
  const sharp = findings.harm.find(({ kind }) => kind === SHARP)!.values;
  const worstGap = Math.max(
    ...sharp.map((value, i) => Math.abs(value / preservationRatio(relativeSteps[i]!) - 1)),
  );
  const softmax = findings.norms.find(({ kind }) => kind === "softmax")!;
  const shareOf = (variant: string) =>
    100 * results.metrics.find(({ system }) => system === `Adam, ${variant}`)!.mean;
  const aware = findings.adam.find(({ variant }) => variant === "momentum-aware")!;
  const noiseSlope = (alpha: number) => {
    const series = findings.noise.filter((row) => Math.abs(row.alpha - alpha) < 1e-9);
    return logSlope(series.map(({ steps }) => steps), series.map(({ harm }) => harm)).toFixed(2);
  };
  const command = commandOf(results);
  return {
    tables: [{
      name: "bounds",
      caption: "Bounds, how often they were broken, and how near the nearest case came",
      rows,
    }],
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: [
      {
        id: "bounds",
        question: "Is any bound ever broken?",
        answer: `${broken === 0 ? "No" : "Yes"}: ${broken} of ${
          total.toLocaleString("en")
        } comparisons on exact problems broke a bound. The sharp example meets c / (2 \u2212 c) to ${
          worstGap.toExponential(0)
        }, so no smaller constant would do.`,
        table: rows,
        tableCaption: "Numbers in brackets are those of the theorems.",
        figures: [figures.harm],
        method:
          `${config.instances} quadratics and ${config.instances} tabular softmax policies with two to four objectives, at ` +
          `${relativeSteps.length} step sizes, ${config.steps} steps each, exact gradients in double precision.`,
        command,
      },
      {
        id: "rate",
        question: "How fast do the gradients vanish?",
        answer: `On softmax policies the smallest squared norm falls as T to the power ${
          logSlope(config.horizons, softmax.measured).toFixed(2)
        }; the theorem promises \u22121. Quadratics converge linearly.`,
        figures: [figures.norms],
        method: "Step size 1 / L. Norms are averaged in logarithms over problems.",
        command,
      },
      {
        id: "adam",
        question: "Does Adam harm a capability although the weights are harmless?",
        answer: `Yes, unless the weights know the whole update: with the plain Gram matrix ${
          shareOf("euclidean").toFixed(0)
        } % of steps harm a capability, in Adam's metric without its momentum ${
          shareOf("metric").toFixed(0)
        } %, with momentum but the metric after the step ${
          shareOf("current metric").toFixed(0)
        } %, and with both before the step ${
          shareOf("momentum-aware").toFixed(0)
        } % (least cosine ${aware.worstCosine.toExponential(0)}).`,
        figures: [figures.adam],
        method:
          `Tabular softmax policies with opposed rewards, ${config.adamInstances} problems, ${config.steps} steps each, ` +
          "betas 0.9 and 0.99. A step harms when its update has a negative product with an objective's gradient.",
        command,
      },
      {
        id: "noise",
        question: "What does noise cost?",
        answer: `With step size a T^\u2212\u03b1 the harm falls as T to the power ${
          noiseSlope(1 / 2)
        } at \u03b1 = 1/2 and ${
          noiseSlope(2 / 3)
        } at \u03b1 = 2/3: at 1/2 it stays, as the bound does.`,
        figures: [figures.noise],
        method:
          "Quadratics with normal noise on every gradient entry; the noise's first-order effect, whose mean is 0, is taken off.",
        command,
      },
      {
        id: "weights",
        question: "Which weights are covered?",
        answer:
          `Every rule stays below its bound, random signed weights too. Without a cap a weight reaches ${
            Math.max(...findings.blowUp.map(({ free }) => free)).toExponential(0)
          } when an opposed gradient vanishes; with one it stops at ${
            Math.max(...findings.blowUp.map(({ capped }) => capped))
          }. Exact weights lower some capability at second order in ${findings.plain.lower} of ${findings.plain.steps} steps; ` +
          "the margin variant in none that it accepted.",
        figures: [figures["any-rule"], figures["blow-up"]],
        method: "Softmax policies, step size 1 / L, exact gradients.",
        command,
      },
    ],
  };
}
