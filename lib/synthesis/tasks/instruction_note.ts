/** Structured notes of a visit, SOAP or JSON; the form is scored as instruction, the drug as domain. @module */
import { caseKey, claimsOf, findingsOf } from "../case.ts";
import type { Check } from "../check.ts";
import { type Family, type Variants, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { drugFact, jsonField, line, names } from "./field_checks.ts";
import { jsonLine, lines, listed } from "./phrasing.ts";
import { drawTreatable } from "./vignette.ts";

const visit: Variants = {
  train: [
    "Visit: {findings}; the {site} is affected; diagnosis {disease}. Drugs: {drugs}. ",
    "A patient with {disease} reports {findings}. The {site} is affected. Drugs to choose from: {drugs}. ",
  ],
  heldOut: [
    "Today: {findings}. Affected: {site}. The diagnosis is {disease}. Possible drugs: {drugs}. ",
  ],
};

const soapWording = wordingOf(
  "soap",
  visit,
  "Write a SOAP note in four lines:\nSubjective: the findings\nObjective: the affected body part\n" +
    "Assessment: the diagnosis\nPlan: one {role} drug",
);
const jsonWording = wordingOf(
  "json-note",
  visit,
  'Reply with one JSON object only, with the keys "findings" (a list), "site", "diagnosis" and "drug" ' +
    "(one {role} drug).",
);

/** A visit as a SOAP note, or as JSON to a schema. */
export const instructionNote: Family = {
  id: "instruction-note",
  capability: "instruction",
  version: 1,
  propose(source, random) {
    const drawn = drawTreatable(source, random);
    if (drawn === undefined) return undefined;
    const { clinical, drugs } = drawn;
    const soap = random.next() < 0.5;
    const findings = findingsOf(clinical);
    const found = findings.map(displayName);
    const site = displayName(clinical.site);
    const disease = displayName(clinical.disease);
    const drug = displayName(clinical.drug);
    const at = soap ? line : jsonField;
    const fields = soap
      ? (["Subjective", "Objective", "Assessment", "Plan"] as const)
      : (["findings", "site", "diagnosis", "drug"] as const);
    const form: Check = soap ? { kind: "labels", capability: "instruction", labels: fields } : {
      kind: "json",
      capability: "instruction",
      keys: fields.map((key) => ({
        key,
        type: key === "findings" ? "array" as const : "string" as const,
      })),
    };
    return {
      key: caseKey(clinical),
      wording: soap ? soapWording : jsonWording,
      slots: { findings: listed(found), site, disease, drugs, role: clinical.role },
      reference: soap
        ? lines([
          [fields[0], found.join(", ")],
          [fields[1], site],
          [fields[2], disease],
          [fields[3], drug],
        ])
        : jsonLine([
          [fields[0], found],
          [fields[1], site],
          [fields[2], disease],
          [fields[3], drug],
        ]),
      checks: [
        form,
        { kind: "words", capability: "instruction", min: 6, max: 40 },
        names("instruction", at(fields[0]), findings),
        names("instruction", at(fields[1]), [clinical.site]),
        names("instruction", at(fields[2]), [clinical.disease]),
        drugFact(clinical, at(fields[3])),
      ],
      claims: claimsOf(clinical),
      clinical,
    };
  },
};
