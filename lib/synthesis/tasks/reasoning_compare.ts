/** The comparison of two diseases by the findings that tell them apart. @module */
import { caseKey, claimsOf, drawCase } from "../case.ts";
import type { Family } from "../draft.ts";
import { displayName } from "../source.ts";
import { findingFact, line, names } from "./field_checks.ts";
import { lines, listed } from "./phrasing.ts";
import { vignetteSlots, vignetteWording } from "./vignette.ts";

const wording = vignetteWording(
  "compare",
  "Which is likelier, {pair}? Reply in three lines:\nLikelier: one disease\n" +
    "For: two findings that only this disease explains\nShared: one finding that both explain",
);

/** Which of two diseases is likelier, and which findings tell them apart. */
export const reasoningCompare: Family = {
  id: "reasoning-compare",
  capability: "reasoning",
  version: 1,
  propose(source, random) {
    const clinical = drawCase(source, random, 3);
    if (clinical === undefined) return undefined;
    const two = clinical.discriminating.slice(0, 2);
    const pair = listed(
      random.shuffle([clinical.disease, clinical.runnerUp]).map(displayName),
      "or",
    );
    return {
      key: caseKey(clinical),
      wording,
      slots: { ...vignetteSlots(clinical, random), pair },
      reference: lines([
        ["Likelier", displayName(clinical.disease)],
        ["For", two.map(displayName).join(", ")],
        ["Shared", displayName(clinical.shared[0]!)],
      ]),
      checks: [
        names("reasoning", line("Likelier"), [clinical.disease]),
        names("reasoning", line("For"), clinical.discriminating, 2),
        names("reasoning", line("Shared"), clinical.shared, 1),
        findingFact(clinical, line("For"), 2),
        { kind: "labels", capability: "instruction", labels: ["Likelier", "For", "Shared"] },
        { kind: "words", capability: "instruction", min: 5, max: 30 },
      ],
      claims: claimsOf(clinical),
      clinical,
    };
  },
};
