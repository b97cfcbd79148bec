/** Table, figure and sentence on the growth of cost with the size of the model. @module */

import { average, logSlope } from "../../lib/evaluation/mod.ts";
import {
  curves,
  type CurveSeries,
  type Figure,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import { type CostConfig, type Sizes, tunings } from "./config.ts";
import { type Measurement, RANGE, rangeOf } from "./findings.ts";

/** A published model by its name, a tiny one by width and layers. */
export const sizeLabel = (sizes: Sizes): string =>
  "shape" in sizes ? sizes.shape : `${sizes.hiddenSize} \u00d7 ${sizes.layers}`;

/** Measurements of models of several sizes. */
const sizesOf = (measurements: readonly Measurement[]) =>
  measurements.filter(({ group }) => group === "size");

function scaling(measurements: readonly Measurement[]) {
  return tunings.map((name) => {
    const found = sizesOf(measurements).filter((m) => m.name === name).map(({ found }) => found);
    return {
      name,
      parameters: found.map(({ parameters }) => parameters),
      sampling: found.map(({ seconds }) => rangeOf(seconds.sampling!)),
      training: found.map(({ seconds }) => rangeOf(seconds.training!)),
      memory: found.map(({ peakMb, loadedMb }) => Math.max(1, peakMb - loadedMb)),
    };
  });
}

/**
 * Timings as a line with their range.
 *
 * @param name The line's.
 * @param x Where they stand.
 * @param ranges Mean and ends of each.
 * @returns The line.
 */
export const timedLine = (
  name: string,
  x: readonly number[],
  ranges: readonly ReturnType<typeof rangeOf>[],
): CurveSeries => ({
  name,
  x,
  y: ranges.map(({ mean }) => mean),
  low: ranges.map(({ low }) => low),
  high: ranges.map(({ high }) => high),
});

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
  const timed = (title: string, part: "sampling" | "training") => ({
    title,
    yTitle: "Seconds",
    series: lines.map((line) => timedLine(line.name, line.parameters, line[part])),
  });
  const names = sizes.map(sizeLabel);
  return curves({
    title: "Cost of a step over the size of the model",
    series: [timed("Sampling", "sampling"), timed("Training", "training"), {
      title: "Memory of the steps",
      yTitle: "MB",
      series: lines.map((line) => ({ name: line.name, x: line.parameters, y: line.memory })),
    }],
    xTitle: "Parameters",
    yTitle: "Seconds and MB",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    columns: 3,
    n: work.steps,
    unit: "timed steps",
    band: RANGE,
    caption: `Random weights, tiny models by width \u00d7 layers: ${
      sentenceList(names)
    }. Means of seconds; memory is the peak of one process.`,
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
    size: sizeLabel(work.sizes!),
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
      logSlope(parameters, training.map(({ mean }) => mean)).toFixed(2)
    }, memory ${logSlope(parameters, memory).toFixed(2)}`
  );
  const fit = sizes === 2 ? "Between 2 sizes, so without a residual" : `Fitted over ${sizes} sizes`;
  return `${fit}, as a power of the number of parameters: ${parts.join("; ")}.`;
}
