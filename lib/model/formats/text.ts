/**
 * Text of a model's files, and how pieces of it look in messages.
 *
 * @module
 */

import * as z from "zod";
import {
  parseJson as parseAny,
  readText as readAnyText,
  UsageError,
  WorkbenchError,
} from "../../runtime/mod.ts";

/**
 * Text from a file as a message can show it: control characters escaped, the middle of a long text left out.
 *
 * @param text what the file says
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inMessage } from "./text.ts";
 *
 * assertEquals(inMessage("a\nb"), "a\\nb");
 * ```
 */
export function inMessage(text: string): string {
  const escaped = JSON.stringify(
    text.length > 120 ? `${text.slice(0, 80)}...${text.slice(-20)}` : text,
  )
    .slice(1, -1).replaceAll('\\"', '"');
  return escaped.replace(/[\u007f-\u009f\u2028\u2029]/g, "?");
}

/** The text of a file without a byte order mark, undefined where there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readAnyText(path);
  } catch (error) {
    // The user has named a folder; what is wrong inside it is a damaged file.
    throw error instanceof UsageError ? new WorkbenchError(error.message) : error;
  }
}

/**
 * Parses JSON that another program wrote: integers too large for a number, which stand for "no limit", are rounded.
 *
 * @param text the JSON
 * @param where the file's path, for messages
 * @throws WorkbenchError when it is not JSON or has a key twice
 */
export function parseJson(text: string, where: string): unknown {
  return parseAny(text, where, { integers: "round", failure: WorkbenchError, anyKey: true });
}

/** Parsed JSON of a file, undefined where there is none. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  return text === undefined ? undefined : parseJson(text, path);
}

/** An object whose values are text. A fault is told of the whole, since its keys can be anything. */
export const textByKey: z.ZodType<Readonly<Record<string, string>>> = z.custom<
  Readonly<Record<string, string>>
>(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string"),
  "text by key",
);
