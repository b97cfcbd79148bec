/**
 * What training costs: an adapter (LoRA) against all parameters, shared prefixes on and off, capability-aware weights
 * against summed rewards, growth with the size of the model, and the cost to reach a given loss on new tasks. Times and
 * memory are of the machine that the results name.
 *
 * @module
 */

import type { z } from "zod";
import { bootstrapInterval } from "../../lib/evaluation/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import { adapt } from "./adaptation.ts";
import { type CostConfig, costSchema, tuningOf, tunings } from "./config.ts";
import { presentCost } from "./view.ts";
import { measureWorkload, type Workload, type WorkloadResult } from "./workload.ts";
import type { Experiment, RunContext, RunOutput } from "../core/experiment.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { paperStart, smokeStart, tinyStart } from "../stages/tiny_start.ts";

/** A workload with its name and what was found. */
export interface Measurement {
  /** What was varied: `tuning`, `prefix`, `weighting` or `size`. */
  readonly group: string;
  /** The variant. */
  readonly name: string;
  /** What ran. */
  readonly work: Workload;
  /** What it took. */
  readonly found: WorkloadResult;
}

/** What the experiment varies, one process for each. */
export function workloads(config: CostConfig): Omit<Measurement, "found">[] {
  const base = {
    ...config.work,
    model: config.model,
    kind: "parts" as const,
    sharedPrefix: true,
    weighting: "static" as const,
  };
  const lora = tuningOf(config, "LoRA");
  return [
    ...tunings.map((name) => ({
      group: "tuning",
      name,
      work: { ...base, tuning: tuningOf(config, name) },
    })),
    {
      group: "prefix",
      name: "each completion by itself",
      work: { ...base, tuning: lora, sharedPrefix: false },
    },
    ...(["static", "capability_aware"] as const).map((weighting) => ({
      group: "weighting",
      name: weighting === "static" ? "GRPO" : "CA-GRPO",
      work: {
        ...base,
        kind: "grpo" as const,
        tuning: lora,
        weighting,
        // Whole cycles, so that each Gram matrix counts with the steps that it serves.
        steps: base.gramSteps * Math.ceil(base.steps / base.gramSteps),
      },
    })),
    ...config.sizes.flatMap((sizes) =>
      tunings.map((name) => ({
        group: "size",
        name,
        work: { ...base, model: "tiny", sizes, tuning: tuningOf(config, name) },
      }))
    ),
  ];
}

/** Mean with interval of seconds, as a metric. */
function timeMetric(
  system: string,
  capability: string,
  seconds: readonly number[],
  hash: string,
): Metric {
  const { mean, low, high, n } = bootstrapInterval(seconds, { seed: 0 });
  return {
    system,
    capability,
    unit: "value",
    n,
    mean,
    low: Math.min(low, mean),
    high: Math.max(high, mean),
    seeds: 1,
    invalid_rate: 0,
    prompt_hash: hash,
  };
}

/** Name of a measurement in metrics. */
export function measurementName({ group, name, work }: Omit<Measurement, "found">): string {
  const size = work.sizes && ` of width ${work.sizes.hiddenSize}, ${work.sizes.layers} layers`;
  return `${group}: ${name}${size ?? ""}`;
}

async function metricsOf(measurements: readonly Measurement[]): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const measurement of measurements) {
    const { work, found } = measurement;
    const name = measurementName(measurement);
    const hash = await hashJson(work);
    for (const [part, seconds] of Object.entries(found.seconds)) {
      metrics.push(timeMetric(name, `${part} (s)`, seconds, hash));
    }
    metrics.push(
      timeMetric(name, "peak memory (MB)", [found.peakMb], hash),
      timeMetric(name, "memory of the steps (MB)", [found.peakMb - found.loadedMb], hash),
      timeMetric(name, "trained parameters", [found.trained], hash),
    );
  }
  return metrics;
}

async function run(context: RunContext, config: CostConfig): Promise<RunOutput> {
  const seconds: Record<string, number> = {};
  const started = performance.now();
  const adaptation = await adapt(context, config);
  seconds.adaptation = (performance.now() - started) / 1000;
  const planned = workloads(config);
  const bar = context.stage("Timing steps");
  const measurements: Measurement[] = [];
  seconds.timing = 0;
  for (const [i, plan] of planned.entries()) {
    bar.update(i, planned.length, measurementName(plan));
    const { name: backend, versions, machine } = context.backend;
    const stage = await context.store.json(
      "cost",
      { work: plan.work, backend, versions, machine },
      () => measureWorkload(plan.work),
    );
    seconds.timing += stage.seconds;
    measurements.push({ ...plan, found: stage.value });
  }
  bar.finish();
  return {
    metrics: await metricsOf(measurements),
    comparisons: [],
    seconds,
    notes: [
      "Times and memory hold for this machine and backend, and for what else ran on it at the time. " +
      "Each workload ran in a process of its own; peak memory is that of the process.",
    ],
    present: (results) => presentCost(results, { config, measurements, adaptation }),
  };
}

type Options = z.input<typeof costSchema>;

const newFamilies = ["domain-open", "reasoning-roles", "instruction-note"];

const smoke: Options = {
  items: smokeStart.items!,
  start: { families: [...smokeStart.families!], sft: smokeStart.sft },
  adaptation: {
    families: newFamilies,
    learningRates: { LoRA: 3e-3, full: 1e-3 },
    maxSteps: 8,
    window: 2,
  },
  work: {
    promptsPerStep: 2,
    numGenerations: 2,
    promptLength: 32,
    completionLength: 8,
    steps: 1,
    gramSteps: 1,
  },
  sizes: [{ hiddenSize: 96, layers: 1 }, { hiddenSize: 192, layers: 2 }],
};

const quick: Options = {
  items: tinyStart.items!,
  start: { families: [...tinyStart.families!], sft: tinyStart.sft },
  adaptation: {
    families: newFamilies,
    learningRates: { LoRA: 3e-3, full: 1e-3 },
    maxSteps: 60,
  },
  work: {
    promptsPerStep: 8,
    numGenerations: 4,
    promptLength: 128,
    completionLength: 48,
    steps: 4,
  },
  sizes: [
    { hiddenSize: 96, layers: 2 },
    { hiddenSize: 192, layers: 4 },
    { hiddenSize: 384, layers: 4 },
  ],
};

const paper: Options = {
  model: "smollm2",
  items: paperStart.items!,
  adaptation: {
    families: newFamilies,
    learningRates: { LoRA: 1e-3, full: 1e-4 },
    maxSteps: 100,
  },
  work: {
    promptsPerStep: 8,
    numGenerations: 8,
    promptLength: 128,
    completionLength: 64,
    steps: 8,
  },
  sizes: [
    { hiddenSize: 96, layers: 2 },
    { hiddenSize: 192, layers: 4 },
    { hiddenSize: 384, layers: 8 },
    { hiddenSize: 576, layers: 16 },
  ],
};

/** See the module. */
export const cost: Experiment<typeof costSchema> = {
  id: "cost",
  question: "What does training cost, and what saves it?",
  schema: costSchema,
  presets: { smoke, quick, paper },
  seeds: { smoke: 1, quick: 1, paper: 3 },
  run,
};
