/**
 * The file `results.json` that every experiment writes: what ran, where, and what came out.
 *
 * @module
 */
import { join } from "@std/path";
import { type OutputOf, parseConfig, UsageError, writeFileAtomic } from "../runtime/mod.ts";
import { readJsonFile } from "./json_file.ts";
import * as schemas from "./schemas.ts";

/** The schema of `results.json`. */
export const resultsSchema: (typeof schemas)["resultsSchema"] = schemas.resultsSchema;

/** What one experiment found, as it stands in `results.json`. */
export type Results = OutputOf<typeof resultsSchema>;

/** One score in {@linkcode Results}. */
export type Metric = Results["metrics"][number];

/** Name of the file. */
export const resultsFile = "results.json";

/**
 * Writes `results.json` into a folder, whole or not at all.
 *
 * @param folder Where it goes; made if it is not there.
 * @param results What is written.
 * @returns The path.
 * @throws {UsageError} one line if the results do not fit the schema: nothing is written.
 */
export async function writeResults(
  folder: string,
  results: Results,
): Promise<string> {
  const path = join(folder, resultsFile);
  const checked = parseConfig(
    resultsSchema,
    results,
    `the results for ${path}`,
  );
  await writeFileAtomic(path, `${JSON.stringify(checked, null, 2)}\n`);
  return path;
}

/**
 * Reads `results.json`.
 *
 * @param path The file, or the folder that holds it.
 * @throws {UsageError} one line if there is no such file, or it is not JSON, or a value is not as it must be.
 */
export async function readResults(path: string): Promise<Results> {
  const file = path.endsWith(".json") ? path : join(path, resultsFile);
  const value = await readJsonFile(file);
  if (value === undefined) {
    throw new UsageError(`Expected a file with results but found none at ${file}`);
  }
  return parseConfig(resultsSchema, value, file);
}
