/** Files of JSON in the folders of runs and results. @module */

import { parseJson, readText } from "../runtime/mod.ts";

/**
 * Reads a file of JSON.
 *
 * @param path the file
 * @returns what it holds, not yet checked; undefined where there is no such file
 * @throws {UsageError} when it is not JSON
 * @throws {WorkbenchError} when it may not be read
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readText(path);
  // Large numbers are written here without a point, too.
  return text === undefined ? undefined : parseJson(text, path, { integers: "round" });
}
