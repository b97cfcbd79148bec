/**
 * The knowledge graph: Disease Ontology, Symptom Ontology, Hetionet and PharmacotherapyDB joined into one.
 *
 * @module
 */

import { everydayAnatomy } from "./anatomy.ts";
import { definitionPhrases, phraseNames } from "./definitions.ts";
import type { HetionetEdge, HetionetNode, Indication } from "./hetionet.ts";
import { addName, type NameIndex, normalizeName, resolveId, uninvert } from "./names.ts";
import { alternativeIds, liveTerm, type OboDocument } from "./obo.ts";
import {
  type Edge,
  type Entity,
  type EntityKind,
  type Knowledge,
  type Phrase,
  type Predicate,
  predicates,
  type Source,
} from "./types.ts";

/** The parsed files that a graph is built from. */
export interface KnowledgeSources {
  /** Disease Ontology. */
  readonly diseases: OboDocument;
  /** Symptom Ontology. */
  readonly symptoms: OboDocument;
  /** Hetionet's nodes. */
  readonly nodes: readonly HetionetNode[];
  /** Hetionet's edges. */
  readonly edges: readonly HetionetEdge[];
  /** PharmacotherapyDB. */
  readonly indications: readonly Indication[];
  /** What was wrong in the tables. */
  readonly warnings: readonly string[];
}

interface Draft {
  entities: Map<string, Entity>;
  ids: Map<string, string>;
  index: NameIndex;
  edges: Record<
    Predicate,
    {
      forward: Map<string, Map<string, Edge>>;
      backward: Map<string, Map<string, Edge>>;
    }
  >;
  warnings: string[];
}

/**
 * Joins parsed files into one graph.
 *
 * - Obsolete and alternative ids lead to the live term (`liveTerm`), also at the ends of edges.
 * - A Hetionet symptom (MeSH) whose name, or whose name with the comma resolved ("Pain, Intractable"), is the name or an
 *   exact synonym of one live Symptom Ontology term becomes that term, which keeps the MeSH id as a cross id; never two
 *   Hetionet symptoms the same term.
 * - An edge between the same two entities from two sources is one edge with two sources.
 * - `has_symptom` and `located_in` phrases of definitions become edges where they name a known symptom or anatomy.
 *
 * @param sources The parsed files.
 * @returns The graph; rows that fit nowhere are in its warnings.
 */
export function buildKnowledge(sources: KnowledgeSources): Knowledge {
  const edges = Object.fromEntries(
    predicates.map((p) => [p, { forward: new Map(), backward: new Map() }]),
  ) as unknown as Draft["edges"];
  const draft: Draft = {
    entities: new Map(),
    ids: new Map(),
    index: { names: new Map(), longest: new Map() },
    edges,
    warnings: [...sources.warnings],
  };
  addOntology(
    draft,
    sources.diseases,
    "disease",
    "doid.obo",
    "Disease Ontology",
  );
  addOntology(
    draft,
    sources.symptoms,
    "symptom",
    "symp.obo",
    "Symptom Ontology",
  );
  addNodes(draft, sources.nodes);
  for (const edge of sources.edges) {
    connect(draft, edge.subject, edge.predicate, edge.object, "Hetionet");
  }
  addIndications(draft, sources.indications);
  const phrases = addDefinitions(draft);
  for (const entries of draft.index.names.values()) {
    if (entries.length > 1) entries.sort((a, b) => a.rank - b.rank);
  }
  return {
    entities: draft.entities,
    warnings: draft.warnings,
    edges: draft.edges,
    ids: draft.ids,
    names: draft.index.names,
    longest: draft.index.longest,
    phrases,
  };
}

