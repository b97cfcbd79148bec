/**
 * Direct neighbours in the graph.
 *
 * @module
 */

import { resolveId } from "./names.ts";
import type { Edge, EdgeTable, Entity, Knowledge, Phrase, Predicate } from "./types.ts";

const noEdges: ReadonlyMap<string, Edge> = new Map();

function endsOf(
  k: Knowledge,
  table: EdgeTable["forward"],
  id: string,
): readonly Entity[] {
  const from = resolveId(k, id)?.id ?? id;
  return [...(table.get(from) ?? noEdges).keys()].flatMap((other) => k.entities.get(other) ?? []);
}

/** The entities that `subjectId` stands in this relation to, by direct edges, in file order; empty for an unknown id. */
export function objectsOf(
  k: Knowledge,
  subjectId: string,
  predicate: Predicate,
): readonly Entity[] {
  return endsOf(k, k.edges[predicate].forward, subjectId);
}

/** The entities that stand in this relation to `objectId`, by direct edges, in file order; empty for an unknown id. */
export function subjectsOf(
  k: Knowledge,
  predicate: Predicate,
  objectId: string,
): readonly Entity[] {
  return endsOf(k, k.edges[predicate].backward, objectId);
}

/** The edge between two ids, with its sources; undefined when there is none. */
export function edgeBetween(
  k: Knowledge,
  subjectId: string,
  predicate: Predicate,
  objectId: string,
): Edge | undefined {
  const object = resolveId(k, objectId)?.id ?? objectId;
  return k.edges[predicate].forward.get(
    resolveId(k, subjectId)?.id ?? subjectId,
  )?.get(object);
}

/** The phrases of a disease's definition after one relation word, as the definition writes them. */
export function phrasesOf(
  k: Knowledge,
  diseaseId: string,
  relation: Phrase["relation"],
): readonly Phrase[] {
  const id = resolveId(k, diseaseId)?.id ?? diseaseId;
  return (k.phrases.get(id) ?? []).filter((p) => p.relation === relation);
}
