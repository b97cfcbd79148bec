/** Which of several drugs for a disease is left when the patient's other conditions speak against the others. @module */
import type { Entity } from "../../knowledge/mod.ts";
import { drugPredicate } from "../case.ts";
import { type ContraindicationGroup, drawContraindications } from "../contraindication_case.ts";
import { type Family, type Variants, wordingOf } from "../draft.ts";
import type { ItemClaim } from "../item.ts";
import { displayName } from "../source.ts";
import { decision, line, names } from "./field_checks.ts";
import { capitalised, lines, listed } from "./phrasing.ts";
import { personWords } from "./vignette.ts";

const starts: Variants = {
  train: [
    "{Person} has {disease}. {patient} Drugs for {disease}: {drugs}.",
    "For {disease} one may give {drugs}. {Person} needs one of them. {patient}",
    "{patient} This is {person} with {disease}, to be treated with {drugs}.",
    "Choose safely from {allDrugs} for {disease} in {person}. {patient}",
  ],
  heldOut: [
    "{Person} is to start a drug against {disease}: {drugs}. {patient}",
    "A prescription of {drugs} for {disease} has to be checked. The patient is {person}. {patient}",
    "{patient} The same patient, {person}, also has {disease}, for which {allDrugs} are stocked.",
  ],
};

const wordings = {
  2: wordingOf(
    "contraindication",
    starts,
    " Reply in three lines:\nAvoid: one drug\nBecause: what speaks against it\nGive: the other drug",
  ),
  3: wordingOf(
    "contraindications",
    starts,
    " Reply in three lines:\nAvoid: two drugs\nBecause: what speaks against them\nGive: the drug that is left",
  ),
} as const;

/** Sentences on what else the patient has, which alone decide. */
const tellings: readonly ((conditions: string) => string)[] = [
  (conditions) => `Other entries in the record: ${conditions}.`,
  (conditions) => `The history lists ${conditions}.`,
  (conditions) => `Known conditions: ${conditions}.`,
];

/** What a patient's answer rests on: the drugs that are barred, the one that is not, and that nothing else bars any. */
function claimsOf({ facts, drugs, neutral }: ContraindicationGroup, given: number): ItemClaim[] {
  const against = (drug: Entity, condition: Entity): ItemClaim => ({
    subject: drug.id,
    predicate: "contraindicated",
    object: condition.id,
  });
  const denied = (drug: Entity, condition: Entity): ItemClaim => ({
    ...against(drug, condition),
    denied: "not listed",
  });
  const barred = drugs.filter((_, i) => i !== given);
  const own = drugs[given]!.fact.drug;
  return [
    ...drugs.map(({ fact }): ItemClaim => ({
      subject: fact.drug.id,
      predicate: drugPredicate(fact),
      object: facts.disease.id,
    })),
    ...barred.map(({ fact, condition }) => against(fact.drug, condition)),
    ...barred.map(({ condition }) => denied(own, condition)),
    ...drugs.map(({ fact }) => denied(fact.drug, neutral)),
  ];
}

/** Avoid, because, give: two or three drugs, of which the patient's other conditions leave one. */
export const reasoningContraindication: Family = {
  id: "reasoning-contraindication",
  capability: "reasoning",
  version: 1,
  propose(source, random) {
    const three = random.next() < 0.4 ? drawContraindications(source, random, 3) : undefined;
    const group = three ?? drawContraindications(source, random, 2);
    if (group === undefined) return [];
    const { facts } = group;
    const drugs = group.drugs.map(({ fact }) => fact.drug);
    const tell = random.pick(tellings);
    const { person, article } = personWords(group);
    const words = `${article} ${group.age}-year-old ${person}`;
    return drugs.map((given, i) => {
      const barred = group.drugs.filter((_, j) => j !== i);
      const conditions = barred.map(({ condition }) => condition);
      const patient = tell(
        listed(random.shuffle([...conditions, group.neutral]).map(displayName)),
      );
      const avoided = barred.map(({ fact }) => fact.drug);
      const two = drugs.length === 2;
      return {
        key: [
          "contraindication",
          facts.disease.id,
          ...drugs.map(({ id }) => id).sort(),
          ...[...conditions, group.neutral].map(({ id }) => id).sort(),
        ],
        wording: wordings[two ? 2 : 3],
        slots: {
          person: words,
          Person: capitalised(words),
          disease: displayName(facts.disease),
          drugs: listed(drugs.map(displayName), "or"),
          allDrugs: listed(drugs.map(displayName)),
          patient,
        },
        reference: lines([
          ["Avoid", avoided.map(displayName).join(", ")],
          ["Because", conditions.map(displayName).join(", ")],
          ["Give", displayName(given)],
        ]),
        checks: [
          names("reasoning", line("Give"), [given]),
          names("domain", line("Avoid"), avoided),
          names("domain", line("Because"), conditions),
          { kind: "labels", capability: "instruction", labels: ["Avoid", "Because", "Give"] },
          { kind: "words", capability: "instruction", min: 3, max: 30 },
        ],
        claims: claimsOf(group, i),
        decisions: [
          ...(two ? [decision(line("Avoid"), drugs, 1 - i)] : []),
          decision(line("Give"), drugs, i),
        ],
        evidence: patient,
      };
    });
  },
};
