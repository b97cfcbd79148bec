/**
 * Counterfactual cases: the same candidate diseases and the same drugs in the same order, one patient for each candidate. Age,
 * sex and shared findings are the same too; only the findings that tell the candidates apart change, and with them the answer.
 */
import type { Claim, Predicate, RedFlag } from "../knowledge/mod.ts";
import { denialOf } from "./confusable.ts";
import type { Sex } from "./consistency.ts";
import type { ItemClaim } from "./item.ts";
import { type Section, sectionsOf } from "./section.ts";
import type { DiseaseFacts, DrugFact, FindingFact, Source } from "./source.ts";
import { checkWorkflow, type Step } from "./workflow.ts";

/** One patient of a group. */
export interface Patient {
  /** Findings that the diagnosis shows and no other candidate may show; the same number in every patient of a group. */
  readonly discriminating: readonly FindingFact[];
  /** A finding that the patient does not have: it would speak for another candidate. */
  readonly denied: FindingFact;
  /** Place of that candidate. */
  readonly deniedOf: number;
  /** The red flags among the patient's findings. */
  readonly flags: readonly RedFlag[];
}

/** Patients that are counterfactual to each other. */
export interface CaseGroup {
  /** The candidates, in the order in which every prompt shows them. */
  readonly candidates: readonly DiseaseFacts[];
  /** A drug for each candidate, which may be of no use in the others; none where no drug is asked for. */
  readonly drugs: readonly DrugFact[];
  /** Findings that every candidate typically shows and every patient has, by the rows of the first candidate. */
  readonly shared: readonly FindingFact[];
  /** Age of every patient in years. */
  readonly age: number;
  /** Sex of every patient. */
  readonly sex: Sex;
  /** A patient for each candidate. */
  readonly patients: readonly Patient[];
}

/** One patient with the group. */
export interface ClinicalCase extends CaseGroup {
  /** Place of the diagnosis. */
  readonly diagnosis: number;
}

/**
 * The patient of a case.
 *
 * @param clinical The case.
 * @returns Its patient.
 */
export function patientOf({ patients, diagnosis }: ClinicalCase): Patient {
  return patients[diagnosis]!;
}

/**
 * The cases of a group, one for each patient.
 *
 * @param group The group.
 * @returns Cases in the order of the candidates.
 */
export function casesOf(group: CaseGroup): ClinicalCase[] {
  return group.patients.map((_, diagnosis) => ({ ...group, diagnosis }));
}

/**
 * All findings that are present, shared ones first.
 *
 * @param clinical The case.
 * @returns Shared and discriminating findings.
 */
export function findingsOf(clinical: ClinicalCase): readonly FindingFact[] {
  return [...clinical.shared, ...patientOf(clinical).discriminating];
}

/**
 * What makes two cases the same: the candidates, which of them it is, and the findings.
 *
 * @param clinical The case.
 * @returns Ids, those of candidates and findings sorted.
 */
export function caseKey(clinical: ClinicalCase): readonly string[] {
  const { candidates, diagnosis } = clinical;
  return [
    "case",
    candidates[diagnosis]!.disease.id,
    ...candidates.map(({ disease }) => disease.id).sort(),
    ...findingsOf(clinical).map(({ finding }) => finding.id).sort(),
    `not ${patientOf(clinical).denied.finding.id}`,
  ];
}

/**
 * The case as steps of the clinical workflow.
 *
 * @param source The selected source, which says in which section a finding stands.
 * @param clinical The case.
 * @returns Steps from presentation to follow-up, entities by id; without a drug they end with the diagnosis.
 */
