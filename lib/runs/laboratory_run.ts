/**
 * A training run in the laboratory: prompts with closed lists of answers from a file, a rule for the rewards' weights,
 * exact gradients. It goes on where it was stopped or killed, and the same options give the same results, byte for byte.
 *
 * @module
 */

import { join } from "@std/path";
import {
  disposeLaboratory,
  exactGradients,
  exactValues,
  type Laboratory,
  openLaboratory,
  type Population,
  readPopulation,
} from "../laboratory/mod.ts";
import {
  disposeTransformer,
  modelHash,
  projections,
  type Trainable,
  type Transformer,
  wholeAdapter,
} from "../model/mod.ts";
import {
  type BackendInfo,
  checkWritable,
  isFile,
  isObject,
  type OnStage,
  type OutputOf,
  parseConfig,
  removeTemporaries,
  sha256OfFile,
  UsageError,
  withLock,
  writeFileAtomic,
} from "../runtime/mod.ts";
import {
  checkpointRuns,
  type ExactConfig,
  exactSchema,
  harmfulSteps,
  type OnDamaged,
  type OnStep,
  removeCheckpoints,
  type StepLog,
  trainExact,
  type TrainingResult,
} from "../training/mod.ts";
import { difference, runFiles } from "./folder.ts";
import { readJsonFile } from "./json_file.ts";
import * as schemas from "./laboratory_schemas.ts";
import { logFile, openRunLog } from "./log.ts";
import { type OnNote, openModel } from "./model.ts";
import { initialTrainable, parametersRun, type Tuning, writeParameters } from "./parameters.ts";
import project from "../../deno.json" with { type: "json" };

/** Options of a run in the laboratory, all plain, for a command line. */
export const laboratoryRunSchema: (typeof schemas)["laboratoryRunSchema"] =
  schemas.laboratoryRunSchema;

/** See {@linkcode laboratoryRunSchema}. */
export type LaboratoryRunConfig = OutputOf<typeof laboratoryRunSchema>;

/** What a run in the laboratory has come to: `results.json`. */
export type LaboratoryResults = OutputOf<(typeof schemas)["laboratoryResultsSchema"]>;

/** Name of the file of results inside the folder. */
const resultsFile = "results.json";

