/**
 * A training run in a folder of its own: supervised fine-tuning or GRPO on items, from the model as it is or from an
 * earlier run. It goes on where it was stopped or killed.
 *
 * @module
 */

import { join } from "@std/path";
import { hasClinical, knowledgeHash, loadClinical, loadKnowledge } from "../knowledge/mod.ts";
import {
  disposeTransformer,
  memoryNote,
  modelHash,
  resolveEncoder,
  type Tokenizer,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import {
  disposeEncoder,
  embedReferences,
  loadEncoder,
  referencePasses,
  rulesVersion,
} from "../reward/mod.ts";
import {
  type BackendInfo,
  checkWritable,
  hashJson,
  type OnStage,
  removeTemporaries,
  UsageError,
  withLock,
  WorkbenchError,
} from "../runtime/mod.ts";
import { importNotes, type Item, readItemFile, synthesize } from "../synthesis/mod.ts";
import {
  grpoSchema,
  type OnDamaged,
  type OnStep,
  removeCheckpoints,
  sftSchema,
  type StepLog,
  type TrainingResult,
} from "../training/mod.ts";
import {
  beginRun,
  begunRun,
  checkModelFiles,
  finishedRun,
  finishRunFolder,
  isFinished,
  parametersHash,
  runFiles,
  type RunFolder,
  runTrainable,
} from "./folder.ts";
import { openRunLog } from "./log.ts";
import type { RunConfig } from "./config.ts";
import { type OnNote, openModel } from "./model.ts";
import { checkParameters, initialTrainable } from "./parameters.ts";
import type { RewardSource } from "./rewards.ts";
import { fineTune, reinforce } from "./train.ts";

/** The items of a configuration: read from its file, or generated. What is left out of a user's questions is noted. */
export async function itemsOfConfig(
  { data }: RunConfig,
  stage: OnStage,
  onWarning?: (line: string) => void,
  onNote?: OnNote,
): Promise<readonly Item[]> {
  if (data.items !== undefined) {
    const bar = stage("Reading questions");
    const { items, imported } = await readItemFile(data.items, referencePasses, bar.update);
    if (imported !== undefined) {
      bar.finish();
      importNotes(imported).forEach((note) => onNote?.(note));
    }
    return items;
  }
  const knowledge = await loadKnowledge(data.knowledge, onWarning);
  if (!await hasClinical(data.knowledge)) {
    throw new UsageError(
      `Expected curated tables in clinical/ to generate items from but found none in ${data.knowledge}; a file of items needs none`,
    );
  }
  const clinical = await loadClinical(knowledge, {}, data.knowledge);
  const bar = stage("Generating validated data");
  const { items } = await synthesize({
    clinical,
    count: data.count,
    seed: data.seed,
    verify: (item) => referencePasses(item, knowledge),
    onProgress: bar.update,
  });
  bar.finish(`${items.length} items`);
  return items;
}

/** What rewards come from: the rules, and similarity to the reference where it counts. */
async function rewardSource(
  items: readonly Item[],
  { data, rewards }: RunConfig,
  stage: OnStage,
  onWarning?: (line: string) => void,
): Promise<RewardSource> {
  const { mixing } = rewards!;
  // Items that were generated come from this graph, whose warnings are told by then.
  const tell = data.items === undefined ? undefined : onWarning;
  const knowledge = await loadKnowledge(data.knowledge, tell);
  if (mixing === 1) return { knowledge, mixing };
  const bar = stage("Loading the sentence encoder");
  const encoder = await loadEncoder(await resolveEncoder(bar.update));
  bar.finish();
  return { knowledge, mixing, encoder, references: await embedReferences(encoder, items) };
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
  /** Told what a user should know about the model and what it reads. */
  readonly onNote?: OnNote | undefined;
  /** Told before the first step. */
  readonly onStart?: (() => void) | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
  /** Told what was wrong in the files of the knowledge graph. */
  readonly onWarning?: ((line: string) => void) | undefined;
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
  await checkWritable(out);
  const from = config.from === undefined ? undefined : await finishedRun(config.from);
  const all = await itemsOfConfig(config, stage, options.onWarning, options.onNote);
  const items = all.filter(({ split }) => split === "train");
  const validation = all.filter(({ split }) => split === "validation");
  if (items.length === 0) {
    throw new UsageError(
      `Expected at least 1 item of the training split but found 0 in ${config.data.items}`,
    );
  }
  const inputs = {
    model: await modelHash(config.model),
    ...(config.method === "grpo" && { knowledge: await knowledgeHash(config.data.knowledge) }),
    items: await hashJson(items),
    itemCount: items.length,
    validation: await hashJson(validation),
    rules: rulesVersion,
    from: from === undefined
      ? null
      : { hash: await parametersHash(from.folder), config: from.config },
  };
  if (from !== undefined) {
    checkSameModel(config, from.config);
    await checkModelFiles(from);
  }
  const begun = await begunRun(out, config, inputs, backend);
  if (begun !== undefined && await isWhole(begun)) return { run: begun, steps: 0 };
  const { model, tokenizer, notes } = await openModel(config.model, stage);
  notes.forEach((note) => options.onNote?.(note));
  const short = memoryNote(model.config, config[config.method]?.gradientCheckpointing);
  if (short !== undefined) options.onNote?.(short);
  const trainable = from === undefined
    ? initialTrainable(model, config.tuning, config.seed)
    : runTrainable(model, from);
  const waiting = stage("Waiting for another process with this folder");
  try {
    return await withLock(join(out, ".lock"), async () => {
      const run = await begunRun(out, config, inputs, backend) ??
        await beginRun(out, config, inputs, backend);
      if (await isWhole(run)) return { run, steps: 0 };
      await removeTemporaries(out);
      await removeTemporaries(join(out, runFiles.adapter));
      const { result, steps } = await takeSteps(
        options,
        run,
        model,
        tokenizer,
        items,
        validation,
        trainable,
      );
      const seconds = result.log.reduce((sum, { step_time }) => sum + step_time, 0);
      await finishRunFolder(run, model.config, result.trainable, seconds);
      await removeCheckpoints(out);
      result.trainable.values.dispose();
      return { run, steps };
    }, () => waiting.update(0, 0));
  } finally {
    trainable.values.dispose();
    disposeTransformer(model);
  }
}

/**
 * Whether a run has come to its end.
 *
 * @throws WorkbenchError when it has, and what it wrote is damaged
 */
async function isWhole({ folder, config }: RunFolder): Promise<boolean> {
  if (!await isFinished(folder)) return false;
  try {
    await checkParameters(folder, config.tuning);
    return true;
  } catch (error) {
    const { message } = error as Error;
    throw new WorkbenchError(
      `${message}; the run in ${folder} had come to its end: put a whole copy in its place, or remove ${runFiles.parameters} to train again`,
      { cause: error },
    );
  }
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
  { config, out, stage, onStart, onStep, onWarning, onDamaged, signal }: TrainRunOptions,
  { config: begunWith, record }: RunFolder,
  model: Transformer,
  tokenizer: Tokenizer,
  items: readonly Item[],
  held: readonly Item[],
  trainable: Trainable,
): Promise<{ result: TrainingResult; steps: number }> {
  const log = openRunLog(out);
  let steps = 0;
  const parts = {
    model,
    tokenizer,
    system: config.system,
    items,
    trainable,
    folder: out,
    run: { config: begunWith, record },
    onResume: log.resume,
    signal,
    onDamaged,
    onStep: (entry: StepLog, maxSteps: number) => {
      steps++;
      log.add(entry);
      onStep?.(entry, maxSteps);
    },
  };
  const { method, seed } = config;
  try {
    if (method === "sft") {
      onStart?.();
      return {
        result: await fineTune(parts, sftSchema.parse({ ...config.sft, seed }), held),
        steps,
      };
    }
    const rewards = await rewardSource(items, config, stage, onWarning);
    onStart?.();
    try {
      const result = await reinforce(parts, grpoSchema.parse({ ...config.grpo, seed }), rewards);
      return { result, steps };
    } finally {
      if (rewards.encoder !== undefined) disposeEncoder(rewards.encoder);
    }
  } finally {
    log.close();
  }
}
