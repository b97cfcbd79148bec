/**
 * How much an answer says: what holds of most diseases answers no question about one of them.
 *
 * @module
 */

import type { Claim, Entity, Knowledge } from "../types.ts";
import { ancestorsOf } from "./closure.ts";
import { findEntity, resolveId } from "./names.ts";

/** What holds of more than this share of the diseases is a heading; so often does a guess among four options hit. */
const mostCommon = 1 / 4;

/** Shares by graph, predicate and id of the object. */
const known = new WeakMap<Knowledge, Map<string, ReadonlyMap<string, number>>>();

/**
 * For each symptom (`presents`) or disease (`is_a`) the share of the diseases of which it holds, itself or by what is a
 * kind of it; of all diseases that have such an edge.
 *
 * @param k The graph.
 * @param predicate The relation.
 * @returns Share in (0, 1] by id; what holds of none is not there.
 */
export function prevalence(
  k: Knowledge,
  predicate: "presents" | "is_a",
): ReadonlyMap<string, number> {
  const own = known.get(k) ?? new Map<string, ReadonlyMap<string, number>>();
  known.set(k, own);
  const before = own.get(predicate);
  if (before !== undefined) return before;
  const counts = new Map<string, number>();
  const diseases = [...k.edges[predicate].forward].filter(([id]) =>
    k.entities.get(id)?.kind === "disease"
  );
  for (const [, edges] of diseases) {
    const held = new Set<string>();
    for (const object of edges.keys()) {
      held.add(object);
      for (const above of ancestorsOf(k, object)) held.add(above);
    }
    for (const id of held) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const shares = new Map([...counts].map(([id, count]) => [id, count / diseases.length]));
  own.set(predicate, shares);
  return shares;
}

/** Words of degree before a name. */
const degree =
  /^(?:(?:very|extremely|mild|moderate|severe|intense|marked|slight|high(?:[- ]grade)?|low[- ]grade)\s+)+/i;

/**
 * What a name with a word of degree is without it: fever for "high fever". A severe headache is a headache.
 *
 * @param k The graph.
 * @param entity An entity.
 * @returns The entity above it that has the rest of its name; undefined where there is none.
 */
export function withoutDegree(k: Knowledge, entity: Entity): Entity | undefined {
  const bare = entity.name.replace(degree, "");
  if (bare === entity.name) return undefined;
  const plain = findEntity(k, bare, entity.kind);
  return plain !== undefined && ancestorsOf(k, entity.id).has(plain.id) ? plain : undefined;
}

/**
 * Whether the object of a supported claim says something of its subject: an edge states it, or it holds of no more than a
 * quarter of the diseases and is no mere heading, of which no edge states that any disease presents it. "Influenza presents
 * nervous system symptom" follows from the graph and says nothing.
 *
 * @param k The graph.
 * @param claim A supported claim.
 * @returns False for a heading that only the hierarchy supports.
 */
export function isSpecific(k: Knowledge, { subject, predicate, object }: Claim): boolean {
  if (predicate !== "presents" && predicate !== "is_a") return true;
  const [from, to] = [resolveId(k, subject)?.id ?? subject, resolveId(k, object)?.id ?? object];
  if (k.edges[predicate].forward.get(from)?.has(to)) return true;
  if (predicate === "presents" && !k.edges.presents.backward.has(to)) return false;
  return (prevalence(k, predicate).get(to) ?? 0) <= mostCommon;
}
