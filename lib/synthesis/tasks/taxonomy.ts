/**
 * Where diseases stand in the ontology, as far as it divides them: by organ system, by organ system of a cancer, by agent, by
 * metabolism. What lies in another part of one division is not a kind of what lies here.
 *
 * @module
 */
import { ancestorsOf, descendantsOf, type Entity, objectsOf } from "../../knowledge/mod.ts";
import { isPlainName, isUnambiguous, shareWord, type Source } from "../source.ts";
import { oncePerSource } from "./memo.ts";

/** Terms whose kinds exclude each other, and those of their kinds that lie across the others. */
const divisions: Readonly<Record<string, readonly string[]>> = {
  /** Disease of anatomical entity, without thoracic and immune system disease. */
  "DOID:7": ["DOID:0060118", "DOID:2914"],
  /** Organ system cancer, without head and neck, immune system, thoracic and retroperitoneal cancer. */
  "DOID:0050686": ["DOID:11934", "DOID:0060083", "DOID:5093", "DOID:5875"],
  /** Disease by infectious agent. */
  "DOID:0050117": [],
  /** Inherited metabolic disorder. */
  "DOID:655": [],
  /** Disease of mental health. */
  "DOID:150": [],
};

/** A group of so many kinds says little. */
const mostKinds = 60;

/** Where a disease stands: the division and its part. */
export interface Place {
  /** Id of what is divided. */
  readonly division: string;
  /** Id of the part. */
  readonly part: string;
}

/**
 * The one part of a division that a disease lies in.
 *
 * @param source The selected source.
 * @param disease Id of the disease.
 * @returns Its place; undefined where it lies in none or in several, or in one that lies across others.
 */
export function placeOf(source: Source, disease: string): Place | undefined {
  return oncePerSource(source, `place ${disease}`, () => {
    const above = new Set([disease, ...ancestorsOf(source.knowledge, disease)]);
    const found = Object.keys(divisions).filter((division) => above.has(division));
    const [division] = found;
    if (found.length !== 1 || division === undefined) return undefined;
    const parts = [...source.knowledge.edges.is_a.backward.get(division)?.keys() ?? []]
      .filter((part) => above.has(part));
    const [part] = parts;
    return parts.length === 1 && part !== undefined && !divisions[division]!.includes(part)
      ? { division, part }
      : undefined;
  });
}

/**
 * Whether a name of any disease of the ontology can stand in a prompt.
 *
 * @param source The selected source.
 * @param disease The disease.
 * @returns True for a plain name of this disease alone.
 */
export function isUsableDisease(source: Source, disease: Entity): boolean {
  return oncePerSource(
    source,
    `usable ${disease.id}`,
    () =>
      disease.kind === "disease" && !disease.obsolete && isPlainName(disease.name) &&
      isUnambiguous(source.knowledge, disease, true),
  );
}

/**
 * All diseases of the ontology whose names can stand in a prompt.
 *
 * @param source The selected source.
 * @returns Diseases sorted by id.
 */
export function usableDiseases(source: Source): readonly Entity[] {
  return oncePerSource(source, "usable diseases", () =>
    [...source.knowledge.entities.values()]
      .filter((entity) => entity.id.startsWith("DOID:") && isUsableDisease(source, entity))
      .sort((a, b) => (a.id < b.id ? -1 : 1)));
}

/**
 * The groups that a disease is directly a kind of, as far as they can be asked for: within one part of a division, not too
 * large, and not named as the disease is.
 *
 * @param source The selected source.
 * @param disease The disease.
 * @returns Groups in the order of the ontology.
 */
export function groupsOf(source: Source, disease: Entity): Entity[] {
  const place = placeOf(source, disease.id);
  if (place === undefined) return [];
  return objectsOf(source.knowledge, disease.id, "is_a").filter((group) =>
    group.id !== disease.id && isUsableDisease(source, group) &&
    placeOf(source, group.id) !== undefined &&
    descendantsOf(source.knowledge, group.id).size <= mostKinds &&
    !shareWord(group.name, disease.name)
  );
}

/** Words of the ontology's relations as English. */
const plainWords: readonly (readonly [RegExp, string])[] = [
  [/_?has_material_basis_in/g, "has its cause in"],
  [/located_in/g, "located in the"],
  [/\bthe the\b/g, "the"],
  [/has_symptoms?:?/g, "has the symptom"],
  [/transmitted_by/g, "spread by"],
  [/_/g, " "],
  [/\s+/g, " "],
  [/^A (?=[aeio]|upper)/, "An "],
];

/** Definitions of more words are no question. */
const mostWords = 32;

/**
 * The first sentence of a disease's definition in plain words.
 *
 * @param disease The disease.
 * @returns The sentence with its stop; undefined where there is none, it is very short or long, or names the disease.
 */
export function definitionOf(disease: Entity): string | undefined {
  const first = disease.definition?.split(/(?<=\w)\.(?:\s|$)/)[0];
  if (first === undefined) return undefined;
  const sentence = plainWords.reduce((text, [from, to]) => text.replace(from, to), first).trim();
  const words = sentence.split(" ").length;
  if (words < 8 || words > mostWords || !/^An? /.test(sentence)) return undefined;
  const names = [disease.name, ...disease.synonyms];
  return names.some((name) => shareWord(sentence, name)) ? undefined : `${sentence}.`;
}
