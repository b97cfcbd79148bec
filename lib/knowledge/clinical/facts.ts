/**
 * Curated facts: what is known of a disease, each with its sources.
 *
 * @module
 */

import type { Measured } from "./finding_text.ts";
import type { Concept } from "./names.ts";
import type {
  ClinicalSource,
  FindingKind,
  Likelihood,
  Rating,
  Sourced,
  Strength,
  TreatmentRole,
  TreatmentRow,
} from "./rows.ts";

/** A finding of a disease. */
export interface DiseaseFinding extends Sourced {
  /** The disease. */
  readonly disease: Concept;
  /** The finding. */
  readonly finding: Concept;
  /** Its words in the table. */
  readonly text: string;
  /** What it is. */
  readonly kind: FindingKind;
  /** How often the disease shows it. */
  readonly rating: Rating;
  /** Place among the disease's findings by share of synthetic patients, from 1; equal shares have equal places. */
  readonly rank?: number;
  /** Whether it is one finding, short enough for a sentence. */
  readonly atomic: boolean;
  /** Findings that the same words say to be absent. */
  readonly absent: readonly Concept[];
  /** True when the words say nothing but what is absent: the finding is then no finding of the disease. */
  readonly denies: boolean;
  /** The quantity that is too high or too low. */
  readonly measured?: Measured;
  /** A remark of the source. */
  readonly note?: string;
}

/** A drug for a disease. */
export interface Treatment extends Sourced {
  /** The disease. */
  readonly disease: Concept;
  /** The drug. */
  readonly drug: Concept;
  /** How it is used. */
  readonly role: Exclude<TreatmentRole, "none">;
  /** When, in words. */
  readonly setting?: string;
  /** The guideline that names it. */
  readonly guideline?: string;
}

/** A condition against a drug. */
export interface Contraindication extends Sourced {
  /** The drug. */
  readonly drug: Concept;
  /** The condition: its entity is set only where the condition is that disease, not a special form of it. */
  readonly condition: Concept;
  /** How strongly it speaks against the drug. */
  readonly strength: Strength;
  /** The document. */
  readonly doi?: string;
}

/** A disease to think of for a complaint. */
export interface Differential extends Sourced {
  /** The complaint in words. */
  readonly complaint: string;
  /** The disease. */
  readonly disease: Concept;
  /** How it stands. */
  readonly likelihood: Likelihood;
  /** A remark on age. */
  readonly age?: string;
  /** A remark on sex. */
  readonly sex?: string;
}

/** A test for a disease. */
export interface DiagnosticTest extends Sourced {
  /** The disease. */
  readonly disease: Concept;
  /** The test in words, without its result. */
  readonly test: string;
  /** The complaint for which it is done. */
  readonly complaint: string;
  /** What it usually shows, where the source says so. */
  readonly expected?: "negative";
}

/** What is known of one disease. */
export interface DiseaseProfile {
  /** The disease. */
  readonly disease: Concept;
  /** ICD-10 code. */
  readonly icd10: string;
  /** Medical specialty. */
  readonly specialty?: string;
  /** 1 most to 5 least severe. */
  readonly severity?: number;
  /** Ages of plausible patients in years, inclusive. */
  readonly age: { readonly min: number; readonly max: number };
  /** Sexes of plausible patients. */
  readonly sex: "female" | "male" | "both";
  /** Share of women among patients, 0 to 1. */
  readonly femaleShare?: number;
  /** What age and sex rest on; nothing where the table sets no bound. */
  readonly ageSexSource?: ClinicalSource;
  /** True when care is a procedure or supportive. */
  readonly noDrugIsFirstLine: readonly TreatmentRow[];
  /** Its findings, those that only deny left out. */
  readonly findings: readonly DiseaseFinding[];
  /** The findings that its sources say to be absent. */
  readonly denials: readonly DiseaseFinding[];
  /** Its drugs. */
  readonly treatments: readonly Treatment[];
  /** Its tests. */
  readonly tests: readonly DiagnosticTest[];
  /** The complaints for which it is thought of. */
  readonly differentials: readonly Differential[];
  /** File and line. */
  readonly at: string;
}
