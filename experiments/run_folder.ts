/**
 * The folder of a training run: what is in it, beginning one, going on with one, and reading a finished one.
 *
 * @module
 */

import { join } from "@std/path";
import { z } from "zod";
import {
  basePolicy,
  createAdapter,
  currentPolicy,
  fromPeftTensors,
  fullParameters,
  type ModelConfig,
  type Policy,
  readAdapter,
  readSafetensors,
  toPeftTensors,
  type Trainable,
  type Transformer,
  withValues,
  writeAdapter,
  writeSafetensors,
} from "../lib/model/mod.ts";
import {
  type BackendInfo,
  isFile,
  parseConfig,
  randomStream,
  sha256Hex,
  tf,
  UsageError,
  writeFileAtomic,
} from "../lib/runtime/mod.ts";
import { isObject } from "./config_file.ts";
import { logFile } from "./run_log.ts";
import { completeConfig, type RunConfig } from "./train_config.ts";
import project from "../deno.json" with { type: "json" };

/** Names inside a run folder; the checkpoint is there until the run has come to its end. */
export const runFiles = {
  config: "config.json",
  record: "run.json",
  checkpoint: "checkpoint.safetensors",
  parameters: "parameters.safetensors",
  adapter: "adapter",
} as const;

const recordSchema = z.object({
  version: z.string().describe("Version of the project"),
  backend: z.object({
    name: z.string(),
    versions: z.record(z.string(), z.string()),
    machine: z.record(z.string(), z.union([z.string(), z.number()])),
  }).describe("What computed"),
  items: z.string().describe("Hash of the training items"),
  itemCount: z.int().describe("Number of training items"),
  rules: z.int().describe("Version of the rules that rewards come from"),
  from: z.object({
    hash: z.string().describe("Hash of its parameters"),
    config: z.record(z.string(), z.unknown()).describe("Its configuration"),
  }).nullable().describe("The run that it started from"),
  began: z.iso.datetime().describe("When it was begun, in UTC"),
  ended: z.iso.datetime().optional().describe("When it came to its end, in UTC"),
  seconds: z.number().optional().describe("Sum of the steps' times"),
});

/** What is known of a run besides its configuration: `run.json`. */
export type RunRecord = z.output<typeof recordSchema>;

/** A run that was begun. */
export interface RunFolder {
  /** Where it is. */
  readonly folder: string;
  /** Its configuration. */
  readonly config: RunConfig;
  /** What is known besides. */
  readonly record: RunRecord;
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`Expected JSON but found something else in ${path}`);
  }
}

/** Whether the run of a folder has come to its end: its parameters are written last. */
export function isFinished(folder: string): Promise<boolean> {
  return isFile(join(folder, runFiles.parameters));
}

/** The run of a folder, undefined where none was begun. */
export async function readRunFolder(folder: string): Promise<RunFolder | undefined> {
  const path = join(folder, runFiles.config);
  const recordPath = join(folder, runFiles.record);
  const [config, record] = [await readJsonFile(path), await readJsonFile(recordPath)];
  if (config === undefined || record === undefined) return undefined;
  return {
    folder,
    config: completeConfig(parseConfig(z.record(z.string(), z.unknown()), config, path), path),
    record: parseConfig(recordSchema, record, recordPath),
  };
}

/**
 * The run of a folder that has come to its end.
 *
 * @throws UsageError when there is no run, or it has not come to its end
 */
export async function finishedRun(folder: string): Promise<RunFolder> {
  const run = await readRunFolder(folder);
  if (run === undefined) {
    throw new UsageError(`Expected the folder of a training run but found none at ${folder}`);
  }
  if (!await isFinished(folder)) {
    throw new UsageError(
      `Expected a run that has come to its end but found one that has not in ${folder}; the command that began it goes on with it`,
    );
  }
  return run;
}

