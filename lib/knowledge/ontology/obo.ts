/**
 * A reader of OBO files, formats 1.2 and 1.4 (https://owlcollab.github.io/oboformat/doc/obo-syntax.html).
 * It reads what it can: a bad line is reported with its number and the rest of the file is read.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
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
import {
  checkEncoding,
  decodeObo,
  logicalLines,
  type OboWarning,
  splitLines,
  warningList,
} from "./obo_text.ts";

/** A whole OBO file. */
export interface OboDocument {
  /** Its name, for messages. */
  readonly where: string;
  /** Header tags in file order. */
  readonly header: readonly { readonly tag: string; readonly value: string }[];
  /** Terms by id, in file order. */
  readonly terms: ReadonlyMap<string, OboTerm>;
  /** Relation types by id, in file order. */
  readonly typedefs: ReadonlyMap<string, OboTerm>;
  /** What was wrong and what was done about it, in the order of the lines; at most 20 of a kind and their number. */
  readonly warnings: readonly OboWarning[];
}

/**
 * Reads an OBO file.
 *
 * A line that cannot be read is left out. A stanza that is not recognised, one without a readable id, and what follows
 * a second id in a stanza are left out whole: whose lines they are nobody knows.
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
  const lines = splitLines(decodeObo(input, where));
  const { warn, listed } = warningList();
  checkEncoding(input, lines, warn);
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
    if (beginsStanza(text)) {
      close();
      draft = newDraft(number);
      kind = stanzaKind(text);
      if (!/^\[(Term|Typedef|Instance|Annotation)\]\s*(?:!.*)?$/.test(text)) {
        const done = kind === "skipped" ? "the stanza is left out" : `it is read as [${kind}]`;
        warn(number, `Expected [Term], [Typedef] or [Instance] but found ${show(text)}: ${done}`);
      }
      continue;
    }
    if (kind === "skipped") continue;
    const read = readTag(text);
    if (typeof read === "string") warn(number, `${read}: the line is left out`);
    else if (kind === "header") header.push({ tag: read.tag, value: unescapeObo(read.body) });
    else if (read.tag === "id" && draft.id !== "") {
      close();
      kind = "skipped";
      const done = `the lines up to the next stanza are left out`;
      warn(number, `Expected one id but found another, ${show(read.body)}: ${done}`);
    } else {
      const problem = setTag(draft, read.tag, read.body, number);
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
      "Expected the file to end with a line end but found none: it is read as it is, and may be cut short",
    );
  }
  for (const [id, t] of [...terms, ...typedefs]) if (t.name === "") t.name = id;
  return { where, header, terms, typedefs, warnings: listed() };
}

type StanzaKind = "term" | "typedef" | "skipped";

/** Whether a line begins a stanza; `Term]` and `(Term)` do, badly. */
function beginsStanza(text: string): boolean {
  return text.startsWith("[") ||
    /^[^\w:]*(?:term|typedef|instance|annotation)[^\w:]*$/i.test(text);
}

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
  if (draft.refused) return undefined;
  if (draft.id === "") return "Expected the stanza to have an id but found none: it is left out";
  const earlier = into.get(draft.id);
  if (earlier === undefined) {
    into.set(draft.id, draft);
    return undefined;
  }
  joinDrafts(earlier, draft);
  return `Expected one stanza for ${
    show(draft.id)
  } but found another at line ${earlier.line}: they are joined, with the first name and definition`;
}

/**
 * The live term that each id means today: itself when live; the end of its `replaced_by` chain when obsolete; the term
 * that lists it under `alt_id`, where one does. `consider` is never followed; two different live ends, a cycle or a chain
 * that ends in obsolete terms give undefined. All ids are found at once, from the live terms backwards, in time that
 * grows with the number of references.
 *
 * @param terms Terms by id.
 * @param alternatives Of {@linkcode alternativeIds}.
 * @returns Id to the id of its live term, or undefined.
 */
export function liveTerms(
  terms: ReadonlyMap<string, OboTerm>,
  alternatives: ReadonlyMap<string, readonly string[]>,
): (id: string) => string | undefined {
  const before = new Map<string, string[]>();
  for (const id of new Set([...terms.keys(), ...alternatives.keys()])) {
    const term = terms.get(id);
    if (term?.obsolete === false) continue;
    const named = term?.replacedBy ?? [];
    for (const next of named.length > 0 ? named : alternatives.get(id) ?? []) {
      const others = before.get(next);
      if (others === undefined) before.set(next, [id]);
      else others.push(id);
    }
  }
  /** The only live end found so far; null for several. */
  const ends = new Map<string, string | null>();
  const changed: string[] = [];
  for (const { id, obsolete } of terms.values()) {
    if (obsolete) continue;
    ends.set(id, id);
    changed.push(id);
  }
  for (const id of changed) { // a list grows while it is walked, and no id comes more than twice
    const end = ends.get(id) ?? null;
    for (const earlier of before.get(id) ?? []) {
      const known = ends.get(earlier);
      if (known === end || known === null) continue;
      ends.set(earlier, known === undefined ? end : null);
      changed.push(earlier);
    }
  }
  return (id) => ends.get(id) ?? undefined;
}

/**
 * Alternative id to the ids of the terms that list it: of the live ones where there are some, else of the obsolete ones.
 *
 * @param terms Terms by id.
 * @returns Alternative id to its owners; more than one where several terms claim it.
 */
export function alternativeIds(
  terms: ReadonlyMap<string, OboTerm>,
): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const obsolete of [false, true]) {
    const owned = new Map<string, string[]>();
    for (const term of terms.values()) {
      if (term.obsolete !== obsolete) continue;
      for (const alt of term.altIds) {
        const owners = owned.get(alt);
        if (owners === undefined) owned.set(alt, [term.id]);
        else owners.push(term.id);
      }
    }
    for (const [alt, owners] of owned) if (!found.has(alt)) found.set(alt, owners);
  }
  return found;
}
