/**
 * The systems that experiments compare, trained and evaluated in stages that the store keeps: data, supervised
 * fine-tuning, GRPO with one of the ways to combine rewards, evaluation.
 *
 * @module
 */

import { join } from "@std/path";
import {
  type CapabilityResult,
  evaluateItems,
  evaluateMmlu,
  type MmluResult,
} from "../lib/evaluation/mod.ts";
import { type Knowledge, loadKnowledge } from "../lib/knowledge/mod.ts";
import {
  basePolicy,
  complete,
  createAdapter,
  createTransformer,
  currentPolicy,
  disposePolicy,
  encodeCompletion,
  encodePrompt,
  fullParameters,
  type LanguageModel,
  loadCheckpoint,
  logLikelihoods,
  type LoraConfig,
  type ModelConfig,
  type Policy,
  readSafetensors,
  resolveEncoder,
  type Tokenizer,
  toPeftTensors,
  type Trainable,
  type Transformer,
  withValues,
  writeAdapter,
  writeSafetensors,
} from "../lib/model/mod.ts";
import {
  type Encoder,
  hybridRewards,
  loadEncoder,
  referencePasses,
  ruleScores,
  rulesVersion,
} from "../lib/reward/mod.ts";
import { randomStream, tf } from "../lib/runtime/mod.ts";
import {
  capabilities,
  type Item,
  type Split,
  type SynthesisReport,
  synthesize,
} from "../lib/synthesis/mod.ts";
import {
  type GrpoConfig,
  grpoSchema,
  type StepLog,
  trainGrpo,
  trainSft,
} from "../lib/training/mod.ts";
import type { RunContext } from "./experiment.ts";
import type { SystemsConfig } from "./systems_config.ts";

/** Raised when a stage computes something else from the same key, so that stored results are not mixed. */
const STAGES_VERSION = 1;

/** Everything the stages share. */
export interface Workshop {
  readonly context: RunContext;
  readonly config: SystemsConfig;
  readonly knowledge: Knowledge;
  readonly items: readonly Item[];
  readonly synthesis: SynthesisReport;
  readonly itemsHash: string;
  readonly modelConfig: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly model: Transformer;
  /** Name of the model, for keys. */
  readonly source: unknown;
  readonly encoder: Encoder;
}

/** Makes the data and loads the models. */
export async function openWorkshop(context: RunContext, config: SystemsConfig): Promise<Workshop> {
  const loading = context.stage(`Loading ${config.model}`);
  const checkpoint = await loadCheckpoint(config.model, { seed: 0, onProgress: loading.update });
  const model = createTransformer(checkpoint);
  loading.finish();
  const knowledge = await loadKnowledge();
  const data = context.stage("Generating validated data");
  const made = await context.store.json(
    "items",
    { version: STAGES_VERSION, rules: rulesVersion, count: config.items, seed: 0 },
    () =>
      synthesize({
        knowledge,
        count: config.items,
        seed: 0,
        verify: (item) => referencePasses(item, knowledge),
        onProgress: data.update,
      }),
  );
  data.finish(`${made.value.items.length} items`);
  const encoding = context.stage("Loading the sentence encoder");
  const encoder = await loadEncoder(await resolveEncoder(encoding.update));
  encoding.finish();
  return {
    context,
    config,
    knowledge,
    items: made.value.items,
    synthesis: made.value.report,
    itemsHash: made.hash,
    modelConfig: checkpoint.config,
    tokenizer: checkpoint.tokenizer,
    model,
    source: { name: checkpoint.source.name, config: checkpoint.config },
    encoder,
  };
}

/** Items of a split, at most `limit` of each capability. */
export function itemsOf({ items }: Workshop, split: Split, limit = Infinity): Item[] {
  return capabilities.flatMap((capability) =>
    items.filter((item) => item.split === split && item.capability === capability).slice(0, limit)
  );
}

/** A trained system: where its parameters are, by which key, and what each step logged. */
export interface TrainedSystem {
  readonly folder: string;
  readonly hash: string;
  readonly log: readonly StepLog[];
  readonly seconds: number;
}

const PARAMETERS = "parameters.safetensors";
const LOG = "log.json";

