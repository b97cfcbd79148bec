/** Table, figure and sentence on the growth of cost with what a step holds, and with threads. @module */

import { average, logSlope } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, type Row, sentenceList } from "../../lib/figures/mod.ts";
import { type GrownOption, grownOptions, type Workload } from "./config.ts";
import { type Measurement, RANGE, rangeOf } from "./findings.ts";
import { timedLine } from "./scaling_view.ts";

/** What each option is called. */
const names: Readonly<Record<GrownOption, string>> = {
  promptsPerStep: "Prompts of a step",
  promptLength: "Tokens of a prompt",
  completionLength: "Tokens of a completion",
  threads: "Threads of an operation",
};

const parts = ["sampling", "training"] as const;

/** Values of one option, in their order, with what each took. */
interface Growth {
  readonly option: GrownOption;
  readonly values: readonly number[];
  readonly found: readonly Measurement["found"][];
}

/**
 * The options of which several values were measured; the value of all other workloads is one of them.
 *
 * @param measurements What was found.
 * @param processors Of the machine: the threads of the other workloads.
 */
function growths(measurements: readonly Measurement[], processors: number): Growth[] {
  const base = measurements.find(({ group, name }) => group === "tuning" && name === "LoRA")!;
  const valueOf = (work: Workload, option: GrownOption) => work[option] ?? processors;
  return grownOptions.flatMap((option) => {
    const own = measurements.filter(({ group, name }) => group === "growth" && name === option);
    const points = [base, ...own]
      .map(({ work, found }) => ({ value: valueOf(work, option), found }))
      .sort((a, b) => a.value - b.value);
    return own.length === 0 ? [] : [{
      option,
      values: points.map(({ value }) => value),
      found: points.map(({ found }) => found),
    }];
  });
}

/**
 * Seconds over prompts, tokens and threads, one panel each.
 *
 * @param measurements What was found.
 * @param processors Of the machine.
 * @param steps Timed steps of each workload.
 * @returns The figure.
 */
export function growthCurves(
  measurements: readonly Measurement[],
  processors: number,
  steps: number,
): Figure {
  return curves({
    title: "Cost of a step over what it holds",
    series: growths(measurements, processors).map(({ option, values, found }) => ({
      title: names[option],
      series: parts.map((part) =>
        timedLine(part, values, found.map(({ seconds }) => rangeOf(seconds[part]!)))
      ),
    })),
    xTitle: "Number",
    yTitle: "Seconds",
    xScale: "log",
    yScale: "log",
    columns: 2,
    n: steps,
    unit: "timed steps",
    band: RANGE,
    caption: "With an adapter; all else as in the other workloads. Means.",
  });
}

/**
 * One row a value.
 *
 * @param measurements What was found.
 * @param processors Of the machine.
 * @returns The rows.
 */
export function growthRows(measurements: readonly Measurement[], processors: number): Row[] {
  return growths(measurements, processors).flatMap(({ option, values, found }) =>
    values.map((value, i): Row => ({
      varied: names[option],
      value,
      "sampling (s)": average(found[i]!.seconds.sampling!),
      "training (s)": average(found[i]!.seconds.training!),
      "memory of the steps (MB)": Math.round(found[i]!.peakMb - found[i]!.loadedMb),
    }))
  );
}

/**
 * Exponents of growth, and what threads bring.
 *
 * @param measurements What was found.
 * @param processors Of the machine.
 * @returns Sentences.
 */
export function growthAnswer(measurements: readonly Measurement[], processors: number): string {
  const grown = growths(measurements, processors);
  const meansOf = ({ found }: Growth, part: typeof parts[number]) =>
    found.map(({ seconds }) => average(seconds[part]!));
  const powers = grown.filter(({ option }) => option !== "threads").map((growth) =>
    `${names[growth.option].toLowerCase()} (${growth.values[0]} to ${growth.values.at(-1)}) ${
      logSlope(growth.values, meansOf(growth, "sampling")).toFixed(2)
    } and ${logSlope(growth.values, meansOf(growth, "training")).toFixed(2)}`
  );
  const threads = grown.find(({ option }) => option === "threads");
  const said = `As a power of each, seconds of sampling and of training grow with exponents: ${
    sentenceList(powers)
  }. Below 1, part of a step costs the same however much it holds.`;
  if (threads === undefined) return said;
  const times = (part: typeof parts[number]) => {
    const means = meansOf(threads, part);
    return (means[0]! / means.at(-1)!).toFixed(2);
  };
  return `${said} With ${threads.values.at(-1)} threads instead of ${
    threads.values[0]
  } sampling is ${times("sampling")} times as fast and training ${times("training")} times.`;
}
