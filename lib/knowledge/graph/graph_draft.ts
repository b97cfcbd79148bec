/**
 * A graph that is being built: its entities, other ids, names and edges, and how they are added.
 *
 * @module
 */

import { type Edge, type Entity, type Predicate, predicates, type Source } from "../types.ts";
import { type NameIndex, resolveId } from "./names.ts";

/** The parts of a graph while files are joined into it. */
export interface GraphDraft {
  /** Entities by id. */
  readonly entities: Map<string, Entity>;
  /** Ids in upper case to the id of the live entity. */
  readonly ids: Map<string, string>;
  /** Ids in upper case that mean several entities: they lead to none. */
  readonly contested: Set<string>;
  /** The names. */
  readonly index: NameIndex;
  /** Edges by predicate, in both directions. */
  readonly edges: Record<
    Predicate,
    {
      readonly forward: Map<string, Map<string, Edge>>;
      readonly backward: Map<string, Map<string, Edge>>;
    }
  >;
  /** What was wrong: file, line, what was expected and found, what was done. */
  readonly warnings: string[];
}

/**
 * An empty graph.
 *
 * @param warnings What was wrong before.
 * @returns The graph without entities and edges.
 */
export function newGraphDraft(warnings: readonly string[]): GraphDraft {
  return {
    entities: new Map(),
    ids: new Map(),
    contested: new Set(),
    index: { names: new Map(), longest: new Map(), places: new Map(), spellings: new Map() },
    edges: Object.fromEntries(
      predicates.map((p) => [p, { forward: new Map(), backward: new Map() }]),
    ) as unknown as GraphDraft["edges"],
    warnings: [...warnings],
  };
}

/**
 * Lets an id lead to an entity, whatever its case. An id that leads to two entities leads to none from then on; their
 * own spelling still finds them.
 *
 * @param draft The graph, which it changes.
 * @param id The id.
 * @param to Id of the entity.
 */
export function addId(draft: GraphDraft, id: string, to: string): void {
  const key = id.toUpperCase();
  const earlier = draft.ids.get(key);
  if (earlier === to || draft.contested.has(key)) return;
  if (earlier === undefined) draft.ids.set(key, to);
  else {
    draft.ids.delete(key);
    draft.contested.add(key);
  }
}

/** An edge with what states it. */
export interface StatedEdge {
  /** Id of the subject, of any age and source. */
  readonly subject: string;
  /** The relation. */
  readonly predicate: Predicate;
  /** Id of the object, of any age and source. */
  readonly object: string;
  /** What states it. */
  readonly source: Source;
  /** As in {@link Edge}. */
  readonly resources?: number;
  /** File and line, for messages; the source when left out. */
  readonly at?: string | undefined;
}

/**
 * Adds an edge, or a source to an edge that is there; `resembles` in both directions. An edge with an unknown end is
 * reported and left out.
 *
 * @param draft The graph, which it changes.
 * @param edge The edge.
 */
export function connect(draft: GraphDraft, edge: StatedEdge): void {
  const { predicate, source, at = source } = edge;
  const subject = resolveId(draft, edge.subject)?.id;
  const object = resolveId(draft, edge.object)?.id;
  if (subject === undefined || object === undefined) {
    const missing = subject === undefined ? edge.subject : edge.object;
    draft.warnings.push(
      `${at}: Expected both ends of ${edge.subject} ${predicate} ${edge.object} to be known but found no ${missing}: the edge is left out`,
    );
    return;
  }
  put(draft, { ...edge, subject, object });
  if (predicate === "resembles") {
    put(draft, { predicate, source, subject: object, object: subject });
  }
}

function put(draft: GraphDraft, stated: StatedEdge): void {
  const { subject, predicate, object, source, resources } = stated;
  const { forward, backward } = draft.edges[predicate];
  const earlier = forward.get(subject)?.get(object);
  if (earlier?.sources.includes(source)) return;
  const edge: Edge = {
    subject,
    predicate,
    object,
    sources: [...earlier?.sources ?? [], source],
    ...(resources === undefined ? {} : { resources }),
  };
  const into = (
    table: Map<string, Map<string, Edge>>,
    a: string,
    b: string,
  ): void => {
    const row = table.get(a);
    if (row === undefined) table.set(a, new Map([[b, edge]]));
    else row.set(b, edge);
  };
  into(forward, subject, object);
  into(backward, object, subject);
}
