/**
 * A reader of OBO files, formats 1.2 and 1.4 (https://owlcollab.github.io/oboformat/doc/obo-syntax.html).
 * It reads what it can: a bad line is reported with its number and the rest of the file is read.
 *
 * @module
 */

import { WorkbenchError } from "../runtime/mod.ts";
import { cutLine, indexOutside, unescapeObo } from "./obo_line.ts";
import {
  isQuotedTag,
  joinDrafts,
  newDraft,
  type OboDraft,
  type OboTerm,
  setTag,
  show,
} from "./obo_term.ts";

/** Something wrong in a file. */
export interface OboWarning {
  /** Line number from 1. */
  readonly line: number;
  /** What was wrong. */
  readonly message: string;
}

/** A whole OBO file. */
export interface OboDocument {
  /** Header tags in file order. */
  readonly header: readonly { readonly tag: string; readonly value: string }[];
  /** Terms by id, in file order. */
  readonly terms: ReadonlyMap<string, OboTerm>;
  /** Relation types by id, in file order. */
  readonly typedefs: ReadonlyMap<string, OboTerm>;
  /** At most 200 warnings; a last one counts the rest. */
  readonly warnings: readonly OboWarning[];
}

const maxWarnings = 200;

/**
 * Reads an OBO file.
 *
 * @param input Its text or its bytes (UTF-8).
 * @param where Its name, for messages.
 * @returns Header, terms and relation types, with warnings about what could not be read.
 * @throws WorkbenchError when the file is compressed or holds no term at all.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readObo } from "./obo.ts";
 * const { terms, warnings } = readObo('[Term]\nid: X:1\nname: cold\ndef: "A \\"cold\\"." [a:b]\nis_a: \n', "x.obo");
 * assertEquals(terms.get("X:1")?.definition, 'A "cold".');
 * assertEquals(warnings.map((w) => w.line), [5]);
 * ```
 */
export function readObo(
  input: string | Uint8Array,
  where: string,
): OboDocument {
  const whole = decode(input, where);
  const lines = whole.split(whole.includes("\n") ? "\n" : "\r");
  const { warn, listed } = warningList();
  if (whole.includes("\ufffd")) {
    const at = lines.findIndex((text) => text.includes("\ufffd"));
    warn(at + 1, "Expected UTF-8 text but found bytes that are none: they are read as \ufffd");
  }
  const header: { tag: string; value: string }[] = [];
  const stanzas = { term: new Map<string, OboDraft>(), typedef: new Map<string, OboDraft>() };
  let kind: "header" | StanzaKind = "header";
  let draft = newDraft(0);
  const close = (): void => {
    if (kind !== "term" && kind !== "typedef") return;
    const problem = keepDraft(stanzas[kind], draft);
    if (problem !== undefined) warn(draft.line, problem);
  };
  for (const { number, text } of logicalLines(lines)) {
    if (text.startsWith("[")) {
      close();
      draft = newDraft(number);
      kind = stanzaKind(text);
      if (!/^\[(Term|Typedef|Instance|Annotation)\]\s*(?:!.*)?$/.test(text)) {
        warn(number, `Expected [Term], [Typedef] or [Instance] but found ${show(text)}`);
      }
      continue;
    }
    if (kind === "skipped") continue;
    const read = readTag(text);
    if (typeof read === "string") warn(number, read);
    else if (kind === "header") header.push({ tag: read.tag, value: unescapeObo(read.body) });
    else {
      const problem = setTag(draft, read.tag, read.body);
      if (problem !== undefined) warn(number, problem);
    }
  }
  close();
  const { term: terms, typedef: typedefs } = stanzas;
  if (terms.size === 0) {
    throw new WorkbenchError(
      `Expected ${where} to be an OBO file with at least one [Term] but found none`,
    );
  }
  if ((lines.at(-1) ?? "").trim() !== "") {
    warn(
      lines.length,
      "Expected the file to end with a line end but found none: it may be cut short",
    );
  }
  for (const [id, t] of [...terms, ...typedefs]) if (t.name === "") t.name = id;
  return { header, terms, typedefs, warnings: listed(lines.length) };
}

/** Keeps the first warnings and counts the rest; `listed` gives them, the count at the file's last line. */
function warningList(): {
  warn: (line: number, message: string) => void;
  listed: (lastLine: number) => OboWarning[];
} {
  const kept: OboWarning[] = [];
  let dropped = 0;
  return {
    warn: (line, message) => {
      if (kept.length < maxWarnings) kept.push({ line, message });
      else dropped++;
    },
    listed: (lastLine) =>
      dropped === 0
        ? kept
        : [...kept, { line: lastLine, message: `${dropped} more warnings are left out` }],
  };
}

