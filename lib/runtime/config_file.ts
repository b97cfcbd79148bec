/** Configurations in JSON files. @module */

import { UsageError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { readText } from "./text_file.ts";

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the file of `--config`.
 *
 * @throws UsageError when it cannot be read, is not JSON, or has a key twice or an integer that numbers cannot hold
 */
export async function readConfigFile(path: string): Promise<unknown> {
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected --config to be a readable file but found none at ${path}`);
  }
  return parseJson(text, path);
}
