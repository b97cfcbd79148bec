/**
 * The file `findings.json` beside `results.json`: everything that a run found, from which tables, figures and sentences
 * are made anew.
 *
 * @module
 */

import { join } from "@std/path";
import { UsageError, writeFileAtomic } from "../runtime/mod.ts";
import { readJsonFile } from "./json_file.ts";

/** Name of the file. */
export const findingsFile = "findings.json";

/**
 * Writes the findings of a run into its folder of results, whole or not at all.
 *
 * @param folder where results.json is
 * @param findings plain JSON
 */
export async function writeFindings(folder: string, findings: unknown): Promise<void> {
  await writeFileAtomic(join(folder, findingsFile), `${JSON.stringify(findings)}\n`);
}

/**
 * Reads what {@linkcode writeFindings} wrote. A list of flat records in it becomes a table by {@linkcode tableOf}.
 *
 * @param folder where results.json is
 * @returns plain JSON, not yet checked
 * @throws {UsageError} when there is no such file, or it is not JSON
 */
export async function readFindings(folder: string): Promise<unknown> {
  const path = join(folder, findingsFile);
  const findings = await readJsonFile(path);
  if (findings === undefined) {
    throw new UsageError(`Expected the findings of a run but found no file at ${path}`);
  }
  return findings;
}
