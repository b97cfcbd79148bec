/** Curated facts under verifiable constraints; the form is scored as instruction, the facts as domain. @module */
import { type Entity, mentions } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import type { Check, Where } from "../check.ts";
import { isSayable } from "../confusable.ts";
import type { Family, Wording } from "../draft.ts";
import type { ItemClaim } from "../item.ts";
import { type DiseaseFacts, displayName, isUnambiguous, type Source } from "../source.ts";
import { splitOfFact } from "../split.ts";
import { oncePerSource } from "./memo.ts";
import { constrain, forms, type Statement } from "./constraints.ts";
import { jsonField, line, names } from "./field_checks.ts";
import { capitalised, listed } from "./phrasing.ts";
import { classOf, contraindicationFacts, isOwn } from "./relations.ts";

/** One fact to state about a disease. */
interface Topic extends Statement {
  /** How the prompt asks for it. */
  readonly ask: string;
  /** The claim that it makes. */
  readonly claim: ItemClaim;
  /** What a completion is scored by, where the fact stands there. */
  readonly check: (where: Where, fields: Readonly<Record<string, Where>>) => Check;
}

/** What can be said of a disease and an entity `{x}`. */
const sayings = {
  finding: [
    "A typical finding of {disease} is {x}",
    "{Disease} often shows {x}",
    "{Disease} shows {x}",
  ],
  test: ["Tests that support {disease} show {x}", "A test in {disease} often shows {x}"],
  drug: ["{X} is used for {disease}", "{Disease} is treated with {x}"],
  avoid: ["{X} is harmful in {disease}"],
  class: ["In {disease} a drug of the class {x} is used"],
} as const;

const asks = {
  finding: "one typical finding",
  test: "one typical test result",
  drug: "one drug that treats it",
  avoid: "one drug that is contraindicated in it",
  class: "the pharmacologic class of that drug",
} as const;

function topic(
  label: keyof typeof sayings,
  entity: Entity,
  disease: string,
  claim: ItemClaim,
  check: Topic["check"],
  random: RandomStream,
): Topic {
  const [x, slots] = [displayName(entity), { x: displayName(entity), disease }];
  const sentence = random.pick(sayings[label]).replace("{x}", x).replace("{disease}", disease)
    .replace("{X}", capitalised(slots.x)).replace("{Disease}", capitalised(slots.disease));
  return { label, value: x, sentence, ask: asks[label], claim, check };
}

/** A finding or a test result, the source's own where it has one. */
function findingTopic(
  source: Source,
  { disease, findings }: DiseaseFacts,
  random: RandomStream,
): Topic | undefined {
  const label = random.pick(["finding", "finding", "test"] as const);
  const pool = findings.filter(({ finding, row: { kind } }) =>
    (kind === "test") === (label === "test") && isSayable(source, finding)
  );
  const own = pool.filter((fact) => fact.own);
  if (pool.length === 0) return undefined;
  const { finding } = random.pick(own.length > 0 ? own : pool);
  const claim = { subject: disease.id, predicate: "presents", object: finding.id } as const;
  const results = pool.map((fact) => fact.finding);
  return topic(
    label,
    finding,
    displayName(disease),
    claim,
    (where) =>
      label === "test" ? names("domain", where, results, 1) : {
        kind: "fact",
        capability: "domain",
        where,
        entity: "symptom",
        predicate: "presents",
        side: "object",
        anchor: disease.id,
        count: 1,
      },
    random,
  );
}

/** The drugs that a disease speaks against, as far as the source's split may use them. */
function forbiddenDrugs(source: Source, disease: Entity): readonly Entity[] {
  return oncePerSource(
    source,
    `forbidden in ${disease.id}`,
    () =>
      contraindicationFacts(source).filter(({ subject, object }) => {
        if (object.id !== disease.id) return false;
        const of = splitOfFact({ subject: subject.id, object: object.id });
        return source.split === "test-diseases" || of === source.split || of === "train";
      }).map(({ subject }) => subject),
  );
}

/**
 * A drug for the disease or against it, and the class of the one for it where that is known. Running text in which a drug is
 * "contraindicated" reads as if the drug were denied: there only drugs for the disease are asked for.
 */
