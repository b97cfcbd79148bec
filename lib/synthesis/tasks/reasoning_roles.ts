/** The roles of drugs in a disease: disease-modifying, symptomatic, not indicated. @module */
import type { Claim, Entity } from "../../knowledge/mod.ts";
import type { Family, Wording } from "../draft.ts";
import { displayName } from "../source.ts";
import { line, names } from "./field_checks.ts";
import { lines, listed } from "./phrasing.ts";

const roles = [
  ["Disease-modifying", "treats", "treats"],
  ["Symptomatic", "palliates", "palliates"],
  ["Not indicated", "notIndicated", "not_indicated"],
] as const;

const wording: Wording = {
  id: "roles",
  train: [
    "Which role does each of these drugs have in {disease}: {drugs}? Reply in {count} lines:\n{form}",
    "Disease: {disease}. Drugs: {drugs}. Put each drug in its role. Reply in {count} lines:\n{form}",
  ],
  heldOut: [
    "For a patient with {disease}, sort the drugs {drugs} by role. Reply in {count} lines:\n{form}",
  ],
};

/** Disease-modifying, symptomatic or not indicated: one drug of each role that the disease has. */
export const reasoningRoles: Family = {
  id: "reasoning-roles",
  capability: "reasoning",
  version: 1,
  propose(source, random) {
    const facts = random.pick(source.diseases);
    const parts: { label: string; drug: Entity; claim: Claim }[] = [];
    for (const [label, list, predicate] of roles) {
      const drugs = facts[list].filter((drug) =>
        roles.filter(([, other]) => facts[other].includes(drug)).length === 1
      );
      if (drugs.length === 0) continue;
      const drug = random.pick(drugs);
      parts.push({ label, drug, claim: { subject: drug.id, predicate, object: facts.disease.id } });
    }
    if (parts.length < 2) return undefined;
    return {
      key: ["roles", facts.disease.id],
      wording,
      slots: {
        disease: displayName(facts.disease),
        drugs: listed(random.shuffle(parts).map(({ drug }) => displayName(drug))),
        count: parts.length === 2 ? "two" : "three",
        form: parts.map(({ label }) => `${label}: one drug`).join("\n"),
      },
      reference: lines(parts.map(({ label, drug }) => [label, displayName(drug)] as const)),
      checks: [
        ...parts.map(({ label, drug }) => names("reasoning", line(label), [drug])),
        { kind: "labels", capability: "instruction", labels: parts.map(({ label }) => label) },
        { kind: "words", capability: "instruction", min: 3, max: 20 },
      ],
      claims: parts.map(({ claim }) => claim),
    };
  },
};
