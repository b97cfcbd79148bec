/** Configurations in JSON files. @module */

import { UsageError } from "./errors.ts";

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the file of `--config`.
 *
 * @throws UsageError when it cannot be read or is not JSON
 */
export async function readConfigFile(path: string): Promise<unknown> {
  const text = await Deno.readTextFile(path).catch(() => {
    throw new UsageError(`Expected --config to be a readable file but found none at ${path}`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `Expected JSON in the file of --config but found something else in ${path}`,
    );
  }
}
