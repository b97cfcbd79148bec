/** Which of two diseases is likelier, and which findings tell them apart. @module */
import { caseKey, casesOf, claimsOf, patientOf } from "../case.ts";
import { drawFirst } from "../case_group.ts";
import { type Family, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { decision, line, names } from "./field_checks.ts";
import { lines } from "./phrasing.ts";
import { showGroup } from "./vignette.ts";

const wording = wordingOf(
  "compare",
  {
    train: [
      "{patient} Which is likelier, {candidates}?",
      "Two diagnoses are under discussion: {allCandidates}. {patient}",
      "{patient} Decide between {allCandidates}.",
      "Is it {candidates}? {patient}",
    ],
    heldOut: [
      "{patient} A colleague hesitates between {allCandidates} and asks you.",
      "Weigh {allCandidates} against each other as explanations of this case. {patient}",
      "Someone has to be told the cause, {candidates}. {patient}",
    ],
  },
  " Reply in three lines:\nLikelier: one disease\nFor: one finding that only this disease explains\n" +
    "Both: one finding that both explain",
);

/** The comparison of two diseases: two findings that only one explains, one or two that both explain. */
export const reasoningCompare: Family = {
  id: "reasoning-compare",
  capability: "reasoning",
  version: 2,
  propose(source, random) {
    // Of one shared and two other findings a guess hits For in two of three and Both in one of three: on average in half.
    const two = random.next() < 0.5 ? [{ size: 2, shared: 2 } as const] : [];
    const group = drawFirst(source, random, [...two, { size: 2, shared: 1 }]);
    if (group === undefined) return [];
    const cases = casesOf(group);
    const { diseases, slots, patients } = showGroup(source, group, cases, random);
    return cases.map((clinical, i) => {
      const own = patientOf(clinical).discriminating.map(({ finding }) => finding);
      const both = group.shared.map(({ finding }) => finding);
      return {
        key: caseKey(clinical),
        wording,
        slots: { ...slots, patient: patients[i]! },
        reference: lines([
          ["Likelier", displayName(diseases[i]!)],
          ["For", displayName(own[0]!)],
          ["Both", displayName(both[0]!)],
        ]),
        checks: [
          names("reasoning", line("Likelier"), [diseases[i]!]),
          names("reasoning", line("For"), own, 1),
          names("reasoning", line("Both"), both, 1),
          { kind: "labels", capability: "instruction", labels: ["Likelier", "For", "Both"] },
          { kind: "words", capability: "instruction", min: 5, max: 30 },
        ],
        claims: claimsOf(source, clinical),
        decisions: [decision(line("Likelier"), diseases, i)],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
