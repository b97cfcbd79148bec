/**
 * Names in the curated tables as concepts: joined with the graph where the name is a name of the entity there, kept apart
 * where the tables' id is only near.
 *
 * @module
 */

import { type AbbreviationReading, readAbbreviation } from "../graph/abbreviations.ts";
import { candidates, normalizeName, resolveId } from "../graph/names.ts";
import { foldText } from "../graph/spelling.ts";
import type { Entity, EntityKind, Knowledge } from "../types.ts";
import { synonymGroups } from "./synonyms.ts";

/** What a concept is. */
export type ConceptKind = keyof typeof synonymGroups;

/** A thing that the curated tables or the graph name. */
export interface Concept {
  /** Id of the graph's entity, else an id of the Human Phenotype Ontology, else the kind and the folded name: `disease:stable angina`. */
  readonly id: string;
  /** What it is. */
  readonly kind: ConceptKind;
  /** Its name in the tables, else in the graph. */
  readonly name: string;
  /** The graph's entity of this name. */
  readonly entity?: Entity;
  /** The graph's entity that the tables give for want of a better one: a wider, narrower or neighbouring thing. */
  readonly near?: Entity;
}

/** The names of one kind that are being joined or are joined. */
export interface ConceptIndex {
  /** Folded normal form to concept. */
  readonly byName: Map<string, Concept>;
  /** Id to concept. */
  readonly byId: Map<string, Concept>;
}

/** All names. */
export type ConceptNames = Readonly<Record<ConceptKind, ConceptIndex>>;

/** What a concept is in the graph. */
export const entityKind: Readonly<Record<ConceptKind, EntityKind>> = {
  disease: "disease",
  finding: "symptom",
  drug: "drug",
};

/**
 * An entity for a concept that the graph lacks.
 *
 * @param kind What the concept is.
 * @param id Id of the entity.
 * @param name Its name.
 * @param synonyms Its other names.
 * @returns The entity, without related names and ids elsewhere.
 */
export function conceptEntity(
  kind: ConceptKind,
  id: string,
  name: string,
  synonyms: readonly string[] = [],
): Entity {
  return {
    id,
    kind: entityKind[kind],
    name,
    synonyms,
    related: [],
    crossIds: [],
    obsolete: false,
  };
}

/**
 * The form under which names are compared: normal form, in one spelling.
 *
 * @param name A name in any spelling.
 * @returns Small letters without accents, hyphens, possessives and plural endings, in American spelling.
 */
export function conceptKey(name: string): string {
  return foldText(normalizeName(name));
}

/** Folded name to all names of its group; of the tables' own name first. */
const groups: Readonly<Record<ConceptKind, ReadonlyMap<string, readonly string[]>>> = {
  disease: groupsOf("disease"),
  finding: groupsOf("finding"),
  drug: groupsOf("drug"),
};

function groupsOf(kind: ConceptKind): Map<string, readonly string[]> {
  const byKey = new Map<string, readonly string[]>();
  for (const group of synonymGroups[kind]) {
    for (const name of group) {
      const key = conceptKey(name);
      if (!byKey.has(key)) byKey.set(key, group);
    }
  }
  return byKey;
}

/**
 * The names that mean the same as a name.
 *
 * @param kind What it names.
 * @param name A name in any spelling.
 * @returns All names of its group, the tables' own first; none for a name without others.
 */
export function synonymsOf(kind: ConceptKind, name: string): readonly string[] {
  return groups[kind].get(conceptKey(name)) ?? [];
}

/** Whether the entity has one of these names: as its own or as an exact synonym, or in the graph as such. */
function isCalled(k: Knowledge, entity: Entity, names: readonly string[]): boolean {
  const own = new Set([entity.name, ...entity.synonyms].map(conceptKey));
  return names.some((name) =>
    own.has(conceptKey(name)) ||
    candidates(k, name, entity.kind).some((c) => c.rank <= 1 && c.entity.id === entity.id)
  );
}

/** The one live entity of this kind with one of these names; undefined where names lead to several. */
function entityCalled(
  k: Knowledge,
  names: readonly string[],
  kind: EntityKind,
): Entity | undefined {
  for (const name of names) {
    const found = candidates(k, name, kind).filter((c) => c.rank <= 1 && !c.entity.obsolete);
    const best = found.filter((c) => c.rank === found[0]?.rank && c.exact === found[0]?.exact);
    if (best.length === 1) return best[0]!.entity;
    if (best.length > 1) return undefined;
  }
  return undefined;
}

