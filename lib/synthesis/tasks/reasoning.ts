/**
 * Reasoning tasks: from a vignette to a diagnosis in explicit steps, the comparison of two diseases, and the roles
 * of drugs. Diagnosis and steps are scored as reasoning, the facts used as domain, the form as instruction.
 */
import type { Claim, Entity } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import {
  caseKey,
  claimsOf,
  type ClinicalCase,
  drawCase,
  drugPredicate,
  findingsOf,
  isSupported,
} from "../case.ts";
import type { Check, CheckedCapability, Where } from "../check.ts";
import { type Family, lines, listed, type Wording } from "../draft.ts";
import { displayName, shareWord, type Source } from "../source.ts";

/** The labelled line of that name. */
export function line(field: string): Where {
  return { format: "line", field };
}

/** A check that a field names `count` of these entities, all of one kind. */
export function names(
  capability: CheckedCapability,
  where: Where,
  accepted: readonly Entity[],
  count: number = accepted.length,
): Check {
  return {
    kind: "entities",
    capability,
    where,
    entity: accepted[0]!.kind,
    accepted: accepted.map((entity) => entity.id),
    count,
  };
}

/** Ids of the diseases that the question offers. */
export function candidatesOf(clinical: ClinicalCase): string[] {
  return [clinical.disease.id, clinical.runnerUp.id, clinical.distant.id];
}

/** A check that a field names a drug in the case's role for its disease. */
export function drugFact(clinical: ClinicalCase, where: Where): Check {
  return {
    kind: "fact",
    capability: "domain",
    where,
    entity: "drug",
    predicate: drugPredicate(clinical),
    side: "subject",
    anchor: clinical.disease.id,
    count: 1,
  };
}

/** A check that a field names findings that the diagnosed disease causes. */
export function findingFact(clinical: ClinicalCase, where: Where, count: number): Check {
  return {
    kind: "fact",
    capability: "domain",
    where,
    entity: "symptom",
    predicate: "presents",
    side: "object",
    anchor: clinical.disease.id,
    count,
  };
}

/** Two drugs to choose from: the case's own and one that the graph knows no use of in its disease. */
export function drugOptions(
  source: Source,
  clinical: ClinicalCase,
  random: RandomStream,
): string | undefined {
  const disease = clinical.disease.id;
  const refused = source.facts.get(disease)?.notIndicated ?? [];
  const pool = refused.length > 0 && random.next() < 0.5 ? refused : source.pools.drug;
  for (let attempt = 0; attempt < 10; attempt++) {
    const other = random.pick(pool);
    if (other.id === clinical.drug.id || shareWord(other.name, clinical.drug.name)) continue;
    if (
      isSupported(source, other.id, "treats", disease) ||
      isSupported(source, other.id, "palliates", disease)
    ) continue;
    return listed(random.shuffle([clinical.drug, other]).map(displayName), "or");
  }
  return undefined;
}

/** Slots that every vignette has: findings, absent finding, candidates, role. */
export function vignetteSlots(
  clinical: ClinicalCase,
  random: RandomStream,
): Record<string, string> {
  return {
    findings: listed(random.shuffle(findingsOf(clinical)).map(displayName)),
    absent: displayName(clinical.absent),
    candidates: listed(
      random.shuffle([clinical.disease, clinical.runnerUp, clinical.distant]).map(displayName),
      "or",
    ),
    role: clinical.role,
  };
}

/** Openings of a vignette; the last one is held out. */
export const openings = {
  train: [
    "A patient has {findings}, but no {absent}. ",
    "Present: {findings}. Absent: {absent}. ",
    "Case: the patient reports {findings} and denies {absent}. ",
  ],
  heldOut: ["On examination there is {findings}, without {absent}. "],
} as const;

/** A wording: every opening, followed by the question. */
export function vignetteWording(id: string, question: string): Wording {
  return {
    id,
    train: openings.train.map((opening) => opening + question),
    heldOut: openings.heldOut.map((opening) => opening + question),
  };
}

const diagnosisWording = vignetteWording(
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
    const clinical = drawCase(source, random, 3);
    if (clinical === undefined) return undefined;
    const drugs = drugOptions(source, clinical, random);
    if (drugs === undefined) return undefined;
    const findings = findingsOf(clinical);
    const two = clinical.discriminating.slice(0, 2);
    const show = (entities: readonly Entity[]): string => entities.map(displayName).join(", ");
    return {
      key: caseKey(clinical),
      wording: diagnosisWording,
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

const compareWording = vignetteWording(
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
      wording: compareWording,
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

const roles = [
  ["Disease-modifying", "treats", "treats"],
  ["Symptomatic", "palliates", "palliates"],
  ["Not indicated", "notIndicated", "not_indicated"],
] as const;

const rolesWording: Wording = {
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
      wording: rolesWording,
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
