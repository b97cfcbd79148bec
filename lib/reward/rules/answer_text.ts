/**
 * The text of an answer without its clothes: Markdown around labels and values, signs of other scripts, code fences.
 * Every reader of answers reads this text; what is scored for its form is read as it was written.
 *
 * @module
 */
import { takesBack } from "../../knowledge/mod.ts";
import { parseJson } from "../../runtime/mod.ts";

/** Signs that do not show, and may stand anywhere. */
const invisible = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;

/** A line's mark: bullet, number, heading, quotation, cell of a table. */
const lineMark =
  /^(?:\s*(?:[-*+•–—]|\d{1,2}[.)]|\((?:\d{1,2}|[a-z])\)|[a-z]\)|#{1,6}|>|\|)\s+|\s*\|)+/;

const emphasis =
  /\*{1,3}|_{2,3}|`{1,3}|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<\/?(?:b|i|em|strong|u|p|br)\s*\/?>/giu;

const latex = /\\(?:textbf|text|mathbf|mathrm|emph|boxed)\{([^{}]*)\}/g;

/**
 * A line without the marks of Markdown and with plain colons.
 *
 * @param line One line.
 * @returns The line without list marks and emphasis, trimmed.
 */
export function plainLine(line: string): string {
  return line.replace(invisible, "").replace(lineMark, "").replace(/^\$+|\$+$/g, "")
    .replace(latex, "$1").replace(latex, "$1").replace(emphasis, "")
    .replace(/[：﹕︰]/g, ":").replace(/\s*\|\s*$/, "").trim();
}

/** The longest label that a labelled line may have, in characters. */
const longestLabel = 30;

/** A label with its value. */
export interface Labelled {
  /** The label in small letters. */
  readonly label: string;
  /** The label without words that say nothing: "answer" for "the final answer". */
  readonly short: string;
  /** What stands behind the colon, and on the lines below it where that is nothing. */
  readonly value: string;
  /** Whether the line is written plainly, without any mark. */
  readonly plain: boolean;
}

/** Words before a label that say nothing: "so the final answer". */
const article =
  /^(?:(?:so|thus|hence|therefore|the|my|your|final|correct|best|likely|likeliest|most|probable)\s+)+(?=\w)/;

/** A label without words, brackets and signs that say nothing. */
const shortLabel = (label: string): string =>
  label.replace(/^.*[.!?]\s+/, "").replace(/(?<=\S)\s*[([][^)\]]*[)\]]\s*$/, "").replace(
    /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu,
    "",
  )
    .replace(article, "").replace(/\s+(?:is|are)$/, "");

/** Label, sign and value: `Answer: fever`, `Answer = fever`, `Answer - fever`, `Urgent? No`. */
const labelled = /^([^:|=→?]*?)\s*(:|\||=|->|→|\?|\s[-–—]\s)\s*(.*)$/;

/** Label and value of a line, undefined where it has none. */
function labelOf(line: string): Labelled | undefined {
  const bare = plainLine(line);
  const [, written = "", sign = "", value = ""] = labelled.exec(bare) ?? [];
  if (written === "" || written.length > longestLabel) return undefined;
  const label = written.toLowerCase();
  return {
    label,
    short: shortLabel(label),
    value: value.trim(),
    plain: line.trim() === bare && sign === ":",
  };
}

/** A heading as a label that waits for its value. */
function headingOf(line: string): Labelled {
  const label = plainLine(line).toLowerCase();
  return { label, short: shortLabel(label), value: "", plain: false };
}

/**
 * The labelled lines of a text. A label without a value takes the lines below it, up to the next label; a line that takes
 * a value back belongs to it.
 *
 * @param lines The lines, trimmed.
 * @returns Labels and values in order.
 */
export function labelledLines(lines: readonly string[]): Labelled[] {
  const found: Labelled[] = [];
  let open = false;
  for (const line of lines) {
    const heading = /^\s*#{1,6}\s/.test(line) || /^\s*(\*\*|__).*\1:?\s*$/.test(line);
    const read = labelOf(line) ??
      (heading ? headingOf(line) : undefined);
    if (read !== undefined) {
      found.push(read);
      open = read.value === "";
      continue;
    }
    const last = found.at(-1);
    if (last === undefined || !(open || takesBack(line))) continue;
    const value = last.value === "" ? plainLine(line) : `${last.value}\n${plainLine(line)}`;
    found[found.length - 1] = { ...last, value, plain: false };
  }
  return found;
}

/** Parts of a word from which on a compound counts as several words. */
const mostParts = 3;

/** Letters in a row from which on they count as several words. */
const longestWord = 40;

/**
 * The words of a text that hold a letter or a digit. Signs without width and long dashes separate; a compound of more than
 * three parts counts part by part, and a row of more than 40 letters by its length, so that joining words saves none.
 *
 * @param text Any text.
 * @returns The words.
 */
export function countedWords(text: string): string[] {
  return text.split(/[\s\u00ad\u200b-\u200f\u2060\ufeff–—]+/).flatMap((token) => {
    const parts = token.split(/[^\p{L}\p{N}\p{M}'’]+/u).filter((part) =>
      /[\p{L}\p{N}]/u.test(part)
    );
    if (parts.length === 0) return [];
    const units = parts.length > mostParts ? parts : [token];
    return units.flatMap((unit) =>
      unit.length <= longestWord
        ? [unit]
        : Array.from({ length: Math.ceil(unit.length / longestWord) }, (_, i) =>
          unit.slice(i * longestWord, (i + 1) * longestWord))
    );
  });
}

/** The body of a code fence where the whole text is one, else the text. */
function withoutFence(text: string): string {
  return /^(?:```|~~~)/.test(text)
    ? text.replace(/^(?:```|~~~)[^\n{[]*\n?/, "").replace(/\n?(?:```|~~~)\s*$/, "")
    : text;
}

/**
 * The JSON object that a text is, in a code fence or bare. An object with a key twice is none: which value is meant nobody
 * knows.
 *
 * @param text The text, trimmed.
 * @returns The object, or undefined.
 */
export function readJsonObject(text: string): Record<string, unknown> | undefined {
  const body = withoutFence(text);
  if (!body.trimStart().startsWith("{")) return undefined;
  try {
    return parseJson(body, "a completion", { integers: "round" }) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/**
 * The words of a JSON value, however it is printed: those of its keys and of its texts.
 *
 * @param value The value.
 * @returns The words in order.
 */
export function jsonWords(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(jsonWords);
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap((
      [key, part],
    ) => [...countedWords(key), ...jsonWords(part)]);
  }
  return value === null ? [] : countedWords(String(value));
}