/** Lines with content, each with the number of its first line; an escaped line end continues a line. */
function* logicalLines(lines: readonly string[]): Generator<{ number: number; text: string }> {
  for (let n = 0; n < lines.length; n++) {
    const number = n + 1;
    let text = lines[n] ?? "";
    if (text.endsWith("\r")) text = text.slice(0, -1);
    while (oddBackslashes(text) && n + 1 < lines.length) {
      text = text.slice(0, -1) + (lines[++n] ?? "").replace(/\r$/, "");
    }
    if (text.startsWith("!") || text.trim() === "") continue;
    yield { number, text };
  }
}

type StanzaKind = "term" | "typedef" | "skipped";

/** The kind of the stanza that a line in brackets begins, in any spelling. */
function stanzaKind(text: string): StanzaKind {
  const name = /^\[\s*([A-Za-z]+)\s*\]?\s*(?:!.*)?$/.exec(text)?.[1]?.toLowerCase();
  return name === "term" || name === "typedef" ? name : "skipped";
}

/** The tag of a line and what follows it without comment and modifiers, or why the line is not used. */
function readTag(text: string): { tag: string; body: string } | string {
  const colon = indexOutside(text, ":");
  const tag = colon < 1 ? "" : unescapeObo(text.slice(0, colon).trim());
  if (!/^[\w-]+$/.test(tag)) return `Expected "tag: value" but found ${show(text)}`;
  const line = cutLine(text.slice(colon + 1));
  if (line.openQuote && isQuotedTag(tag)) {
    return `Expected a closing quotation mark in ${tag} but found none`;
  }
  return { tag, body: line.body };
}

/** Adds a stanza to those of its kind, joined to an earlier one of the same id; returns what is wrong with it. */
function keepDraft(into: Map<string, OboDraft>, draft: OboDraft): string | undefined {
  if (draft.id === "") return "Expected the stanza to have an id but found none: it is left out";
  const earlier = into.get(draft.id);
  if (earlier === undefined) {
    into.set(draft.id, draft);
    return undefined;
  }
  joinDrafts(earlier, draft);
  return `Expected one stanza for ${draft.id} but found another at line ${earlier.line}: they are joined`;
}

function decode(input: string | Uint8Array, where: string): string {
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

function oddBackslashes(text: string): boolean {
  let count = 0;
  for (let i = text.length - 1; i >= 0 && text[i] === "\\"; i--) count++;
  return count % 2 === 1;
}

/**
 * The live term that an id means today: itself when live; the end of its `replaced_by` chain when obsolete; the term
 * that lists it under `alt_id`. `consider` is never followed; two different live ends, a cycle or a chain that ends in
 * obsolete terms give undefined.
 *
 * @param terms Terms by id.
 * @param alternatives Of {@linkcode alternativeIds}.
 * @param id Any id.
 * @returns Id of the live term, or undefined.
 */
export function liveTerm(
  terms: ReadonlyMap<string, OboTerm>,
  alternatives: ReadonlyMap<string, string>,
  id: string,
): string | undefined {
  if (terms.get(id)?.obsolete === false) return id;
  const seen = new Set<string>([id]);
  const ends: string[] = [];
  for (const current of seen) { // a set grows while it is walked, and no id is walked twice
    const term = terms.get(current);
    if (term !== undefined && !term.obsolete) {
      ends.push(current);
      continue;
    }
    const next = term?.replacedBy ?? [];
    if (next.length > 0) { for (const successor of next) seen.add(successor); }
    else if (alternatives.has(current)) {
      seen.add(alternatives.get(current) ?? current);
    }
  }
  return ends.length === 1 ? ends[0] : undefined;
}

/**
 * Alternative id to the id of the term that lists it. A live term's alternative wins over an obsolete one's.
 *
 * @param terms Terms by id.
 * @returns Alternative id to the owner's id.
 */
export function alternativeIds(
  terms: ReadonlyMap<string, OboTerm>,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const term of terms.values()) {
    for (const alt of term.altIds) {
      const owner = terms.get(found.get(alt) ?? "");
      if (owner === undefined || (owner.obsolete && !term.obsolete)) {
        found.set(alt, term.id);
      }
    }
  }
  return found;
}