function drugTopics(
  source: Source,
  facts: DiseaseFacts,
  inText: boolean,
  random: RandomStream,
): Topic[] {
  const { disease, drugs } = facts;
  const name = displayName(disease);
  const avoided = inText ? [] : forbiddenDrugs(source, disease);
  const treating = drugs.filter(({ row: { role } }) => role !== "symptom relief");
  const fact = (predicate: "treats" | "contraindicated") => (where: Where): Check => ({
    kind: "fact",
    capability: "domain",
    where,
    entity: "drug",
    predicate,
    side: "subject",
    anchor: disease.id,
    count: 1,
  });
  if (avoided.length > 0 && (treating.length === 0 || random.next() < 0.4)) {
    const drug = random.pick(avoided);
    const claim = { subject: drug.id, predicate: "contraindicated", object: disease.id } as const;
    return [topic("avoid", drug, name, claim, fact("contraindicated"), random)];
  }
  if (treating.length === 0) return [];
  const own = treating.filter((one) => one.own);
  const { drug } = random.pick(own.length > 0 ? own : treating);
  const claim = { subject: drug.id, predicate: "treats", object: disease.id } as const;
  const first = topic("drug", drug, name, claim, fact("treats"), random);
  const group = classOf(source, drug.id);
  // Penicillins are a class, and penicillin a drug: such a name would count as both.
  const usable = group !== undefined &&
    mentions(source.knowledge, displayName(group)).length === 1 &&
    (source.split === "test-diseases" || source.split === "test" ||
      splitOfFact({ subject: group.id, object: drug.id }) === source.split);
  if (!usable || random.next() < 0.5) return [first];
  const includes = { subject: group.id, predicate: "includes", object: drug.id } as const;
  return [
    first,
    topic("class", group, name, includes, (where, fields) => ({
      kind: "link",
      capability: "domain",
      subject: { where, entity: "class" },
      predicate: "includes",
      object: {
        where: fields["drug"] ?? where,
        entity: "drug",
        predicate: "treats",
        anchor: disease.id,
      },
    }), random),
  ];
}

const wording: Wording = {
  id: "constrained",
  train: [
    "Write about {disease}: {topics}. {constraints}",
    "Disease: {disease}. State {topics}. {constraints}",
    "{constraints} Subject: {disease}. Content: {topics}.",
    "What does one need to know of {disease}? State {topics}. {constraints}",
    "Keep to these rules. {constraints} Now state, for {disease}, {topics}.",
  ],
  heldOut: [
    "Give these facts about {disease}: {topics}. {constraints}",
    "A leaflet on {disease} has room for {topics}. Fill it in. {constraints}",
    "Someone asks you about {disease} and wants {topics}. Your answer has a form: {constraints}",
  ],
};

/** Two or three facts about a disease under two to four constraints. */
export const instructionAnswer: Family = {
  id: "instruction-answer",
  capability: "instruction",
  version: 2,
  propose(source, random) {
    const facts = random.pick(source.diseases);
    const { disease } = facts;
    const form = random.pick(forms);
    const inText = form === "sentences" || form === "bullets";
    const finding = findingTopic(source, facts, random);
    const topics = [
      ...finding === undefined ? [] : [finding],
      ...drugTopics(source, facts, inText, random),
    ];
    if (topics.length < 2 || !isUnambiguous(source.knowledge, disease)) return [];
    if (!topics.some(({ claim }) => isOwn(source, claim))) return [];
    const { text, constraints } = constrain(topics, displayName(disease), form, random);
    const where = (label: string): Where => {
      if (inText) return { format: "text" };
      return form === "json" ? jsonField(label) : line(capitalised(label));
    };
    const fields = Object.fromEntries(topics.map(({ label }) => [label, where(label)]));
    return [{
      key: [
        "answer",
        disease.id,
        ...topics.flatMap(({ claim }) => [claim.subject, claim.object]).sort(),
      ],
      wording,
      slots: {
        disease: displayName(disease),
        topics: listed(topics.map(({ ask }) => ask)),
        constraints: constraints.map(({ say }) => say).join(" "),
      },
      reference: text,
      checks: [
        ...constraints.map(({ check }) => check),
        ...topics.map(({ label, check }) => check(where(label), fields)),
      ],
      claims: topics.map(({ claim }) => claim),
    }];
  },
};
