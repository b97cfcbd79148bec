/**
 * Counts that describe the graph, as rows for a table.
 *
 * @module
 */

import {
  type EntityKind,
  entityKinds,
  type Knowledge,
  type Predicate,
  predicates,
  type Source,
} from "../types.ts";

/** How many entities of a kind there are. */
export interface EntityCount {
  /** The kind. */
  readonly kind: EntityKind;
  /** Live entities. */
  readonly live: number;
  /** Withdrawn entities. */
  readonly obsolete: number;
  /** Live entities with a definition. */
  readonly defined: number;
  /** Live entities with at least one edge other than `is_a`. */
  readonly connected: number;
}

/** How many edges one source gives to one predicate. */
export interface EdgeCount {
  /** The predicate. */
  readonly predicate: Predicate;
  /** The source. */
  readonly source: Source;
  /** Edges that this source states; an edge of two sources counts for both. `resembles` counts once a pair. */
  readonly edges: number;
  /** Distinct subjects. */
  readonly subjects: number;
  /** Distinct objects. */
  readonly objects: number;
}

/**
 * Entities by kind, in the order of `entityKinds`.
 *
 * @param k The graph.
 * @returns A row for each kind.
 */
export function entityCounts(k: Knowledge): EntityCount[] {
  const counts = new Map(
    entityKinds.map((
      kind,
    ) => [kind, { kind, live: 0, obsolete: 0, defined: 0, connected: 0 }]),
  );
  for (const entity of k.entities.values()) {
    const count = counts.get(entity.kind);
    if (count === undefined) continue;
    if (entity.obsolete) {
      count.obsolete++;
      continue;
    }
    count.live++;
    if (entity.definition !== undefined) count.defined++;
    const linked = predicates.some((p) =>
      p !== "is_a" &&
      (k.edges[p].forward.has(entity.id) || k.edges[p].backward.has(entity.id))
    );
    if (linked) count.connected++;
  }
  return [...counts.values()];
}

/**
 * Edges by predicate and source, in the order of `predicates` and of first appearance.
 *
 * @param k The graph.
 * @returns A row for each pair of predicate and source that has edges.
 */
export function edgeCounts(k: Knowledge): EdgeCount[] {
  const rows: EdgeCount[] = [];
  for (const predicate of predicates) {
    const bySource = new Map<
      Source,
      { edges: number; subjects: Set<string>; objects: Set<string> }
    >();
    for (const edges of k.edges[predicate].forward.values()) {
      for (const edge of edges.values()) {
        if (predicate === "resembles" && edge.subject > edge.object) continue;
        for (const source of edge.sources) {
          const row = bySource.get(source) ??
            { edges: 0, subjects: new Set(), objects: new Set() };
          row.edges++;
          row.subjects.add(edge.subject);
          row.objects.add(edge.object);
          bySource.set(source, row);
        }
      }
    }
    for (const [source, row] of bySource) {
      rows.push({
        predicate,
        source,
        edges: row.edges,
        subjects: row.subjects.size,
        objects: row.objects.size,
      });
    }
  }
  return rows;
}
