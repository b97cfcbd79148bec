/**
 * The text of an OBO file: its bytes, its lines, and the list of what is wrong with them.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import { commentStart } from "./obo_line.ts";

/** Something wrong in a file. */
export interface OboWarning {
  /** Line number from 1. */
  readonly line: number;
  /** What was expected, what was found, and what was done. */
  readonly message: string;
}

/** So many warnings of one kind are kept; the rest is counted, so that no kind hides another. */
const mostOfAKind = 20;

/** Takes a warning about a line. */
export type Warn = (line: number, message: string) => void;

/**
 * A list of warnings. Those that differ only in what they quote are of one kind; of each kind the first 20 are kept.
 *
 * @returns `warn` adds one; `listed` gives them in the order of their lines, and for each kind that is longer how many
 * more lines it has.
 */
export function warningList(): { readonly warn: Warn; readonly listed: () => OboWarning[] } {
  const kept: OboWarning[] = [];
  const kinds = new Map<string, { count: number; last: number }>();
  return {
    warn: (line, message) => {
      const kind = message.replace(/"(?:[^"\\]|\\.)*"|\d+/g, "…");
      const seen = kinds.get(kind) ?? { count: 0, last: line };
      kinds.set(kind, { count: seen.count + 1, last: line });
      if (seen.count < mostOfAKind) kept.push({ line, message });
    },
    listed: () => {
      const more = [...kinds].filter(([, { count }]) => count > mostOfAKind).map((
        [kind, { count, last }],
      ) => ({ line: last, message: `and ${count - mostOfAKind} more lines: ${kind}` }));
      return [...kept, ...more].sort((a, b) => a.line - b.line);
    },
  };
}

/**
 * The text of a file without its byte order mark.
 *
 * @param input Text or bytes (UTF-8).
 * @param where Name of the file, for messages.
 * @returns The text; bytes that are no UTF-8 are U+FFFD in it.
 * @throws WorkbenchError when the file is compressed.
 */
export function decodeObo(input: string | Uint8Array, where: string): string {
  if (typeof input === "string") {
    return input.charCodeAt(0) === 0xfeff ? input.slice(1) : input;
  }
  if (input[0] === 0x1f && input[1] === 0x8b) {
    throw new WorkbenchError(
      `Expected ${where} to be an OBO text file but found a gzip file: unpack it first`,
    );
  }
  return new TextDecoder().decode(input);
}

/**
 * The lines of a text, whatever ends them: LF, CR LF, or CR alone.
 *
 * @param text The whole text.
 * @returns The lines without their ends.
 */
export function splitLines(text: string): string[] {
  if (!text.includes("\n")) return text.split("\r");
  return text.split("\n").map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
}

/**
 * Reports every line with U+FFFD in it: bytes that are no UTF-8, or the mark that an earlier program left for them.
 *
 * @param input What the lines were read from.
 * @param lines The lines.
 * @param warn Takes the warnings.
 */
export function checkEncoding(
  input: string | Uint8Array,
  lines: readonly string[],
  warn: Warn,
): void {
  const marked = lines.flatMap((line, i) => line.includes("\ufffd") ? [i] : []);
  const places = typeof input === "string" || marked.length === 0 ? [] : lineBytes(input);
  for (const i of marked) {
    const bytes = places[i];
    warn(
      i + 1,
      bytes === undefined || isUtf8(bytes)
        ? "Expected readable text but found U+FFFD, which an earlier program wrote for what it could not read: it is kept"
        : "Expected UTF-8 text but found bytes that are none: they are read as U+FFFD",
    );
  }
}

function lineBytes(input: Uint8Array): Uint8Array[] {
  const end = input.includes(0x0a) ? 0x0a : 0x0d;
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = input.indexOf(end); at >= 0; at = input.indexOf(end, start)) {
    lines.push(input.subarray(start, at));
    start = at + 1;
  }
  return [...lines, input.subarray(start)];
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** White space and signs without width before the first character of a line. */
const margin = /^[\s\u0085\u180e\u200b-\u200f\u2060]+/;

/**
 * Lines with content, each with the number of its first line. An escaped line end continues a line, but not a comment,
 * in which a backslash is a backslash. White space before a line says nothing.
 *
 * @param lines The lines of a file.
 * @returns The logical lines in order.
 */
export function* logicalLines(
  lines: readonly string[],
): Generator<{ readonly number: number; readonly text: string }> {
  for (let n = 0; n < lines.length; n++) {
    const number = n + 1;
    const parts = [(lines[n] ?? "").replace(margin, "")];
    let quoted = false;
    while (n + 1 < lines.length) {
      const part = parts[parts.length - 1] ?? "";
      if (!oddBackslashes(part)) break;
      const comment = commentStart(part, quoted);
      if (comment.at >= 0) break;
      quoted = comment.quoted;
      parts[parts.length - 1] = part.slice(0, -1);
      parts.push(lines[++n] ?? "");
    }
    const text = parts.join("");
    if (!text.startsWith("!") && text.trim() !== "") yield { number, text };
  }
}

function oddBackslashes(text: string): boolean {
  let count = 0;
  for (let i = text.length - 1; i >= 0 && text[i] === "\\"; i--) count++;
  return count % 2 === 1;
}
