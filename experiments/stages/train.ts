/** Training in stages that the store keeps: supervised fine-tuning, and GRPO with one of the ways to combine rewards. @module */

import { join } from "@std/path";
import {
  createAdapter,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  type LoraConfig,
  readSafetensors,
  toPeftTensors,
  type Trainable,
  withValues,
  writeAdapter,
  writeSafetensors,
} from "../../lib/model/mod.ts";
import { rulesVersion } from "../../lib/reward/mod.ts";
import { randomStream, type StageProgress, tf } from "../../lib/runtime/mod.ts";
import { capabilities, type Item } from "../../lib/synthesis/mod.ts";
import {
  type GrpoConfig,
  type GrpoPrompt,
  grpoSchema,
  type OnDamaged,
  type StepLog,
  trainGrpo,
  type TrainingResult,
  trainSft,
} from "../../lib/training/mod.ts";
import { itemRewards } from "../../lib/runs/mod.ts";
import { itemsOf, STAGES_VERSION, type Workshop } from "./workshop.ts";

/** A trained system: where its parameters are, by which key, and what each step logged. */
export interface TrainedSystem {
  readonly folder: string;
  readonly hash: string;
  readonly log: readonly StepLog[];
  readonly seconds: number;
}

const PARAMETERS = "parameters.safetensors";
const LOG = "log.json";

/** What is trained, before the first step. */
export function initialTrainable(workshop: Workshop, seed: number): Trainable {
  const { tuning } = workshop.config;
  if (tuning.kind === "full") return fullParameters(workshop.model);
  const { kind: _, ...lora } = tuning;
  const config: LoraConfig = lora;
  return {
    kind: "lora",
    ...createAdapter(workshop.modelConfig, config, randomStream(seed, "adapter")),
  };
}

async function writeTrained(
  workshop: Workshop,
  folder: string,
  trainable: Trainable,
  log: readonly StepLog[],
): Promise<void> {
  const values = trainable.values.dataSync() as Float32Array;
  await writeSafetensors(
    join(folder, PARAMETERS),
    new Map([["values", { shape: [values.length], data: values }]]),
  );
  await Deno.writeTextFile(join(folder, LOG), JSON.stringify(log));
  if (trainable.kind === "lora") {
    await writeAdapter(join(folder, "adapter"), {
      config: trainable.config,
      tensors: toPeftTensors(workshop.modelConfig, trainable, values),
      baseModel: workshop.config.model,
    });
  }
}

/** The parameters of a trained system; the caller disposes of the values. */
export function readTrained(workshop: Workshop, system: TrainedSystem, seed: number): Trainable {
  const initial = initialTrainable(workshop, seed);
  const stored = readSafetensors(join(system.folder, PARAMETERS)).get("values")!;
  initial.values.dispose();
  return withValues(initial, tf.tensor1d(stored.data as Float32Array));
}

/** What every trained system depends on. */
export function trainingKey(workshop: Workshop): Record<string, unknown> {
  return {
    version: STAGES_VERSION,
    rules: rulesVersion,
    backend: workshop.context.backend.name,
    source: workshop.source,
    items: workshop.itemsHash,
    system: workshop.config.system,
    tuning: workshop.config.tuning,
  };
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
  workshop: Workshop,
  kind: string,
  label: string,
  key: object,
  train: (
    scratch: string,
    onStep: (log: StepLog, maxSteps: number) => void,
  ) => Promise<TrainingResult>,
): Promise<TrainedSystem> {
  const { context } = workshop;
  const bar = context.stage(label);
  const full = { ...trainingKey(workshop), ...key };
  const stage = await context.store.files(kind, full, async (folder, scratch) => {
    const { trainable, log } = await train(scratch, stepsOn(bar));
    await writeTrained(workshop, folder, trainable, log);
    trainable.values.dispose();
  });
  const log = JSON.parse(await Deno.readTextFile(join(stage.path, LOG))) as StepLog[];
  bar.finish(stage.cached ? "from the store" : undefined);
  return { folder: stage.path, hash: stage.hash, log, seconds: stage.seconds };
}

/** Supervised fine-tuning on the training items. */
export function supervised(workshop: Workshop, seed: number): Promise<TrainedSystem> {
  const { config, tokenizer, model } = workshop;
  const sft = { ...config.sft, seed };
  return trainedStage(workshop, "sft", `SFT, seed ${seed}`, { sft }, async (folder, onStep) => {
    const examples = itemsOf(workshop, "train").map((item) => ({
      prompt: encodePrompt(tokenizer, item.prompt, config.system),
      completion: encodeCompletion(tokenizer, item.reference),
    }));
    const trainable = initialTrainable(workshop, seed);
    const result = await trainSft({
      model,
      trainable,
      examples,
      config: sft,
      folder,
      onStep,
      onDamaged,
    });
    trainable.values.dispose();
    return result;
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
  workshop: Workshop,
  from: TrainedSystem,
  grpo: GrpoConfig,
): Record<string, unknown> {
  return { from: from.hash, grpo, mixing: workshop.config.mixing };
}

/** The items' prompts. A short training reads few of them: they are encoded when they are read. */
export function grpoPrompts(
  { tokenizer, config }: Pick<Workshop, "tokenizer" | "config">,
  items: readonly Item[],
): GrpoPrompt[] {
  return items.map((item) => ({
    get ids() {
      return encodePrompt(tokenizer, item.prompt, config.system);
    },
    stratum: item.capability,
  }));
}

/** Runs GRPO from a fine-tuned system; the caller disposes of the values. */
export async function runGrpo(
  workshop: Workshop,
  from: TrainedSystem,
  grpo: GrpoConfig,
  options: {
    readonly folder: string;
    readonly onStep: (log: StepLog, maxSteps: number) => void;
  },
): Promise<TrainingResult> {
  const { config, knowledge, encoder, tokenizer, model } = workshop;
  const items = itemsOf(workshop, "train");
  const references = await workshop.references?.();
  const trainable = readTrained(workshop, from, grpo.seed);
  const result = await trainGrpo({
    model,
    tokenizer,
    trainable,
    prompts: grpoPrompts(workshop, items),
    rewardNames: capabilities,
    reward: async (indices, completions) => {
      return await itemRewards({
        items: indices.map((i) => items[i]!),
        completions,
        knowledge,
        encoder,
        references,
        mixing: config.mixing,
      });
    },
    config: grpo,
    onDamaged,
    ...options,
  });
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
  const key = grpoKey(workshop, from, grpo);
  return trainedStage(
    workshop,
    "grpo",
    `${name}, seed ${seed}`,
    key,
    (folder, onStep) => runGrpo(workshop, from, grpo, { folder, onStep }),
  );
}
