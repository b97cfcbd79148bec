/** A whole case as one JSON object, with checks in domain, reasoning and instruction. @module */
import { caseKey, claimsOf } from "../case.ts";
import type { Family } from "../draft.ts";
import { displayName } from "../source.ts";
import { drugFact, findingFact, jsonField, names } from "./field_checks.ts";
import { jsonLine } from "./phrasing.ts";
import { candidatesOf, drawTreatable, vignetteSlots, vignetteWording } from "./vignette.ts";

const wording = vignetteWording(
  "json-case",
  'Is it {candidates}? Drugs: {drugs}. Reply with one JSON object only, with the keys "differential" (list of the two ' +
    'best diseases), "because" (list of two findings that the second does not explain), "diagnosis", "drug" ' +
    '(one {role} drug) and "urgent" ("yes" for red flags such as bleeding, paralysis or unconsciousness, else "no").',
);

/** Vignette to a JSON object: differential, reasons, diagnosis, drug, urgency. */
export const integrationJson: Family = {
  id: "integration-json",
  capability: "integration",
  version: 1,
  propose(source, random) {
    const drawn = drawTreatable(source, random);
    if (drawn === undefined) return undefined;
    const { clinical, drugs } = drawn;
    const urgent = clinical.urgent ? "yes" : "no";
    const both = [clinical.disease, clinical.runnerUp];
    return {
      key: caseKey(clinical),
      wording,
      slots: { ...vignetteSlots(clinical, random), drugs },
      reference: jsonLine([
        ["differential", both.map(displayName)],
        ["because", clinical.discriminating.slice(0, 2).map(displayName)],
        ["diagnosis", displayName(clinical.disease)],
        ["drug", displayName(clinical.drug)],
        ["urgent", urgent],
      ]),
      checks: [
        {
          kind: "json",
          capability: "instruction",
          keys: [
            { key: "differential", type: "array" },
            { key: "because", type: "array" },
            { key: "diagnosis", type: "string" },
            { key: "drug", type: "string" },
            { key: "urgent", type: "string" },
          ],
        },
        { kind: "words", capability: "instruction", min: 8, max: 40 },
        names("reasoning", jsonField("differential"), both),
        names("reasoning", jsonField("because"), clinical.discriminating, 2),
        names("reasoning", jsonField("diagnosis"), [clinical.disease]),
        {
          kind: "subset",
          capability: "reasoning",
          inner: jsonField("diagnosis"),
          outer: jsonField("differential"),
          entity: "disease",
          among: candidatesOf(clinical),
        },
        {
          kind: "value",
          capability: "reasoning",
          where: jsonField("urgent"),
          expected: urgent,
          allowed: ["yes", "no"],
        },
        findingFact(clinical, jsonField("because"), 2),
        drugFact(clinical, jsonField("drug")),
      ],
      claims: claimsOf(clinical),
      clinical,
    };
  },
};
