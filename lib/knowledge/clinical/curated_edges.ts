/**
 * The curated facts that may carry an answer, as edges, and samples of them for review.
 *
 * @module
 */

import { randomStream } from "../../runtime/mod.ts";
import type { Clinical } from "./clinical.ts";
import type { DiseaseFinding, Treatment } from "./facts.ts";
import { conceptKey } from "./names.ts";
import type { FindingKind, Sourced } from "./rows.ts";
import { type Relation, standingOf } from "./standing.ts";

/** A curated fact that may carry an answer. */
export interface CuratedEdge extends Sourced {
  /** Name of the subject. */
  readonly subject: string;
  /** The relation. */
  readonly relation: Relation;
  /** Name of the object. */
  readonly object: string;
  /** What qualifies it: kind and rating, role and setting, strength, likelihood, complaint. */
  readonly remark: string;
}

/** Words of a source that speak of the disease, not of a patient: "may coexist with", "angina equivalent". */
const noFinding =
  /^(?:may|can|often|typically|usually|worse|relieved|provoked|reproducible|responsive|radiation|onset|occurs?|known|concurrent|pre-existing)\b|\bmay\b|\bequivalent\b|\bmultifactorial\b/i;

/** A typical finding in words that name one thing. */
const isPlain = ({ rating, atomic }: DiseaseFinding): boolean => rating === "typical" && atomic;

/** Whether a finding says something of a patient, and more than the name of the disease. */
function isAnswer({ text, disease, kind, sources }: DiseaseFinding): boolean {
  if (noFinding.test(text)) return false;
  if (kind !== "red flag" && ` ${conceptKey(text)} `.includes(` ${conceptKey(disease.name)} `)) {
    return false;
  }
  // Orphanet's frequencies are those of rare diseases and syndromes.
  return sources.some((source) => source !== "orphanet");
}

/**
 * Every curated fact that may carry an answer, in the order of the tables: typical findings of one thing each; drugs that
 * are first-line, relieve or are used; contraindications and boxed warnings; differentials; tests. Uncommon findings,
 * sentences and lists of findings, those that name the disease, findings of Orphanet alone, reserve drugs and cautions are
 * evidence, but no answers; nor is a fact that another source contradicts.
 *
 * @param clinical The curated knowledge.
 * @param screened False keeps typical findings that fail on their words, on Orphanet alone or on another source.
 * @returns Edges with their sources.
 */
export function curatedEdges(clinical: Clinical, screened = true): CuratedEdge[] {
  const profiles = [...clinical.diseases.values()];
  const edge = (
    row: Sourced,
    subject: string,
    relation: Relation,
    object: string,
    remark: string,
  ): CuratedEdge => ({ subject, relation, object, remark, sources: row.sources, at: row.at });
  const edges = [
    ...profiles.flatMap(({ disease, findings }) =>
      findings.filter((row) => isPlain(row) && (!screened || isAnswer(row))).map((row) =>
        edge(row, disease.name, relationOf(row.kind), row.text, `${row.rating} ${row.kind}`)
      )
    ),
    ...profiles.flatMap(({ disease, treatments }) =>
      treatments.filter(({ role }) => role !== "uncommon").map((row) =>
        edge(row, row.drug.name, drugRelations[row.role], disease.name, row.setting ?? "")
      )
    ),
    ...[...clinical.contraindications.values()].flat()
      .filter(({ strength }) => strength !== "caution")
      .map((row) => edge(row, row.drug.name, "contraindicated", row.condition.name, row.strength)),
    ...[...clinical.complaints.values()].flat()
      .map((row) => edge(row, row.complaint, "suggests", row.disease.name, row.likelihood)),
    ...profiles.flatMap(({ disease, tests }) =>
      tests.map((row) => edge(row, disease.name, "tested_by", row.test, row.complaint))
    ),
  ];
  if (!screened) return edges;
  return edges.filter((claim) => standingOf(clinical, claim).standing === "curated");
}

const relationOf = (kind: FindingKind): Relation =>
  kind === "risk" ? "has_risk" : kind === "red flag" ? "red_flag" : "presents";

const drugRelations: Readonly<Record<Treatment["role"], Relation>> = {
  "first-line": "first_line",
  "symptom relief": "relieves",
  "used": "treats",
  "uncommon": "treats",
};

/**
 * Draws edges without replacement.
 *
 * @param edges All edges.
 * @param count How many; all where there are fewer.
 * @param seed Same seed and edges, same sample.
 * @returns The sample in the order in which it was drawn.
 */
export function sampleEdges(
  edges: readonly CuratedEdge[],
  count: number,
  seed: number,
): CuratedEdge[] {
  return randomStream(seed, "curated edges").shuffle(edges).slice(0, count);
}
