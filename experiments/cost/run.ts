/**
 * What training costs: an adapter (LoRA) against all parameters, shared prefixes on and off, capability-aware weights
 * against static weights, growth with the size of the model and of the step, the cost to reach a given loss on new tasks, and a sweep on a cluster,
 * simulated from those times. Times and
 * memory are of the machine that the results name.
 *
 * @module
 */

import { hashJson } from "../../lib/runtime/mod.ts";
import { adapt } from "./adaptation.ts";
import { type CostConfig, type GrownOption, grownOptions, tuningOf, tunings } from "./config.ts";
import { type CostFindings, type Measurement, rangeOf } from "./findings.ts";
import { summarizeAdaptation } from "./statistics.ts";
import { measureLaunching, simulateSweeps } from "./sweep.ts";
import { measureWorkload } from "./workload.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import type { Metric } from "../../lib/runs/mod.ts";

/** A workload before it is timed. */
export type PlannedMeasurement = Omit<Measurement, "found">;

/**
 * What the experiment varies, one process for each.
 *
 * @param config Options.
 * @param processors Of the machine; no more threads are tried.
 * @returns The workloads with their names.
 */
export function workloads(config: CostConfig, processors: number): PlannedMeasurement[] {
  const base = {
    ...config.work,
    model: config.model,
    kind: "parts" as const,
    sharedPrefix: true,
    weighting: "static" as const,
  };
  const lora = tuningOf(config, "LoRA");
  const grown = grownOptions.flatMap((option) =>
    config.growth[option]
      .filter((value) => option !== "threads" || value < processors)
      .map((value) => ({
        group: "growth" as const,
        name: option,
        work: { ...base, tuning: lora, [option]: value },
      }))
  );
  return [
    ...tunings.map((name) => ({
      group: "tuning" as const,
      name,
      work: { ...base, tuning: tuningOf(config, name) },
    })),
    {
      group: "prefix",
      name: "each completion by itself",
      work: { ...base, tuning: lora, sharedPrefix: false },
    },
    ...(["static", "capability_aware"] as const).map((weighting) => ({
      group: "weighting" as const,
      name: weighting === "static" ? "GRPO" : "CA-GRPO",
      work: {
        ...base,
        kind: "grpo" as const,
        tuning: lora,
        weighting,
        // Whole cycles, so that each solution for the weights counts with the steps that it serves.
        steps: base.gramSteps * Math.ceil(base.steps / base.gramSteps),
      },
    })),
    ...config.sizes.flatMap((sizes) =>
      tunings.map((name) => ({
        group: "size" as const,
        name,
        work: { ...base, model: "tiny", sizes, tuning: tuningOf(config, name) },
      }))
    ),
    ...grown,
  ];
}

/** Mean and range of what was measured, as a metric: a few steps one after another give no interval. */
function rangeMetric(
  system: string,
  capability: string,
  values: readonly number[],
  hash: string,
): Metric {
  return {
    system,
    capability,
    unit: "value",
    n: values.length,
    ...rangeOf(values),
    seeds: 1,
    invalid_rate: 0,
    prompt_hash: hash,
  };
}

/** Name of a measurement in metrics. */
function measurementName({ group, name, work }: PlannedMeasurement): string {
  const { sizes } = work;
  if (group === "growth") return `growth: ${name} ${work[name as GrownOption]}`;
  if (sizes === undefined) return `${group}: ${name}`;
  return `${group}: ${name} of ${
    "shape" in sizes ? sizes.shape : `width ${sizes.hiddenSize}, ${sizes.layers} layers`
  }`;
}

async function metricsOf(measurements: readonly Measurement[]): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const measurement of measurements) {
    const { work, found } = measurement;
    const name = measurementName(measurement);
    const hash = await hashJson(work);
    for (const [part, seconds] of Object.entries(found.seconds)) {
      metrics.push(rangeMetric(name, `${part} (s)`, seconds, hash));
    }
    metrics.push(
      rangeMetric(name, "peak memory (MB)", [found.peakMb], hash),
      rangeMetric(name, "memory of the steps (MB)", [found.peakMb - found.loadedMb], hash),
      rangeMetric(name, "trained parameters", [found.trained], hash),
    );
  }
  return metrics;
}

/**
 * Adapts to new tasks in both ways and times the workloads.
 *
 * @param context Store, backend, seeds and bars.
 * @param config Options.
 * @returns Metrics, seconds of the stages and findings.
 * @throws {UsageError} when there is no such family
 * @throws {WorkbenchError} when a workload's process fails
 */
export async function runCost(
  context: RunContext,
  config: CostConfig,
): Promise<RunOutput<CostFindings>> {
  const seconds: Record<string, number> = {};
  const started = performance.now();
  const runs = await adapt(context, config);
  seconds.adaptation = (performance.now() - started) / 1000;
  const planned = workloads(config, context.backend.machine.cores);
  const bar = context.stage("Timing steps");
  const measurements: Measurement[] = [];
  seconds.timing = 0;
  for (const [i, plan] of planned.entries()) {
    bar.update(i, planned.length, measurementName(plan));
    const { name: backend, versions, machine } = context.backend;
    const stage = await context.store.json(
      "cost",
      { version: 3, work: plan.work, backend, versions, machine },
      () => measureWorkload(plan.work),
    );
    seconds.timing += stage.seconds;
    measurements.push({ ...plan, found: stage.value });
  }
  const { machine } = context.backend;
  const launching = await context.store.json(
    "cost",
    { version: 1, launching: true, machine },
    measureLaunching,
  );
  seconds.timing += launching.seconds;
  bar.finish();
  const simulated = simulateSweeps(measurements, launching.value, config);
  return {
    metrics: await metricsOf(measurements),
    comparisons: [],
    seconds,
    notes: [
      "Times and memory hold for this machine and backend, and for what else ran on it at the time. " +
      "Each workload ran in a process of its own; peak memory is that of the process.",
      "The ends of times are those of the fastest and the slowest timed step, not of an interval.",
    ],
    findings: {
      adaptation: summarizeAdaptation(runs, config.adaptation.window),
      measurements,
      cluster: { launching: launching.value, simulated },
    },
  };
}
