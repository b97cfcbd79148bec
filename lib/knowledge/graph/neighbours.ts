/**
 * Direct neighbours in the graph.
 *
 * @module
 */

import type { Edge, EdgeTable, Entity, Knowledge, Predicate } from "../types.ts";
import { resolveId } from "./names.ts";

const noEdges: ReadonlyMap<string, Edge> = new Map();

function endsOf(
  k: Knowledge,
  table: EdgeTable["forward"],
  id: string,
): readonly Entity[] {
  const from = resolveId(k, id)?.id ?? id;
  return [...(table.get(from) ?? noEdges).keys()].flatMap((other) => k.entities.get(other) ?? []);
}

/**
 * The entities that `subjectId` stands in this relation to, by direct edges, in file order; empty for an unknown id.
 *
 * @param k The graph.
 * @param subjectId Id in any spelling and age.
 * @param predicate The relation.
 * @returns The objects.
 */
export function objectsOf(
  k: Knowledge,
  subjectId: string,
  predicate: Predicate,
): readonly Entity[] {
  return endsOf(k, k.edges[predicate].forward, subjectId);
}

/**
 * The entities that stand in this relation to `objectId`, by direct edges, in file order; empty for an unknown id.
 *
 * @param k The graph.
 * @param predicate The relation.
 * @param objectId Id in any spelling and age.
 * @returns The subjects.
 */
export function subjectsOf(
  k: Knowledge,
  predicate: Predicate,
  objectId: string,
): readonly Entity[] {
  return endsOf(k, k.edges[predicate].backward, objectId);
}
