/** Two hops from a vignette, to the drug and on to its class, in a strict form. @module */
import { caseKey, claimsOf, drugPredicate } from "../case.ts";
import type { Family } from "../draft.ts";
import { displayName } from "../source.ts";
import { drugFact, line, names } from "./field_checks.ts";
import { lines } from "./phrasing.ts";
import { drawTreatable, vignetteSlots, vignetteWording } from "./vignette.ts";

const wording = vignetteWording(
  "two-hop",
  "Is it {candidates}? Drugs: {drugs}. Reply in four lines without commas:\nBecause: two findings that point to it\n" +
    "Diagnosis: one disease\nDrug: one {role} drug\nClass: a pharmacologic class of this drug",
);

/** Vignette to diagnosis, drug and the drug's class, in four short lines without commas. */
export const integrationHops: Family = {
  id: "integration-hops",
  capability: "integration",
  version: 1,
  propose(source, random) {
    const drawn = drawTreatable(source, random);
    if (drawn === undefined) return undefined;
    const { clinical, drugs } = drawn;
    const classes = source.classes.get(clinical.drug.id) ?? [];
    if (classes.length === 0) return undefined;
    const group = random.pick(classes);
    return {
      key: caseKey(clinical),
      wording,
      slots: { ...vignetteSlots(clinical, random), drugs },
      reference: lines([
        ["Because", clinical.discriminating.slice(0, 2).map(displayName).join(" and ")],
        ["Diagnosis", displayName(clinical.disease)],
        ["Drug", displayName(clinical.drug)],
        ["Class", displayName(group)],
      ]),
      checks: [
        {
          kind: "labels",
          capability: "instruction",
          labels: ["Because", "Diagnosis", "Drug", "Class"],
        },
        { kind: "no_commas", capability: "instruction" },
        { kind: "words", capability: "instruction", min: 8, max: 30 },
        names("reasoning", line("Because"), clinical.discriminating, 2),
        names("reasoning", line("Diagnosis"), [clinical.disease]),
        drugFact(clinical, line("Drug")),
        {
          kind: "link",
          capability: "domain",
          subject: { where: line("Class"), entity: "class" },
          predicate: "includes",
          object: {
            where: line("Drug"),
            entity: "drug",
            predicate: drugPredicate(clinical),
            anchor: clinical.disease.id,
          },
        },
      ],
      claims: [...claimsOf(clinical), {
        subject: group.id,
        predicate: "includes",
        object: clinical.drug.id,
      }],
      clinical,
    };
  },
};
