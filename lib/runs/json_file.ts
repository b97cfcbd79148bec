/** Files of JSON in the folders of runs and results. @module */

import { fileFailure, UsageError } from "../runtime/mod.ts";

/**
 * Reads a file of JSON.
 *
 * @param path the file
 * @returns what it holds, not yet checked; undefined where there is no such file
 * @throws {UsageError} when it is not JSON
 * @throws {WorkbenchError} when it may not be read
 */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw fileFailure(error, `read ${path}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`Expected JSON but found something else in ${path}`);
  }
}
