/**
 * JSON as it is written: a key that stands twice in an object is a fault, and an integer is not rounded without a word.
 * `JSON.parse` keeps the last of equal keys and the nearest number. A key `__proto__`, which much code passes over or
 * takes for something else, and levels without end are faults, too.
 *
 * @module
 */

import { UsageError, type WorkbenchError } from "./errors.ts";

/** How JSON is read. */
export interface JsonOptions {
  /**
   * What becomes of an integer that a number cannot hold: it is a fault (`refuse`), a bigint (`exact`) or the nearest
   * number (`round`, for files of other programs, which write such numbers for "no limit"). `refuse` when left out.
   */
  readonly integers?: "refuse" | "exact" | "round";
  /** What a fault is told as; {@linkcode UsageError} when left out. */
  readonly failure?: typeof UsageError | typeof WorkbenchError;
  /** Whether `__proto__` is a key like any other, as in the vocabulary of a tokenizer; it is refused when left out. */
  readonly anyKey?: boolean;
}

/** Lists and objects may be inside each other this deep: what walks through values has room for that. */
const deepest = 1000;

/** A value inside another while the text is gone through. */
interface Level {
  /** Keys so far; undefined in a list. */
  readonly keys: Set<string> | undefined;
  /** Key or index of the value that comes or came last. */
  at: string | number;
  /** Whether a string would be a key. */
  beforeKey: boolean;
}

const token = /"|-?\d[\d.eE+-]*|[{}[\],:]/g;

/** Where a string ends whose first quote is at a place of valid JSON: a pattern over it would be too deep for a long one. */
function stringEnd(text: string, start: number): number {
  let end = start;
  let escapes: number;
  do {
    end = text.indexOf('"', end + 1);
    escapes = 0;
    while (text[end - 1 - escapes] === "\\") escapes++;
  } while (escapes % 2 === 1);
  return end + 1;
}

/**
 * Strings, numbers, brackets, commas and colons of valid JSON in order, however long they are.
 *
 * @param text valid JSON
 */
function* jsonTokens(text: string): Generator<string> {
  const pattern = new RegExp(token);
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    if (found[0] !== '"') {
      yield found[0];
      continue;
    }
    pattern.lastIndex = stringEnd(text, found.index);
    yield text.slice(found.index, pattern.lastIndex);
  }
}

/** Whether a number's text is an integer that a number cannot hold. */
function isInexact(text: string): boolean {
  return text.length > 15 && /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
}

/** Goes through the text of valid JSON; gives the first fault that `JSON.parse` passes over. */
function hiddenFault(text: string, { integers, anyKey }: JsonOptions): string | undefined {
  const levels: Level[] = [];
  const place = (): string => levels.map(({ at }) => at).join(".") || "the value";
  for (const found of jsonTokens(text)) {
    if (found === ":") continue;
    const level = levels.at(-1);
    if (found === "{" || found === "[") {
      if (levels.length === deepest) {
        return `Expected at most ${deepest} levels of lists and objects but found more`;
      }
      const keys = found === "{" ? new Set<string>() : undefined;
      levels.push({ keys, at: keys === undefined ? 0 : "", beforeKey: keys !== undefined });
    } else if (found === "}" || found === "]") levels.pop();
    else if (found === ",") {
      if (level!.keys === undefined) (level!.at as number) += 1;
      else level!.beforeKey = true;
    } else if (level?.beforeKey && level.keys !== undefined) {
      level.at = found.includes("\\") ? JSON.parse(found) as string : found.slice(1, -1);
      if (level.keys.has(level.at)) return `Expected every key once but found ${place()} twice`;
      if (level.at === "__proto__" && !anyKey) {
        return `Expected no key __proto__ but found ${place()}`;
      }
      level.keys.add(level.at);
      level.beforeKey = false;
    } else if (!found.startsWith('"')) {
      if (!Number.isFinite(Number(found))) {
        return `Expected ${place()} to be a number of 64 bits but found ${found.slice(0, 40)}`;
      }
      if (integers === "refuse" && isInexact(found)) {
        return `Expected ${place()} to be an integer of at most ${Number.MAX_SAFE_INTEGER}, which numbers ` +
          `hold exactly, but found ${found.slice(0, 40)}`;
      }
    }
  }
  return undefined;
}

