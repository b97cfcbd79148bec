/** Training in stages that the store keeps: supervised fine-tuning, and GRPO with one of the ways to combine rewards. @module */

import { join } from "@std/path";
import type { Trainable } from "../../lib/model/mod.ts";
import {
  fineTune,
  initialTrainable,
  readParameters,
  reinforce,
  writeParameters,
} from "../../lib/runs/mod.ts";
import type { StageProgress } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import {
  type GrpoConfig,
  grpoSchema,
  type OnDamaged,
  type StepLog,
  type TrainingResult,
} from "../../lib/training/mod.ts";
import { stoppable } from "../core/stop.ts";
import type { SupervisedConfig } from "./config.ts";
import { grpoKeyOf, sftKey, type StageKey, trainingKeyOf } from "./keys.ts";
import { trainingItems, type Workshop } from "./workshop.ts";

/** A trained system: where its parameters are, by which key, and what each step logged. */
export interface TrainedSystem {
  readonly folder: string;
  readonly hash: string;
  readonly log: readonly StepLog[];
  readonly seconds: number;
}

const LOG = "log.json";

/** The parameters of a trained system; the caller disposes of the values. */
export function readTrained(
  { model, config }: Workshop<SupervisedConfig>,
  { folder }: TrainedSystem,
): Trainable {
  return readParameters(folder, model, config.tuning);
}

/** What every trained system depends on. */
export function trainingKey(
  { inputs, itemsHash, config }: Workshop<SupervisedConfig>,
): StageKey {
  return trainingKeyOf(inputs, itemsHash, config);
}

const onDamaged: OnDamaged = (path, step) =>
  console.error(`note: ${path} is damaged; the stage goes on from step ${step}`);

/** Moves a stage's bar by the steps of a training. */
export function stepsOn(bar: StageProgress): (log: StepLog, maxSteps: number) => void {
  return ({ step, loss, reward }, maxSteps) =>
    bar.update(
      step,
      maxSteps,
      reward === undefined ? `loss ${loss.toFixed(3)}` : `reward ${reward.toFixed(3)}`,
    );
}

async function trainedStage(
  workshop: Workshop<SupervisedConfig>,
  kind: string,
  label: string,
  key: StageKey,
  train: (
    scratch: string,
    onStep: (log: StepLog, maxSteps: number) => void,
    signal: AbortSignal | undefined,
  ) => Promise<TrainingResult>,
): Promise<TrainedSystem> {
  const { context } = workshop;
  const bar = context.stage(label);
  const stage = await context.store.files(kind, key, async (folder, scratch) => {
    const { trainable, log } = await stoppable(
      context.stop,
      (signal) => train(scratch, stepsOn(bar), signal),
    );
    await Deno.writeTextFile(join(folder, LOG), JSON.stringify(log));
    await writeParameters(folder, workshop.model.config, trainable, workshop.config.model);
    trainable.values.dispose();
  });
  const log = JSON.parse(await Deno.readTextFile(join(stage.path, LOG))) as StepLog[];
  bar.finish(stage.cached ? "from the store" : undefined);
  return { folder: stage.path, hash: stage.hash, log, seconds: stage.seconds };
}

/** What both ways to train need of the workshop. */
function trainingParts(workshop: Workshop<SupervisedConfig>, trainable: Trainable) {
  const { model, tokenizer, config: { system } } = workshop;
  return { model, tokenizer, system, items: trainingItems(workshop), trainable, onDamaged };
}

/** Supervised fine-tuning on the training items. */
export function supervised(
  workshop: Workshop<SupervisedConfig>,
  seed: number,
): Promise<TrainedSystem> {
  const { config, model } = workshop;
  const sft = { ...config.sft, seed };
  const key = sftKey(trainingKey(workshop), sft);
  return trainedStage(workshop, "sft", `SFT, seed ${seed}`, key, async (folder, onStep, signal) => {
    const trainable = initialTrainable(model, config.tuning, seed);
    const parts = { ...trainingParts(workshop, trainable), folder, onStep, signal };
    try {
      return await fineTune(parts, sft);
    } finally {
      trainable.values.dispose();
    }
  });
}

/** A way to combine the capabilities' rewards in GRPO, and what else it sets differently. */
export type RewardRule = Partial<Omit<GrpoConfig, "seed">>;

/** The three rules of the main comparison. */
export const rewardRules = {
  GRPO: { multiObjectiveAggregation: "sum_then_normalize" },
  GDPO: { multiObjectiveAggregation: "normalize_then_sum" },
  "CA-GRPO": {
    multiObjectiveAggregation: "leave_one_out",
    weighting: "capability_aware",
    lossType: "dr_grpo",
  },
} as const satisfies Record<string, RewardRule>;

/** The options of GRPO under a rule; all capabilities weigh the same unless the rule says otherwise. */
export function grpoConfig({ config }: Workshop, rule: RewardRule, seed: number): GrpoConfig {
  return grpoSchema.parse({
    ...config.grpo,
    rewardWeights: capabilities.map(() => 1 / capabilities.length),
    ...rule,
    seed,
  });
}

/** What GRPO from a system depends on, besides {@linkcode trainingKey}. */
export function grpoKey(
  { inputs, config }: Workshop,
  from: TrainedSystem,
  grpo: GrpoConfig,
): StageKey {
  return grpoKeyOf(inputs, from.hash, grpo, config);
}

/** Runs GRPO from a fine-tuned system; the caller disposes of the values. */
export async function runGrpo(
  workshop: Workshop,
  from: TrainedSystem,
  grpo: GrpoConfig,
  options: {
    readonly folder: string;
    readonly onStep: (log: StepLog, maxSteps: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<TrainingResult> {
  const { config: { mixing }, knowledge, encoder } = workshop;
  const trainable = readTrained(workshop, from);
  const result = await reinforce(
    { ...trainingParts(workshop, trainable), ...options },
    grpo,
    { knowledge, encoder, mixing },
  );
  trainable.values.dispose();
  return result;
}

/** GRPO from a fine-tuned system, which is also the reference of the divergence. */
export function reinforced(
  workshop: Workshop,
  from: TrainedSystem,
  name: string,
  rule: RewardRule,
  seed: number,
): Promise<TrainedSystem> {
  const grpo = grpoConfig(workshop, rule, seed);
  const key = { ...trainingKey(workshop), ...grpoKey(workshop, from, grpo) };
  return trainedStage(
    workshop,
    "grpo",
    `${name}, seed ${seed}`,
    key,
    (folder, onStep, signal) => runGrpo(workshop, from, grpo, { folder, onStep, signal }),
  );
}