/** What {@linkcode runLaboratory} needs. */
export interface LaboratoryRunOptions {
  /** The options. */
  readonly config: LaboratoryRunConfig;
  /** The run's folder. */
  readonly out: string;
  /** What computes. */
  readonly backend: BackendInfo;
  /** Shows a bar. */
  readonly stage: OnStage;
  /** Told what a user should know about the model. */
  readonly onNote?: OnNote | undefined;
  /** Told before the first step. */
  readonly onStart?: (() => void) | undefined;
  /** Told of each damaged checkpoint that the run does not go on from. */
  readonly onDamaged?: OnDamaged | undefined;
  /** Stops the run behind a step: a checkpoint is written and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Highest learning rates where none is given. */
const LEARNING_RATES = { lora: 1e-3, full: 1e-4 } as const;

/** Differences of weights from the preference up to this are rounding. */
const ROUNDING = 1e-6;

/** The trainer's options. */
function trainingConfig(config: LaboratoryRunConfig, population: Population): ExactConfig {
  const { rewardNames } = population;
  const rewardWeights = config.preference ?? rewardNames.map(() => 1 / rewardNames.length);
  if (rewardWeights.length !== rewardNames.length) {
    throw new UsageError(
      `Expected preference to have ${rewardNames.length} numbers (${
        rewardNames.join(", ")
      }) but found ${rewardWeights.length}`,
    );
  }
  return exactSchema.parse({
    ...config,
    rewardWeights,
    weighting: config.rule,
    maxSteps: config.steps,
    learningRate: config.learningRate ?? LEARNING_RATES[config.tuning],
  });
}

const tuningOf = ({ tuning, r, loraAlpha }: LaboratoryRunConfig): Tuning =>
  tuning === "full"
    ? { kind: "full" }
    : { kind: "lora", r, loraAlpha, targetModules: [...projections], useRslora: false };

/** What a run depends on. */
async function inputsOf(
  { config: { data, ...config }, backend: { name, versions } }: LaboratoryRunOptions,
): Promise<Record<string, unknown>> {
  return JSON.parse(JSON.stringify({
    ...config,
    data_hash: await sha256OfFile(data),
    model_hash: await modelHash(config.model),
    backend: { name, versions },
  }));
}

/**
 * Compares with the run that was begun in a folder; one that left neither a step nor a checkpoint does not count. All that
 * says what run it is has to say the same: config.json, the parameters and the checkpoints.
 *
 * @returns what it has come to, where it has come to its end
 * @throws UsageError when it was begun with other options, prompts, another model or backend, or does not say with which
 */
async function begunResults(
  folder: string,
  inputs: Record<string, unknown>,
): Promise<LaboratoryResults | undefined> {
  const path = join(folder, resultsFile);
  const configPath = join(folder, runFiles.config);
  const parameters = await parametersRun(folder);
  const kept = [...parameters === undefined ? [] : [parameters], ...await checkpointRuns(folder)];
  const logged = await isFile(join(folder, logFile)) || await isFile(path);
  if (kept.length === 0 && !logged) return undefined;
  const described = { path: configPath, run: await readJsonFile(configPath) };
  const said = [described, ...kept].filter(({ run }) => run !== undefined);
  if (said.length === 0) {
    throw new UsageError(
      `Expected ${configPath}, which says what run it is, but found none; another --out begins another run`,
    );
  }
  for (const { path, run } of said) {
    // A run of an earlier version did not record what computed.
    const now = isObject(run) && run.backend === undefined
      ? { ...inputs, backend: undefined }
      : inputs;
    const found = difference(run, now);
    if (found !== undefined) {
      throw new UsageError(`Expected ${found} in ${path}; another --out begins another run`);
    }
  }
  const results = await readJsonFile(path);
  return results === undefined
    ? undefined
    : parseConfig(schemas.laboratoryResultsSchema, results, path);
}

/** What is measured of a run: the mean rewards before and after, the least on the way, and what the weights did. */
function summary(
  { backend }: LaboratoryRunOptions,
  population: Population,
  config: ExactConfig,
  log: readonly StepLog[],
  measured: {
    readonly end: readonly number[];
    readonly heldOut: readonly [readonly number[], readonly number[]] | undefined;
  },
): LaboratoryResults {
  const { rewardNames, train, heldOut } = population;
  const preference = config.rewardWeights;
  const { harmful, worst_cosine } = harmfulSteps(log, rewardNames);
  const farthest = (step: StepLog): number =>
    Math.max(...rewardNames.map((name, i) => Math.abs(step[`weights/${name}`]! - preference[i]!)));
  return {
    version: project.version,
    backend: { name: backend.name, versions: { ...backend.versions } },
    prompts: train.length,
    held_out_prompts: heldOut.length,
    steps: log.length,
    harmful_steps: harmful,
    worst_cosine,
    moved_steps: log.filter((step) => farthest(step) > ROUNDING).length,
    rewards: rewardNames.map((name, i) => {
      const values = [...log.map((step) => step[`objective/${name}`]!), measured.end[i]!];
      return {
        name,
        preference: preference[i]!,
        start: values[0]!,
        end: values.at(-1)!,
        lowest: values.reduce((least, value) => Math.min(least, value)),
        held_out_start: measured.heldOut?.[0][i] ?? null,
        held_out_end: measured.heldOut?.[1][i] ?? null,
        largest_weight: log.reduce((most, step) => Math.max(most, step[`weights/${name}`]!), 0),
        values,
      };
    }),
  };
}

/** Writes the trained parameters; an adapter of the last layers as one of the whole model. */
async function writeTrained(
  folder: string,
  model: Transformer,
  trained: Trainable,
  name: string,
  run: unknown,
): Promise<void> {
  const whole = trained.kind === "lora" ? wholeAdapter(model, trained) : trained;
  await writeParameters(folder, model.config, whole, name, run);
  if (whole !== trained) whole.values.dispose();
}

/** Opens laboratories on the prompts for training and on those held out, if any. */
async function openLaboratories(
  { config, stage, onNote }: LaboratoryRunOptions,
  population: Population,
): Promise<{ train: Laboratory; heldOut: Laboratory | undefined; whole: Transformer }> {
  const { model: whole, tokenizer, notes } = await openModel(config.model, stage);
  notes.forEach((note) => onNote?.(note));
  const opened = (prompts: Population["train"], label: string): Laboratory => {
    const bar = stage(label);
    const lab = openLaboratory({
      ...config,
      model: whole,
      tokenizer,
      prompts,
      rewardNames: population.rewardNames,
      onProgress: bar.update,
    });
    bar.finish(`${prompts.length} prompts`);
    return lab;
  };
  const train = opened(population.train, "Encoding");
  const heldOut = population.heldOut.length === 0
    ? undefined
    : opened(population.heldOut, "Encoding what is held out");
  return { train, heldOut, whole };
}

/** The steps, with their log and a bar. */
async function takeSteps(
  { out, stage, onStart, onDamaged, signal }: LaboratoryRunOptions,
  lab: Laboratory,
  trainable: Trainable,
  config: ExactConfig,
  run: unknown,
): Promise<TrainingResult> {
  const log = openRunLog(out);
  const bar = stage("Training");
  const onStep: OnStep = (entry, steps) => {
    log.add(entry);
    bar.update(entry.step, steps);
  };
  onStart?.();
  try {
    const result = await trainExact({
      objective: {
        rewardNames: lab.rewardNames,
        evaluate: (at) => exactGradients(lab, at),
      },
      trainable,
      config,
      folder: out,
      run,
      onResume: log.resume,
      onStep,
      onDamaged,
      signal,
    });
    bar.finish(`${result.log.length} steps`);
    return result;
  } finally {
    log.close();
  }
}

/** Trains and measures. */
async function trainAndMeasure(
  options: LaboratoryRunOptions,
  population: Population,
  training: ExactConfig,
  run: unknown,
): Promise<LaboratoryResults> {
  const { config, out } = options;
  const { train, heldOut, whole } = await openLaboratories(options, population);
  const trainable = initialTrainable(train.model, tuningOf(config), config.seed);
  try {
    const { trainable: trained, log } = await takeSteps(
      options,
      train,
      trainable,
      training,
      run,
    );
    const results = summary(options, population, training, log, {
      end: exactValues(train, trained),
      heldOut: heldOut && [exactValues(heldOut, trainable), exactValues(heldOut, trained)],
    });
    await writeTrained(out, whole, trained, config.model, run);
    trained.values.dispose();
    return results;
  } finally {
    trainable.values.dispose();
    disposeLaboratory(train);
    if (heldOut !== undefined) disposeLaboratory(heldOut);
    disposeTransformer(whole);
  }
}

/**
 * Trains into a folder, or goes on with the run that was begun there: `config.json`, `log.csv` with a row a step, the
 * trained parameters, `results.json`.
 *
 * @param options options, folder, and who is told
 * @returns what the run has come to
 * @throws UsageError when the prompts or options do not fit, or the folder holds another run
 */
export async function runLaboratory(options: LaboratoryRunOptions): Promise<LaboratoryResults> {
  const { config, out, stage } = options;
  if (config.topLayers !== undefined && config.tuning === "full") {
    throw new UsageError(
      "Expected topLayers only with tuning lora but found it with tuning full",
    );
  }
  await checkWritable(out);
  const population = await readPopulation(config.data);
  const training = trainingConfig(config, population);
  const inputs = await inputsOf(options);
  const waiting = stage("Waiting for another process with this folder");
  return await withLock(join(out, ".lock"), async () => {
    const before = await begunResults(out, inputs);
    if (before !== undefined) return before;
    const write = (name: string, value: unknown): Promise<void> =>
      writeFileAtomic(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
    await removeTemporaries(out);
    await write(runFiles.config, inputs);
    const results = await trainAndMeasure(options, population, training, inputs);
    await write(resultsFile, results);
    await removeCheckpoints(out);
    return results;
  }, () => waiting.update(0, 0));
}
