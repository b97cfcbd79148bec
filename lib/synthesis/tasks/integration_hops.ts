/** From a vignette over what speaks against it to the diagnosis, its drug and the drug's class, in a strict form. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { caseKey, casesOf, claimsOf, drugPredicate, patientOf } from "../case.ts";
import { drawFirst } from "../case_group.ts";
import { type Family, wordingOf } from "../draft.ts";
import { factUse } from "../fact_use.ts";
import { displayName, type DrugFact, type Source } from "../source.ts";
import { decision, line, names } from "./field_checks.ts";
import { lines } from "./phrasing.ts";
import { showGroup } from "./vignette.ts";

const labels = ["Against", "Diagnosis", "Drug", "Class"] as const;

const wording = wordingOf(
  "hops",
  {
    train: [
      "{patient} Is it {candidates}? Drugs: {drugs}.",
      "Go from the patient to a disease ({candidates}) and on to a drug ({drugs}) and its class. {patient}",
      "{patient} Name the disease ({candidates}), then its drug ({drugs}), then the class of that drug.",
      "Diagnoses: {allCandidates}. Drugs: {allDrugs}. {patient}",
    ],
    heldOut: [
      "{patient} A pharmacist asks what is treated, {candidates}, and with which of {allDrugs}.",
      "Three steps lead from this case to a class of drugs, by way of one disease of {allCandidates}, and one drug of {allDrugs}. {patient}",
      "{patient} Settle whether this is {candidates}, and pick from {allDrugs} accordingly.",
    ],
  },
  " Reply in four lines without commas:\nAgainst: the disease against which the absent finding speaks\n" +
    "Diagnosis: one disease\nDrug: one drug for it\nClass: a pharmacologic class of this drug",
);

/** The classes of a drug that the split may name. */
const classesOf = (source: Source, { drug }: DrugFact): readonly Entity[] =>
  (source.classes.get(drug.id) ?? []).filter((group) =>
    factUse(source, { subject: group.id, object: drug.id }) !== undefined
  );

/** Vignette to diagnosis, drug and the drug's class, in four short lines without commas. */
export const integrationHops: Family = {
  id: "integration-hops",
  capability: "integration",
  version: 2,
  propose(source, random) {
    const common = {
      shared: 0,
      drugs: (fact: DrugFact) => classesOf(source, fact).length > 0,
    };
    const group = drawFirst(source, random, [{ size: 3, ...common }, { size: 2, ...common }]);
    if (group === undefined) return [];
    const classes = group.drugs.map((fact) => classesOf(source, fact));
    const cases = casesOf(group);
    const { diseases, drugs, drugAt, slots, patients } = showGroup(source, group, cases, random);
    return cases.map((clinical, i) => {
      const { deniedOf } = patientOf(clinical);
      const [disease, drug] = [diseases[i]!, drugs[drugAt[i]!]!];
      const pharmacologic = random.pick(classes[i]!);
      return {
        key: caseKey(clinical),
        wording,
        slots: { ...slots, patient: patients[i]! },
        reference: lines([
          ["Against", displayName(diseases[deniedOf]!)],
          ["Diagnosis", displayName(disease)],
          ["Drug", displayName(drug)],
          ["Class", displayName(pharmacologic)],
        ]),
        checks: [
          { kind: "labels", capability: "instruction", labels },
          { kind: "no_commas", capability: "instruction" },
          { kind: "words", capability: "instruction", min: 8, max: 30 },
          names("reasoning", line("Against"), [diseases[deniedOf]!]),
          names("reasoning", line("Diagnosis"), [disease]),
          names("domain", line("Drug"), [drug]),
          {
            kind: "link",
            capability: "domain",
            subject: { where: line("Class"), entity: "class" },
            predicate: "includes",
            object: {
              where: line("Drug"),
              entity: "drug",
              predicate: drugPredicate(group.drugs[i]!),
              anchor: disease.id,
            },
          },
        ],
        claims: [
          ...claimsOf(source, clinical),
          { subject: pharmacologic.id, predicate: "includes", object: drug.id },
        ],
        decisions: [
          decision(line("Against"), diseases, deniedOf),
          decision(line("Diagnosis"), diseases, i),
          decision(line("Drug"), drugs, drugAt[i]!),
        ],
        evidence: patients[i]!,
        clinical,
      };
    });
  },
};
