/**
 * The file `findings.json` beside `results.json`: everything that a run found, from which tables, figures and sentences
 * are made anew.
 *
 * @module
 */

import { join } from "@std/path";
import { UsageError, writeFileAtomic } from "../../lib/runtime/mod.ts";

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
 * Reads what {@linkcode writeFindings} wrote.
 *
 * @param folder where results.json is
 * @returns plain JSON, not yet checked
 * @throws {UsageError} when there is no such file, or it is not JSON
 */
export async function readFindings(folder: string): Promise<unknown> {
  const path = join(folder, findingsFile);
  let content: string;
  try {
    content = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Expected the findings of a run but found no file at ${path}`);
  }
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`Expected JSON but found something else in ${path}`);
  }
}
