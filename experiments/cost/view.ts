/** Tables, figures and sections of the cost experiment. @module */

import { type Figure, groupedBars, type Row } from "../../lib/figures/mod.ts";
import type { Presentation, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { adaptationCurves, adaptationMethod, reachedText } from "./adaptation_view.ts";
import { clusterAnswer, clusterCurves, clusterMethod, clusterRows } from "./cluster_view.ts";
import { type CostConfig, type costSchema, tunings } from "./config.ts";
import { deviceAnswer, deviceCurves, deviceMethod, deviceRows } from "./devices_view.ts";
import { type CostFindings, type Measurement, RANGE, rangeOf } from "./findings.ts";
import { growthAnswer, growthCurves, growthRows } from "./growth_view.ts";
import { scalingAnswer, scalingCurves, sizeRows } from "./scaling_view.ts";

type CostResults = ResultsOf<typeof costSchema>;

/** Seconds of the timed steps of a part. */
function timesOf(
  measurements: readonly Measurement[],
  { group, name }: Pick<Measurement, "group" | "name">,
  part: string,
): readonly number[] {
  return measurements.find((m) => m.group === group && m.name === name)!.found.seconds[part]!;
}

/** The variant without shared prefixes. */
const apart = "each completion by itself";

function secondsBars(measurements: readonly Measurement[], config: CostConfig): Figure {
  const shown = [
    { label: "LoRA", group: "tuning", name: "LoRA" },
    { label: "full", group: "tuning", name: "full" },
    { label: `LoRA, ${apart}`, group: "prefix", name: apart },
  ] as const;
  const parts = ["sampling", "training"];
  return groupedBars({
    title: "Seconds of a step by part",
    groups: parts,
    series: shown.map(({ label, ...which }) => {
      const found = parts.map((part) => timesOf(measurements, which, part));
      const ranges = found.map(rangeOf);
      return {
        name: label,
        values: ranges.map(({ mean }) => mean),
        low: ranges.map(({ low }) => low),
        high: ranges.map(({ high }) => high),
        n: found.map(({ length }) => length),
      };
    }),
    yTitle: "Seconds",
    digits: 2,
    interval: RANGE,
    unit: "timed steps",
    caption:
      `Means. LoRA of rank ${config.lora.r} and full training with shared prefixes, and LoRA without`,
  });
}

function costRows(measurements: readonly Measurement[]): Row[] {
  const own = measurements.filter(({ group }) => group !== "size" && group !== "growth");
  return own.map(({ group, name, found }): Row => {
    const seconds = (part: string) => {
      const times = found.seconds[part];
      if (times === undefined) return null;
      const { mean, low, high } = rangeOf(times);
      return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
    };
    return {
      varied: group,
      variant: name,
      "trained parameters": found.trained,
      "share (%)": Number((100 * found.trained / found.parameters).toFixed(2)),
      "sampling (s)": seconds("sampling"),
      "training (s)": seconds("training"),
      "step (s)": seconds("step"),
      "peak memory (MB)": Math.round(found.peakMb),
      "memory of the steps (MB)": Math.round(found.peakMb - found.loadedMb),
    };
  });
}

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)} times`;

/** How the timed steps of one lie to those of another. */
function apartText(one: readonly number[], other: readonly number[]): string {
  if (one.length < 2 || other.length < 2) return "one step each";
  const [a, b] = [rangeOf(one), rangeOf(other)];
  if (a.high < b.low) return "its slowest step is faster than the other's fastest";
  if (a.low > b.high) return "its fastest step is slower than the other's slowest";
  return "the timed steps overlap";
}

/** How the seconds of a part compare: ratio of the means, and how the timed steps lie. */
function compared(one: readonly number[], other: readonly number[]): string {
  return `${times(rangeOf(one).mean / rangeOf(other).mean)} as long (${apartText(one, other)})`;
}

function memoryText(lora: Measurement, full: Measurement): string {
  const [a, b] = [lora, full].map(({ found }) => found.peakMb - found.loadedMb);
  return a! > 0 && b! > 0
    ? `Its steps take ${times(a! / b!)} the memory, one process each.`
    : "Memory is not compared: a peak came before the steps.";
}

function tuningAnswer(config: CostConfig, { measurements, adaptation }: CostFindings): string {
  const [lora, full] = tunings.map((name) =>
    measurements.find((m) => m.group === "tuning" && m.name === name)!
  );
  const { trained, parameters } = lora!.found;
  return `LoRA of rank ${config.lora.r} trains ${trained.toLocaleString("en")} parameters, ${
    (100 * trained / parameters).toFixed(1)
  } % of the model's. Against full training its training step takes ${
    compared(lora!.found.seconds.training!, full!.found.seconds.training!)
  }. ${memoryText(lora!, full!)} ${reachedText(adaptation)}`;
}

function savingAnswer({ measurements }: CostFindings): string {
  const [whole, shared] = [{ group: "prefix", name: apart }, {
    group: "tuning",
    name: "LoRA",
  }] as const;
  const part = (name: string) =>
    compared(timesOf(measurements, whole, name), timesOf(measurements, shared, name));
  const [aware, summed] = ["CA-GRPO", "GRPO"].map((name) =>
    timesOf(measurements, { group: "weighting", name }, "step")
  );
  return `Without shared prefixes sampling takes ${part("sampling")} and training ${
    part("training")
  }. Against static weights with the same loss a step with capability-aware weights, the Gram matrices included, takes ${
    compared(aware!, summed!)
  }.`;
}

const everySteps = (steps: number): string =>
  steps === 1 ? "in every step" : `every ${steps} steps`;

/** How steps were timed. */
function timingMethod({ work }: CostConfig): string {
  return `Steps of ${work.promptsPerStep} prompts of ${work.promptLength} random tokens, ` +
    `${work.numGenerations} completions of ${work.completionLength} tokens each, after one that warms up; ` +
    `means over ${work.steps} timed ${work.steps === 1 ? "step" : "steps"} one after another, ` +
    "with the fastest and the slowest of them where there are more than one, which is no interval.";
}

/** Tables that are written as files. */
function tablesOf({ measurements, cluster }: CostFindings, { config, machine }: CostResults) {
  return {
    cost: {
      caption: "Cost of a step: mean seconds, and those of the fastest and the slowest timed step",
      rows: costRows(measurements),
    },
    sizes: { caption: "Cost of a step by size of the model", rows: sizeRows(measurements) },
    growth: {
      caption: "Cost of a step by what it holds, and by threads",
      rows: growthRows(measurements, machine.cores),
    },
    cluster: {
      caption: "A sweep on a cluster, simulated: means",
      rows: clusterRows(cluster),
    },
    devices: {
      caption: "A step on other hardware, predicted",
      rows: deviceRows(measurements, config),
    },
  };
}

/** Figures that are written as files. */
function figuresOf(
  { measurements, adaptation, cluster }: CostFindings,
  { config, machine }: CostResults,
) {
  return {
    seconds: secondsBars(measurements, config),
    loss: adaptationCurves(adaptation, config, true),
    "loss-by-steps": adaptationCurves(adaptation, config, false),
    scaling: scalingCurves(measurements, config),
    growth: growthCurves(measurements, machine.cores, config.work.steps),
    cluster: clusterCurves(cluster, config),
    devices: deviceCurves(measurements, config),
  };
}

/**
 * Tables, figures and sections of the report.
 *
 * @param results What ran.
 * @param findings What was found.
 * @returns What is shown.
 */
export function viewCost(results: CostResults, findings: CostFindings): Presentation {
  const { config } = results;
  const { measurements, cluster } = findings;
  const tables = tablesOf(findings, results);
  const figures = figuresOf(findings, results);
  const command = commandOf(results);
  const method = timingMethod(config);
  const shown = (name: keyof typeof tables) => ({
    table: tables[name].rows,
    tableCaption: tables[name].caption,
  });
  return {
    tables: Object.entries(tables).map(([name, table]) => ({ name, ...table })),
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: [
      {
        id: "cost-tuning",
        question: "What does an adapter save against training all parameters?",
        answer: tuningAnswer(config, findings),
        ...shown("cost"),
        figures: [figures.seconds, figures.loss, figures["loss-by-steps"]],
        method:
          `${config.model}. ${method} Memory of the steps: peak of the process less its peak when the model was loaded. ` +
          adaptationMethod(config),
        command,
      },
      {
        id: "cost-savings",
        question: "What do shared prefixes save, and what do capability-aware weights cost?",
        answer: savingAnswer(findings),
        figures: [],
        method: `${config.model}, both with an adapter of rank ${config.lora.r}. ${method} ` +
          `Weights are solved ${
            everySteps(config.work.gramSteps)
          }, in whole steps of GRPO, after those up to the ` +
          "next solution, which warm up.",
        command,
      },
      {
        id: "cost-scaling",
        question: "How does cost grow with the size of the model?",
        answer: scalingAnswer(measurements),
        ...shown("sizes"),
        figures: [figures.scaling],
        method,
        command,
      },
      {
        id: "cost-growth",
        question: "How does cost grow with prompts, tokens and threads?",
        answer: growthAnswer(measurements, results.machine.cores),
        ...shown("growth"),
        figures: [figures.growth],
        method: `${config.model}, with an adapter of rank ${config.lora.r}. ${method}`,
        command,
      },
      {
        id: "cost-cluster",
        question: "How long would a sweep take on a cluster, and what would bound it?",
        answer: clusterAnswer(cluster),
        ...shown("cluster"),
        figures: [figures.cluster],
        method: clusterMethod(cluster, config),
        command,
      },
      {
        id: "cost-devices",
        question: "What would a step take on other hardware?",
        answer: deviceAnswer(measurements, config),
        ...shown("devices"),
        figures: [figures.devices],
        method: `${deviceMethod(config)} ${method}`,
        command,
      },
    ],
  };
}
