/**
 * What the families with a patient have in common: the sentences on the patient, which alone decide, and the candidates and drugs
 * to choose from.
 *
 * @module
 */
import type { Entity } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { type CaseGroup, type ClinicalCase, findingsOf, patientOf } from "../case.ts";
import type { Person } from "../person.ts";
import { type Section, sectionsOf } from "../section.ts";
import { displayName, type FindingFact, type Source } from "../source.ts";
import { capitalised, listed } from "./phrasing.ts";

/** What is said of a patient, by section. */
interface Told {
  readonly age: number;
  /** `woman`, `man`, `girl` or `boy`. */
  readonly person: string;
  /** `a` or `an`, before the age. */
  readonly article: string;
  readonly reported: string;
  readonly examined: string;
  readonly measured: string;
  readonly denied: string;
  /** Where the absent finding would stand: what the patient denies, or what an examination or a test does not find. */
  readonly deniedIn: Section;
}

/**
 * A person in words.
 *
 * @param person Age in years and sex.
 * @returns `woman`, `man`, `girl` or `boy`, and the article that stands before the age.
 */
export function personWords({ age, sex }: Person): { person: string; article: "a" | "an" } {
  const adult = age >= 18;
  return {
    person: sex === "female" ? (adult ? "woman" : "girl") : adult ? "man" : "boy",
    article: /^(?:8\d?|11|18)$/.test(`${age}`) ? "an" : "a",
  };
}

/** The parts that are there, as sentences. */
const sentences = (...parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false && part !== "").join(" ");

/** How a patient is told of. */
type Style = (told: Told) => string;

const styles: readonly Style[] = [
  ({ age, person, article, reported, examined, measured, denied, deniedIn }) =>
    sentences(
      `${capitalised(article)} ${age}-year-old ${person} ${
        reported === "" ? "comes for a visit" : `reports ${reported}`
      }.`,
      deniedIn === "reported" && `The patient denies ${denied}.`,
      examined !== "" && `On examination: ${examined}.`,
      measured !== "" && `Tests show ${measured}.`,
      deniedIn === "examined" && `Examination is negative for ${denied}.`,
      deniedIn === "measured" && `Tests are negative for ${denied}.`,
    ),
  ({ age, person, reported, examined, measured, denied }) =>
    sentences(
      `${capitalised(person)}, ${age} years old.`,
      reported !== "" && `Reported: ${reported}.`,
      examined !== "" && `On examination: ${examined}.`,
      measured !== "" && `Tests: ${measured}.`,
      `Absent: ${denied}.`,
    ),
  ({ age, person, reported, examined, measured, denied, deniedIn }) =>
    sentences(
      reported === ""
        ? `The patient is a ${person} of ${age}.`
        : `The patient is a ${person} of ${age} who complains of ${reported}.`,
      examined !== "" && `Examination shows ${examined}.`,
      measured !== "" && `Tests reveal ${measured}.`,
      deniedIn === "reported"
        ? `Asked, the patient denies ${denied}.`
        : `There is an absence of ${denied}.`,
    ),
  ({ age, person, reported, examined, measured, denied }) =>
    sentences(
      `Seen today without ${denied}: a ${person} aged ${age}.`,
      reported !== "" && `The patient reports ${reported}.`,
      examined !== "" && `Signs on examination: ${examined}.`,
      measured !== "" && `Results of tests: ${measured}.`,
    ),
];

/** Number of ways to tell of a patient. */
export const styleCount: number = styles.length;

/**
 * The sentences on a patient: reported, examined and measured as the tables say, and what is absent. They alone decide.
 *
 * @param source The selected source.
 * @param clinical The case.
 * @param style Which way of telling, from 0; the same in a whole group.
 * @param random Draws the order of the findings.
 * @returns The text.
 */
export function tellPatient(
  source: Source,
  clinical: ClinicalCase,
  style: number,
  random: RandomStream,
): string {
  const { denied } = patientOf(clinical);
  const findings = random.shuffle(findingsOf(clinical));
  const inSection = (section: Section): string =>
    listed(
      findings.filter((fact) => sectionOf(source, fact) === section)
        .map(({ finding }) => displayName(finding)),
    );
  return styles[style]!({
    age: clinical.age,
    ...personWords(clinical),
    reported: inSection("reported"),
    examined: inSection("examined"),
    measured: inSection("measured"),
    denied: displayName(denied.finding),
    deniedIn: sectionOf(source, denied),
  });
}

/**
 * The section in which a vignette has a finding.
 *
 * @param source The selected source.
 * @param fact The finding.
 * @returns The first of those in which it may stand.
 */
export function sectionOf({ clinical }: Source, { row }: FindingFact): Section {
  return sectionsOf(clinical, row.finding)[0]!;
}

/** A group as every prompt of it shows it. */
export interface ShownGroup {
  /** The candidates in their order. */
  readonly diseases: readonly Entity[];
  /** The drugs, in an order of their own: the place of the drug says nothing of the diagnosis. */
  readonly drugs: readonly Entity[];
  /** For each candidate the place of its drug. */
  readonly drugAt: readonly number[];
  /** Slots of the wording: candidates, and drugs where there are any, as alternatives (a or b) and as a whole (a and b). */
  readonly slots: Readonly<
    Record<"candidates" | "allCandidates" | "drugs" | "allDrugs", string>
  >;
  /** The sentences on each patient. */
  readonly patients: readonly string[];
}

/**
 * Prepare a group for its prompts.
 *
 * @param source The selected source.
 * @param group The group.
 * @param cases Its cases.
 * @param random Draws the order of the drugs, and how the patients are told of.
 * @returns What every prompt shows, and what only one does.
 */
export function showGroup(
  source: Source,
  group: CaseGroup,
  cases: readonly ClinicalCase[],
  random: RandomStream,
): ShownGroup {
  const order = random.shuffle(group.drugs.map((_, i) => i));
  const diseases = group.candidates.map(({ disease }) => disease);
  const drugs = order.map((i) => group.drugs[i]!.drug);
  const style = random.integer(styleCount);
  return {
    diseases,
    drugs,
    drugAt: group.drugs.map((_, i) => order.indexOf(i)),
    slots: {
      candidates: listed(diseases.map(displayName), "or"),
      allCandidates: listed(diseases.map(displayName)),
      drugs: listed(drugs.map(displayName), "or"),
      allDrugs: listed(drugs.map(displayName)),
    },
    patients: cases.map((clinical) => tellPatient(source, clinical, style, random)),
  };
}