function addOntology(
  draft: Draft,
  file: OboDocument,
  kind: EntityKind,
  where: string,
  source: Source,
): void {
  for (const w of file.warnings) {
    draft.warnings.push(`${where}:${w.line}: ${w.message}`);
  }
  const alternatives = alternativeIds(file.terms);
  for (const term of file.terms.values()) {
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
      crossIds: term.altIds,
      ...(term.definition === undefined ? {} : { definition: term.definition }),
      obsolete: term.obsolete,
    });
    const live = term.obsolete ? liveTerm(file.terms, alternatives, term.id) : term.id;
    const worst = live === undefined ? 3 : 0;
    const id = live ?? term.id;
    addName(
      draft.index,
      id,
      Math.max(worst, live === term.id ? 0 : 1),
      term.name,
    );
    if (term.obsolete) {
      addName(
        draft.index,
        id,
        Math.max(worst, 1),
        term.name.replace(/^obsolete\s+/i, ""),
      );
    }
    for (const name of exact) {
      addName(draft.index, id, Math.max(worst, 1), name);
    }
    for (const name of related) {
      addName(draft.index, id, Math.max(worst, 2), name);
    }
    if (live !== undefined && live !== term.id) {
      draft.ids.set(term.id.toUpperCase(), live);
    } else if (term.id !== term.id.toUpperCase()) {
      draft.ids.set(term.id.toUpperCase(), term.id);
    }
  }
  for (const alt of alternatives.keys()) {
    if (
      draft.ids.has(alt.toUpperCase()) ||
      file.terms.get(alt)?.obsolete === false
    ) continue;
    const live = liveTerm(file.terms, alternatives, alt);
    if (live !== undefined) draft.ids.set(alt.toUpperCase(), live);
  }
  for (const term of file.terms.values()) {
    if (term.obsolete) continue;
    for (const parent of term.isA) {
      const live = liveTerm(file.terms, alternatives, parent);
      if (live === undefined) {
        draft.warnings.push(
          `${where}:${term.line}: Expected the parent ${parent} of ${term.id} to be a live term`,
        );
      } else if (live !== term.id) {
        connect(draft, term.id, "is_a", live, source);
      }
    }
  }
}

function addNodes(draft: Draft, nodes: readonly HetionetNode[]): void {
  const joined = sameSymptoms(draft, nodes);
  for (const node of nodes) {
    const known = draft.entities.get(joined.get(node.id) ?? "") ??
      resolveId(draft, node.id);
    const turned = node.kind === "symptom" ? uninvert(node.name) : undefined;
    if (known === undefined || known.obsolete || known.kind !== node.kind) {
      const synonyms = [
        ...turned === undefined ? [] : [turned],
        ...everydayAnatomy[node.id] ?? [],
      ];
      const { id, kind, name } = node;
      draft.entities.set(id, {
        id,
        kind,
        name,
        synonyms,
        related: [],
        crossIds: [],
        obsolete: false,
      });
      addName(draft.index, id, 0, name);
      for (const synonym of synonyms) addName(draft.index, id, 1, synonym);
      continue;
    }
    const key = normalizeName(turned ?? node.name);
    const named = [known.name, ...known.synonyms].some((n) => normalizeName(n) === key);
    draft.entities.set(known.id, {
      ...known,
      synonyms: named ? known.synonyms : [...known.synonyms, node.name],
      crossIds: node.id === known.id ? known.crossIds : [...known.crossIds, node.id],
    });
    if (node.id !== known.id) draft.ids.set(node.id.toUpperCase(), known.id);
    addName(draft.index, known.id, 1, node.name);
  }
}

/**
 * Node id to the id of the same symptom in the Symptom Ontology. Agreement with a primary name counts first; then
 * agreement with an exact synonym, where exactly one term has it and no other node is that term already.
 */
function sameSymptoms(
  draft: Draft,
  nodes: readonly HetionetNode[],
): Map<string, string> {
  const joined = new Map<string, string>();
  const taken = new Set<string>();
  for (const rank of [0, 1]) {
    for (const node of nodes) {
      if (node.kind !== "symptom" || joined.has(node.id)) continue;
      for (const form of [node.name, uninvert(node.name) ?? node.name]) {
        const same = (draft.index.names.get(normalizeName(form)) ?? [])
          .filter((e) =>
            e.rank === rank && draft.entities.get(e.id)?.kind === "symptom" &&
            !taken.has(e.id)
          );
        const id = same[0]?.id;
        if (same.length !== 1 || id === undefined) continue;
        joined.set(node.id, id);
        taken.add(id);
        break;
      }
    }
  }
  return joined;
}

