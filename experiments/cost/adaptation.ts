/** Adaptation to new tasks with an adapter and with all parameters: loss over steps and seconds. @module */

import {
  currentPolicy,
  disposePolicy,
  type Trainable,
  type Transformer,
} from "../../lib/model/mod.ts";
import { initialTrainable, sftExamples } from "../../lib/runs/mod.ts";
import { sftSchema, trainSft } from "../../lib/training/mod.ts";
import { type CostConfig, type TuningName, tuningOf, tunings } from "./config.ts";
import { branches } from "../core/branches.ts";
import type { RunContext } from "../core/experiment.ts";
import type { AdaptationStep } from "./findings.ts";
import type { AdaptationRuns } from "./statistics.ts";
import { readTrained, supervised, trainingKey } from "../stages/train.ts";
import { openWorkshop, trainingItems, withFamilies, type Workshop } from "../stages/workshop.ts";
import { type SystemsConfig, systemsSchema } from "../stages/config.ts";
import { START_SEED } from "../stages/tiny_start.ts";

/** Same weights as one after tuning, as a model of its own; it shares the tensors with the policy. */
function asModel(
  workshop: Workshop,
  trainable: Trainable,
): { model: Transformer; free: () => void } {
  const policy = currentPolicy(workshop.model, trainable);
  const model = { ...policy, layers: policy.layers.map(({ weights }) => weights) };
  return { model, free: () => disposePolicy(policy, trainable) };
}

function systemsConfig(config: CostConfig): SystemsConfig {
  return systemsSchema.parse({
    model: config.model,
    items: config.items,
    tuning: { kind: "full" },
    sft: config.start?.sft ?? { maxSteps: 1, learningRate: 1e-3 },
    grpo: { maxSteps: 1, learningRate: 1e-3 },
  });
}

/** The model that adaptation starts from, with the hash of its training: tuned on other families, or as it is. */
async function startOf(
  workshop: Workshop,
  { start }: CostConfig,
): Promise<{ model: Transformer; free: () => void; from: string | null }> {
  if (start === undefined) return { model: workshop.model, free: () => {}, from: null };
  const own = await withFamilies(workshop, start.families);
  const tuned = await supervised(own, START_SEED);
  const trainable = readTrained(own, tuned);
  const { model, free } = asModel(own, trainable);
  trainable.values.dispose();
  return { model, free, from: tuned.hash };
}

/**
 * Tunes on new families from one start in both ways; every loss is of examples that were not seen before.
 *
 * @param context Store, backend, seeds and bars.
 * @param config Options.
 * @returns Losses and seconds of each way to tune, by seed.
 * @throws {UsageError} when there is no such family
 */
export async function adapt(context: RunContext, config: CostConfig): Promise<AdaptationRuns> {
  const workshop = await openWorkshop(context, systemsConfig(config));
  const { model, free, from } = await startOf(workshop, config);
  const fresh = await withFamilies(workshop, config.adaptation.families);
  const found = { LoRA: [] as AdaptationStep[][], full: [] as AdaptationStep[][] };
  const jobs = context.seeds.flatMap((seed) => tunings.map((name) => ({ seed, name })));
  await branches(jobs, async ({ seed, name }) => {
    const bar = context.stage(`Adapting with ${name}, seed ${seed}`);
    const key = {
      ...trainingKey(fresh),
      from,
      seed,
      tuning: tuningOf(config, name),
      adaptation: config.adaptation,
      learningRate: config.adaptation.learningRates[name],
      machine: context.backend.machine,
    };
    const { value, cached } = await context.store.json(
      "adaptation",
      key,
      () => adaptOnce(fresh, model, config, name, seed, (step, total) => bar.update(step, total)),
    );
    bar.finish(cached ? "from the store" : undefined);
    found[name].push(value);
  });
  free();
  return found;
}

async function adaptOnce(
  workshop: Workshop,
  model: Transformer,
  config: CostConfig,
  name: TuningName,
  seed: number,
  onStep: (step: number, total: number) => void,
): Promise<AdaptationStep[]> {
  const { adaptation } = config;
  const tuning = tuningOf(config, name);
  const trainable = initialTrainable(model, tuning, seed);
  const { tokenizer, config: { system } } = workshop;
  const examples = sftExamples({ tokenizer, system }, trainingItems(workshop));
  const size = adaptation.perDeviceTrainBatchSize;
  const { trainable: tuned, log } = await trainSft({
    model,
    trainable,
    examples,
    config: sftSchema.parse({
      // No example twice: its loss before the step is one on held-out examples.
      maxSteps: Math.min(adaptation.maxSteps, Math.floor(examples.length / size)),
      learningRate: adaptation.learningRates[name],
      lrSchedulerType: "constant",
      perDeviceTrainBatchSize: size,
      microBatchSize: size,
      seed,
    }),
    onStep: ({ step }, total) => onStep(step, total),
  });
  trainable.values.dispose();
  tuned.values.dispose();
  let seconds = 0;
  return log.map(({ loss, step_time }) => ({ loss, seconds: seconds += step_time }));
}
