/**
 * Text of a model's files, and how pieces of it look in messages.
 *
 * @module
 */

import * as z from "zod";
import {
  decodeText,
  parseJson as parseAny,
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
    return decodeText(await Deno.readFile(path), path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof UsageError) throw new WorkbenchError(error.message);
    throw new WorkbenchError(
      `Expected a file that can be read but found ${(error as Error).name} at ${path}`,
    );
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