/** Empty names of every kind. */
export function newConceptNames(): ConceptNames {
  const index = (): ConceptIndex => ({ byName: new Map(), byId: new Map() });
  return { disease: index(), finding: index(), drug: index() };
}

/**
 * The concept of a name in a table, which is added where it is new. The entity of the row's id is the concept only where
 * it is called so; a name without an id is looked up in the graph. Names of one synonym group are one concept.
 *
 * @param k The graph.
 * @param names The names, to which it adds.
 * @param kind What the name names.
 * @param name The name.
 * @param id The id beside it in the table.
 * @returns The concept.
 */
export function addConcept(
  k: Knowledge,
  names: ConceptNames,
  kind: ConceptKind,
  name: string,
  id?: string,
): Concept {
  const index = names[kind];
  const key = conceptKey(name);
  const known = index.byName.get(key);
  if (known !== undefined) return known;
  const group = groups[kind].get(key) ?? [name];
  const given = id === undefined ? undefined : resolveId(k, id);
  const live = given?.kind === entityKind[kind] && !given.obsolete ? given : undefined;
  const called = live !== undefined && isCalled(k, live, [name, ...group]) ? live : undefined;
  // A disease is joined by its id alone: the ontology of 2015 calls several things by wrong names.
  const entity = called ??
    (kind === "disease" ? undefined : entityCalled(k, [name, ...group], entityKind[kind]));
  const own = entity?.id ??
    (kind === "finding" && id !== undefined && id.startsWith("HP:")
      ? id
      : `${kind}:${conceptKey(group[0]!)}`);
  const concept = index.byId.get(own) ?? {
    id: own,
    kind,
    name,
    ...(entity === undefined ? {} : { entity }),
    ...(live === undefined || entity !== undefined ? {} : { near: live }),
  };
  index.byId.set(own, concept);
  for (const other of [name, ...group]) {
    const otherKey = conceptKey(other);
    if (!index.byName.has(otherKey)) index.byName.set(otherKey, concept);
  }
  return concept;
}

/** How a name was read. */
export type NameReading =
  /** It names one thing. */
  | { readonly status: "read"; readonly concept: Concept }
  /** It names several: `question` asks which. */
  | { readonly status: "ambiguous"; readonly question: string }
  /** Nothing is known by this name. */
  | { readonly status: "unknown" };

/**
 * Reads a name or an id: an ambiguous abbreviation only with its context, else the tables' names, else the graph's.
 *
 * @param k The graph.
 * @param names The tables' names.
 * @param kind What is asked for.
 * @param text The name, in any spelling.
 * @param context The text around it, for abbreviations.
 * @returns The concept, a question, or that the name is unknown.
 */
export function readName(
  k: Knowledge,
  names: ConceptNames,
  kind: ConceptKind,
  text: string,
  context = "",
): NameReading {
  // A name is looked up, so that "ms" is the abbreviation as "MS" is.
  const short: AbbreviationReading = readAbbreviation(text.toUpperCase(), context, kind);
  if (short.status === "ambiguous") return { status: "ambiguous", question: short.question };
  const name = short.status === "read" ? short.meaning.name : text;
  const index = names[kind];
  const known = index.byId.get(name.trim()) ?? index.byName.get(conceptKey(name));
  if (known !== undefined) return { status: "read", concept: known };
  const found = candidates(k, name, entityKind[kind])
    .filter((c) => c.rank <= 1 && !c.entity.obsolete);
  const best = found.filter((c) => c.rank === found[0]?.rank && c.exact === found[0]?.exact);
  if (best.length > 1) {
    const listed = best.map(({ entity }) => `${entity.name} (${entity.id})`).join(" or ");
    return {
      status: "ambiguous",
      question: `Expected ${JSON.stringify(text)} to mean one ${kind} but found ${listed}`,
    };
  }
  const entity = best[0]?.entity;
  if (entity === undefined) return { status: "unknown" };
  const concept = index.byId.get(entity.id) ??
    { id: entity.id, kind, name: entity.name, entity };
  return { status: "read", concept };
}