function addIndications(
  draft: Draft,
  indications: readonly Indication[],
): void {
  const meaning = {
    DM: "treats",
    SYM: "palliates",
    NOT: "not_indicated",
  } as const;
  for (const row of indications) {
    const missing = [
      { id: row.drug, kind: "drug" as const, name: row.drugName },
      { id: row.disease, kind: "disease" as const, name: row.diseaseName },
    ].filter((n) => !draft.entities.has(n.id) && !draft.ids.has(n.id));
    if (missing.length > 0) addNodes(draft, missing);
    connect(
      draft,
      row.drug,
      meaning[row.category],
      row.disease,
      "PharmacotherapyDB",
      row.resources,
    );
  }
}

function addDefinitions(draft: Draft): Map<string, Phrase[]> {
  const phrases = new Map<string, Phrase[]>();
  for (const entity of draft.entities.values()) {
    if (
      entity.obsolete || entity.kind !== "disease" ||
      !entity.definition?.includes("_")
    ) continue;
    const found = definitionPhrases(entity.definition).map((phrase): Phrase => {
      const { relation, text } = phrase;
      const kind = relation === "has_symptom"
        ? "symptom"
        : relation === "located_in"
        ? "anatomy"
        : undefined;
      const entities = kind === undefined ? [] : namedBy(draft, text, kind);
      const predicate = relation === "has_symptom" ? "presents" : "localizes";
      for (const id of entities) {
        connect(draft, entity.id, predicate, id, "Disease Ontology definition");
      }
      return { disease: entity.id, ...phrase, entities };
    });
    if (found.length > 0) phrases.set(entity.id, found);
  }
  return phrases;
}

/** What a phrase names: the whole of it, or each of the parts that "and" joins, when every part is a name. */
function namedBy(draft: Draft, text: string, kind: EntityKind): string[] {
  const whole = namedExactly(draft, phraseNames(text), kind);
  if (whole !== undefined) return [whole];
  const parts = text.split(/\s+and\s+/).map((part) => namedExactly(draft, phraseNames(part), kind));
  return parts.length > 1 && parts.every((p) => p !== undefined) ? parts : [];
}

function namedExactly(
  draft: Draft,
  names: readonly string[],
  kind: EntityKind,
): string | undefined {
  for (const name of names) {
    const entries = (draft.index.names.get(normalizeName(name)) ?? [])
      .filter((e) => e.rank <= 1 && draft.entities.get(e.id)?.kind === kind);
    const best = Math.min(...entries.map((e) => e.rank));
    const first = entries.filter((e) => e.rank === best);
    if (first.length === 1) return first[0]?.id;
  }
  return undefined;
}

/** Adds an edge, or a source to an edge that is there. */
function connect(
  draft: Draft,
  from: string,
  predicate: Predicate,
  to: string,
  source: Source,
  resources?: number,
): void {
  const subject = draft.ids.get(from.toUpperCase()) ?? from;
  const object = draft.ids.get(to.toUpperCase()) ?? to;
  if (!draft.entities.has(subject) || !draft.entities.has(object)) {
    const missing = draft.entities.has(subject) ? object : subject;
    draft.warnings.push(
      `${source}: Expected both ends of ${from} ${predicate} ${to} to be known but found no ${missing}`,
    );
    return;
  }
  put(draft, subject, predicate, object, source, resources);
  if (predicate === "resembles") put(draft, object, predicate, subject, source);
}

function put(
  draft: Draft,
  subject: string,
  predicate: Predicate,
  object: string,
  source: Source,
  resources?: number,
): void {
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
