/**
 * Curated clinical knowledge, joined with the graph: what each of the common diseases shows, what treats it, what speaks
 * against a drug, what to think of for a complaint, and which tests are done. Every fact carries its sources.
 *
 * @module
 */

import { findEntity, resolveId } from "../graph/names.ts";
import type { Knowledge } from "../types.ts";
import type { Contraindication, Differential, DiseaseFinding, DiseaseProfile } from "./facts.ts";
import { absenceIn, isAtomicFinding, measuredIn } from "./finding_text.ts";
import {
  addConcept,
  type Concept,
  conceptKey,
  type ConceptNames,
  newConceptNames,
} from "./names.ts";
import type {
  ContraindicationRow,
  DifferentialRow,
  DiseaseRow,
  FindingRow,
  Sourced,
  TestRow,
  TreatmentRow,
  WordingRow,
} from "./rows.ts";

/** The curated knowledge. Build it with `loadClinical`. */
export interface Clinical {
  /** The graph that it is joined with. */
  readonly knowledge: Knowledge;
  /** Every name. */
  readonly names: ConceptNames;
  /** Diseases by concept id, in the order of the table. */
  readonly diseases: ReadonlyMap<string, DiseaseProfile>;
  /** Contraindications by concept id of the drug. */
  readonly contraindications: ReadonlyMap<string, readonly Contraindication[]>;
  /** Differentials by complaint. */
  readonly complaints: ReadonlyMap<string, readonly Differential[]>;
  /** What the tables name to how else a text says it. */
  readonly wordings: Readonly<Record<WordingRow["kind"], ReadonlyMap<string, readonly string[]>>>;
  /** What was wrong in the tables. */
  readonly warnings: readonly string[];
}

/** The rows of all tables. */
export interface ClinicalRows {
  /** Diseases. */
  readonly diseases: readonly DiseaseRow[];
  /** Findings. */
  readonly findings: readonly FindingRow[];
  /** Drugs. */
  readonly treatments: readonly TreatmentRow[];
  /** Conditions against drugs. */
  readonly contraindications: readonly ContraindicationRow[];
  /** Differentials. */
  readonly differentials: readonly DifferentialRow[];
  /** Tests. */
  readonly tests: readonly TestRow[];
  /** How else a text says what the tables name. */
  readonly wordings: readonly WordingRow[];
  /** What was wrong in the tables. */
  readonly warnings: readonly string[];
}

/** What is read of the tables. */
export interface ClinicalOptions {
  /**
   * Only what a published source says: rows, ages and sexes that rest on `hand` alone are left out, `hand` is struck from
   * the sources of the others, and a first-line drug that no guideline names is only `used`. False when left out.
   */
  readonly published?: boolean;
}

/**
 * The rows without what rests on `hand`.
 *
 * @param rows The rows of all tables.
 * @returns Rows with at least one published source each.
 */
export function publishedRows(rows: ClinicalRows): ClinicalRows {
  const published = <Row extends Sourced>(all: readonly Row[]): Row[] =>
    all.flatMap((row) => {
      const sources = row.sources.filter((source) => source !== "hand");
      return sources.length === 0 ? [] : [{ ...row, sources }];
    });
  return {
    ...rows,
    diseases: rows.diseases.map((row) => {
      if (row.ageSexSource !== "hand") return row;
      const { ageMin: _min, ageMax: _max, femaleShare: _share, ageSexSource: _source, ...rest } =
        row;
      return rest;
    }),
    findings: published(rows.findings),
    // That a drug is first-line was written by hand; a published source says so only where a guideline stands beside it.
    treatments: published(rows.treatments).map((row) => {
      if (row.guideline !== undefined || row.role !== "first-line") return row;
      const { setting: _setting, ...rest } = row;
      return { ...rest, role: "used" as const };
    }),
    contraindications: published(rows.contraindications),
  };
}

/** A profile that is being filled. */
type Filling = {
  -readonly [K in keyof DiseaseProfile]: DiseaseProfile[K] extends readonly (infer V)[] ? V[]
    : DiseaseProfile[K];
};

/**
 * Joins the rows with the graph.
 *
 * @param knowledge The graph.
 * @param all The rows of all tables.
 * @param options What is read of them.
 * @returns The curated knowledge; rows about a disease that is not in `diseases.tsv` are in its warnings.
 */
export function buildClinical(
  knowledge: Knowledge,
  all: ClinicalRows,
  { published = false }: ClinicalOptions = {},
): Clinical {
  const rows = published ? publishedRows(all) : all;
  const names = newConceptNames();
  const warnings = [...rows.warnings];
  const byName = new Map<string, Filling>();
  const byId = new Map<string, string>();
  for (const row of rows.diseases) {
    const disease = addConcept(knowledge, names, "disease", row.disease, row.doid);
    const same = byId.get(disease.id);
    if (same !== undefined) {
      warnings.push(
        `${row.at}: Expected every disease once but found ${row.disease} as another name of ${same}: the line is left out`,
      );
      continue;
    }
    byId.set(disease.id, row.disease);
    byName.set(row.disease, newProfile(disease, row));
  }
  /** The profile of a row's disease, or a warning. */
  const profile = ({ disease, at }: { disease: string; at: string }): Filling | undefined => {
    const found = byName.get(disease);
    if (found === undefined) {
      warnings.push(
        `${at}: Expected a disease of diseases.tsv but found ${
          JSON.stringify(disease)
        }: the line is left out`,
      );
    }
    return found;
  };
  addFindings(knowledge, names, rows.findings, profile);
  addTreatments(knowledge, names, rows.treatments, profile);
  for (const row of rows.tests) {
    const found = profile(row);
    const negative = / \((?:typically |often )?negative\)$/.exec(row.test);
    found?.tests.push({
      ...row,
      disease: found.disease,
      test: row.test.slice(0, negative?.index),
      ...(negative === null ? {} : { expected: "negative" }),
    });
  }
  const complaints = new Map<string, Differential[]>();
  for (const row of rows.differentials) {
    const found = profile(row);
    if (found === undefined) continue;
    const fact = { ...row, disease: found.disease };
    found.differentials.push(fact);
    listUnder(complaints, row.complaint, fact);
  }
  const contraindications = new Map<string, Contraindication[]>();
  for (const { drugbank, doid, ...row } of rows.contraindications) {
    const drug = addConcept(knowledge, names, "drug", row.drug, drugbank);
    const condition = conditionOf(knowledge, names, row.condition, doid);
    listUnder(contraindications, drug.id, { ...row, drug, condition });
  }
  const diseases = new Map([...byName.values()].map((filled) => [filled.disease.id, filled]));
  const wordings = {
    finding: new Map<string, string[]>(),
    test: new Map<string, string[]>(),
    condition: new Map<string, string[]>(),
    disease: new Map<string, string[]>(),
  };
  for (const { kind, name, wording } of rows.wordings) listUnder(wordings[kind], name, wording);
  return { knowledge, names, diseases, contraindications, complaints, wordings, warnings };
}

