/**
 * Runs, their logs, results and findings as arquero tables. What is done with a table, such as filtering, joining,
 * grouping or deriving columns, are arquero's own verbs (https://idl.uw.edu/arquero/api/verbs); every place that shows or
 * writes a table takes it as it is. The column `run` has the same names in all tables, so they join on it.
 *
 * @module
 */

import { type ColumnTable, table } from "arquero";
import { basename, join, relative, resolve } from "@std/path";
import type { Cell, Row } from "../figures/mod.ts";
import {
  fileFailure,
  isFile,
  isObject,
  parseConfig,
  UsageError,
  WorkbenchError,
} from "../runtime/mod.ts";
import { completeConfig } from "./config.ts";
import { isFinished, runFiles } from "./folder.ts";
import { readJsonFile } from "./json_file.ts";
import { logFile, readRunLog } from "./log.ts";
import { readResults, type Results, resultsFile, resultsSchema } from "./results.ts";
import { recordSchema } from "./schemas.ts";

/**
 * A table of flat records. arquero's own `from` takes the keys of the first record and drops what others have besides.
 *
 * @param rows the records, such as a list in findings.json
 * @param columns names of the columns; all keys, in the order in which they first appear, when left out
 * @returns a row for each, null where a record has no value
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tableOf } from "./tables.ts";
 *
 * const steps = tableOf([{ step: 1, loss: 3 }, { step: 2, loss: 2, kl: 0.5 }, { step: 3, loss: 1 }]);
 * assertEquals(steps.array("kl"), [null, 0.5, null]);
 * assertEquals(steps.filter((d) => d.loss < 3).array("step"), [2, 3]);
 * ```
 */
