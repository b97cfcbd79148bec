/** Diagnosis and treatment in explicit steps; steps score as reasoning, the drug as domain, the form as instruction. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { caseKey, claimsOf, findingsOf } from "../case.ts";
import type { Family } from "../draft.ts";
import { displayName } from "../source.ts";
import { drugFact, line, names } from "./field_checks.ts";
import { lines } from "./phrasing.ts";
import { candidatesOf, drawTreatable, vignetteSlots, vignetteWording } from "./vignette.ts";

const wording = vignetteWording(
  "diagnosis",
  "Is it {candidates}? Drugs: {drugs}. Reply in five lines:\n" +
    "Findings: all that are present\nDifferential: the two diseases that fit best\n" +
    "Discriminating: two findings that the second does not explain\nDiagnosis: one disease\n" +
    "Treatment: one {role} drug",
);

/** Vignette to diagnosis and treatment in five labelled steps. */
export const reasoningDiagnosis: Family = {
  id: "reasoning-diagnosis",
  capability: "reasoning",
  version: 1,
  propose(source, random) {
    const drawn = drawTreatable(source, random);
    if (drawn === undefined) return undefined;
    const { clinical, drugs } = drawn;
    const findings = findingsOf(clinical);
    const two = clinical.discriminating.slice(0, 2);
    const show = (entities: readonly Entity[]): string => entities.map(displayName).join(", ");
    return {
      key: caseKey(clinical),
      wording,
      slots: { ...vignetteSlots(clinical, random), drugs },
      reference: lines([
        ["Findings", show(findings)],
        ["Differential", show([clinical.disease, clinical.runnerUp])],
        ["Discriminating", show(two)],
        ["Diagnosis", displayName(clinical.disease)],
        ["Treatment", displayName(clinical.drug)],
      ]),
      checks: [
        names("reasoning", line("Findings"), findings),
        names("reasoning", line("Differential"), [clinical.disease, clinical.runnerUp]),
        names("reasoning", line("Discriminating"), clinical.discriminating, 2),
        names("reasoning", line("Diagnosis"), [clinical.disease]),
        {
          kind: "subset",
          capability: "reasoning",
          inner: line("Diagnosis"),
          outer: line("Differential"),
          entity: "disease",
          among: candidatesOf(clinical),
        },
        drugFact(clinical, line("Treatment")),
        {
          kind: "labels",
          capability: "instruction",
          labels: ["Findings", "Differential", "Discriminating", "Diagnosis", "Treatment"],
        },
        { kind: "words", capability: "instruction", min: 10, max: 50 },
      ],
      claims: claimsOf(clinical),
      clinical,
    };
  },
};
