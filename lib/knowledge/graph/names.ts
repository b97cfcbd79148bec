/**
 * Names: their normal form, the index over all of them, and the look-up of one entity.
 *
 * @module
 */

import {
  type Entity,
  type EntityKind,
  entityKinds,
  type Knowledge,
  type NameEntry,
} from "../types.ts";
import { foldText, foldWord } from "./spelling.ts";

/** One word of a text. */
export interface Word {
  /** Its normal form. */
  readonly key: string;
  /** Its normal form in one spelling, by {@linkcode foldWord}. */
  readonly folded: string;
  /** Index of its first character (UTF-16). */
  readonly start: number;
  /** Index after its last character. */
  readonly end: number;
}

const wordPattern =
  /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’]\p{L}[\p{L}\p{M}]*)*|[^\s\p{L}\p{N}\-–'’"“”]/gu;

/** Lower case, possessive and plural endings cut, the same way for names and for texts. */
function wordKey(raw: string): string {
  let key = raw.toLowerCase();
  if (/['’]/.test(key)) key = key.replace(/['’]s$/, "").replace(/['’]/g, "");
  const last = key[key.length - 1];
  if (key.length < 4 || (last !== "s" && last !== "e")) return key;
  // rashes and rash, headaches and headache
  if (/(?:sh|ch|x|ss)es?$/.test(key)) return key.replace(/es?$/, "");
  if (last === "e" || /(?:ss|us|is)$/.test(key)) return key;
  return key.length > 5 && key.endsWith("ies") ? `${key.slice(0, -3)}y` : key.slice(0, -1);
}

/**
 * The words of a text. Hyphens, quotation marks and white space separate; other punctuation is a word of its own.
 *
 * @param text Any text.
 * @returns Its words in order, with their places in UTF-16 units.
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(wordPattern)) {
    const key = wordKey(match[0]);
    words.push({
      key,
      folded: foldWord(key),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  return words;
}

/**
 * The normal form of a name: lower case, single spaces, without hyphens, possessives and plural endings.
 *
 * @param name A name in any spelling.
 * @returns The form under which names are looked up; empty for white space alone.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalizeName } from "./names.ts";
 * assertEquals(normalizeName("Alzheimer's  Diseases"), normalizeName("alzheimer disease"));
 * ```
 */
export function normalizeName(name: string): string {
  const words = /^[A-Za-z0-9 -]*$/.test(name) ? name.split(/[ -]+/) : name.match(wordPattern) ?? [];
  let key = "";
  for (const word of words) if (word !== "") key += (key === "" ? "" : " ") + wordKey(word);
  return key;
}

/**
 * `Purpura, Thrombocytopenic, Idiopathic` as `Idiopathic Thrombocytopenic Purpura`; undefined without a comma.
 *
 * @param name A name of MeSH's kind.
 * @returns The name in the order in which it is spoken.
 */
export function uninvert(name: string): string | undefined {
  const parts = name.split(", ");
  return parts.length > 1 && parts.every((part) => part !== "")
    ? parts.reverse().join(" ")
    : undefined;
}

/** Longer names, in words, are found by look-up only, not in texts: the time to read a text stays bounded. */
const longestInText = 60;

/** An index of names that is being built. */
export interface NameIndex {
  /** Normal form to entries, best first once sorted. */
  readonly names: Map<string, NameEntry[]>;
  /** First word to the length in words of the longest name. */
  readonly longest: Map<string, number>;
  /** For each normal form the place of each entity among its entries. */
  readonly places: Map<string, Map<string, number>>;
  /** Folded form to normal forms that are spelt otherwise. */
  readonly spellings: Map<string, string[]>;
}

/** Remembers how many words the longest name with this first word has. */
function noteLength(index: NameIndex, key: string): void {
  const space = key.indexOf(" ");
  const first = space < 0 ? key : key.slice(0, space);
  let words = 1;
  for (let i = space; i >= 0; i = key.indexOf(" ", i + 1)) words++;
  if (words > (index.longest.get(first) ?? 0)) {
    index.longest.set(first, Math.min(words, longestInText));
  }
}

/**
 * What a normal form can mean: the names that are spelt so, or else those that are spelt otherwise.
 *
 * @param knowledge The names.
 * @param key A normal form.
 * @param folded Its folded form.
 * @returns The entries, best first; undefined for an unknown name.
 */
export function namesLike(
  { names, spellings }: Pick<Knowledge, "names" | "spellings">,
  key: string,
  folded: string = foldText(key),
): readonly NameEntry[] | undefined {
  const own = names.get(key) ?? [];
  // A related name only: what is spelt otherwise and is the name itself comes first.
  const isOwn = folded === key || own.some(({ rank }) => rank <= 1);
  const same = isOwn ? own : [...names.get(folded) ?? [], ...own];
  if (same.length > 0) return same;
  const others = spellings.get(folded);
  if (others === undefined) return undefined;
  return others.flatMap((other) => names.get(other) ?? []).sort((a, b) => a.rank - b.rank);
}

/**
 * Adds one name of an entity.
 *
 * @param index The index, which it changes.
 * @param id Id of the entity.
 * @param rank As in {@link NameEntry}; the lower of two is kept.
 * @param text The name as the source writes it.
 */
export function addName(
  index: NameIndex,
  id: string,
  rank: number,
  text: string,
): void {
  const key = normalizeName(text);
  if (key === "") return;
  const entries = index.names.get(key);
  if (entries === undefined) {
    index.names.set(key, [{ id, rank, text }]);
    index.places.set(key, new Map([[id, 0]]));
    noteLength(index, key);
    const folded = foldText(key);
    if (folded === key) return;
    noteLength(index, folded);
    index.spellings.set(folded, [...index.spellings.get(folded) ?? [], key]);
    return;
  }
  const places = index.places.get(key)!;
  const same = places.get(id);
  if (same === undefined) {
    places.set(id, entries.length);
    entries.push({ id, rank, text });
  } else if (rank < (entries[same]?.rank ?? 0)) {
    entries[same] = { id, rank, text };
  }
}

/**
 * The live entity behind an id in any of its spellings and ages; undefined when it is no id of the graph.
 *
 * @param knowledge Entities and the ids that lead to them.
 * @param text An id, current, alternative, replaced or of another source, in any case.
 * @returns The live entity; an obsolete one where it has no successor.
 */
export function resolveId(
  knowledge: Pick<Knowledge, "entities" | "ids">,
  text: string,
): Entity | undefined {
  const id = text.trim();
  const direct = knowledge.entities.get(id);
  if (direct !== undefined && !direct.obsolete) return direct;
  const live = knowledge.ids.get(id.toUpperCase());
  return live === undefined ? direct : knowledge.entities.get(live) ?? direct;
}

/** One meaning of a name. */
export interface Candidate {
  /** The entity. */
  readonly entity: Entity;
  /** As in {@link NameEntry}; 0 for an id. */
  readonly rank: number;
  /** True when the name agrees letter by letter, apart from case and spacing. */
  readonly exact: boolean;
}

/**
 * What an id or a name can mean, best first: primary names before exact synonyms before related names, names that agree
 * letter by letter before those that agree in their normal form, other spellings only where none agrees, and the kinds in the order of `entityKinds`.
 *
 * @param knowledge The graph.
 * @param nameOrId A name or an id in any spelling.
 * @param kind The kind wanted; every kind when left out.
 * @returns Meanings, best first; empty for an unknown name.
 */
export function candidates(
  knowledge: Knowledge,
  nameOrId: string,
  kind?: EntityKind,
): Candidate[] {
  const byId = resolveId(knowledge, nameOrId);
  if (byId !== undefined) {
    return kind === undefined || byId.kind === kind ? [{ entity: byId, rank: 0, exact: true }] : [];
  }
  const plain = nameOrId.trim().replace(/\s+/g, " ").toLowerCase();
  const found: Candidate[] = [];
  for (
    const { id, rank, text } of namesLike(knowledge, normalizeName(nameOrId)) ??
      []
  ) {
    const entity = knowledge.entities.get(id);
    if (entity === undefined || (kind !== undefined && entity.kind !== kind)) {
      continue;
    }
    found.push({ entity, rank, exact: text.toLowerCase() === plain });
  }
  const kindOrder = (e: Entity): number => entityKinds.indexOf(e.kind);
  return found.sort((a, b) =>
    a.rank - b.rank || Number(b.exact) - Number(a.exact) ||
    kindOrder(a.entity) - kindOrder(b.entity)
  );
}

/**
 * The entity with this id or name, of this kind when one is given. Names and synonyms match whatever their case,
 * spacing, hyphens and plural s; alternative ids and the ids of replaced terms lead to the live entity. An obsolete
 * entity without a successor is returned as it is, with `obsolete: true`. Of several, the best by {@link candidates}.
 *
 * @param knowledge The graph.
 * @param nameOrId A name or an id in any spelling.
 * @param kind The kind wanted; every kind when left out.
 * @returns The entity, or undefined.
 */
export function findEntity(
  knowledge: Knowledge,
  nameOrId: string,
  kind?: EntityKind,
): Entity | undefined {
  return candidates(knowledge, nameOrId, kind)[0]?.entity;
}
