/**
 * The knowledge graph: Disease Ontology, Symptom Ontology, Hetionet and PharmacotherapyDB joined into one.
 *
 * @module
 */

import { buildClinical, type ClinicalRows } from "./clinical/clinical.ts";
import { addClinical } from "./clinical/graph.ts";
import { everydayAnatomy } from "./graph/anatomy.ts";
import { everydayNames } from "./graph/everyday.ts";
import { addId, connect, type GraphDraft, newGraphDraft } from "./graph/graph_draft.ts";
import { addName, normalizeName, resolveId, uninvert } from "./graph/names.ts";
import { addOntology } from "./graph/ontology.ts";
import { definitionPhrases, phraseNames } from "./ontology/definitions.ts";
import type { HetionetEdge, HetionetNode, Indication } from "./ontology/hetionet.ts";
import type { OboDocument } from "./ontology/obo.ts";
import type { EntityKind, Knowledge, Phrase } from "./types.ts";

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
  /** The curated clinical tables; none when left out. */
  readonly clinical?: ClinicalRows | undefined;
}

/**
 * Joins parsed files into one graph.
 *
 * - Obsolete and alternative ids lead to the live term (`liveTerms`), also at the ends of edges; `addOntology` says what
 *   becomes of those that are unclear.
 * - A Hetionet symptom (MeSH) whose name, or whose name with the comma resolved ("Pain, Intractable"), is the name or an
 *   exact synonym of one live Symptom Ontology term becomes that term, which keeps the MeSH id as a cross id; never two
 *   Hetionet symptoms the same term.
 * - An edge between the same two entities from two sources is one edge with two sources.
 * - The curated clinical tables are joined last: `addClinical` says how.
 * - `has_symptom` and `located_in` phrases of definitions become edges where they name a known symptom or anatomy.
 *
 * @param sources The parsed files.
 * @returns The graph; rows that fit nowhere are in its warnings.
 */
export function buildKnowledge(sources: KnowledgeSources): Knowledge {
  const draft = newGraphDraft(sources.warnings);
  addOntology(draft, sources.diseases, "disease", "Disease Ontology");
  addOntology(draft, sources.symptoms, "symptom", "Symptom Ontology");
  addNodes(draft, sources.nodes);
  for (const { subject, predicate, object, at } of sources.edges) {
    connect(draft, { subject, predicate, object, source: "Hetionet", at });
  }
  addIndications(draft, sources.indications);
  const phrases = addDefinitions(draft);
  addEverydayNames(draft); // behind the definitions: an edge is stated by the source's own names
  if (sources.clinical !== undefined) {
    const clinical = buildClinical(graphOf(draft, phrases), sources.clinical);
    addClinical(draft, clinical);
    draft.warnings.push(...clinical.warnings);
  }
  for (const entries of draft.index.names.values()) {
    if (entries.length > 1) entries.sort((a, b) => a.rank - b.rank);
  }
  return graphOf(draft, phrases);
}

/** The graph that a draft has become: it shares the draft's maps. */
function graphOf(draft: GraphDraft, phrases: Knowledge["phrases"]): Knowledge {
  return {
    entities: draft.entities,
    warnings: draft.warnings,
    edges: draft.edges,
    ids: draft.ids,
    names: draft.index.names,
    longest: draft.index.longest,
    spellings: draft.index.spellings,
    phrases,
  };
}

function addNodes(draft: GraphDraft, nodes: readonly HetionetNode[]): void {
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
      addId(draft, id, id);
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
    if (node.id !== known.id) addId(draft, node.id, known.id);
    addName(draft.index, known.id, 1, node.name);
  }
}

/**
 * Node id to the id of the same symptom in the Symptom Ontology. Agreement with a primary name counts first; then
 * agreement with an exact synonym, where exactly one term has it and no other node is that term already.
 */
function sameSymptoms(
  draft: GraphDraft,
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
  draft: GraphDraft,
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
    ].filter((n) => resolveId(draft, n.id) === undefined);
    if (missing.length > 0) addNodes(draft, missing);
    connect(draft, {
      subject: row.drug,
      predicate: meaning[row.category],
      object: row.disease,
      source: "PharmacotherapyDB",
      resources: row.resources,
      at: row.at,
    });
  }
}

/** Everyday names lead to what is called so in the graph, where no other thing of the kind has them. */
function addEverydayNames({ entities, index }: GraphDraft): void {
  const called = (name: string, kind: EntityKind, worst: number) =>
    index.names.get(normalizeName(name))?.filter(({ id, rank }) =>
      rank <= worst && entities.get(id)?.kind === kind
    ) ?? [];
  for (const [kind, name, others] of everydayNames) {
    const meant = called(name, kind, 0);
    if (meant.length !== 1) continue;
    for (const other of others) {
      if (called(other, kind, 1).length === 0) addName(index, meant[0]!.id, 1, other);
    }
  }
}

function addDefinitions(draft: GraphDraft): Map<string, Phrase[]> {
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
      for (const object of entities) {
        connect(draft, {
          subject: entity.id,
          predicate,
          object,
          source: "Disease Ontology definition",
        });
      }
      return { disease: entity.id, ...phrase, entities };
    });
    if (found.length > 0) phrases.set(entity.id, found);
  }
  return phrases;
}

/** What a phrase names: the whole of it, or each of the parts that "and" joins, when every part is a name. */
function namedBy(draft: GraphDraft, text: string, kind: EntityKind): string[] {
  const whole = namedExactly(draft, phraseNames(text), kind);
  if (whole !== undefined) return [whole];
  const parts = text.split(/\s+and\s+/).map((part) => namedExactly(draft, phraseNames(part), kind));
  return parts.length > 1 && parts.every((p) => p !== undefined) ? parts : [];
}

function namedExactly(
  draft: GraphDraft,
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
