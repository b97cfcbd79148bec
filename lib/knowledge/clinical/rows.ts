/**
 * What the curated clinical tables say, row by row.
 *
 * @module
 */

/** What a row can rest on; `hand` is a language model's general medical knowledge, without a document. */
export const clinicalSources = [
  "hand",
  "open-medicine",
  "faker-healthcare",
  "orphanet",
  "ddxplus",
  "disease-ontology",
  "synthea",
  "drugcentral",
] as const;

/** One of {@linkcode clinicalSources}. */
export type ClinicalSource = typeof clinicalSources[number];

/** What every row of the tables has. */
export interface Sourced {
  /** What it rests on, at least one. */
  readonly sources: readonly ClinicalSource[];
  /** File and line. */
  readonly at: string;
}

/** What a finding is: `risk` is history or exposure. */
export const findingKinds = ["symptom", "sign", "test", "risk", "red flag"] as const;

/** One of {@linkcode findingKinds}. */
export type FindingKind = typeof findingKinds[number];

/** How often a disease shows a finding. */
export const ratings = ["typical", "uncommon"] as const;

/** One of {@linkcode ratings}. */
export type Rating = typeof ratings[number];

/** How a drug is used: `used` is accepted and not said to be first-line, `uncommon` a reserve or replaced, `none` no drug at all. */
export const drugRoles = ["first-line", "symptom relief", "used", "uncommon", "none"] as const;

/** One of {@linkcode drugRoles}. */
export type TreatmentRole = typeof drugRoles[number];

/** How strongly a condition speaks against a drug: `avoid` is a boxed warning or harm in a guideline. */
export const strengths = ["contraindicated", "avoid", "caution"] as const;

/** One of {@linkcode strengths}. */
export type Strength = typeof strengths[number];

/** How a disease stands in the differential of a complaint. */
export const likelihoods = ["must_not_miss", "common", "less_common"] as const;

/** One of {@linkcode likelihoods}. */
export type Likelihood = typeof likelihoods[number];

/** A row of `diseases.tsv`. */
export interface DiseaseRow {
  /** The name by which all tables are joined. */
  readonly disease: string;
  /** Disease Ontology id, if the release has a term that is the disease or near it. */
  readonly doid?: string;
  /** ICD-10 code. */
  readonly icd10: string;
  /** Medical specialty. */
  readonly specialty?: string;
  /** 1 most to 5 least severe. */
  readonly severity?: number;
  /** Youngest plausible patient, in years. */
  readonly ageMin?: number;
  /** Oldest plausible patient, in years, inclusive. */
  readonly ageMax?: number;
  /** Share of women, 0 to 1; 0 and 1 are absolute. */
  readonly femaleShare?: number;
  /** What age and sex rest on. */
  readonly ageSexSource?: ClinicalSource;
  /** File and line. */
  readonly at: string;
}

/** A row of `findings.tsv`. */
export interface FindingRow extends Sourced {
  /** Name of the disease. */
  readonly disease: string;
  /** The finding in words. */
  readonly finding: string;
  /** What it is. */
  readonly kind: FindingKind;
  /** Symptom Ontology or Human Phenotype Ontology id. */
  readonly term?: string;
  /** Share of synthetic patients, good for ranks only. */
  readonly share?: number;
  /** How often. */
  readonly rating: Rating;
  /** A remark of the source. */
  readonly note?: string;
}

/** A row of `treatments.tsv`. */
export interface TreatmentRow extends Sourced {
  /** Name of the disease. */
  readonly disease: string;
  /** Name of the drug; empty for the role `none`. */
  readonly drug: string;
  /** DrugBank id. */
  readonly drugbank?: string;
  /** How it is used. */
  readonly role: TreatmentRole;
  /** When, in words. */
  readonly setting?: string;
  /** The guideline that names it. */
  readonly guideline?: string;
}

/** A row of `contraindications.tsv`. */
export interface ContraindicationRow extends Sourced {
  /** Name of the drug. */
  readonly drug: string;
  /** DrugBank id. */
  readonly drugbank?: string;
  /** The condition in words. */
  readonly condition: string;
  /** The disease of which the condition is one or a special form. */
  readonly doid?: string;
  /** How strongly it speaks against the drug. */
  readonly strength: Strength;
  /** The document. */
  readonly doi?: string;
}

/** A row of `differentials.tsv`. */
export interface DifferentialRow extends Sourced {
  /** The complaint in words. */
  readonly complaint: string;
  /** Name of the disease. */
  readonly disease: string;
  /** How it stands. */
  readonly likelihood: Likelihood;
  /** A remark on age. */
  readonly age?: string;
  /** A remark on sex. */
  readonly sex?: string;
}

/** What the words of the tables name. */
export const wordedKinds = ["finding", "test", "condition", "disease"] as const;

/** A row of `wordings.tsv`: how else a text says what another table says. It states no fact. */
export interface WordingRow {
  /** What is named. */
  readonly kind: (typeof wordedKinds)[number];
  /** The words of the other table. */
  readonly name: string;
  /** Other words for the same. */
  readonly wording: string;
  /** File and line. */
  readonly at: string;
}

/** A row of `tests.tsv`. */
export interface TestRow extends Sourced {
  /** Name of the disease. */
  readonly disease: string;
  /** The test in words. */
  readonly test: string;
  /** The complaint for which it is done. */
  readonly complaint: string;
}
