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
  modelHash,
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
  sha256OfFile,
  UsageError,
  writeFileAtomic,
} from "../runtime/mod.ts";
import { readJsonFile } from "./json_file.ts";
import { logFile } from "./log.ts";
import { completeConfig, type RunConfig } from "./config.ts";
import * as schemas from "./schemas.ts";
import { type CheckpointRun, checkpointRuns } from "../training/mod.ts";
import { parameterFiles, parametersRun, readParameters, writeParameters } from "./parameters.ts";
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
 * The run of a folder that has come to its end. What its parameters say that they were trained with counts; config.json and
 * run.json may be gone.
 *
 * @throws UsageError when there is no run, it has not come to its end, or config.json or run.json is of another run
 */
export async function finishedRun(folder: string): Promise<RunFolder> {
  const stored = await parametersRun(folder);
  const described = await readRunFolder(folder);
  if (stored?.run !== undefined) {
    const trained = storedRun(folder, stored);
    if (described === undefined) return trained;
    const found = runDifference(trained, described, `as in ${stored.path}`);
    if (found === undefined) return described;
    throw new UsageError(
      `Expected ${found} in ${folder}/${runFiles.config} or ${runFiles.record}; ` +
        "remove these two, and what the parameters were trained with is read from their own file",
    );
  }
  if (described === undefined) {
    throw new UsageError(`Expected the folder of a training run but found none at ${folder}`);
  }
  if (stored === undefined) {
    throw new UsageError(
      `Expected a run that has come to its end but found one that has not in ${folder}; the command that began it goes on with it`,
    );
  }
  return described;
}

/**
 * Refuses a run whose model has other files than when it was trained: what was trained fits only those.
 *
 * @throws UsageError with both hashes
 */
export async function checkModelFiles({ folder, config, record }: RunFolder): Promise<void> {
  if (record.model === undefined) return;
  const found = await modelHash(config.model);
  if (found === record.model) return;
  throw new UsageError(
    `Expected the hash of the model's files to be ${record.model}, as when ${folder} was trained, but found ${found} at ` +
      `${config.model}; put the model back that it was trained on`,
  );
}

/** The first option, by its path of keys, whose value differs, in words. */
export function difference(
  a: unknown,
  b: unknown,
  path = "",
  how = "as before",
): string | undefined {
  if (!isObject(a) || !isObject(b)) {
    return JSON.stringify(a) === JSON.stringify(b)
      ? undefined
      : `${path} to be ${JSON.stringify(a)} ${how} but found ${JSON.stringify(b)}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], path === "" ? key : `${path}.${key}`, how);
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
  "model" | "knowledge" | "items" | "itemCount" | "validation" | "rules" | "from"
>;

/** What computes a run. */
type RunBackend = Pick<RunRecord["backend"], "name" | "versions">;

/** What tells runs apart. */
interface RunIdentity {
  /** Its configuration. */
  readonly config: RunConfig;
  /** What it depends on besides, and what computes it. */
  readonly record: RunInputs & { readonly backend: RunBackend };
}

/** What differs between two runs first, in words. What a run of an earlier version did not record is not compared. */
function runDifference(before: RunIdentity, now: RunIdentity, how?: string): string | undefined {
  const [a, b] = [before.record, now.record];
  const kept = (key: "model" | "knowledge" | "validation", name: string) =>
    a[key] === undefined || b[key] === undefined
      ? undefined
      : difference(a[key], b[key], name, how);
  return difference(comparable(before.config), comparable(now.config), "", how) ??
    kept("model", "the hash of the model's files") ??
    kept("knowledge", "the hash of the graph's files") ??
    difference(a.items, b.items, "the hash of the training items", how) ??
    kept("validation", "the hash of the validation items") ??
    difference(a.rules, b.rules, "the version of the rules", how) ??
    difference(a.from?.hash, b.from?.hash, "the hash of the earlier run", how) ??
    difference(a.backend.name, b.backend.name, "the backend", how) ??
    difference(a.backend.versions, b.backend.versions, "the backend's version of", how);
}

/** A run as it stands in its parameters or a checkpoint. When they were written stands for times that they do not hold. */
function storedRun(folder: string, { path, run }: CheckpointRun): RunFolder {
  const { config, record } = parseConfig(storedSchema, run, path);
  const written = (Deno.statSync(path).mtime ?? new Date()).toISOString();
  const times = record.began === undefined ? { began: written, ended: written } : {};
  return {
    folder,
    config: completeConfig(config, path),
    record: { ...record, ...times } as RunRecord,
  };
}

const storedSchema = z.object({
  config: z.record(z.string(), z.unknown()),
  record: schemas.recordSchema.partial({ began: true }),
});

/**
 * The run that was begun in a folder with the same configuration and inputs; undefined where none was. One that left
 * neither a step in its log nor a checkpoint does not count. All that says what run it is has to say the same: config.json
 * and run.json, which are written again where they are gone, the parameters and the checkpoints.
 *
 * @throws UsageError when the run there has another configuration, model, graph, backend, other items or another beginning,
 *   or does not say what run it is
 */
export async function begunRun(
  folder: string,
  config: RunConfig,
  inputs: RunInputs,
  { name, versions }: Pick<BackendInfo, "name" | "versions">,
): Promise<RunFolder | undefined> {
  const described = await readRunFolder(folder);
  const parameters = await parametersRun(folder);
  const kept = [...parameters === undefined ? [] : [parameters], ...await checkpointRuns(folder)];
  const logged = described !== undefined && await isFile(join(folder, logFile));
  if (kept.length === 0 && !logged) return undefined;
  const now = { config, record: { ...inputs, backend: { name, versions: { ...versions } } } };
  const refuse = (found: string, path: string): never => {
    throw new UsageError(`Expected ${found} in ${path}; another --out begins another run`);
  };
  const stored = kept.filter(({ run }) => run !== undefined);
  for (const one of stored) {
    const found = runDifference(storedRun(folder, one), now);
    if (found !== undefined) refuse(found, one.path);
  }
  if (described !== undefined) {
    const found = runDifference(described, now);
    if (found !== undefined) refuse(found, folder);
    return described;
  }
  if (stored.length === 0) {
    return refuse(
      `${runFiles.config} and ${runFiles.record}, or a file that says what run it is of, but found only ${
        kept[0]!.path
      }`,
      folder,
    );
  }
  const run = storedRun(folder, stored[0]!);
  await writeDescription(run);
  return run;
}

/** Writes what says what run it is. */
async function writeDescription({ folder, config, record }: RunFolder): Promise<void> {
  await writeFileAtomic(join(folder, runFiles.record), jsonText(record));
  await writeFileAtomic(join(folder, runFiles.config), jsonText(config));
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
  const run = { folder, config, record };
  await writeDescription(run);
  return run;
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
  return (await sha256OfFile(join(folder, runFiles.parameters))).slice(0, 16);
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
  // Without times: the same training writes the same bytes.
  const { began: _, ended: _ended, seconds: _seconds, ...timeless } = ended;
  await writeParameters(folder, model, trainable, config.model, { config, record: timeless });
}
