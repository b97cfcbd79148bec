/** Structured notes of a visit, SOAP or JSON: what was said and found in its place is scored as instruction, the assessment as reasoning, the plan as domain. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { caseKey, casesOf, claimsOf, findingsOf } from "../case.ts";
import { anyDrug, drawFirst } from "../case_group.ts";
import type { Check } from "../check.ts";
import { type Family, type Variants, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { decision, jsonField, line, names } from "./field_checks.ts";
import { jsonLine, lines } from "./phrasing.ts";
import { sectionOf, showGroup } from "./vignette.ts";

const visit: Variants = {
  train: [
    "Visit. {patient} Possible: {candidates}. Drugs to choose from: {allDrugs}.",
    "{patient} The assessment is {candidates}; the plan is {drugs}.",
    "The chart needs a note: {candidates}, to be treated with {drugs}. {patient}",
    "Choose a diagnosis ({candidates}) and a drug ({drugs}) for this visit. {patient}",
  ],
  heldOut: [
    "{patient} Document this consultation; the problem is {candidates}, the prescription {drugs}.",
    "For the file: the doctor thinks of {candidates} and may prescribe {drugs}. {patient}",
    "{patient} Before the next patient comes, settle on {candidates}, and on {drugs}.",
  ],
};

const soap = {
  at: line,
  fields: ["Subjective", "Objective", "Assessment", "Plan"],
  wording: wordingOf(
    "soap",
    visit,
    " Reply with a SOAP note in four lines:\nSubjective: what the patient reports\n" +
      "Objective: what examination and tests show\nAssessment: one disease\nPlan: one drug",
  ),
} as const;

const json = {
  at: jsonField,
  fields: ["reported", "found", "diagnosis", "drug"],
  wording: wordingOf(
    "json-note",
    visit,
    ' Reply with one JSON object only, with the keys "reported" (list of what the patient reports), "found" (list of what ' +
      'examination and tests show), "diagnosis" (one disease) and "drug" (one).',
  ),
} as const;

const formCheck = (isSoap: boolean): Check =>
  isSoap ? { kind: "labels", capability: "instruction", labels: soap.fields } : {
    kind: "json",
    capability: "instruction",
    keys: json.fields.map((key, i) => ({
      key,
      type: i < 2 ? "array" as const : "string" as const,
    })),
  };

/** A visit as a SOAP note, or as JSON to a schema. */
export const instructionNote: Family = {
  id: "instruction-note",
  capability: "instruction",
  version: 2,
  propose(source, random) {
    const common = { shared: 0, drugs: anyDrug, mixed: true } as const;
    const three = random.next() < 0.5 ? [{ size: 3, ...common } as const] : [];
    const group = drawFirst(source, random, [...three, { size: 2, ...common }]);
    if (group === undefined) return [];
    const cases = casesOf(group);
    const { diseases, drugs, drugAt, slots, patients } = showGroup(source, group, cases, random);
    const isSoap = random.next() < 0.5;
    const { at, fields, wording } = isSoap ? soap : json;
    return cases.map((clinical, i) => {
      const inNote = (isReported: boolean): Entity[] =>
        findingsOf(clinical).filter((fact) =>
          (sectionOf(source, fact) === "reported") === isReported
        ).map(({ finding }) => finding);
      const [reported, found] = [inNote(true), inNote(false)];
      const [disease, drug] = [diseases[i]!, drugs[drugAt[i]!]!];
      const lists = [reported, found].map((entities) => entities.map(displayName));
      const values = [disease, drug].map(displayName);
      return {
        key: caseKey(clinical),
        wording,
        slots: { ...slots, patient: patients[i]! },
        reference: isSoap
          ? lines(
            [...lists.map((list) => list.join(", ")), ...values].map((
              text,
              k,
            ) => [fields[k]!, text]),
          )
          : jsonLine([...lists, ...values].map((value, k) => [fields[k]!, value])),
        checks: [
          formCheck(isSoap),
          { kind: "words", capability: "instruction", min: 6, max: 45 },
          names("instruction", at(fields[0]), reported),
          names("instruction", at(fields[1]), found),
          names("reasoning", at(fields[2]), [disease]),
          names("domain", at(fields[3]), [drug]),
        ],
        claims: claimsOf(source, clinical),
        decisions: [
          decision(at(fields[2]), diseases, i),
          decision(at(fields[3]), drugs, drugAt[i]!),
        ],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