/** The first option, by its path of keys, whose value differs. */
function difference(a: unknown, b: unknown, path = ""): string | undefined {
  if (!isObject(a) || !isObject(b)) {
    return JSON.stringify(a) === JSON.stringify(b)
      ? undefined
      : `${path} to be ${JSON.stringify(a)} as before but found ${JSON.stringify(b)}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], path === "" ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The configuration without paths whose files are compared by their content. */
function comparable({ from: _, data: { items: _items, ...data }, ...rest }: RunConfig): unknown {
  return JSON.parse(JSON.stringify({ ...rest, data }));
}

/** What a run depends on besides its configuration. */
export type RunInputs = Pick<RunRecord, "items" | "itemCount" | "rules" | "from">;

/**
 * The run that was begun in a folder with the same configuration and inputs; undefined where none was. One that took no
 * step does not count.
 *
 * @throws UsageError when the run there has another configuration, other items or another beginning
 */
export async function begunRun(
  folder: string,
  config: RunConfig,
  inputs: RunInputs,
): Promise<RunFolder | undefined> {
  const begun = await readRunFolder(folder);
  if (begun === undefined || !await isFile(join(folder, logFile))) return undefined;
  const found = difference(comparable(begun.config), comparable(config)) ??
    difference(begun.record.items, inputs.items, "the hash of the training items") ??
    difference(begun.record.rules, inputs.rules, "the version of the rules") ??
    difference(begun.record.from?.hash, inputs.from?.hash, "the hash of the earlier run");
  if (found !== undefined) {
    throw new UsageError(`Expected ${found} in ${folder}; another --out begins another run`);
  }
  return begun;
}

/** Begins a run in a folder. */
export async function beginRun(
  folder: string,
  config: RunConfig,
  inputs: RunInputs,
  backend: BackendInfo,
): Promise<RunFolder> {
  const { name, versions, machine } = backend;
  const record: RunRecord = {
    version: project.version,
    backend: { name, versions: { ...versions }, machine: { ...machine } },
    ...inputs,
    began: new Date().toISOString(),
  };
  await writeFileAtomic(join(folder, runFiles.record), jsonText(record));
  await writeFileAtomic(join(folder, runFiles.config), jsonText(config));
  return { folder, config, record };
}

/** What a run trains, at its initial values. */
export function initialTrainable(model: Transformer, config: RunConfig): Trainable {
  if (config.tuning.kind === "full") return fullParameters(model);
  const { kind: _, ...lora } = config.tuning;
  return {
    kind: "lora",
    ...createAdapter(model.config, lora, randomStream(config.seed, "adapter")),
  };
}

/** The parameters of a finished run; the caller disposes of the values. */
export function runTrainable(model: Transformer, run: RunFolder): Trainable {
  const path = join(run.folder, runFiles.parameters);
  const initial = initialTrainable(model, run.config);
  initial.values.dispose();
  const stored = readSafetensors(path).get("values");
  if (stored?.data.length !== initial.values.size) {
    throw new UsageError(
      `Expected ${initial.values.size} parameters for ${run.config.model} but found ${
        stored?.data.length ?? "none"
      } in ${path}`,
    );
  }
  return withValues(initial, tf.tensor1d(stored.data as Float32Array));
}

/** The policy of a finished run. */
export function runPolicy(model: Transformer, run: RunFolder): Policy {
  const trainable = runTrainable(model, run);
  const policy = currentPolicy(model, trainable);
  trainable.values.dispose();
  return policy;
}

/** The model with the adapter of a folder, or as it is. */
export async function adaptedPolicy(
  model: Transformer,
  folder: string | undefined,
): Promise<Policy> {
  if (folder === undefined) return basePolicy(model);
  const { config, tensors } = await readAdapter(folder);
  const adapter = fromPeftTensors(model.config, config, tensors);
  const policy = currentPolicy(model, { kind: "lora", ...adapter });
  adapter.values.dispose();
  return policy;
}

/** Hash of a finished run's parameters. */
export async function parametersHash(folder: string): Promise<string> {
  return (await sha256Hex(await Deno.readFile(join(folder, runFiles.parameters)))).slice(0, 16);
}

/** The name on the Hugging Face Hub of a model that has a short one here. */
export function hubName(model: string): string {
  return model === "smollm2" ? "HuggingFaceTB/SmolLM2-135M-Instruct" : model;
}

/** Writes what a run has come to: parameters, adapter, the record's end. The parameters come last. */
export async function finishRunFolder(
  { folder, config, record }: RunFolder,
  model: ModelConfig,
  trainable: Trainable,
  seconds: number,
): Promise<void> {
  const values = trainable.values.dataSync() as Float32Array;
  if (trainable.kind === "lora") {
    await writeAdapter(join(folder, runFiles.adapter), {
      config: trainable.config,
      tensors: toPeftTensors(model, trainable, values),
      baseModel: hubName(config.model),
    });
  }
  const ended: RunRecord = { ...record, ended: new Date().toISOString(), seconds };
  await writeFileAtomic(join(folder, runFiles.record), jsonText(ended));
  await writeSafetensors(
    join(folder, runFiles.parameters),
    new Map([["values", { shape: [values.length], data: values }]]),
  );
}
