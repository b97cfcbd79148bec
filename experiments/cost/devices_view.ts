/** Table, figure and sentence on what a step would take on other hardware. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, type Row, sentenceList } from "../../lib/figures/mod.ts";
import { type CostConfig, type TuningName, tunings } from "./config.ts";
import { type Device, type PredictedPart, predictStep, stepFlops } from "./devices.ts";
import type { Measurement } from "./findings.ts";
import { sizeLabel } from "./scaling_view.ts";

/** A measured size with what devices are predicted to take. */
interface Predicted {
  readonly tuning: TuningName;
  readonly label: string;
  readonly parameters: number;
  /** Seconds of a step here. */
  readonly here: number;
  /** Billions of multiplications and additions in a second of training here. */
  readonly gigaflops: number;
  readonly devices: readonly {
    readonly name: string;
    readonly sampling: PredictedPart;
    readonly training: PredictedPart;
    /** Seconds of a step. */
    readonly step: number;
  }[];
}

function predictions(measurements: readonly Measurement[], config: CostConfig): Predicted[] {
  return tunings.flatMap((tuning) =>
    measurements.filter(({ group, name }) => group === "size" && name === tuning)
      .map(({ work, found }): Predicted => {
        const training = average(found.seconds.training!);
        return {
          tuning,
          label: sizeLabel(work.sizes!),
          parameters: found.parameters,
          here: average(found.seconds.sampling!) + training,
          gigaflops: stepFlops(found, config.work, tuning).training / training / 1e9,
          devices: config.devices.list.map((device) => {
            const parts = predictStep(found, config, tuning, device);
            return {
              name: device.name,
              ...parts,
              step: parts.sampling.seconds + parts.training.seconds,
            };
          }),
        };
      })
  );
}

/**
 * Seconds of a step with an adapter over the number of parameters, here and as predicted.
 *
 * @param measurements what was found
 * @param config options of the run
 * @returns the figure
 */
export function deviceCurves(measurements: readonly Measurement[], config: CostConfig): Figure {
  const found = predictions(measurements, config).filter(({ tuning }) => tuning === "LoRA")
    .toSorted((a, b) => a.parameters - b.parameters);
  const x = found.map(({ parameters }) => parameters);
  return curves({
    title: "A step with an adapter, measured here and predicted elsewhere",
    series: [
      { name: "this machine, measured", x, y: found.map(({ here }) => here) },
      ...config.devices.list.map(({ name }, i) => ({
        name: `${name}, predicted`,
        x,
        y: found.map(({ devices }) => devices[i]!.step),
      })),
    ],
    xTitle: "Parameters",
    yTitle: "Seconds of a step",
    xScale: "log",
    yScale: "log",
    n: config.work.steps,
    unit: "timed steps",
    caption: "Sampling and training. Predictions are no measurements.",
  });
}

/**
 * One row a size, way to tune and device.
 *
 * @param measurements what was found
 * @param config options of the run
 * @returns the rows
 */
export function deviceRows(measurements: readonly Measurement[], config: CostConfig): Row[] {
  return predictions(measurements, config).flatMap(
    ({ tuning, label, parameters, here, gigaflops, devices }) =>
      devices.map(({ name, sampling, training, step }): Row => ({
        tuning,
        size: label,
        parameters,
        "here (s)": here,
        "here, training (GFLOP/s)": Math.round(gigaflops),
        device: name,
        "predicted sampling (s)": sampling.seconds,
        "predicted training (s)": training.seconds,
        "times as fast": Number((here / step).toPrecision(2)),
      })),
  );
}

/** Which resource a part waits for most. */
function boundOf({ arithmetic, memory, launches }: PredictedPart): string {
  const parts = [
    { seconds: arithmetic, text: "arithmetic" },
    { seconds: memory, text: "memory" },
    { seconds: launches, text: "the start of kernels" },
  ];
  return parts.reduce((a, b) => b.seconds > a.seconds ? b : a).text;
}

/**
 * What devices would gain for the largest model, and what would bound them.
 *
 * @param measurements what was found
 * @param config options of the run
 * @returns sentences
 */
export function deviceAnswer(measurements: readonly Measurement[], config: CostConfig): string {
  const { label, here, devices } = predictions(measurements, config)
    .filter(({ tuning }) => tuning === "LoRA")
    .reduce((a, b) => b.parameters > a.parameters ? b : a);
  const parts = devices.map(({ name, sampling, training, step }) =>
    `${name} ${step.toPrecision(2)} s (${
      (here / step).toPrecision(2)
    } times as fast), sampling bound by ${boundOf(sampling)}, training by ${boundOf(training)}`
  );
  return `A step with an adapter of the largest model (${label}) took ${
    here.toPrecision(3)
  } s here. By the formulas below it would take: ${parts.join("; ")}. None of this was measured.`;
}

const deviceText = ({ name, teraflops, terabytesPerSecond }: Device): string =>
  `${name} ${teraflops} TFLOP/s and ${terabytesPerSecond} TB/s`;

/**
 * The formulas and what they assume.
 *
 * @param config options of the run
 * @returns sentences
 */
export function deviceMethod({ devices }: CostConfig): string {
  const { list, utilisation, bandwidthShare, launchMicroseconds, launchesPerLayer } = devices;
  return `A pass over T tokens takes 2 N T operations (N parameters), a training pass 4 N T with an adapter and 6 N T in full; a decoding step reads ` +
    `all weights and the keys and values in bf16; AdamW moves 28 bytes a trained parameter. Each takes as long as the slowest of arithmetic (${
      100 * utilisation
    } % of the peak), memory (${
      100 * bandwidthShare
    } % of the bandwidth) and ${launchesPerLayer} kernels a layer of ${launchMicroseconds} µs. Peaks of bf16 without sparsity, from data sheets: ${
      sentenceList(list.map(deviceText))
    }.`;
}
