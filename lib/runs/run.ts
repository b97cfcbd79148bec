/**
 * A training run in a folder of its own: supervised fine-tuning or GRPO on items, from the model as it is or from an
 * earlier run. It goes on where it was stopped or killed.
 *
 * @module
 */

import { join } from "@std/path";
import { entityKinds, loadKnowledge } from "../knowledge/mod.ts";
import {
  createTransformer,
  disposeTransformer,
  encodeCompletion,
  encodePrompt,
  loadCheckpoint,
  resolveEncoder,
  type Tokenizer,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import {
  embedReferences,
  type Encoder,
  loadEncoder,
  referencePasses,
  rulesVersion,
} from "../reward/mod.ts";
import {
  type BackendInfo,
  hashJson,
  type OnStage,
  removeQuietly,
  UsageError,
  withLock,
} from "../runtime/mod.ts";
import { capabilities, type Item, readItems, synthesize } from "../synthesis/mod.ts";
import {
  grpoSchema,
  type OnDamaged,
  type OnStep,
  type RewardFunction,
  sftSchema,
  type StepLog,
  trainGrpo,
  type TrainingResult,
  trainSft,
} from "../training/mod.ts";
import { itemRewards } from "./rewards.ts";
import {
  beginRun,
  begunRun,
  finishedRun,
  finishRunFolder,
  initialTrainable,
  isFinished,
  parametersHash,
  runFiles,
  type RunFolder,
  runTrainable,
} from "./folder.ts";
import { openRunLog } from "./log.ts";
import type { RunConfig } from "./config.ts";

/** The items of a configuration: read from its file, or generated. */
export async function itemsOfConfig(
  { data }: RunConfig,
  stage: OnStage,
): Promise<Item[]> {
  if (data.items !== undefined) return await readItems(data.items);
  const knowledge = await loadKnowledge(data.knowledge);
  const kinds = new Set([...knowledge.entities.values()].map(({ kind }) => kind));
  const missing = entityKinds.find((kind) => !kinds.has(kind));
  if (missing !== undefined) {
    throw new UsageError(
      `Expected a graph with ${
        entityKinds.join(", ")
      } to generate items from but found no ${missing} in ${data.knowledge}; a file of items needs none`,
    );
  }
  const bar = stage("Generating validated data");
  const { items } = await synthesize({
    knowledge,
    count: data.count,
    seed: data.seed,
    verify: (item) => referencePasses(item, knowledge),
    onProgress: bar.update,
  });
  bar.finish(`${items.length} items`);
  return items;
}

/** Rewards by capability: the rules, mixed with similarity to the reference. */
async function rewardFunction(
  items: readonly Item[],
  { data, rewards }: RunConfig,
  stage: OnStage,
): Promise<RewardFunction> {
  const { mixing } = rewards!;
  const knowledge = await loadKnowledge(data.knowledge);
  let encoder: Encoder | undefined;
  if (mixing < 1) {
    const bar = stage("Loading the sentence encoder");
    encoder = await loadEncoder(await resolveEncoder(bar.update));
    bar.finish();
  }
  const references = encoder && await embedReferences(encoder, items);
  return async (indices, completions) => {
    return await itemRewards({
      items: indices.map((i) => items[i]!),
      completions,
      knowledge,
      encoder,
      references,
      mixing,
    });
  };
}

/** What {@linkcode trainRun} needs. */
export interface TrainRunOptions {
  /** The configuration. */
  readonly config: RunConfig;
  /** The run's folder. */
  readonly out: string;
  /** What computes. */
  readonly backend: BackendInfo;
  /** Shows a bar for what comes before the steps. */
  readonly stage: OnStage;
  /** Told before the first step. */
  readonly onStart?: (() => void) | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
  /** Told of each damaged checkpoint that the run does not go on from. */
  readonly onDamaged?: OnDamaged | undefined;
  /** Stops the run behind a step: a checkpoint is written and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** How a run ended. */
export interface TrainRunResult {
  /** The folder with what is known of it. */
  readonly run: RunFolder;
  /** Steps that were taken now; 0 for a run that had come to its end before. */
  readonly steps: number;
}

/**
 * Trains into a folder, or goes on with the run that was begun there.
 *
 * @throws UsageError when the configuration is not that of the run in the folder, or there is nothing to train on
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const { config, out, backend, stage } = options;
  const from = config.from === undefined ? undefined : await finishedRun(config.from);
  const all = await itemsOfConfig(config, stage);
  const items = all.filter(({ split }) => split === "train");
  const validation = all.filter(({ split }) => split === "validation");
  if (items.length === 0) {
    throw new UsageError(
      `Expected at least 1 item of the training split but found 0 in ${config.data.items}`,
    );
  }
  const inputs = {
    items: await hashJson(items),
    itemCount: items.length,
    rules: rulesVersion,
    from: from === undefined
      ? null
      : { hash: await parametersHash(from.folder), config: from.config },
  };
  if (from !== undefined) checkSameModel(config, from.config);
  const begun = await begunRun(out, config, inputs);
  if (begun !== undefined && await isFinished(out)) return { run: begun, steps: 0 };
  const { model, tokenizer } = await loadModel(config.model, stage);
  const trainable = from === undefined
    ? initialTrainable(model, config)
    : runTrainable(model, from);
  const waiting = stage("Waiting for another process with this folder");
  try {
    return await withLock(join(out, ".lock"), async () => {
      const run = await begunRun(out, config, inputs) ??
        await beginRun(out, config, inputs, backend);
      if (await isFinished(out)) return { run, steps: 0 };
      const { result, steps } = await takeSteps(
        options,
        model,
        tokenizer,
        items,
        validation,
        trainable,
      );
      const seconds = result.log.reduce((sum, { step_time }) => sum + step_time, 0);
      await finishRunFolder(run, model.config, result.trainable, seconds);
      await removeQuietly(join(out, runFiles.checkpoint));
      result.trainable.values.dispose();
      return { run, steps };
    }, () => waiting.update(0, 0));
  } finally {
    trainable.values.dispose();
    disposeTransformer(model);
  }
}

/** The model's tensors and tokenizer; what its files hold is not kept. */
async function loadModel(
  name: string,
  stage: OnStage,
): Promise<{ model: Transformer; tokenizer: Tokenizer }> {
  const loading = stage(`Loading ${name}`);
  const checkpoint = await loadCheckpoint(name, { seed: 0, onProgress: loading.update });
  const model = createTransformer(checkpoint);
  loading.finish();
  return { model, tokenizer: checkpoint.tokenizer };
}

/** Parameters fit only the model and the layout that they were trained in. */
function checkSameModel(config: RunConfig, from: RunConfig): void {
  for (const key of ["model", "tuning"] as const) {
    const [wanted, found] = [JSON.stringify(from[key]), JSON.stringify(config[key])];
    if (wanted !== found) {
      throw new UsageError(
        `Expected ${key} to be ${wanted}, as in ${config.from}, but found ${found}`,
      );
    }
  }
}

/** The steps, with their log. */
async function takeSteps(
  { config, out, stage, onStart, onStep, onDamaged, signal }: TrainRunOptions,
  model: Transformer,
  tokenizer: Tokenizer,
  items: readonly Item[],
  held: readonly Item[],
  trainable: Trainable,
): Promise<{ result: TrainingResult; steps: number }> {
  const log = openRunLog(out);
  let steps = 0;
  const common = {
    model,
    trainable,
    folder: out,
    signal,
    onDamaged,
    onStep: (entry: StepLog, maxSteps: number) => {
      steps++;
      log.add(entry);
      onStep?.(entry, maxSteps);
    },
  };
  const promptOf = (item: Item) => encodePrompt(tokenizer, item.prompt, config.system);
  try {
    if (config.method === "sft") {
      const exampleOf = (item: Item) => ({
        prompt: promptOf(item),
        completion: encodeCompletion(tokenizer, item.reference),
      });
      onStart?.();
      const sft = sftSchema.parse({ ...config.sft, seed: config.seed });
      const result = await trainSft({
        ...common,
        examples: items.map(exampleOf),
        validation: held.map(exampleOf),
        config: sft,
      });
      return { result, steps };
    }
    const reward = await rewardFunction(items, config, stage);
    onStart?.();
    const result = await trainGrpo({
      ...common,
      tokenizer,
      prompts: items.map((item) => ({ ids: promptOf(item), stratum: item.capability })),
      rewardNames: capabilities,
      reward,
      config: grpoSchema.parse({ ...config.grpo, seed: config.seed }),
    });
    return { result, steps };
  } finally {
    log.close();
  }
}
