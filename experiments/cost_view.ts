/** Tables, figures and sentences of the cost experiment, from its results. @module */

import { average, logSlope } from "../lib/evaluation/mod.ts";
import {
  curves,
  type CurveSeries,
  type Figure,
  formatShare,
  groupedBars,
  type Row,
} from "../lib/figures/mod.ts";
import type { Measurement } from "./cost.ts";
import type { Adaptation } from "./cost_adaptation.ts";
import { type CostConfig, tunings } from "./cost_config.ts";
import { reachedBy, runningMean } from "./cost_statistics.ts";
import type { Presentation } from "./experiment.ts";
import { commandOf, type Results } from "./results.ts";

/** What the figures need besides the results. */
export interface CostRecord {
  /** The configuration that ran. */
  readonly config: CostConfig;
  /** Every workload with what it took. */
  readonly measurements: readonly Measurement[];
  /** Losses and seconds of adaptation. */
  readonly adaptation: Adaptation;
}

/** Steps in the running mean: as configured, or all that there are. */
function windowOf({ adaptation, config }: CostRecord): number {
  const steps = tunings.flatMap((name) => adaptation[name].map(({ length }) => length));
  return Math.min(config.adaptation.window, ...steps);
}

function adaptationCurves(record: CostRecord, perSecond: boolean): Figure {
  const { adaptation, config } = record;
  const window = windowOf(record);
  const series = tunings.map((name): CurveSeries => {
    const runs = adaptation[name];
    const smoothed = runs.map((run) => runningMean(run.map(({ loss }) => loss), window));
    const steps = smoothed[0]!.flatMap((m, i) => m === null ? [] : [i]);
    const at = (i: number) => smoothed.map((row) => row[i]!);
    return {
      name,
      x: steps.map((i) => perSecond ? average(runs.map((run) => run[i]!.seconds)) : i + 1),
      y: steps.map((i) => average(at(i))),
      ...(runs.length > 1 && {
        low: steps.map((i) => Math.min(...at(i))),
        high: steps.map((i) => Math.max(...at(i))),
      }),
    };
  });
  return curves({
    title: "Loss on new tasks, examples not seen before",
    series,
    xTitle: perSecond ? "Seconds of training" : "Step",
    yTitle: "Cross-entropy (nats per token)",
    n: adaptation.LoRA.length,
    band: "range over the seeds",
    caption: `Running mean over ${window} steps; the learning rates are ${
      tunings.map((name) => `${config.adaptation.learningRates[name]} (${name})`).join(" and ")
    }, not tuned.`,
  });
}

const measuredOf = (measurements: readonly Measurement[], group: string, name: string) =>
  measurements.filter((m) => m.group === group && m.name === name);

function scaling(measurements: readonly Measurement[]) {
  return tunings.map((name) => {
    const found = measuredOf(measurements, "size", name).map(({ found }) => found);
    return {
      name,
      parameters: found.map(({ parameters }) => parameters),
      sampling: found.map(({ seconds }) => average(seconds.sampling!)),
      training: found.map(({ seconds }) => average(seconds.training!)),
      memory: found.map(({ peakMb, loadedMb }) => Math.max(1, peakMb - loadedMb)),
    };
  });
}

function scalingCurves({ measurements, config }: CostRecord): Figure {
  const lines = scaling(measurements);
  const panel = (title: string, of: (line: typeof lines[number]) => number[]) => ({
    title,
    series: lines.map((line) => ({ name: line.name, x: line.parameters, y: of(line) })),
  });
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
    n: config.work.steps,
    caption: "Tiny models of several widths and depths.",
  });
}

/** A metric of the results, which holds its interval. */
function metricOf(results: Results, system: string, capability: string) {
  return results.metrics.find((m) => m.system === system && m.capability === capability);
}

