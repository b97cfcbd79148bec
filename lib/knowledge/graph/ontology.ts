/**
 * An ontology becomes part of the graph: its terms, their names, other ids and parents.
 *
 * What a file does not say clearly is not guessed:
 *
 * | in the file | in the graph |
 * |---|---|
 * | an obsolete term with `replaced_by` (or an id under `alt_id`) that leads to one live term | its id leads there; its names are related names of that term, unless the term itself says more |
 * | an obsolete term without one live successor | stays, withdrawn; its names lead to it alone |
 * | an `alt_id` of several live terms, several successors | the id leads nowhere; a warning |
 * | an `alt_id` that is a live term itself | the term stays a term of its own |
 * | a parent that is no live term | the edge is left out; a warning |
 * | `is_a` in a circle | the edges of the circle are left out; a warning that names it |
 * | ids that differ only in their case | each is found by its own spelling only |
 * | an id that an earlier file has | the term is left out; a warning |
 *
 * @module
 */

import { cyclesOf } from "../ontology/cycles.ts";
import { alternativeIds, liveTerms, type OboDocument } from "../ontology/obo.ts";
import type { OboTerm } from "../ontology/obo_term.ts";
import type { EntityKind, Source } from "../types.ts";
import { addId, connect, type GraphDraft } from "./graph_draft.ts";
import { addName } from "./names.ts";

/** What marks the name of a withdrawn term, before or behind it. */
const withdrawn =
  /^\W*(?:obsolete|deprecated|retired)(?:\W|_)+|(?<!\s)\s*[([](?:obsolete|deprecated|retired)[)\]]\s*$/gi;

/** A file with what its ids mean. */
interface Ontology {
  readonly file: OboDocument;
  readonly kind: EntityKind;
  readonly live: (id: string) => string | undefined;
  readonly owners: ReadonlyMap<string, readonly string[]>;
  readonly warn: (line: number, message: string) => void;
}

/**
 * Adds an ontology: the table at the top of this file says what becomes of its terms.
 *
 * @param draft The graph, which it changes.
 * @param file The ontology.
 * @param kind What its terms are.
 * @param source What its edges are stated by.
 */
export function addOntology(
  draft: GraphDraft,
  file: OboDocument,
  kind: EntityKind,
  source: Source,
): void {
  const warn = (line: number, message: string): void =>
    void draft.warnings.push(`${file.where}:${line}: ${message}`);
  for (const { line, message } of file.warnings) warn(line, message);
  const owners = alternativeIds(file.terms);
  const live = liveTerms(file.terms, owners);
  const ontology: Ontology = { file, kind, live, owners, warn };
  const contested = contestedIds(ontology);
  for (const term of file.terms.values()) {
    if (draft.entities.has(term.id)) {
      warn(
        term.line,
        `Expected ${term.id} to be a term of one file but found it in an earlier one: it is left out here`,
      );
      continue;
    }
    addTerm(draft, ontology, term, contested);
  }
  for (const alt of owners.keys()) {
    const term = live(alt);
    if (term !== undefined && term !== alt) addId(draft, alt, term);
  }
  for (const { child, parent, line } of parentsOf(ontology)) {
    connect(draft, {
      subject: child,
      predicate: "is_a",
      object: parent,
      source,
      at: `${file.where}:${line}`,
    });
  }
}

/** Ids in a message: the first few, and how many more there are. */
function listed(ids: readonly string[]): string {
  return ids.length > 4
    ? `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more`
    : ids.join(" and ");
}

/** Alternative ids that are terms of their own, and those that lead to no term, which are reported. */
function contestedIds({ file, live, owners, warn }: Ontology): Set<string> {
  const contested = new Set<string>();
  for (const [alt, ids] of owners) {
    const owner = file.terms.get(ids.at(-1) ?? "");
    const line = owner?.lines.get(`alt_id ${alt}`) ?? owner?.line ?? 1;
    if (file.terms.get(alt)?.obsolete === false) contested.add(alt);
    else if (ids.length > 1 && live(alt) === undefined) {
      contested.add(alt);
      warn(
        line,
        `Expected ${alt} to be the alt_id of one term but found ${
          listed(ids)
        }: it leads to none of them`,
      );
    }
  }
  return contested;
}

