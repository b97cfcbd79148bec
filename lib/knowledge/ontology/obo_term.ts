/**
 * One stanza of an OBO file, read tag by tag.
 *
 * @module
 */

import {
  indexOutside,
  quotedText,
  referenceId,
  referenceList,
  splitOutside,
  unescapeObo,
} from "./obo_line.ts";

/** How near a synonym is to its term. */
export type SynonymScope = "EXACT" | "BROAD" | "NARROW" | "RELATED";

/** A synonym of a term. */
export interface OboSynonym {
  /** The name, trimmed. */
  readonly text: string;
  /** RELATED where the file gives none, as the format says. */
  readonly scope: SynonymScope;
  /** The synonym type (`ABBREVIATION` ...), where there is one. */
  readonly type?: string;
  /** References. */
  readonly xrefs: readonly string[];
}

/** One `[Term]` or `[Typedef]` stanza. */
export interface OboTerm {
  /** Its id. */
  readonly id: string;
  /** Its name; the id where the file gives none. */
  readonly name: string;
  /** Line of its first stanza, from 1. */
  readonly line: number;
  /** Text of `def`. */
  readonly definition?: string;
  /** References of `def`. */
  readonly definitionXrefs: readonly string[];
  /** Alternative ids. */
  readonly altIds: readonly string[];
  /** Synonyms in file order. */
  readonly synonyms: readonly OboSynonym[];
  /** Lone `xref` lines; commas are part of them. */
  readonly xrefs: readonly string[];
  /** Ids of its parents. */
  readonly isA: readonly string[];
  /** `relationship` lines. */
  readonly relationships: readonly {
    readonly type: string;
    readonly target: string;
  }[];
  /** True when `is_obsolete: true`. */
  readonly obsolete: boolean;
  /** Ids that take its place. */
  readonly replacedBy: readonly string[];
  /** Ids that a person may consider instead; never followed by the program. */
  readonly consider: readonly string[];
  /** Where its lines with ids stand: `is_a X:2` to a line number from 1, so for `alt_id`, `replaced_by` and `consider`. */
  readonly lines: ReadonlyMap<string, number>;
  /** Every other tag (`subset`, `comment`, `property_value` ...), unescaped, in file order. */
  readonly other: readonly { readonly tag: string; readonly value: string }[];
}

/** A term that is being read. */
export type OboDraft =
  & {
    -readonly [K in keyof OboTerm]: OboTerm[K] extends readonly (infer V)[] ? V[]
      : OboTerm[K] extends ReadonlyMap<infer A, infer B> ? Map<A, B>
      : OboTerm[K];
  }
  & {
    /** True when its id could not be read, which is reported where it stands. */
    refused: boolean;
  };

const oldScopes: Readonly<Record<string, SynonymScope>> = {
  exact_synonym: "EXACT",
  broad_synonym: "BROAD",
  narrow_synonym: "NARROW",
  related_synonym: "RELATED",
};

/**
 * True for tags whose value starts with a text in quotation marks.
 *
 * @param tag A tag's name.
 * @returns Whether its value is quoted.
 */
export function isQuotedTag(tag: string): boolean {
  return tag === "def" || tag === "synonym" || Object.hasOwn(oldScopes, tag);
}

/**
 * An empty term.
 *
 * @param line Line of the stanza, from 1.
 * @returns A term without an id.
 */
export function newDraft(line: number): OboDraft {
  return {
    id: "",
    name: "",
    line,
    definitionXrefs: [],
    altIds: [],
    synonyms: [],
    xrefs: [],
    isA: [],
    relationships: [],
    obsolete: false,
    replacedBy: [],
    consider: [],
    lines: new Map(),
    other: [],
    refused: false,
  };
}

const leftOut = "the line is left out";

/**
 * Reads one tag into the draft; returns what was wrong with it and what was done, or undefined.
 *
 * @param draft The term, which it changes.
 * @param tag The tag's name.
 * @param body Its value without comment and modifiers.
 * @param line Line of the tag, from 1.
 * @returns What was wrong; undefined when nothing was.
 */
export function setTag(
  draft: OboDraft,
  tag: string,
  body: string,
  line: number,
): string | undefined {
  if (body === "") {
    return tag === "comment"
      ? undefined
      : `Expected ${tag} to have a value but found none: ${leftOut}`;
  }
  switch (tag) {
    case "id": {
      const id = oneId(body);
      if (id === undefined) {
        draft.refused = true;
        return `Expected id to be one word but found ${show(body)}: the stanza is left out`;
      }
      draft.id = id;
      return undefined;
    }
    case "name":
      if (draft.name !== "") {
        return `Expected one name but found another: ${show(body)}: the first is kept`;
      }
      draft.name = unescapeObo(body);
      return undefined;
    case "def":
      return setDefinition(draft, body);
    case "synonym":
    case "exact_synonym":
    case "broad_synonym":
    case "narrow_synonym":
    case "related_synonym":
      return setSynonym(draft, tag, body);
    case "xref":
      draft.xrefs.push(referenceId(body));
      return undefined;
    case "is_obsolete":
      if (body !== "true" && body !== "false") {
        return `Expected is_obsolete to be true or false but found ${show(body)}: ${leftOut}`;
      }
      if (body === "false" && draft.obsolete) {
        return "Expected one is_obsolete but found true and false: true is kept";
      }
      draft.obsolete = body === "true";
      return undefined;
    case "alt_id":
      return addId(draft, "altIds", tag, body, line);
    case "is_a":
      return addId(draft, "isA", tag, body, line);
    case "replaced_by":
      return addId(draft, "replacedBy", tag, body, line);
    case "consider":
      return addId(draft, "consider", tag, body, line);
    case "relationship": {
      const words = splitOutside(body, " ");
      if (words.length !== 2) {
        return `Expected relationship to be a type and an id but found ${show(body)}: ${leftOut}`;
      }
      draft.relationships.push({
        type: unescapeObo(words[0] ?? ""),
        target: unescapeObo(words[1] ?? ""),
      });
      return undefined;
    }
    default:
      draft.other.push({ tag, value: unescapeObo(body) });
      return undefined;
  }
}

