/** Tables, figures and sections of the cost experiment. @module */

import { type Figure, groupedBars, type Row } from "../../lib/figures/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import type { Presentation, ResultsOf } from "../core/experiment.ts";
import { commandOf } from "../core/results.ts";
import { adaptationCurves, adaptationMethod, reachedText } from "./adaptation_view.ts";
import { type CostConfig, type costSchema, tunings } from "./config.ts";
import type { CostFindings, Measurement } from "./findings.ts";
import { apartMeaning, gapText } from "../stages/verdicts.ts";
import { scalingAnswer, scalingCurves, sizeRows } from "./scaling_view.ts";

type CostResults = ResultsOf<typeof costSchema>;

/** A metric of the results, which holds its interval. */
function metricOf(results: CostResults, system: string, capability: string): Metric | undefined {
  return results.metrics.find((m) => m.system === system && m.capability === capability);
}

/** The variant without shared prefixes. */
const apart = "each completion by itself";

function secondsBars(results: CostResults): Figure {
  const systems = ["tuning: LoRA", "tuning: full", `prefix: ${apart}`];
  const names = ["LoRA", "full", `LoRA, ${apart}`];
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
    caption:
      `LoRA of rank ${results.config.lora.r} and full training with shared prefixes, and LoRA without`,
  });
}

function costRows(results: CostResults, measurements: readonly Measurement[]): Row[] {
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

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)} times`;

/** Whether one mean of seconds lies apart from another, by their intervals. */
function apartText(one: Metric, other: Metric): string {
  if (one.n < 2 || other.n < 2) return "one step each, so without an interval";
  if (one.high < other.low) return "less, beyond the intervals";
  if (one.low > other.high) return "more, beyond the intervals";
  return `not told apart, the intervals overlap; ${
    gapText([[one, other]], 0, 100 / other.mean, " % of the latter")
  }`;
}

/** How the seconds of a part compare: ratio and verdict. */
function compared(results: CostResults, one: string, other: string, part: string): string {
  const [a, b] = [one, other].map((system) => metricOf(results, system, part)!);
  return `${times(a!.mean / b!.mean)} as long (${apartText(a!, b!)})`;
}

function memoryText(lora: Measurement, full: Measurement): string {
  const [a, b] = [lora, full].map(({ found }) => found.peakMb - found.loadedMb);
  return a! > 0 && b! > 0
    ? `Its steps take ${times(a! / b!)} the memory, one process each.`
    : "Memory is not compared: a peak came before the steps.";
}

function tuningAnswer(results: CostResults, { measurements, adaptation }: CostFindings): string {
  const [lora, full] = tunings.map((name) =>
    measurements.find((m) => m.group === "tuning" && m.name === name)!
  );
  const { trained, parameters } = lora!.found;
  return `LoRA of rank ${results.config.lora.r} trains ${
    trained.toLocaleString("en")
  } parameters, ${
    (100 * trained / parameters).toFixed(1)
  } % of the model's. Against full training its training step takes ${
    compared(results, "tuning: LoRA", "tuning: full", "training (s)")
  }. ${memoryText(lora!, full!)} ${reachedText(adaptation)}`;
}

function savingAnswer(results: CostResults): string {
  const [whole, shared] = [`prefix: ${apart}`, "tuning: LoRA"];
  return `Without shared prefixes sampling takes ${
    compared(results, whole, shared, "sampling (s)")
  } and training ${
    compared(results, whole, shared, "training (s)")
  }. Against static weights with the same loss a step with capability-aware weights, the Gram matrices included, takes ${
    compared(results, "weighting: CA-GRPO", "weighting: GRPO", "step (s)")
  }.`;
}

const everySteps = (steps: number): string =>
  steps === 1 ? "in every step" : `every ${steps} steps`;

/** How steps were timed. */
function timingMethod({ work }: CostConfig): string {
  return `Steps of ${work.promptsPerStep} prompts of ${work.promptLength} random tokens, ` +
    `${work.numGenerations} completions of ${work.completionLength} tokens each, after one that warms up; ` +
    `means over ${work.steps} timed, with 95 % bootstrap intervals where these are more than one. ${apartMeaning}`;
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
  const { measurements, adaptation } = findings;
  const tables = [
    {
      name: "cost",
      caption: "Cost of a step, with 95 % intervals",
      rows: costRows(results, measurements),
    },
    { name: "sizes", caption: "Cost of a step by size of the model", rows: sizeRows(measurements) },
  ];
  const figures = {
    seconds: secondsBars(results),
    loss: adaptationCurves(adaptation, config, true),
    "loss-by-steps": adaptationCurves(adaptation, config, false),
    scaling: scalingCurves(measurements, config),
  };
  const command = commandOf(results);
  const method = timingMethod(config);
  return {
    tables,
    figures: Object.entries(figures).map(([name, figure]) => ({ name, figure })),
    sections: [
      {
        id: "cost-tuning",
        question: "What does an adapter save against training all parameters?",
        answer: tuningAnswer(results, findings),
        table: tables[0]!.rows,
        tableCaption: tables[0]!.caption,
        figures: [figures.seconds, figures.loss, figures["loss-by-steps"]],
        method:
          `${config.model}. ${method} Memory of the steps: peak of the process less its peak when the model was loaded. ` +
          adaptationMethod(config),
        command,
      },
      {
        id: "cost-savings",
        question: "What do shared prefixes save, and what do capability-aware weights cost?",
        answer: savingAnswer(results),
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
        table: tables[1]!.rows,
        tableCaption: tables[1]!.caption,
        figures: [figures.scaling],
        method,
        command,
      },
    ],
  };
}
