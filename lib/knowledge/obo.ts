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
 * @throws WorkbenchError when the file is compressed or holds no term at all.
 *
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
  const warnings: OboWarning[] = [];
  let dropped = 0;
  const warn = (line: number, message: string): void => {
    if (warnings.length < maxWarnings) warnings.push({ line, message });
    else dropped++;
  };
  const whole = decode(input, where);
  const lines = whole.split(whole.includes("\n") ? "\n" : "\r");
  if (whole.includes("\ufffd")) {
    const at = lines.findIndex((text) => text.includes("\ufffd"));
    warn(at + 1, "Expected UTF-8 text but found bytes that are none: they are read as \ufffd");
  }
  const header: { tag: string; value: string }[] = [];
  const terms = new Map<string, OboDraft>();
  const typedefs = new Map<string, OboDraft>();
  let kind: "header" | "term" | "typedef" | "skipped" = "header";
  let draft = newDraft(0);

  const close = (): void => {
    if (kind !== "term" && kind !== "typedef") return;
    if (draft.id === "") {
      return warn(
        draft.line,
        "Expected the stanza to have an id but found none: it is left out",
      );
    }
    const into = kind === "term" ? terms : typedefs;
    const earlier = into.get(draft.id);
    if (earlier === undefined) into.set(draft.id, draft);
    else {
      warn(
        draft.line,
        `Expected one stanza for ${draft.id} but found another at line ${earlier.line}: they are joined`,
      );
      joinDrafts(earlier, draft);
    }
  };

  for (let n = 0; n < lines.length; n++) {
    const number = n + 1;
    let text = lines[n] ?? "";
    if (text.endsWith("\r")) text = text.slice(0, -1);
    while (oddBackslashes(text) && n + 1 < lines.length) { // an escaped line end continues the line
      text = text.slice(0, -1) + (lines[++n] ?? "").replace(/\r$/, "");
    }
    const first = text[0];
    if (first === undefined || first === "!" || text.trim() === "") continue;
    if (first === "[") {
      close();
      draft = newDraft(number);
      const name = /^\[\s*([A-Za-z]+)\s*\]?\s*(?:!.*)?$/.exec(text)?.[1];
      const lower = name?.toLowerCase();
      kind = lower === "term" ? "term" : lower === "typedef" ? "typedef" : "skipped";
      const exact = /^\[(Term|Typedef|Instance|Annotation)\]\s*(?:!.*)?$/.test(
        text,
      );
      if (!exact) {
        warn(
          number,
          `Expected [Term], [Typedef] or [Instance] but found ${show(text)}`,
        );
      }
      continue;
    }
    if (kind === "skipped") continue;
    const colon = indexOutside(text, ":");
    const tag = colon < 1 ? "" : unescapeObo(text.slice(0, colon).trim());
    if (!/^[\w-]+$/.test(tag)) {
      warn(number, `Expected "tag: value" but found ${show(text)}`);
      continue;
    }
    const line = cutLine(text.slice(colon + 1));
    const quotedTag = isQuotedTag(tag);
    if (line.openQuote && quotedTag) {
      warn(
        number,
        `Expected a closing quotation mark in ${tag} but found none`,
      );
      continue;
    }
    if (kind === "header") header.push({ tag, value: unescapeObo(line.body) });
    else {
      const problem = setTag(draft, tag, line.body);
      if (problem !== undefined) warn(number, problem);
    }
  }
  close();
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
  if (dropped > 0) {
    warnings.push({
      line: lines.length,
      message: `${dropped} more warnings are left out`,
    });
  }
  return { header, terms, typedefs, warnings };
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

/** Alternative id to the id of the term that lists it. A live term's alternative wins over an obsolete one's. */
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
