/**
 * The graph with the names of the curated tables, so that a reader of texts knows what they speak of.
 *
 * @module
 */
import { abbreviations } from "../graph/abbreviations.ts";
import { addName, type NameIndex, normalizeName } from "../graph/names.ts";
import type { Entity, EntityKind, Knowledge, NameEntry } from "../types.ts";
import { careMeasures } from "./care_measures.ts";
import type { Clinical } from "./clinical.ts";
import { classIdOf, drugClasses } from "./drug_classes.ts";
import { conceptEntity, conceptKey } from "./names.ts";
import {
  allergyWords,
  commonDrugNames,
  commonNames,
  eponymWords,
  lesionWords,
  quantityWords,
  readerWords,
  shortNames,
  siteWords,
} from "./reader_names.ts";

/** A finding of several: in a text its parts are names of their own. */
const isList = /[,;]|\band\b/;

/** A copy to which names can be added. */
function copyIndex({ names, longest, spellings }: Knowledge): NameIndex {
  const copies = new Map<string, NameEntry[]>();
  const places = new Map<string, Map<string, number>>();
  for (const [key, entries] of names) {
    copies.set(key, [...entries]);
    places.set(key, new Map(entries.map(({ id }, i) => [id, i])));
  }
  return {
    names: copies,
    places,
    longest: new Map(longest),
    spellings: new Map([...spellings].map(([folded, keys]) => [folded, [...keys]])),
  };
}

/** Adds words that name nothing, or something wider, and are read as a name; by the words what they are read as. */
function addReaderWords(index: NameIndex, names: Clinical["names"]): Map<string, string> {
  const added = new Map<string, string>();
  for (const kind of ["disease", "finding"] as const) {
    const short = kind === "disease"
      ? [shortNames, commonNames].flatMap((all) =>
        Object.entries(all).map(([name, words]) => [name, words.split("; ")] as const)
      )
      : [];
    for (const [name, words] of [...Object.entries(readerWords[kind]), ...short]) {
      const id = names[kind].byName.get(conceptKey(name))?.id;
      if (id === undefined) continue;
      for (const word of words) {
        addName(index, id, 0, word);
        added.set(normalizeName(word), id);
        if (kind === "disease") {
          for (const other of lesionWords(word)) addName(index, id, 0, other);
        }
      }
    }
    for (const { id, name } of names[kind].byId.values()) {
      for (
        const words of [
          ...allergyWords(name),
          ...eponymWords(name),
          ...quantityWords(name),
          ...siteWords(name),
          ...(kind === "disease" ? lesionWords(name) : []),
        ]
      ) {
        addName(index, id, 0, words);
      }
    }
  }
  return added;
}

/** Adds other names of diseases that name nothing yet, no finding either. */
function addWordings(index: NameIndex, { names, wordings }: Clinical): void {
  const findings = new Set([...wordings.finding.values()].flat().map(conceptKey));
  for (const [name, words] of wordings.disease) {
    const id = names.disease.byName.get(conceptKey(name))?.id;
    if (id === undefined) continue;
    for (const word of words) {
      const isTaken = index.names.has(normalizeName(word)) || findings.has(conceptKey(word));
      if (!isTaken) addName(index, id, 0, word);
    }
  }
}

/** Adds what people call drugs, and how else one of two is written: "trimethoprim-sulfamethoxazole". */
function addDrugNames(index: NameIndex, names: Clinical["names"]): void {
  for (const [name, words] of Object.entries(commonDrugNames)) {
    const id = names.drug.byName.get(conceptKey(name))?.id;
    if (id !== undefined) words.split("; ").forEach((word) => addName(index, id, 0, word));
  }
  for (const { id, name } of names.drug.byId.values()) {
    const parts = name.split("/");
    if (parts.length !== 2) continue;
    const [one, other] = parts;
    const ways = ["-", " plus ", " with ", " combined with ", " and "];
    for (
      const words of [
        `${other}/${one}`,
        ...ways.flatMap((way) => [`${one}${way}${other}`, `${other}${way}${one}`]),
      ]
    ) {
      addName(index, id, 0, words);
    }
  }
}

/** Adds abbreviations of what the tables know, each for all that it can mean. */
function addAbbreviations(index: NameIndex, names: Clinical["names"]): void {
  for (const [short, meanings] of abbreviations) {
    for (const { name, kind } of meanings) {
      const id = kind === "other" ? undefined : names[kind].byName.get(conceptKey(name))?.id;
      if (id !== undefined) addName(index, id, 0, short);
    }
  }
}

/** Adds the classes of drugs, under those of their names that no drug has. */
function addClasses(index: NameIndex, entities: Map<string, Entity>): void {
  for (const { id, names } of drugClasses) {
    const [drug, kind] = [id, classIdOf(id)];
    entities.set(drug, conceptEntity("drug", drug, names[0]!));
    entities.set(kind, { ...conceptEntity("drug", kind, names[0]!), kind: "class" });
    for (const name of names) {
      const known = index.names.get(normalizeName(name)) ?? [];
      const isKnown = (of: EntityKind) =>
        known.some((entry) => entities.get(entry.id)?.kind === of);
      if (!isKnown("drug")) addName(index, drug, 0, name);
      if (!isKnown("drug") && !isKnown("class")) addName(index, kind, 0, name);
    }
  }
}

/** Adds what is done where no drug is first-line: in a text it stands where a drug does. */
function addMeasures(index: NameIndex, entities: Map<string, Entity>, clinical: Clinical): void {
  for (const { id, name } of careMeasures(clinical)) {
    entities.set(id, conceptEntity("drug", id, name));
    addName(index, id, 0, name);
  }
}

/**
 * Adds an entity for every concept of the tables that is none of the graph, and the tables' names to all of them: the graph of
 * the tables lacks the names of risks, of red flags and of the conditions that speak against a drug. A name that leads to a
 * concept leads to it before anything else of its kind.
 *
 * @param clinical The curated knowledge.
 * @returns The graph with more entities and names, and the same edges; the graph itself stays as it is.
 */
export function clinicalVocabulary(clinical: Clinical): Knowledge {
  const { knowledge, names } = clinical;
  const entities = new Map<string, Entity>(knowledge.entities);
  const index = copyIndex(knowledge);
  for (const kind of ["disease", "finding", "drug"] as const) {
    for (const { id, name } of names[kind].byId.values()) {
      if (entities.has(id)) continue;
      entities.set(id, conceptEntity(kind, id, name));
    }
    for (const [key, { id, name }] of names[kind].byName) {
      if (kind === "finding" && isList.test(name)) continue;
      for (const text of [key, name]) addName(index, id, 0, text);
    }
  }
  const readAs = addReaderWords(index, names);
  addWordings(index, clinical);
  addAbbreviations(index, names);
  addDrugNames(index, names);
  addClasses(index, entities);
  addMeasures(index, entities, clinical);
  for (const [key, entries] of index.names) {
    const own = (entry: NameEntry): boolean =>
      readAs.get(key) === entry.id ||
      (["disease", "finding", "drug"] as const).some((kind) =>
        names[kind].byName.get(key)?.id === entry.id
      );
    entries.sort((a, b) => a.rank - b.rank || Number(own(b)) - Number(own(a)));
  }
  return {
    ...knowledge,
    entities,
    ...{ names: index.names, longest: index.longest, spellings: index.spellings },
  };
}