/**
 * The concept of a condition: a disease of the tables, or the graph's where the condition is its primary name. By a synonym
 * it is only near: the ontology of 2015 calls every eye disease an eye infection.
 */
function conditionOf(
  knowledge: Knowledge,
  names: ConceptNames,
  condition: string,
  doid: string | undefined,
): Concept {
  const known = names.disease.byName.get(conceptKey(condition));
  const given = doid === undefined ? undefined : resolveId(knowledge, doid);
  if (
    known !== undefined || given === undefined || conceptKey(given.name) === conceptKey(condition)
  ) {
    return addConcept(knowledge, names, "disease", condition, doid);
  }
  const concept = { ...addConcept(knowledge, names, "disease", condition), near: given };
  names.disease.byId.set(concept.id, concept);
  names.disease.byName.set(conceptKey(condition), concept);
  return concept;
}

function newProfile(disease: Concept, row: DiseaseRow): Filling {
  const { ageMin: min = 0, ageMax: max = 120, femaleShare } = row;
  return {
    disease,
    icd10: row.icd10,
    ...(row.specialty === undefined ? {} : { specialty: row.specialty }),
    ...(row.severity === undefined ? {} : { severity: row.severity }),
    age: { min, max },
    sex: femaleShare === 0 ? "male" : femaleShare === 1 ? "female" : "both",
    ...(femaleShare === undefined ? {} : { femaleShare }),
    ...(row.ageSexSource === undefined ? {} : { ageSexSource: row.ageSexSource }),
    noDrugIsFirstLine: [],
    findings: [],
    denials: [],
    treatments: [],
    tests: [],
    differentials: [],
    at: row.at,
  };
}

type ProfileOf = (row: { disease: string; at: string }) => Filling | undefined;

/**
 * Adds to the list under a key.
 *
 * @param lists Lists by their keys, which it changes.
 * @param key The key.
 * @param value What is added.
 */
export function listUnder<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** For each disease the place of each share, the largest first. */
function rankShares(rows: readonly FindingRow[]): Map<string, Map<number, number>> {
  const shares = new Map<string, number[]>();
  for (const { disease, share } of rows) {
    if (share !== undefined) listUnder(shares, disease, share);
  }
  return new Map([...shares].map(([disease, own]) => {
    const places = new Map<number, number>();
    for (const [i, share] of own.sort((a, b) => b - a).entries()) {
      if (!places.has(share)) places.set(share, i + 1);
    }
    return [disease, places];
  }));
}

/** Adds findings with their ranks. What only denies is kept apart; its parts are concepts where a finding is called so. */
function addFindings(
  knowledge: Knowledge,
  names: ConceptNames,
  rows: readonly FindingRow[],
  profile: ProfileOf,
): void {
  const ranks = rankShares(rows);
  for (const { term, share, finding: text, ...row } of rows) {
    const found = profile(row);
    if (found === undefined) continue;
    const absence = absenceIn(text);
    const measured = measuredIn(text);
    const fact: DiseaseFinding = {
      ...row,
      disease: found.disease,
      finding: addConcept(knowledge, names, "finding", text, term),
      text,
      ...(share === undefined ? {} : { rank: ranks.get(row.disease)!.get(share)! }),
      atomic: isAtomicFinding(text),
      absent: (absence?.absent ?? []).flatMap((part) => {
        // "Loss of stool without awareness": what is absent counts beside a finding only where the graph knows it as one.
        if (absence?.whole !== true && findEntity(knowledge, part, "symptom") === undefined) {
          return [];
        }
        return [addConcept(knowledge, names, "finding", part)];
      }),
      denies: absence?.whole === true,
      ...(measured === undefined ? {} : { measured }),
    };
    (fact.denies ? found.denials : found.findings).push(fact);
  }
}

function addTreatments(
  knowledge: Knowledge,
  names: ConceptNames,
  rows: readonly TreatmentRow[],
  profile: ProfileOf,
): void {
  for (const row of rows) {
    const found = profile(row);
    if (found === undefined) continue;
    const { drugbank, role, ...rest } = row;
    if (role === "none") {
      found.noDrugIsFirstLine.push(row);
      continue;
    }
    found.treatments.push({
      ...rest,
      role,
      disease: found.disease,
      drug: addConcept(knowledge, names, "drug", row.drug, drugbank),
    });
  }
}
