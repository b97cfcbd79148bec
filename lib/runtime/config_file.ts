/** Configurations in JSON files. @module */

import { UsageError } from "./errors.ts";
import { isFolder } from "./files.ts";
import { parseJson } from "./json.ts";
import { readText } from "./text_file.ts";

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads what `--config` names: a file, or JSON that stands there itself.
 *
 * @param given a path, or a text that begins with `{`
 * @returns the value, not yet checked, and where it was read, for messages
 * @throws UsageError when it cannot be read, is not JSON, or has a key twice or an integer that numbers cannot hold
 */
export async function readConfig(given: string): Promise<{ value: unknown; where: string }> {
  if (given.trimStart().startsWith("{")) {
    return { value: parseJson(given, "--config"), where: "--config" };
  }
  return { value: await readConfigFile(given), where: given };
}

/**
 * Reads the file of `--config`.
 *
 * @throws UsageError when it cannot be read, is not JSON, or has a key twice or an integer that numbers cannot hold
 */
export async function readConfigFile(path: string): Promise<unknown> {
  if (await isFolder(path)) {
    throw new UsageError(`Expected --config to be a file but found a folder at ${path}`);
  }
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected --config to be a readable file but found none at ${path}`);
  }
  return parseJson(text, path);
}
