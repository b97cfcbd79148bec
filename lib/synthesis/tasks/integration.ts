/**
 * Integration tasks: several hops and several constraints at once, with checks in domain, reasoning and instruction.
 */
import { caseKey, claimsOf, drawCase, drugPredicate } from "../case.ts";
import { classesOf } from "./domain.ts";
import { type Family, lines } from "../draft.ts";
import { jsonField, jsonLine } from "./instruction.ts";
import {
  candidatesOf,
  drugFact,
  drugOptions,
  findingFact,
  line,
  names,
  vignetteSlots,
  vignetteWording,
} from "./reasoning.ts";
import { displayName } from "../source.ts";

const jsonWording = vignetteWording(
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
    const clinical = drawCase(source, random, 3);
    if (clinical === undefined) return undefined;
    const drugs = drugOptions(source, clinical, random);
    if (drugs === undefined) return undefined;
    const urgent = clinical.urgent ? "yes" : "no";
    const both = [clinical.disease, clinical.runnerUp];
    return {
      key: caseKey(clinical),
      wording: jsonWording,
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

const hopWording = vignetteWording(
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
    const clinical = drawCase(source, random, 3);
    if (clinical === undefined) return undefined;
    const drugs = drugOptions(source, clinical, random);
    const classes = classesOf(source, clinical.drug);
    if (drugs === undefined || classes.length === 0) return undefined;
    const group = random.pick(classes);
    return {
      key: caseKey(clinical),
      wording: hopWording,
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
