/** A whole case in one sentence of running text, with checks in domain, reasoning and instruction. @module */
import { caseKey, casesOf, claimsOf } from "../case.ts";
import { anyDrug, drawGroup } from "../case_group.ts";
import type { Where } from "../check.ts";
import { type Family, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { decision, names } from "./field_checks.ts";
import { showGroup } from "./vignette.ts";

const wording = wordingOf("sentence-case", {
  train: [
    "{patient} Which of {allCandidates} is it, and which of {allDrugs} would you give?",
    "Diseases: {allCandidates}. Drugs: {allDrugs}. {patient} What is it, and what helps?",
    "{patient} A colleague hesitates between {allCandidates}, and between {allDrugs}. Decide.",
    "One of {allCandidates} has to be treated with one of {allDrugs}. {patient}",
  ],
  heldOut: [
    "{patient} Finish the letter to the family doctor: was it {candidates}, and was {drugs} given?",
    "Say on the telephone what is wrong and what to take. {patient} On the list: {candidates}; {drugs}.",
    "{patient} The ward knows {allCandidates}; the cupboard holds {allDrugs}. Give your verdict.",
  ],
}, " Reply in one sentence that names one disease and one drug.");

const anywhere: Where = { format: "text" };

/** Vignette to one sentence with diagnosis and drug. */
export const integrationSentence: Family = {
  id: "integration-sentence",
  capability: "integration",
  version: 1,
  testOnly: true,
  propose(source, random) {
    const group = drawGroup(source, random, { size: 3, shared: 0, drugs: anyDrug });
    if (group === undefined) return [];
    const cases = casesOf(group);
    const { diseases, drugs, drugAt, slots, patients } = showGroup(source, group, cases, random);
    return cases.map((clinical, i) => {
      const [disease, drug] = [diseases[i]!, drugs[drugAt[i]!]!];
      return {
        key: caseKey(clinical),
        wording,
        slots: { ...slots, patient: patients[i]! },
        reference: `This is ${displayName(disease)}, which is treated with ${displayName(drug)}.`,
        checks: [
          names("reasoning", anywhere, [disease]),
          names("domain", anywhere, [drug]),
          { kind: "sentences", capability: "instruction", count: 1 },
          { kind: "words", capability: "instruction", min: 4, max: 30 },
        ],
        claims: claimsOf(source, clinical),
        decisions: [decision(anywhere, diseases, i), decision(anywhere, drugs, drugAt[i]!)],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
