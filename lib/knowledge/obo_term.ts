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
  /** Every other tag (`subset`, `comment`, `property_value` ...), unescaped, in file order. */
  readonly other: readonly { readonly tag: string; readonly value: string }[];
}

/** A term that is being read. */
export type OboDraft = {
  -readonly [K in keyof OboTerm]: OboTerm[K] extends readonly (infer V)[] ? V[]
    : OboTerm[K];
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
    other: [],
  };
}

/**
 * Reads one tag into the draft; returns what was wrong with it, or undefined.
 *
 * @param draft The term, which it changes.
 * @param tag The tag's name.
 * @param body Its value without comment and modifiers.
 * @returns What was wrong; undefined when nothing was.
 */
export function setTag(
  draft: OboDraft,
  tag: string,
  body: string,
): string | undefined {
  if (body === "") {
    return tag === "comment" ? undefined : `Expected ${tag} to have a value but found none`;
  }
  switch (tag) {
    case "id":
    case "name": {
      const value = tag === "id" ? oneId(body) : unescapeObo(body);
      if (value === undefined) {
        return `Expected id to be one word but found ${show(body)}`;
      }
      if (draft[tag] !== "") {
        return `Expected one ${tag} but found another: ${show(body)}`;
      }
      draft[tag] = value;
      return undefined;
    }
    case "def": {
      const quoted = quotedText(body);
      if (quoted === undefined) {
        return `Expected def to be a text in quotation marks but found ${show(body)}`;
      }
      if (draft.definition !== undefined) {
        return "Expected one def but found another";
      }
      draft.definition = quoted.text.trim();
      const xrefs = referenceList(quoted.rest);
      if (xrefs === undefined) {
        return `Expected def to end with a list in brackets but found ${show(quoted.rest)}`;
      }
      draft.definitionXrefs = xrefs;
      return undefined;
    }
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
        return `Expected is_obsolete to be true or false but found ${show(body)}`;
      }
      draft.obsolete = body === "true";
      return undefined;
    case "alt_id":
      return addId(draft.altIds, tag, body);
    case "is_a":
      return addId(draft.isA, tag, body);
    case "replaced_by":
      return addId(draft.replacedBy, tag, body);
    case "consider":
      return addId(draft.consider, tag, body);
    case "relationship": {
      const words = splitOutside(body, " ");
      if (words.length !== 2) {
        return `Expected relationship to be a type and an id but found ${show(body)}`;
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

function setSynonym(
  draft: OboDraft,
  tag: string,
  body: string,
): string | undefined {
  const quoted = quotedText(body);
  if (quoted === undefined) {
    return `Expected ${tag} to be a text in quotation marks but found ${show(body)}`;
  }
  const text = quoted.text.trim();
  if (text === "") {
    return `Expected ${tag} to be a name but found an empty text`;
  }
  const bracket = indexOutside(quoted.rest, "[");
  const words = splitOutside(
    bracket < 0 ? quoted.rest : quoted.rest.slice(0, bracket),
    " ",
  );
  let scope = oldScopes[tag] ?? "RELATED";
  if (
    tag === "synonym" && /^(EXACT|BROAD|NARROW|RELATED)$/.test(words[0] ?? "")
  ) scope = words.shift() as SynonymScope;
  const type = words[0];
  const xrefs = bracket < 0 ? [] : referenceList(quoted.rest.slice(bracket));
  draft.synonyms.push({
    text,
    scope,
    xrefs: xrefs ?? [],
    ...(type === undefined ? {} : { type: unescapeObo(type) }),
  });
  if (words.length > 1) {
    return `Expected at most a scope and a type after the name but found ${show(quoted.rest)}`;
  }
  return xrefs === undefined
    ? `Expected ${tag} to end with a list in brackets but found ${show(quoted.rest)}`
    : undefined;
}

function addId(into: string[], tag: string, body: string): string | undefined {
  const id = oneId(body);
  if (id === undefined) {
    return `Expected ${tag} to be one id but found ${show(body)}`;
  }
  if (!into.includes(id)) into.push(id);
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
    const key of ["altIds", "xrefs", "isA", "replacedBy", "consider"] as const
  ) {
    into[key] = [...new Set([...into[key], ...from[key]])];
  }
  into.synonyms.push(...from.synonyms);
  into.relationships.push(...from.relationships);
  into.other.push(...from.other);
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
