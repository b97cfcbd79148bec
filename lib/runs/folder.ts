/**
 * The folder of a training run: what is in it, beginning one, going on with one, and reading a finished one.
 *
 * @module
 */

import { join } from "@std/path";
import { z } from "zod";
import {
  basePolicy,
  currentPolicy,
  fromPeftTensors,
  type ModelConfig,
  type Policy,
  readAdapter,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import {
  type BackendInfo,
  isFile,
  isObject,
  type OutputOf,
  parseConfig,
  sha256Hex,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { readJsonFile } from "./json_file.ts";
import { logFile } from "./log.ts";
import { completeConfig, type RunConfig } from "./config.ts";
import * as schemas from "./schemas.ts";
import { parameterFiles, readParameters, writeParameters } from "./parameters.ts";
import project from "../../deno.json" with { type: "json" };

/** Names inside a run folder; the checkpoint is there until the run has come to its end. */
export const runFiles = {
  config: "config.json",
  record: "run.json",
  checkpoint: "checkpoint.safetensors",
  ...parameterFiles,
} as const;

/** What is known of a run besides its configuration: `run.json`. */
export type RunRecord = OutputOf<(typeof schemas)["recordSchema"]>;

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
    record: parseConfig(schemas.recordSchema, record, recordPath),
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

/** The first option, by its path of keys, whose value differs, in words. */
export function difference(a: unknown, b: unknown, path = ""): string | undefined {
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
export type RunInputs = Pick<
  RunRecord,
  "model" | "knowledge" | "items" | "itemCount" | "rules" | "from"
>;

/**
 * The run that was begun in a folder with the same configuration and inputs; undefined where none was. One that took no
 * step does not count.
 *
 * @throws UsageError when the run there has another configuration, model, graph, other items or another beginning
 */
export async function begunRun(
  folder: string,
  config: RunConfig,
  inputs: RunInputs,
): Promise<RunFolder | undefined> {
  const begun = await readRunFolder(folder);
  if (begun === undefined || !await isFile(join(folder, logFile))) return undefined;
  const { record } = begun;
  // What a run of an earlier version did not record is not compared.
  const kept = (key: "model" | "knowledge", name: string) =>
    record[key] === undefined ? undefined : difference(record[key], inputs[key], name);
  const found = difference(comparable(begun.config), comparable(config)) ??
    kept("model", "the hash of the model's files") ??
    kept("knowledge", "the hash of the graph's files") ??
    difference(record.items, inputs.items, "the hash of the training items") ??
    difference(record.rules, inputs.rules, "the version of the rules") ??
    difference(record.from?.hash, inputs.from?.hash, "the hash of the earlier run");
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

/**
 * The parameters of a finished run.
 *
 * @param model the run's model
 * @param run the run
 * @returns parameters whose values the caller disposes of
 * @throws {UsageError} when their number is not that of the run's model and tuning
 */
export function runTrainable(model: Transformer, run: RunFolder): Trainable {
  return readParameters(run.folder, model, run.config.tuning);
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

/** Writes what a run has come to: parameters, adapter, the record's end. The parameters come last. */
export async function finishRunFolder(
  { folder, config, record }: RunFolder,
  model: ModelConfig,
  trainable: Trainable,
  seconds: number,
): Promise<void> {
  const ended: RunRecord = { ...record, ended: new Date().toISOString(), seconds };
  await writeFileAtomic(join(folder, runFiles.record), jsonText(ended));
  await writeParameters(folder, model, trainable, config.model);
}
