/**
 * Mentions of entities in free text.
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
import { longestAbbreviation, readAbbreviation } from "./abbreviations.ts";
import { candidates, namesLike, type Word, wordsOf } from "./names.ts";

/** A place in a text that names an entity. */
export interface Mention {
  /** What is named. */
  readonly entity: Entity;
  /** Index of the first character (UTF-16). */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

/** Names of whole hierarchies: they say nothing when they are mentioned. */
const generic = new Set(["disease", "symptom", "syndrome", "finding", "sign"]);

/**
 * The mentions of live entities in a text, from left to right, the longest name at each place, never overlapping.
 *
 * Names and exact synonyms count (never related names), whole words only, whatever their case, hyphens and plural s.
 * A short name all in capitals (ALL, AIDS, CAT) counts only in capitals; an abbreviation of several things (MS) only where
 * the words of the text leave one of them. Where one place names entities of several kinds
 * (headache, a disease and a symptom), each kind gives one mention, in the order of `entityKinds`.
 *
 * @param k The graph.
 * @param text Any text.
 * @param kinds The kinds to return; all when left out. Names of other kinds still cover their words: "yellow fever"
 * holds no mention of the symptom fever.
 * @returns Mentions with their places in UTF-16 units.
 */
export function mentions(
  k: Knowledge,
  text: string,
  kinds: readonly EntityKind[] = entityKinds,
): Mention[] {
  const words = wordsOf(text);
  const found: Mention[] = [];
  for (let i = 0; i < words.length;) {
    const first = words[i];
    const keys = first === undefined ? [] : keysFrom(k, words, i);
    let taken = 0;
    for (let n = keys.length; n > 0 && taken === 0; n--) {
      const last = words[i + n - 1];
      const { key, folded } = keys[n - 1]!;
      if (first === undefined || last === undefined) break;
      const entries = namesLike(k, key, folded);
      if (entries === undefined || generic.has(key)) continue;
      const surface = text.slice(first.start, last.end);
      for (const kind of entityKinds) {
        const entity = bestOf(k, entries, kind, surface, text);
        if (entity === undefined) continue;
        taken = n;
        if (kinds.includes(kind)) {
          found.push({ entity, start: first.start, end: last.end });
        }
      }
    }
    i += Math.max(1, taken);
  }
  return found;
}

/** Whether a name, where it is an abbreviation of several things, stands for this entity in its text. */
function means(k: Knowledge, surface: string, text: string, entity: Entity): boolean {
  if (surface.length > longestAbbreviation) return true;
  const reading = readAbbreviation(surface.toUpperCase(), text);
  if (reading.status === "unlisted") return true;
  return reading.status === "read" &&
    candidates(k, reading.meaning.name, entity.kind).some(({ entity: { id } }) => id === entity.id);
}

/** The normal forms of the first word from `at` on, of the first two, and so on, as long as a name may be. */
function keysFrom(
  k: Knowledge,
  words: readonly Word[],
  at: number,
): { key: string; folded: string }[] {
  const { key, folded } = words[at]!;
  const most = Math.max(k.longest.get(key) ?? 0, k.longest.get(folded) ?? 0);
  const keys = most === 0 ? [] : [{ key, folded }];
  for (let i = at + 1; i < at + most && i < words.length; i++) {
    const before = keys[keys.length - 1]!;
    const next = words[i]!;
    keys.push({ key: `${before.key} ${next.key}`, folded: `${before.folded} ${next.folded}` });
  }
  return keys;
}

/** Entries are sorted by rank, so the first that fits is the best; an abbreviation may stand for a later one. */
function bestOf(
  k: Knowledge,
  entries: readonly NameEntry[],
  kind: EntityKind,
  surface: string,
  text: string,
): Entity | undefined {
  for (const entry of entries) {
    if (entry.rank > 1) return undefined;
    const entity = k.entities.get(entry.id);
    if (entity?.kind !== kind || entity.obsolete) continue;
    if (
      /^[A-Z0-9-]{2,5}$/.test(entry.text) && !surface.startsWith(entry.text)
    ) continue;
    if (means(k, surface, text, entity)) return entity;
  }
  return undefined;
}