function addTerm(
  draft: GraphDraft,
  { kind, live, warn }: Ontology,
  term: OboTerm,
  contested: ReadonlySet<string>,
): void {
  const exact = term.synonyms.filter((s) => s.scope === "EXACT" && s.text !== term.name).map((
    s,
  ) => s.text);
  const related = term.synonyms.filter((s) => s.scope !== "EXACT").map((s) => s.text);
  draft.entities.set(term.id, {
    id: term.id,
    kind,
    name: term.name,
    synonyms: exact.length > 1 ? [...new Set(exact)] : exact,
    related,
    crossIds: term.altIds.filter((alt) => !contested.has(alt)),
    ...(term.definition === undefined ? {} : { definition: term.definition }),
    obsolete: term.obsolete,
  });
  const today = live(term.id);
  const id = today ?? term.id;
  const worst = today === term.id ? 0 : today === undefined ? 3 : 2;
  addName(draft.index, id, worst, term.name);
  if (term.obsolete) addName(draft.index, id, worst, term.name.replace(withdrawn, ""));
  for (const name of exact) addName(draft.index, id, Math.max(worst, 1), name);
  for (const name of related) addName(draft.index, id, Math.max(worst, 2), name);
  if (today !== undefined) addId(draft, term.id, today);
  else if (term.replacedBy.length > 0) {
    warn(
      term.lines.get(`replaced_by ${term.replacedBy[0]}`) ?? term.line,
      `Expected replaced_by of ${term.id} to lead to one live term but found ${
        listed(term.replacedBy)
      }: it leads to none of them`,
    );
  }
}

/** A parent with the line that states it. */
interface Parent {
  readonly child: string;
  readonly parent: string;
  readonly line: number;
}

/** The parents of live terms, without those that are no live terms and those of circles, which are reported. */
function parentsOf(ontology: Ontology): Parent[] {
  const { file, live, owners, warn } = ontology;
  const parents = new Map<string, Parent[]>();
  for (const term of file.terms.values()) {
    if (term.obsolete) continue;
    const own: Parent[] = [];
    for (const stated of term.isA) {
      const parent = live(stated);
      const line = term.lines.get(`is_a ${stated}`) ?? term.line;
      if (parent !== undefined) own.push({ child: term.id, parent, line });
      else {
        const found = file.terms.has(stated)
          ? "an obsolete one"
          : owners.has(stated)
          ? "an alt_id of several"
          : "none";
        warn(
          line,
          `Expected the parent ${stated} of ${term.id} to be a live term but found ${found}: the edge is left out`,
        );
      }
    }
    parents.set(term.id, own);
  }
  const circle = new Map<string, number>();
  const above = (id: string): string[] => (parents.get(id) ?? []).map(({ parent }) => parent);
  for (const [number, members] of cyclesOf(parents.keys(), above).entries()) {
    for (const member of members) circle.set(member, number);
    const way = wayRound(members, above);
    const first = parents.get(way[0]!)!.find(({ parent }) => parent === way[1]);
    const shown = way.map((id) => `${file.terms.get(id)?.name} (${id})`);
    warn(
      first?.line ?? 1,
      `Expected is_a to have no circle but found ${
        shown.length > 8 ? [...shown.slice(0, 7), "…"].join(" is_a ") : shown.join(" is_a ")
      }: ${
        members.length === 1 ? "the edge is" : `the edges between its ${members.length} terms are`
      } left out`,
    );
  }
  return [...parents.values()].flat().filter(({ child, parent }) =>
    !circle.has(child) || circle.get(child) !== circle.get(parent)
  );
}

/** A shortest way from the first of some terms that reach each other back to it. */
function wayRound(
  members: readonly string[],
  above: (id: string) => readonly string[],
): string[] {
  const start = members[0]!;
  const inside = new Set(members);
  const came = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const next of above(id)) {
      if (next === start) {
        const way = [start];
        for (let at: string | undefined = id; at !== undefined; at = came.get(at)) way.push(at);
        return way.reverse();
      }
      if (!inside.has(next) || came.has(next)) continue;
      came.set(next, id);
      queue.push(next);
    }
  }
  return [start];
}