export function stepsOf(source: Pick<Source, "clinical">, clinical: ClinicalCase): Step[] {
  const { candidates, drugs, diagnosis, age, sex } = clinical;
  const { denied, flags } = patientOf(clinical);
  const places = findingsOf(clinical).map(({ row: { finding } }) => ({
    id: finding.id,
    section: sectionsOf(source.clinical, finding)[0]!,
  }));
  const inSection = (section: Section): string[] =>
    places.filter((place) => place.section === section).map(({ id }) => id);
  const disease = candidates[diagnosis]!.disease.id;
  const fact = drugs[diagnosis];
  const measured = inSection("measured");
  return [
    { stage: "presentation", age, sex, present: inSection("reported"), absent: [] },
    { stage: "examination", present: inSection("examined"), absent: [denied.finding.id] },
    {
      stage: "differential",
      diseases: [
        disease,
        ...candidates.map((one) => one.disease.id).filter((id) => id !== disease),
      ],
    },
    ...(measured.length > 0 ? [{ stage: "investigation", present: measured } as const] : []),
    { stage: "diagnosis", disease },
    ...(fact === undefined ? [] : [
      {
        stage: "management",
        drug: fact.drug.id,
        role: fact.row.role === "symptom relief" ? "symptom relief" : "treatment",
        urgentReferral: flags.length > 0,
      },
      { stage: "follow_up", after: fact.drug.id },
    ] as const),
  ];
}

/**
 * The relation of a drug to its disease.
 *
 * @param fact The drug.
 * @returns `palliates` for relief of symptoms, else `treats`.
 */
export function drugPredicate({ row }: DrugFact): "treats" | "palliates" {
  return row.role === "symptom relief" ? "palliates" : "treats";
}

/**
 * The atomic claims that a case rests on: what each candidate shows, what treats it, and what the others may not show or be
 * treated with.
 *
 * @param source The selected source, with the tables that denials rest on.
 * @param clinical The case.
 * @returns Claims by entity id, those that the diagnosis presents first.
 */
export function claimsOf(
  { clinical: tables, knowledge }: Source,
  clinical: ClinicalCase,
): ItemClaim[] {
  const { candidates, drugs, shared, diagnosis } = clinical;
  const { discriminating, denied, deniedOf } = patientOf(clinical);
  const facts = candidates[diagnosis]!;
  const others = candidates.filter((_, i) => i !== diagnosis);
  const presents = (one: DiseaseFacts, { finding }: FindingFact): Claim => ({
    subject: one.disease.id,
    predicate: "presents",
    object: finding.id,
  });
  const treats = (drug: DrugFact, one: DiseaseFacts, predicate: Predicate): Claim => ({
    subject: drug.drug.id,
    predicate,
    object: one.disease.id,
  });
  const isHarmful = (drug: DrugFact): boolean =>
    knowledge.edges.contraindicated.forward.get(drug.drug.id)?.has(facts.disease.id) === true;
  return [
    ...discriminating.map((fact) => presents(facts, fact)),
    ...shared.map((fact) => presents(facts, fact)),
    ...shared.flatMap((fact) => others.map((other) => presents(other, fact))),
    presents(candidates[deniedOf]!, denied),
    { ...presents(facts, denied), denied: denialOf(tables, facts, denied) },
    ...discriminating.flatMap((fact) =>
      others.map((other) => ({ ...presents(other, fact), denied: denialOf(tables, other, fact) }))
    ),
    ...drugs.map((drug, i) => treats(drug, candidates[i]!, drugPredicate(drug))),
    ...drugs.flatMap((drug, i): ItemClaim[] =>
      i === diagnosis ? [] : [{
        ...treats(drug, facts, "treats"),
        denied: isHarmful(drug) ? "contraindication" : "not listed",
      }]
    ),
  ];
}

/**
 * Whether the case keeps every rule of the clinical workflow.
 *
 * @param source The tables.
 * @param clinical The case.
 * @returns True when {@linkcode checkWorkflow} reports nothing.
 */
export function isSound(source: Pick<Source, "clinical">, clinical: ClinicalCase): boolean {
  return checkWorkflow(source.clinical, stepsOf(source, clinical)).length === 0;
}