function setDefinition(draft: OboDraft, body: string): string | undefined {
  const quoted = quotedText(body);
  if (quoted === undefined) {
    return `Expected def to be a text in quotation marks but found ${show(body)}: ${leftOut}`;
  }
  if (draft.definition !== undefined) {
    return "Expected one def but found another: the first is kept";
  }
  draft.definition = quoted.text.trim();
  const xrefs = referenceList(quoted.rest);
  draft.definitionXrefs = xrefs ?? [];
  return xrefs === undefined
    ? `Expected def to end with a list in brackets but found ${
      show(quoted.rest)
    }: it is kept without references`
    : undefined;
}

const scopes = /^(?:EXACT|BROAD|NARROW|RELATED)$/;

function setSynonym(
  draft: OboDraft,
  tag: string,
  body: string,
): string | undefined {
  const quoted = quotedText(body);
  if (quoted === undefined) {
    return `Expected ${tag} to be a text in quotation marks but found ${show(body)}: ${leftOut}`;
  }
  const text = quoted.text.trim();
  if (text === "") {
    return `Expected ${tag} to be a name but found an empty text: ${leftOut}`;
  }
  const bracket = indexOutside(quoted.rest, "[");
  const words = splitOutside(
    bracket < 0 ? quoted.rest : quoted.rest.slice(0, bracket),
    " ",
  );
  let scope = oldScopes[tag] ?? "RELATED";
  let problem: string | undefined;
  const first = words[0];
  if (tag === "synonym" && first !== undefined) {
    const written = first.toUpperCase();
    if (scopes.test(written)) scope = words.shift() as SynonymScope;
    if (!scopes.test(first)) {
      if (scopes.test(written)) scope = written as SynonymScope;
      problem = `Expected EXACT, BROAD, NARROW or RELATED after the name but found ${
        show(first)
      }: it is read as ${scope}${scopes.test(written) ? "" : " of this type"}`;
    }
  }
  const type = words[0];
  const xrefs = bracket < 0 ? [] : referenceList(quoted.rest.slice(bracket));
  draft.synonyms.push({
    text,
    scope,
    xrefs: xrefs ?? [],
    ...(type === undefined ? {} : { type: unescapeObo(type) }),
  });
  if (words.length > 1) {
    return `Expected at most a scope and a type after the name but found ${
      show(quoted.rest)
    }: it is kept as ${scope}`;
  }
  return xrefs === undefined
    ? `Expected ${tag} to end with a list in brackets but found ${
      show(quoted.rest)
    }: it is kept without references`
    : problem;
}

function addId(
  draft: OboDraft,
  list: "altIds" | "isA" | "replacedBy" | "consider",
  tag: string,
  body: string,
  line: number,
): string | undefined {
  const id = oneId(body);
  if (id === undefined) {
    return `Expected ${tag} to be one id but found ${show(body)}: ${leftOut}`;
  }
  const key = `${tag} ${id}`;
  if (draft.lines.has(key)) return undefined;
  draft.lines.set(key, line);
  draft[list].push(id);
  return undefined;
}

/** The id, or undefined when there is white space in it. */
function oneId(body: string): string | undefined {
  return /\s/.test(body) ? undefined : unescapeObo(body);
}

/**
 * Adds what a second stanza of the same id says.
 *
 * @param into The first stanza's term, which it changes.
 * @param from The second stanza's.
 */
export function joinDrafts(into: OboDraft, from: OboDraft): void {
  if (into.name === "") into.name = from.name;
  if (into.definition === undefined && from.definition !== undefined) {
    into.definition = from.definition;
    into.definitionXrefs = from.definitionXrefs;
  }
  into.obsolete ||= from.obsolete;
  for (
    const [key, tag] of [["altIds", "alt_id"], ["isA", "is_a"], ["replacedBy", "replaced_by"], [
      "consider",
      "consider",
    ]] as const
  ) {
    for (const id of from[key]) {
      const place = `${tag} ${id}`;
      if (into.lines.has(place)) continue;
      into.lines.set(place, from.lines.get(place) ?? from.line);
      into[key].push(id);
    }
  }
  for (const xref of from.xrefs) into.xrefs.push(xref);
  for (const synonym of from.synonyms) into.synonyms.push(synonym);
  for (const relationship of from.relationships) into.relationships.push(relationship);
  for (const tag of from.other) into.other.push(tag);
}

/**
 * A piece of a file in a message.
 *
 * @param text Any text.
 * @returns The first 60 characters as a JSON string.
 */
export function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