function initialTrainable(workshop: Workshop, seed: number): Trainable {
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

async function trainedStage(
  workshop: Workshop,
  kind: string,
  label: string,
  key: unknown,
  train: (
    scratch: string,
    onStep: (log: StepLog, maxSteps: number) => void,
  ) => Promise<{ trainable: Trainable; log: readonly StepLog[] }>,
): Promise<TrainedSystem> {
  const { context } = workshop;
  const bar = context.stage(label);
  const full = {
    version: STAGES_VERSION,
    rules: rulesVersion,
    backend: context.backend.name,
    source: workshop.source,
    items: workshop.itemsHash,
    system: workshop.config.system,
    tuning: workshop.config.tuning,
    ...key as object,
  };
  const stage = await context.store.files(kind, full, async (folder, scratch) => {
    const { trainable, log } = await train(scratch, ({ step, loss, reward }, maxSteps) => {
      bar.update(
        step,
        maxSteps,
        reward === undefined ? `loss ${loss.toFixed(3)}` : `reward ${reward.toFixed(3)}`,
      );
    });
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
    const result = await trainSft({ model, trainable, examples, config: sft, folder, onStep });
    trainable.values.dispose();
    return result;
  });
}

/** A way to combine the capabilities' rewards in GRPO. */
export type RewardRule = Partial<
  Pick<
    GrpoConfig,
    "multiObjectiveAggregation" | "scaleRewards" | "weighting" | "rewardWeights" | "lossType"
  >
>;

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

/** GRPO from a fine-tuned system, which is also the reference of the divergence. */
export function reinforced(
  workshop: Workshop,
  from: TrainedSystem,
  name: string,
  rule: RewardRule,
  seed: number,
): Promise<TrainedSystem> {
  const { config, knowledge, encoder, tokenizer, model } = workshop;
  const grpo = grpoSchema.parse({
    ...config.grpo,
    rewardWeights: capabilities.map(() => 1 / capabilities.length),
    ...rule,
    seed,
  });
  const key = { from: from.hash, grpo, mixing: config.mixing };
  return trainedStage(workshop, "grpo", `${name}, seed ${seed}`, key, async (folder, onStep) => {
    const items = itemsOf(workshop, "train");
    const trainable = readTrained(workshop, from, seed);
    const result = await trainGrpo({
      model,
      tokenizer,
      trainable,
      prompts: items.map((item) => ({
        ids: encodePrompt(tokenizer, item.prompt, config.system),
        stratum: item.capability,
      })),
      rewardNames: capabilities,
      reward: async (indices, completions) => {
        const scores = await hybridRewards({
          items: indices.map((i) => items[i]!),
          completions,
          knowledge,
          encoder,
          mixing: config.mixing,
        });
        return scores.map((row) => capabilities.map((c) => row[c] ?? null));
      },
      config: grpo,
      folder,
      onStep,
    });
    trainable.values.dispose();
    return result;
  });
}

/** What a system scores: the held-out items by capability, and MMLU where it is asked for. */
export interface Evaluation {
  readonly items: readonly CapabilityResult[];
  readonly mmlu: MmluResult | null;
}

/** Evaluates a trained system, or the model as it is. */
export async function evaluate(
  workshop: Workshop,
  name: string,
  system: TrainedSystem | undefined,
  seed: number,
): Promise<Evaluation & { seconds: number }> {
  const { context, config, knowledge, model, tokenizer } = workshop;
  const label = system === undefined ? `Evaluating ${name}` : `Evaluating ${name}, seed ${seed}`;
  const bar = context.stage(label);
  const key = {
    version: STAGES_VERSION,
    rules: rulesVersion,
    backend: context.backend.name,
    source: workshop.source,
    items: workshop.itemsHash,
    parameters: system?.hash ?? null,
    system: config.system,
    testItems: config.testItems,
    maxNewTokens: config.maxNewTokens,
    evaluationRows: config.evaluationRows,
    mmluQuestions: config.mmluQuestions,
  };
  const stage = await context.store.json("evaluation", key, async (): Promise<Evaluation> => {
    const trainable = system && readTrained(workshop, system, seed);
    const policy: Policy = trainable ? currentPolicy(model, trainable) : basePolicy(model);
    const language: LanguageModel = { tokenizer, policy };
    try {
      const items = await evaluateItems({
        items: itemsOf(workshop, "test", config.testItems),
        complete: async (prompts, { maxNewTokens, temperature, seed }, onProgress) =>
          (await complete(language, prompts, {
            maxNewTokens,
            temperature,
            seed,
            system: config.system,
            batchRows: config.evaluationRows,
          }, onProgress)).map(([first]) => first!.text),
        score: (item, completion) => ruleScores(item, completion, knowledge),
        maxNewTokens: config.maxNewTokens,
        seed: 0,
        onProgress: (done, total) => bar.update(done, total, "answers"),
      });
      const mmlu = config.mmluQuestions === 0 ? null : await evaluateMmlu({
        loglikelihood: (requests, onProgress) => logLikelihoods(language, requests, onProgress),
        limit: config.mmluQuestions,
        onProgress: (done, total) => bar.update(done, total, "MMLU"),
      });
      return { items, mmlu };
    } finally {
      if (trainable) {
        disposePolicy(policy, trainable);
        trainable.values.dispose();
      }
    }
  });
  bar.finish(stage.cached ? "from the store" : undefined);
  return { ...stage.value, seconds: stage.seconds };
}
