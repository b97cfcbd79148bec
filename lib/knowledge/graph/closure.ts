/**
 * The is-a hierarchy: everything above or below a term, and the shortest way up.
 *
 * @module
 */

import type { Edge, Knowledge } from "../types.ts";
import { resolveId } from "./names.ts";

function reach(
  table: ReadonlyMap<string, ReadonlyMap<string, Edge>>,
  start: string,
): Set<string> {
  const found = new Set<string>([start]);
  for (const id of found) {
    for (const next of table.get(id)?.keys() ?? []) found.add(next);
  }
  found.delete(start);
  return found;
}

/**
 * Ids of everything that `id` is a kind of, nearest first, without itself; empty for an unknown id.
 *
 * @param k The graph.
 * @param id Id in any spelling and age.
 * @returns Ids in the order of their distance.
 */
export function ancestorsOf(
  k: Pick<Knowledge, "entities" | "ids" | "edges">,
  id: string,
): ReadonlySet<string> {
  return reach(k.edges.is_a.forward, resolveId(k, id)?.id ?? id);
}

/**
 * Ids of everything that is a kind of `id`, nearest first, without itself; empty for an unknown id.
 *
 * @param k The graph.
 * @param id Id in any spelling and age.
 * @returns Ids in the order of their distance.
 */
export function descendantsOf(k: Knowledge, id: string): ReadonlySet<string> {
  return reach(k.edges.is_a.backward, resolveId(k, id)?.id ?? id);
}

/**
 * A shortest chain of ids from `id` up to `ancestor`, both included (`[id]` when they are the same); or undefined.
 *
 * @param k The graph.
 * @param id A live id.
 * @param ancestor A live id.
 * @returns The chain, or undefined where `ancestor` is not above `id`.
 */
export function isAPath(
  k: Knowledge,
  id: string,
  ancestor: string,
): readonly string[] | undefined {
  const came = new Map<string, string | undefined>([[id, undefined]]);
  for (const current of came.keys()) {
    if (current === ancestor) {
      const path: string[] = [];
      for (
        let at: string | undefined = ancestor;
        at !== undefined;
        at = came.get(at)
      ) path.push(at);
      return path.reverse();
    }
    for (const parent of k.edges.is_a.forward.get(current)?.keys() ?? []) {
      if (!came.has(parent)) came.set(parent, current);
    }
  }
  return undefined;
}

/** "Disease by infectious agent" of the Disease Ontology. */
const INFECTION = "DOID:0050117";

/**
 * Whether the ontology calls a disease one by an infectious agent.
 *
 * @param k The graph.
 * @param id Id of the disease.
 * @returns False also where nothing is known of it.
 */
export const isInfection = (k: Knowledge, id: string): boolean => ancestorsOf(k, id).has(INFECTION);
