/**
 * One line of an OBO file: escapes, comments, trailing modifiers, quoted text and lists of references.
 *
 * @module
 */

/** The parts of a tag-value line; `body` still has its escapes. */
export interface OboLine {
  /** The value without comment and modifiers, trimmed, escapes kept. */
  readonly body: string;
  /** Trailing `{key="value"}` modifiers. */
  readonly modifiers: Readonly<Record<string, string>>;
  /** True when a quotation mark has no partner. */
  readonly openQuote: boolean;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", W: " ", t: "\t" };

/**
 * Replaces OBO escapes: `\n`, `\W` (space), `\t`, and any other character after a backslash by itself.
 *
 * @param text As it stands in a file.
 * @returns The text without escapes.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unescapeObo } from "./obo_line.ts";
 * assertEquals(unescapeObo("url:http\\://x.org/a\\,b"), "url:http://x.org/a,b");
 * ```
 */
export function unescapeObo(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\([\s\S]?)/g, (_, c: string) => escapes[c] ?? c);
}

/**
 * Index of the first `wanted` character that is neither escaped nor between quotation marks, from `from`; or -1.
 *
 * @param text A line or a part of one.
 * @param wanted One character.
 * @param from Index to start at, outside quotation marks.
 * @returns The index, or -1.
 */
export function indexOutside(text: string, wanted: string, from = 0): number {
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === wanted) return i;
  }
  return -1;
}

/**
 * Where a comment begins: the first `!` that is neither escaped nor between quotation marks.
 *
 * @param text A line or a part of one.
 * @param quoted Whether it begins between quotation marks.
 * @returns The place of the `!`, or -1, and whether the text ends between quotation marks.
 */
export function commentStart(
  text: string,
  quoted = false,
): { readonly at: number; readonly quoted: boolean } {
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (c === "!" && !quoted) return { at: i, quoted };
  }
  return { at: -1, quoted };
}

/**
 * Splits at every `separator` that is neither escaped nor quoted; pieces are trimmed, empty ones left out.
 *
 * @param text A line or a part of one.
 * @param separator One character.
 * @returns The pieces.
 */
export function splitOutside(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start <= text.length) {
    const end = indexOutside(text, separator, start);
    const piece = text.slice(start, end < 0 ? text.length : end).trim();
    if (piece !== "") pieces.push(piece);
    if (end < 0) break;
    start = end + 1;
  }
  return pieces;
}

function parseModifiers(text: string): Record<string, string> | undefined {
  const found: [string, string][] = [];
  for (const piece of splitOutside(text, ",")) {
    const equals = indexOutside(piece, "=");
    if (equals < 1) return undefined;
    const raw = piece.slice(equals + 1).trim();
    const value = /^"(?:[^"\\]|\\.)*"$/.test(raw) ? raw.slice(1, -1) : raw;
    found.push([unescapeObo(piece.slice(0, equals).trim()), unescapeObo(value)]);
  }
  return Object.fromEntries(found);
}

/**
 * Cuts the comment (`!` outside quotation marks) and the trailing modifiers off a value.
 * A quotation mark without a partner is taken as a plain character and reported in `openQuote`.
 *
 * @param value What follows the tag's colon.
 * @returns Body, modifiers, and whether a quotation mark has no partner.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutLine } from "./obo_line.ts";
 * const line = cutLine('DOID:4 {source="a, b"} ! disease');
 * assertEquals(line.body, "DOID:4");
 * assertEquals(line.modifiers, { source: "a, b" });
 * ```
 */
export function cutLine(value: string): OboLine {
  if (!/[\\"!{]/.test(value)) {
    return { body: value.trim(), modifiers: {}, openQuote: false };
  }
  const scan = (
    quotes: boolean,
  ): { end: number; brace: number; quoted: boolean } => {
    let quoted = false;
    let brace = -1;
    for (let i = 0; i < value.length; i++) {
      const c = value[i];
      if (c === "\\") i++;
      else if (c === '"' && quotes) quoted = !quoted;
      else if (quoted) continue;
      else if (c === "!") return { end: i, brace, quoted };
      else if (c === "{") brace = i;
    }
    return { end: value.length, brace, quoted };
  };
  let cut = scan(true);
  const openQuote = cut.quoted;
  if (openQuote) cut = scan(false);
  const body = value.slice(0, cut.end).trim();
  if (
    cut.brace >= 0 && body.endsWith("}") &&
    (cut.brace === 0 || /\s/.test(value[cut.brace - 1] ?? " "))
  ) {
    const inside = value.slice(cut.brace + 1, value.lastIndexOf("}", cut.end));
    const modifiers = parseModifiers(inside);
    if (modifiers !== undefined) {
      return { body: value.slice(0, cut.brace).trim(), modifiers, openQuote };
    }
  }
  return { body, modifiers: {}, openQuote };
}

/**
 * The text between the first pair of quotation marks, unescaped, and what follows; undefined without a pair.
 *
 * @param body A value that begins with a quotation mark.
 * @returns Text and rest, or undefined.
 */
export function quotedText(
  body: string,
): { text: string; rest: string } | undefined {
  if (body[0] !== '"') return undefined;
  for (let i = 1; i < body.length; i++) {
    if (body[i] === "\\") i++;
    else if (body[i] === '"') {
      return {
        text: unescapeObo(body.slice(1, i)),
        rest: body.slice(i + 1).trim(),
      };
    }
  }
  return undefined;
}

/**
 * Index after the `}` of modifiers that open at `at`, or undefined where they do not close or are none. Another `{` before
 * the `}`, neither escaped nor quoted, means that they are none; so no part of a line is looked at again and again.
 */
function modifiersEnd(text: string, at: number): number | undefined {
  if (text[at] !== "{" || !/[\s"]/.test(text[at - 1] ?? " ")) return undefined;
  let quoted = false;
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === "{") return undefined;
    else if (c === "}") {
      return parseModifiers(text.slice(at + 1, i)) === undefined ? undefined : i + 1;
    }
  }
  return undefined;
}

/**
 * The ids of a `[a, b "description" {key="value"}]` list, unescaped; undefined when the brackets do not close.
 * Commas and brackets between quotation marks or in modifiers are no separators.
 *
 * @param text A value that begins with a bracket.
 * @returns The ids, or undefined.
 */
export function referenceList(text: string): string[] | undefined {
  if (text[0] !== "[") return undefined;
  const ids: string[] = [];
  let start = 1;
  let quoted = false;
  for (let i = 1; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === "{") i = (modifiersEnd(text, i) ?? i + 1) - 1;
    else if (c === "," || c === "]") {
      ids.push(referenceId(text.slice(start, i)));
      start = i + 1;
      if (c === "]") return ids.filter((id) => id !== "");
    }
  }
  return undefined;
}

/**
 * The id of one reference: what stands before its quoted description and its modifiers, unescaped. Commas are part of it.
 *
 * @param text One piece of a list.
 * @returns The id.
 */
export function referenceId(text: string): string {
  let end = text.length;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"' || modifiersEnd(text, i) !== undefined) {
      end = i;
      break;
    }
  }
  return unescapeObo(text.slice(0, end).trim());
}