function secondsBars(results: Results): Figure {
  const systems = ["tuning: LoRA", "tuning: full", "prefix: each completion by itself"];
  const names = ["LoRA", "full", "LoRA, each completion by itself"];
  const parts = ["sampling (s)", "training (s)"];
  return groupedBars({
    title: "Seconds of a step by part",
    groups: parts.map((part) => part.replace(" (s)", "")),
    series: systems.map((system, i) => {
      const found = parts.map((part) => metricOf(results, system, part)!);
      return {
        name: names[i]!,
        values: found.map((m) => m.mean),
        low: found.map((m) => m.low),
        high: found.map((m) => m.high),
        n: found.map((m) => m.n),
      };
    }),
    yTitle: "Seconds",
    digits: 2,
    caption: "LoRA and full training with shared prefixes, and LoRA without",
  });
}

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)} times`;

function costRows(results: Results, { measurements }: CostRecord): Row[] {
  return measurements.filter(({ group }) => group !== "size").map(({ group, name, found }): Row => {
    const system = `${group}: ${name}`;
    const seconds = (part: string) => {
      const m = metricOf(results, system, part);
      return m === undefined
        ? null
        : `${m.mean.toFixed(3)} [${m.low.toFixed(3)}, ${m.high.toFixed(3)}]`;
    };
    return {
      varied: group,
      variant: name,
      "trained parameters": found.trained,
      "share (%)": Number((100 * found.trained / found.parameters).toFixed(2)),
      "sampling (s)": seconds("sampling (s)"),
      "training (s)": seconds("training (s)"),
      "step (s)": seconds("step (s)"),
      "peak memory (MB)": Math.round(found.peakMb),
      "memory of the steps (MB)": Math.round(found.peakMb - found.loadedMb),
    };
  });
}

function sizeRows({ measurements }: CostRecord): Row[] {
  return measurements.filter(({ group }) => group === "size").map(({ name, work, found }): Row => ({
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

function tuningAnswer(results: Results, record: CostRecord): string {
  const { measurements, adaptation } = record;
  const [lora, full] = tunings.map((name) => measuredOf(measurements, "tuning", name)[0]!.found);
  const training = (name: string) => metricOf(results, `tuning: ${name}`, "training (s)")!;
  const told = training("LoRA").high < training("full").low ||
    training("full").high < training("LoRA").low;
  const memory = (found: typeof lora) => found!.peakMb - found!.loadedMb;
  const reached = reachedBy(adaptation, windowOf(record));
  return `LoRA trains ${lora!.trained.toLocaleString("en")} parameters, ${
    formatShare(lora!.trained / lora!.parameters)
  } % of the model's. Its training step takes ${
    times(training("LoRA").mean / training("full").mean)
  } the seconds of full training${told ? "" : " (the intervals overlap)"} and ${
    times(memory(lora) / memory(full))
  } its memory. A loss of ${reached.target.toFixed(2)} on new tasks is reached with LoRA after ${
    reached.LoRA.step.toFixed(0)
  } steps and ${reached.LoRA.seconds.toFixed(1)} s, with full training after ${
    reached.full.step.toFixed(0)
  } steps and ${reached.full.seconds.toFixed(1)} s.`;
}

function savingAnswer(results: Results): string {
  const at = (system: string, part: string) => metricOf(results, system, part)!.mean;
  const ratio = (part: string) =>
    at("prefix: each completion by itself", part) / at("tuning: LoRA", part);
  const [grpo, aware] = ["GRPO", "CA-GRPO"].map((name) =>
    metricOf(results, `weighting: ${name}`, "step (s)")!
  );
  const overlap = grpo!.high >= aware!.low && aware!.high >= grpo!.low;
  return `Without shared prefixes sampling takes ${times(ratio("sampling (s)"))} and training ${
    times(ratio("training (s)"))
  } as long. A step with capability-aware weights takes ${
    times(aware!.mean / grpo!.mean)
  } that with summed rewards, the Gram matrices included${
    overlap ? " (the intervals overlap)" : ""
  }.`;
}

function scalingAnswer({ measurements }: CostRecord): string {
  const parts = scaling(measurements).map(({ name, parameters, training, memory }) =>
    `${name}: seconds of training with exponent ${
      logSlope(parameters, training).toFixed(2)
    }, memory ${logSlope(parameters, memory).toFixed(2)}`
  );
  return `Fitted as a power of the number of parameters: ${parts.join("; ")}.`;
}

/** Tables, figures and sections of the report. */
export function presentCost(results: Results, record: CostRecord): Presentation {
  const { config } = record;
  const tables = [
    {
      name: "cost",
      caption: "Cost of a step, with 95 % intervals",
      rows: costRows(results, record),
    },
    { name: "sizes", caption: "Cost of a step by size of the model", rows: sizeRows(record) },
  ];
  const figures = {
    seconds: secondsBars(results),
    loss: adaptationCurves(record, true),
    lossBySteps: adaptationCurves(record, false),
    scaling: scalingCurves(record),
  };
  const command = commandOf(results);
  const { work } = config;
  const method = `Steps of ${work.promptsPerStep} prompts of ${work.promptLength} random tokens, ` +
    `${work.numGenerations} completions of ${work.completionLength} tokens each, after one that warms up; ` +
    `means over ${work.steps} steps with bootstrap intervals.`;
  return {
    tables,
    figures: [
      { name: "seconds", figure: figures.seconds },
      { name: "loss", figure: figures.loss },
      { name: "loss-by-steps", figure: figures.lossBySteps },
      { name: "scaling", figure: figures.scaling },
    ],
    sections: [
      {
        id: "cost-tuning",
        question: "What does an adapter save against training all parameters?",
        answer: tuningAnswer(results, record),
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        figures: [figures.seconds, figures.loss, figures.lossBySteps],
        method:
          `${method} Memory of the steps: peak of the process less its peak when the model was loaded. ` +
          `Adaptation: ${
            config.adaptation.families.join(", ")
          }, which the start was not tuned on; each example is seen once.`,
        command,
      },
      {
        id: "cost-savings",
        question: "What do shared prefixes save, and what do capability-aware weights cost?",
        answer: savingAnswer(results),
        figures: [],
        method:
          `${method} Both with an adapter. Gram matrix every ${work.gramSteps} steps; whole steps of GRPO, ` +
          `the first ${work.gramSteps} warm up.`,
        command,
      },
      {
        id: "cost-scaling",
        question: "How does cost grow with the size of the model?",
        answer: scalingAnswer(record),
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: [figures.scaling],
        method,
        command,
      },
    ],
  };
}