export function tableOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[] = keysOf(rows),
): ColumnTable {
  return table(columns.map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

/** All keys of records, in the order in which they first appear. */
function keysOf(rows: readonly object[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** A folder below the one that is loaded. */
interface Found {
  /** Where it is. */
  readonly path: string;
  /** Its path from the folder that is loaded, with `/`; for that folder itself its name. */
  readonly run: string;
}

/**
 * The folders that hold one of these files, at a folder or below it, by name. Links and hidden folders are not followed.
 *
 * @throws {UsageError} when there is no such folder, or no such file in it
 * @throws {WorkbenchError} when a folder may not be read
 */
async function foldersWith(
  folder: string,
  files: readonly string[],
  what: string,
): Promise<Found[]> {
  const found: Found[] = [];
  const visit = async (path: string): Promise<void> => {
    const entries = await Array.fromAsync(Deno.readDir(path));
    if (entries.some(({ name, isDirectory }) => !isDirectory && files.includes(name))) {
      const run = relative(folder, path).replaceAll("\\", "/") || basename(resolve(folder));
      found.push({ path, run });
    }
    const inner = entries.filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."));
    for (const name of inner.map(({ name }) => name).sort()) await visit(join(path, name));
  };
  try {
    await visit(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Expected a folder but found none at ${folder}`);
    }
    throw fileFailure(error, `read ${folder}`);
  }
  if (found.length === 0) {
    throw new UsageError(`Expected ${what} but found none in ${folder} or below it`);
  }
  return found;
}

/** Folders of runs: those that a record was written into when they began, or a log since. */
const runFolders = (folder: string): Promise<Found[]> =>
  foldersWith(folder, [runFiles.record, logFile], "training runs");

/**
 * Options by dotted name, such as `grpo.beta`. A list is a text with commas, as on the command line, or JSON where it holds
 * objects.
 *
 * @param value options in groups at any depth
 * @param name name of the group; empty for all options
 * @returns a cell for each option
 */
export function dotted(value: unknown, name = ""): Row {
  if (!isObject(value)) {
    if (!Array.isArray(value)) return { [name]: value as Cell };
    return { [name]: value.some(isObject) ? JSON.stringify(value) : value.join(",") };
  }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) =>
      dotted(inner, name === "" ? key : `${name}.${key}`)
    ),
  );
}

/** A row of {@linkcode loadRuns} in the groups in which its columns stand. */
interface RunRow {
  readonly run: string;
  readonly options: Row;
  readonly facts: Readonly<Record<string, Cell | Date>>;
  readonly logged: Row;
  readonly scores: Row;
  readonly note: string | null;
}

/** What can be read of a run; what cannot is told in the note. */
async function readRunRow({ path, run }: Found): Promise<RunRow> {
  const notes: string[] = [];
  const attempt = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof WorkbenchError)) throw error;
      notes.push(error.message);
      return undefined;
    }
  };
  const file = (name: string) =>
    attempt(async () => {
      const value = await readJsonFile(join(path, name));
      if (value === undefined) throw new UsageError(`Expected ${name} but found none in ${path}`);
      return value;
    });
  const [given, known] = [await file(runFiles.config), await file(runFiles.record)];
  const config = given === undefined ? undefined : await attempt(() => {
    const where = join(path, runFiles.config);
    if (!isObject(given)) {
      throw new UsageError(`Expected an object but found another value in ${where}`);
    }
    return completeConfig(given, where);
  });
  const record = known === undefined
    ? undefined
    : await attempt(() => parseConfig(recordSchema, known, join(path, runFiles.record)));
  const log = await attempt(() => readRunLog(path)) ?? [];
  const results = await isFile(join(path, resultsFile))
    ? await attempt(() => readResults(path))
    : undefined;
  const { step = null, ...logged }: Row = log.reduce(
    (last, entry) => Object.assign(last, entry),
    {},
  );
  const taken = log.reduce((sum, { step_time = 0 }) => sum + step_time, 0);
  return {
    run,
    // Options of another version do not fit, and are still worth to be seen.
    options: dotted(config ?? (isObject(given) ? given : {})),
    facts: {
      finished: await isFinished(path),
      steps: step,
      items: record?.itemCount ?? null,
      backend: record?.backend.name ?? null,
      version: record?.version ?? null,
      began: record === undefined ? null : new Date(record.began),
      ended: record?.ended === undefined ? null : new Date(record.ended),
      seconds: record?.seconds ?? (log.length === 0 ? null : taken),
    },
    logged,
    scores: Object.fromEntries(
      (results?.metrics ?? []).map(({ capability, mean }) => [`score.${capability}`, mean]),
    ),
    note: notes.length === 0 ? null : notes.join("; "),
  };
}

/**
 * The training runs in a folder, a row each. A run that goes on, was killed or is damaged has a row as well: what cannot
 * be read of it is missing, and its `note` says why.
 *
 * Columns, in this order: `run`, `method`, `model`, `seed`; every other option by its dotted name, such as `grpo.beta`,
 * lists as text; `finished`, `steps` (the last one logged), `items` (number), `backend`, `version`, `began`, `ended`
 * (dates), `seconds` (sum of the steps' times); the last logged value of every metric under its name in the log; `score.`
 * and the capability or benchmark for each score of an evaluation; `note`.
 *
 * @param folder a run folder, or one that holds such folders at any depth
 * @returns the table, runs by name
 * @throws {UsageError} when there is no such folder, or no run in it
 * @throws {WorkbenchError} when a folder may not be read
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { desc } from "arquero";
 * import { loadRuns } from "./tables.ts";
 *
 * // Two runs: of one there is no more than the log.
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/first`);
 * await Deno.writeTextFile(`${folder}/first/log.csv`, "step,loss\n1,3\n2,2\n");
 * await Deno.mkdir(`${folder}/second`);
 * await Deno.writeTextFile(`${folder}/second/config.json`, '{"method": "sft", "seed": 1}');
 * await Deno.writeTextFile(`${folder}/second/log.csv`, "step,loss\n1,3\n2,1\n");
 *
 * const runs = await loadRuns(folder);
 * assertEquals(runs.orderby(desc("loss")).select("run", "seed", "sft.maxSteps", "steps", "loss").objects(), [
 *   { run: "first", seed: null, "sft.maxSteps": null, steps: 2, loss: 2 },
 *   { run: "second", seed: 1, "sft.maxSteps": 100, steps: 2, loss: 1 },
 * ]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadRuns(folder: string): Promise<ColumnTable> {
  const rows: RunRow[] = [];
  for (const found of await runFolders(folder)) rows.push(await readRunRow(found));
  const groups = (["options", "facts", "logged", "scores"] as const).flatMap((group) =>
    keysOf(rows.map((row) => row[group]))
  );
  return tableOf(
    rows.map(({ run, options, facts, logged, scores, note }) => ({
      ...{ run, ...options, ...facts, ...logged, ...scores, note },
    })),
    [...new Set(["run", "method", "model", "seed", ...groups, "note"])],
  );
}

/**
 * The logs of the training runs in a folder, a row for each value of each metric. For a column a metric, pivot:
 * `logs.groupby("run", "step").pivot("metric", "value")`.
 *
 * @param folder a run folder, or one that holds such folders at any depth
 * @returns columns `run`, `step`, `metric`, `value`, runs by name; without rows where no run has taken a step yet
 * @throws {UsageError} when there is no such folder, or no run in it
 * @throws {WorkbenchError} when a log is damaged: nothing is left out
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { op } from "arquero";
 * import { loadLogs } from "./tables.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/log.csv`, "step,loss,kl\n1,3,\n2,2,0.5\n");
 * const logs = await loadLogs(folder);
 *
 * const least = logs.groupby("metric").rollup({ least: op.min("value") });
 * assertEquals(least.objects(), [{ metric: "loss", least: 2 }, { metric: "kl", least: 0.5 }]);
 *
 * const wide = logs.groupby("run", "step").pivot("metric", "value");
 * assertEquals(wide.columnNames(), ["run", "step", "kl", "loss"]);
 * assertEquals(wide.array("kl"), [undefined, 0.5]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadLogs(folder: string): Promise<ColumnTable> {
  const columns = {
    run: [] as string[],
    step: [] as number[],
    metric: [] as string[],
    value: [] as number[],
  };
  for (const { path, run } of await runFolders(folder)) {
    for (const { step, ...metrics } of readRunLog(path)) {
      for (const [metric, value] of Object.entries(metrics)) {
        columns.run.push(run);
        columns.step.push(step!);
        columns.metric.push(metric);
        columns.value.push(value);
      }
    }
  }
  return table(columns);
}

/** Rows of all results in a folder, behind columns that say which results they are of. */
async function resultRows(
  folder: string,
  part: "metrics" | "comparisons",
): Promise<ColumnTable> {
  const rows: Record<string, unknown>[] = [];
  const head = ({ experiment, preset, date }: Results, run: string) => ({
    run,
    experiment,
    preset,
    date: new Date(date),
  });
  for (const { path, run } of await foldersWith(folder, [resultsFile], resultsFile)) {
    const results = await readResults(path);
    rows.push(...results[part].map((row) => ({ ...head(results, run), ...row })));
  }
  const { shape } = resultsSchema.shape[part].element;
  return tableOf(rows, ["run", "experiment", "preset", "date", ...Object.keys(shape)]);
}

/**
 * The scores in every `results.json` in a folder, of experiments and of evaluated runs.
 *
 * @param folder a folder of results, or one that holds such folders at any depth
 * @returns columns `run` (the folder of the results), `experiment`, `preset`, `date`, `system`, `capability`, `unit`, `n`,
 *   `mean`, `low`, `high`, `seeds`, `invalid_rate`, `prompt_hash`
 * @throws {UsageError} when there is no such folder, no results in it, or results that do not fit: nothing is left out
 * @throws {WorkbenchError} when a folder or file may not be read
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { op } from "arquero";
 * import { loadResults } from "./tables.ts";
 *
 * const results = await loadResults("experiments/results");
 * const systems = results.filter((d) => d.experiment === "main-results" && d.preset === "paper")
 *   .groupby("capability").rollup({ systems: op.distinct("system"), best: op.max("mean") });
 * assertEquals(systems.columnNames(), ["capability", "systems", "best"]);
 * ```
 */
export function loadResults(folder: string): Promise<ColumnTable> {
  return resultRows(folder, "metrics");
}

/**
 * The paired comparisons in every `results.json` in a folder.
 *
 * @param folder a folder of results, or one that holds such folders at any depth
 * @returns columns `run` (the folder of the results), `experiment`, `preset`, `date`, `system`, `baseline`, `capability`,
 *   `n`, `difference`, `low`, `high`, `p`; without rows where nothing was compared
 * @throws {UsageError} when there is no such folder, no results in it, or results that do not fit: nothing is left out
 * @throws {WorkbenchError} when a folder or file may not be read
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { loadComparisons, loadResults } from "./tables.ts";
 *
 * // Scores beside their differences: tables join on the columns that have the same name in both.
 * const folder = "experiments/results";
 * const scores = (await loadResults(folder)).select("run", "system", "capability", "mean");
 * const beyond = (await loadComparisons(folder)).filter((d) => d.low > 0 || d.high < 0);
 * assert(beyond.join(scores).columnNames().includes("mean"));
 * ```
 */
export function loadComparisons(folder: string): Promise<ColumnTable> {
  return resultRows(folder, "comparisons");
}
