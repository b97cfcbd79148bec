/**
 * What speaks for and against a claim, and what follows from it.
 *
 * @module
 */

import { isAPath } from "../graph/closure.ts";
import type { Edge, Predicate } from "../types.ts";
import type { Clinical } from "./clinical.ts";
import type { Concept } from "./names.ts";
import type { Sourced } from "./rows.ts";

/** How a claim stands. */
export type Standing = "curated" | "contradicted" | "associated" | "unknown";

/** How a claim stands, with the evidence. */
export interface StandingEvidence {
  /** How it stands. */
  readonly standing: Standing;
  /** What says so, each once. */
  readonly sources: readonly string[];
  /** The facts that lead there, a line each, with file and line. */
  readonly path: readonly string[];
  /** One sentence that says why. */
  readonly reason: string;
}

/** A fact as evidence. */
export interface Ground {
  readonly sources: readonly string[];
  readonly path: readonly string[];
  readonly reason: string;
}

/** What speaks for and against a claim. */
export interface Grounds {
  readonly known?: Ground | undefined;
  readonly against?: Ground | undefined;
  readonly association?: Ground | undefined;
  readonly otherwise: string;
}

/**
 * How a claim stands by what speaks for and against it.
 *
 * @param grounds What was found.
 * @returns Curated, contradicted, unknown where both were found, associated where neither was, or unknown.
 */
export const decide = ({ known, against, association, otherwise }: Grounds): StandingEvidence => {
  if (known !== undefined && against !== undefined) {
    return {
      standing: "unknown",
      sources: [...new Set([...known.sources, ...against.sources])],
      path: [...known.path, ...against.path],
      reason: `sources disagree: ${known.reason}, and ${against.reason}`,
    };
  }
  if (known !== undefined) return { standing: "curated", ...known };
  if (against !== undefined) return { standing: "contradicted", ...against };
  if (association !== undefined) return { standing: "associated", ...association };
  return { standing: "unknown", sources: [], path: [], reason: otherwise };
};

/**
 * A row in a path of evidence.
 *
 * @param words What it says.
 * @param row Its sources and place.
 * @returns The words with sources and place.
 */
export const line = (words: string, { sources, at }: Sourced): string =>
  `${words} [${sources.join(", ")}; ${at}]`;

/**
 * A row as evidence.
 *
 * @param words What it says.
 * @param row Its sources and place.
 * @param reason Why it decides.
 * @param way Steps that lead from it to the claim.
 * @returns The evidence.
 */
export const ground = (
  words: string,
  row: Sourced,
  reason: string,
  way: readonly string[] = [],
): Ground => ({
  sources: row.sources,
  path: [line(words, row), ...way],
  reason,
});

/**
 * An edge that another source than the curated tables gives the graph, between two concepts, or from the first to a kind of the second where it is a finding.
 *
 * @param clinical The curated knowledge.
 * @param from The subject.
 * @param predicate The relation.
 * @param to The object.
 * @param curated True for edges that something else than co-occurrence states, false for the others.
 * @returns The edge.
 */
export function edgeTo(
  { knowledge }: Clinical,
  from: Concept,
  predicate: Predicate,
  to: Concept,
  curated: boolean,
): Edge | undefined {
  if (from.entity === undefined || to.entity === undefined) return undefined;
  const row = knowledge.edges[predicate].forward.get(from.entity.id);
  const fits = ({ sources }: Edge): boolean => {
    const others = sources.filter((source) => source !== "Clinical tables");
    return others.length > 0 && others.some((source) => source !== "Hetionet") === curated;
  };
  for (const edge of row?.values() ?? []) {
    const leads = edge.object === to.entity.id ||
      (predicate === "presents" && isAPath(knowledge, edge.object, to.entity.id) !== undefined);
    if (leads && fits(edge)) return edge;
  }
  return undefined;
}

/**
 * An edge in words.
 *
 * @param clinical The curated knowledge.
 * @param edge The edge.
 * @returns Names, relation and sources.
 */
export const sayEdge = (
  { knowledge }: Clinical,
  { subject, predicate, object, sources }: Edge,
): string => {
  const name = (id: string): string => knowledge.entities.get(id)?.name ?? id;
  return `${name(subject)} ${predicate} ${name(object)} [${sources.join(", ")}]`;
};
