/**
 * Which finding entails which: by name, by the hierarchy, and by words of degree, side, quality and circumstance. Whoever
 * has a severe headache has a headache, and whoever has colic has pain; never the other way.
 *
 * @module
 */

import { ancestorsOf, isAPath } from "../graph/closure.ts";
import type { Clinical } from "./clinical.ts";
import { plainerFindings } from "./finding_text.ts";
import { type Concept, conceptKey, readName } from "./names.ts";

/** The concept of a wording, if it is a name of one. */
function conceptOf({ knowledge, names }: Clinical, text: string): Concept | undefined {
  const known = names.finding.byName.get(conceptKey(text));
  if (known !== undefined) return known;
  const reading = readName(knowledge, names, "finding", text);
  return reading.status === "read" ? reading.concept : undefined;
}

/** The way up the hierarchy between two concepts, in words; empty for the same one. */
function wayUp({ knowledge }: Clinical, from: Concept, to: Concept): string[] | undefined {
  if (from.id === to.id) return [];
  if (from.entity === undefined || to.entity === undefined) return undefined;
  const path = isAPath(knowledge, from.entity.id, to.entity.id);
  return path?.slice(1).map((id, i) => {
    const name = (at: string): string => knowledge.entities.get(at)?.name ?? at;
    return `${name(path[i]!)} is_a ${name(id)}`;
  });
}

/**
 * Why whoever has one finding has the other.
 *
 * @param clinical The curated knowledge.
 * @param from The finding that is there.
 * @param to The finding that is asked for.
 * @param text Other words of the first, such as those of a row.
 * @returns Steps in words, none where both are the same finding; undefined where the first does not entail the second.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainerFindings } from "./finding_text.ts";
 * assertEquals(plainerFindings("severe throbbing headache with nausea").at(-1), "headache");
 * ```
 */
export function entails(
  clinical: Clinical,
  from: Concept,
  to: Concept,
  text: string = from.name,
): string[] | undefined {
  const direct = wayUp(clinical, from, to);
  if (direct !== undefined) return direct;
  for (const wording of new Set([text, from.name])) {
    for (const plain of plainerFindings(wording)) {
      const concept = conceptKey(plain) === conceptKey(to.name) ? to : conceptOf(clinical, plain);
      const way = concept === undefined ? undefined : wayUp(clinical, concept, to);
      if (way !== undefined) return [`${wording} is a kind of ${plain}`, ...way];
    }
  }
  return undefined;
}

/**
 * Everything that a finding entails, itself included.
 *
 * @param clinical The curated knowledge.
 * @param from The finding that is there.
 * @param text Other words of it, such as those of a row.
 * @returns Ids of concepts; of plainer words that name nothing known the id that such a finding would have.
 */
export function entailedBy(
  clinical: Clinical,
  from: Concept,
  text: string = from.name,
): ReadonlySet<string> {
  const ids = new Set<string>();
  const add = (id: string, entity: Concept["entity"]): void => {
    ids.add(id);
    if (entity === undefined) return;
    for (const above of ancestorsOf(clinical.knowledge, entity.id)) ids.add(above);
  };
  add(from.id, from.entity);
  for (const plain of [...new Set([text, from.name])].flatMap(plainerFindings)) {
    const concept = conceptOf(clinical, plain);
    add(concept?.id ?? `finding:${conceptKey(plain)}`, concept?.entity);
  }
  return ids;
}