/** Where a syntax error lies, as far as it can be told. */
function errorPlace(message: string, text: string): string {
  const found = /line (\d+) column (\d+)/.exec(message);
  if (found === null) return "";
  const [, line, column] = found;
  return text.trim().includes("\n") ? `, line ${line}, column ${column}` : `, column ${column}`;
}

/**
 * Parses JSON. A byte order mark before it is passed over.
 *
 * @param text the JSON
 * @param where where it was read, for messages: a file's path, with the line where each holds a value
 * @param options what becomes of integers that numbers cannot hold, and of faults
 * @returns the value, not yet checked
 * @throws {UsageError} or what `failure` says: no JSON, a key twice or `__proto__`, a number that cannot be held, more than
 *   1,000 levels
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseJson } from "./json.ts";
 *
 * assertEquals(parseJson('{"id": 653247040368672768}', "a.json", { integers: "exact" }), { id: 653247040368672768n });
 * assertThrows(() => parseJson('{"a": {"b": 1, "b": 2}}', "a.json"), Error, "found a.b twice in a.json");
 * ```
 */
export function parseJson(text: string, where: string, options: JsonOptions = {}): unknown {
  return parseText(text, where, options, "Expected JSON but found something else");
}

/** As `parseJson`; `complaint` is what is said of text that is no JSON. */
function parseText(
  text: string,
  where: string,
  { integers = "refuse", failure: Failure = UsageError, anyKey = false }: JsonOptions,
  complaint: string,
): unknown {
  const bare = text.startsWith("\ufeff") ? text.slice(1) : text;
  let value: unknown;
  try {
    value = integers === "exact"
      ? JSON.parse(bare, exactly as (this: unknown) => unknown)
      : JSON.parse(bare);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Failure(`${complaint} in ${where}${errorPlace(error.message, bare)}`);
  }
  const fault = hiddenFault(bare, { integers, anyKey });
  if (fault !== undefined) throw new Failure(`${fault} in ${where}`);
  return value;
}

/** Keeps integers that numbers cannot hold as bigints, from the text that they are written as. */
function exactly(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  return typeof value === "number" && source !== undefined && isInexact(source)
    ? BigInt(source)
    : value;
}

/**
 * A value as JSON, bigints in all their digits.
 *
 * @param value what JSON can hold, and bigints
 */
export function jsonText(value: unknown): string {
  const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };
  return JSON.stringify(
    value,
    (_, part) => typeof part === "bigint" ? rawJSON(String(part)) : part,
  );
}

/** One line of a file with a JSON value a line. */
export interface JsonLine {
  /** The value, not yet checked. */
  readonly value: unknown;
  /** Number of the line, from 1. */
  readonly line: number;
  /** File and line, for messages. */
  readonly where: string;
}

/**
 * Parses JSON Lines: a value a line. Empty lines are passed over, and so are a byte order mark and carriage returns.
 *
 * @param text the lines
 * @param path the file's path, for messages
 * @throws {UsageError} one line for the first fault, with file and line
 */
export function parseJsonLines(text: string, path: string): JsonLine[] {
  return text.split("\n").flatMap((content, i) => {
    if (/^\ufeff?\s*$/.test(content)) return [];
    const where = `${path}, line ${i + 1}`;
    const begun = JSON.stringify(content.slice(0, 40));
    const complaint = `Expected one JSON object a line but found ${begun}`;
    return [{ value: parseText(content, where, {}, complaint), line: i + 1, where }];
  });
}
