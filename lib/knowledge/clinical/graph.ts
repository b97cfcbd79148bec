/**
 * The curated clinical tables as a part of the graph: what they name becomes entities and names, what they say edges.
 *
 * @module
 */

import { ancestorsOf } from "../graph/closure.ts";
import { addId, connect, type GraphDraft } from "../graph/graph_draft.ts";
import { addName, normalizeName } from "../graph/names.ts";
import type { Predicate } from "../types.ts";
import type { Clinical } from "./clinical.ts";
import type { DiseaseFinding } from "./facts.ts";
import { plainerFindings } from "./finding_text.ts";
import { type Concept, conceptEntity, entityKind, synonymsOf } from "./names.ts";

/**
 * Whether a row is about what patients show: a symptom, a sign or the result of a test, not a risk or a red flag.
 *
 * @param row A row about a finding.
 * @returns True for what becomes `presents`.
 */
export function isShown({ kind }: Pick<DiseaseFinding, "kind">): boolean {
  return kind === "symptom" || kind === "sign" || kind === "test";
}

/**
 * Adds the curated tables to a graph. A concept that the graph has keeps its entity and lends it its names, where no other
 * thing of the kind has them; a disease is called as the tables call it, unless that is narrower by its words; every other concept becomes an entity with the concept's id. Typical and uncommon symptoms,
 * signs and test results become `presents`; first-line, accepted and reserve drugs `treats`; relief of symptoms `palliates`;
 * contraindications and boxed warnings `contraindicated`. A finding that entails a plainer one by its words is a kind of it.
 *
 * @param draft The graph, which it changes.
 * @param clinical The tables, joined with this graph.
 */
export function addClinical(draft: GraphDraft, clinical: Clinical): void {
  const shown = [...clinical.diseases.values()].flatMap(({ findings }) => findings.filter(isShown));
  const findings = new Map(shown.map(({ finding }) => [finding.id, finding]));
  for (const concept of clinical.names.disease.byId.values()) addConceptTo(draft, concept);
  for (const concept of findings.values()) addConceptTo(draft, concept);
  for (const concept of clinical.names.drug.byId.values()) addConceptTo(draft, concept);
  addPlainer(draft, findings.values());
  const state = (subject: Concept, predicate: Predicate, object: Concept, at: string): void =>
    connect(draft, {
      subject: subject.id,
      predicate,
      object: object.id,
      source: "Clinical tables",
      at,
    });
  for (const { disease, finding, at } of shown) state(disease, "presents", finding, at);
  for (const { disease, treatments } of clinical.diseases.values()) {
    for (const { drug, role, at } of treatments) {
      state(drug, role === "symptom relief" ? "palliates" : "treats", disease, at);
    }
  }
  for (const rows of clinical.contraindications.values()) {
    for (const { drug, condition, strength, at } of rows) {
      if (strength !== "caution") state(drug, "contraindicated", condition, at);
    }
  }
}

function addConceptTo(draft: GraphDraft, { id, kind, name }: Concept): void {
  const known = draft.entities.get(id);
  const names = [name, ...synonymsOf(kind, name)];
  const isTaken = (text: string): boolean =>
    (draft.index.names.get(normalizeName(text)) ?? []).some((entry) =>
      entry.rank <= 1 && entry.id !== id && draft.entities.get(entry.id)?.kind === entityKind[kind]
    );
  const free = names.filter((text) => !isTaken(text));
  if (known === undefined) {
    const synonyms = free.filter((text) => text !== name);
    draft.entities.set(id, conceptEntity(kind, id, name, synonyms));
    addId(draft, id, id);
  } else if (kind === "disease" && free.includes(name) && !isNarrower(name, known.name)) {
    const synonyms = [known.name, ...known.synonyms].filter((text) => text !== name);
    draft.entities.set(id, { ...known, name, synonyms });
  }
  if (!isName(name)) return;
  if (known === undefined) addName(draft.index, id, 0, name);
  for (const text of free) addName(draft.index, id, 1, text);
}

/** Whether a name has all words of another and more: an acute bronchitis would not do for every bronchitis. */
function isNarrower(name: string, other: string): boolean {
  const [words, fewer] = [name, other].map((text) => new Set(normalizeName(text).split(" ")));
  return words!.size > fewer!.size && fewer!.isSubsetOf(words!);
}

/** Whether words name one thing: texts are not searched for lists, which would hide their members. */
const isName = (text: string): boolean => !/[,;]|\b(?:and|or)\b/i.test(text);

/** "Severe headache" is a kind of "headache", "fatigue and weight loss" one of both: by the words of findings alone, where the plainer ones are known. */
function addPlainer(draft: GraphDraft, findings: Iterable<Concept>): void {
  const byName = new Map<string, string>();
  for (const entity of draft.entities.values()) {
    if (entity.kind !== "symptom" || entity.obsolete) continue;
    for (const text of [entity.name, ...entity.synonyms]) {
      const key = normalizeName(text);
      if (!byName.has(key)) byName.set(key, entity.id);
    }
  }
  for (const { id, name } of findings) {
    for (const text of plainerFindings(name)) {
      const plain = byName.get(normalizeName(text));
      if (plain === undefined || plain === id || ancestorsOf(draft, id).has(plain)) continue;
      if (ancestorsOf(draft, plain).has(id)) continue;
      connect(draft, { subject: id, predicate: "is_a", object: plain, source: "Clinical tables" });
    }
  }
}
