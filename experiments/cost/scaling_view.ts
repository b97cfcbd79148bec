/** Table, figure and sentence on the growth of cost with the size of the model. @module */

import { average, logSlope } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, type Row, sentenceList } from "../../lib/figures/mod.ts";
import { type CostConfig, tunings } from "./config.ts";
import type { Measurement } from "./findings.ts";

/** Measurements of models of several sizes. */
const sizesOf = (measurements: readonly Measurement[]) =>
  measurements.filter(({ group }) => group === "size");

function scaling(measurements: readonly Measurement[]) {
  return tunings.map((name) => {
    const found = sizesOf(measurements).filter((m) => m.name === name).map(({ found }) => found);
    return {
      name,
      parameters: found.map(({ parameters }) => parameters),
      sampling: found.map(({ seconds }) => average(seconds.sampling!)),
      training: found.map(({ seconds }) => average(seconds.training!)),
      memory: found.map(({ peakMb, loadedMb }) => Math.max(1, peakMb - loadedMb)),
    };
  });
}

/**
 * Seconds and memory over the number of parameters.
 *
 * @param measurements What was found.
 * @param config Options of the run.
 * @returns The figure.
 */
export function scalingCurves(
  measurements: readonly Measurement[],
  { work, sizes }: Pick<CostConfig, "work" | "sizes">,
): Figure {
  const lines = scaling(measurements);
  const panel = (title: string, of: (line: typeof lines[number]) => number[]) => ({
    title,
    series: lines.map((line) => ({ name: line.name, x: line.parameters, y: of(line) })),
  });
  const names = sizes.map(({ hiddenSize, layers }) => `${hiddenSize} \u00d7 ${layers}`);
  return curves({
    title: "Cost of a step over the size of the model",
    series: [
      panel("Sampling (s)", ({ sampling }) => sampling),
      panel("Training (s)", ({ training }) => training),
      panel("Memory of the steps (MB)", ({ memory }) => memory),
    ],
    xTitle: "Parameters",
    yTitle: "Cost",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    n: work.steps,
    caption: `Tiny models, width \u00d7 layers: ${sentenceList(names)}.`,
  });
}

/**
 * One row a size and way to tune.
 *
 * @param measurements What was found.
 * @returns The rows.
 */
export function sizeRows(measurements: readonly Measurement[]): Row[] {
  return sizesOf(measurements).map(({ name, work, found }): Row => ({
    tuning: name,
    width: work.sizes!.hiddenSize,
    layers: work.sizes!.layers,
    parameters: found.parameters,
    "trained parameters": found.trained,
    "sampling (s)": average(found.seconds.sampling!),
    "training (s)": average(found.seconds.training!),
    "memory of the steps (MB)": Math.round(found.peakMb - found.loadedMb),
  }));
}

/**
 * Exponents of growth, where sizes differ.
 *
 * @param measurements What was found.
 * @returns A sentence.
 */
export function scalingAnswer(measurements: readonly Measurement[]): string {
  const lines = scaling(measurements);
  const sizes = new Set(lines[0]!.parameters).size;
  if (sizes < 2) return "All models have one size, so no growth can be fitted.";
  const parts = lines.map(({ name, parameters, training, memory }) =>
    `${name}: seconds of training with exponent ${
      logSlope(parameters, training).toFixed(2)
    }, memory ${logSlope(parameters, memory).toFixed(2)}`
  );
  const fit = sizes === 2 ? "Between 2 sizes, so without a residual" : `Fitted over ${sizes} sizes`;
  return `${fit}, as a power of the number of parameters: ${parts.join("; ")}.`;
}
