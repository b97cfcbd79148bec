/** Diagnosis and treatment in explicit steps; the conclusions score as reasoning, the drug as domain, what is copied and the form as instruction. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { caseKey, casesOf, claimsOf, findingsOf, patientOf } from "../case.ts";
import { anyDrug, drawGroup } from "../case_group.ts";
import { type Family, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { decision, line, names } from "./field_checks.ts";
import { lines } from "./phrasing.ts";
import { showGroup } from "./vignette.ts";

const labels = ["Findings", "Against", "Diagnosis", "Treatment"] as const;

const wording = wordingOf(
  "diagnosis",
  {
    train: [
      "{patient} Is it {candidates}? Drugs: {drugs}.",
      "Candidates are {allCandidates}; the drugs at hand are {allDrugs}. {patient}",
      "{patient} The differential is {allCandidates}. To be given: {drugs}.",
      "Find the diagnosis among {allCandidates}, and the drug among {allDrugs}. {patient}",
    ],
    heldOut: [
      "{patient} You suspect {candidates}, and the ward stocks {allDrugs}.",
      "What is wrong here, {candidates}, and which of {allDrugs} helps? {patient}",
      "{patient} Explanations on the list are {allCandidates}; prescriptions on the list are {allDrugs}.",
    ],
  },
  " Reply in four lines:\nFindings: all that are present\n" +
    "Against: the disease against which the absent finding speaks\nDiagnosis: one disease\nTreatment: one drug for it",
);

/** Vignette to diagnosis and treatment in four labelled steps. */
export const reasoningDiagnosis: Family = {
  id: "reasoning-diagnosis",
  capability: "reasoning",
  version: 2,
  propose(source, random) {
    const group = drawGroup(source, random, { size: 3, shared: 0, drugs: anyDrug });
    if (group === undefined) return [];
    const cases = casesOf(group);
    const { diseases, drugs, drugAt, slots, patients } = showGroup(source, group, cases, random);
    return cases.map((clinical, i) => {
      const { deniedOf } = patientOf(clinical);
      const findings = findingsOf(clinical).map(({ finding }) => finding);
      const drug: Entity = drugs[drugAt[i]!]!;
      return {
        key: caseKey(clinical),
        wording,
        slots: { ...slots, patient: patients[i]! },
        reference: lines([
          ["Findings", findings.map(displayName).join(", ")],
          ["Against", displayName(diseases[deniedOf]!)],
          ["Diagnosis", displayName(diseases[i]!)],
          ["Treatment", displayName(drug)],
        ]),
        checks: [
          names("reasoning", line("Against"), [diseases[deniedOf]!]),
          names("reasoning", line("Diagnosis"), [diseases[i]!]),
          names("domain", line("Treatment"), [drug]),
          names("instruction", line("Findings"), findings),
          { kind: "labels", capability: "instruction", labels },
          { kind: "words", capability: "instruction", min: 8, max: 50 },
        ],
        claims: claimsOf(source, clinical),
        decisions: [
          decision(line("Against"), diseases, deniedOf),
          decision(line("Diagnosis"), diseases, i),
          decision(line("Treatment"), drugs, drugAt[i]!),
        ],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
