/**
 * Domain tasks: facts of the graph, asked with four options (MMLU's format) or for a short open answer.
 */
import {
  ancestorsOf,
  type Claim,
  descendantsOf,
  type Entity,
  objectsOf,
  type Predicate,
} from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { isSupported } from "../case.ts";
import type { Check } from "../check.ts";
import type { Family, Wording } from "../draft.ts";
import { displayName, isPlainName, shareWord, type Source } from "../source.ts";

/** A kind of question: which side of which claim is asked for. */
interface Relation {
  readonly id: string;
  readonly predicate: Predicate;
  readonly side: "subject" | "object";
  readonly asks: Entity["kind"];
  /** Entities that can be asked about, and the supported answers with usable names. */
  readonly anchors: (source: Source) => readonly Entity[];
  readonly answers: (source: Source, anchor: Entity) => readonly Entity[];
  readonly choice: Wording;
  readonly open?: Wording;
}

const lettered = "\n{options}\nReply in the form: Answer: letter. text";
const brief = " Reply in one line: Answer: {what}";

function wording(
  id: string,
  train: readonly string[],
  heldOut: readonly string[],
  tail: string,
): Wording {
  const add = (text: string): string => text + tail;
  return { id, train: train.map(add), heldOut: heldOut.map(add) };
}

function both(
  id: string,
  what: string,
  train: readonly string[],
  heldOut: readonly string[],
  open: {
    train: readonly string[];
    heldOut: readonly string[];
  },
): { choice: Wording; open: Wording } {
  return {
    choice: wording(`choice-${id}`, train, heldOut, lettered),
    open: wording(`open-${id}`, open.train, open.heldOut, brief.replace("{what}", what)),
  };
}

const diseases = (source: Source): readonly Entity[] =>
  source.diseases.map((facts) => facts.disease);
const genericDisease =
  /^(disease|syndrome|.* system disease|genetic disease|monogenic disease|physical disorder)$/i;

const relations: readonly Relation[] = [
  {
    id: "symptom",
    predicate: "presents",
    side: "object",
    asks: "symptom",
    anchors: diseases,
    answers: (source, anchor) => source.facts.get(anchor.id)?.symptoms ?? [],
    ...both(
      "symptom",
      "symptom",
      ["Which of these is a symptom of {anchor}?", "Which finding does {anchor} cause?"],
      ["A patient has {anchor}. Which symptom fits?"],
      {
        train: ["Name one symptom of {anchor}.", "What is a typical symptom of {anchor}?"],
        heldOut: ["Give a finding that {anchor} can cause."],
      },
    ),
  },
  {
    id: "drug",
    predicate: "treats",
    side: "subject",
    asks: "drug",
    anchors: diseases,
    answers: (source, anchor) => source.facts.get(anchor.id)?.treats ?? [],
    ...both(
      "drug",
      "drug",
      ["Which of these drugs treats {anchor}?", "Which drug is disease-modifying in {anchor}?"],
      ["A patient has {anchor}. Which drug treats it?"],
      {
        train: ["Name one drug that treats {anchor}.", "Which drug is used to treat {anchor}?"],
        heldOut: ["Give a disease-modifying drug for {anchor}."],
      },
    ),
  },
  {
    id: "site",
    predicate: "localizes",
    side: "object",
    asks: "anatomy",
    anchors: diseases,
    answers: (source, anchor) => source.facts.get(anchor.id)?.sites ?? [],
    ...both(
      "site",
      "body part",
      ["Where is {anchor} located?", "Which of these body parts does {anchor} affect?"],
      ["A patient has {anchor}. Which body part is affected?"],
      {
        train: [
          "Name one body part that {anchor} affects.",
          "Where in the body is {anchor} located?",
        ],
        heldOut: ["Give an anatomical site of {anchor}."],
      },
    ),
  },
  {
    id: "class",
    predicate: "includes",
    side: "subject",
    asks: "class",
    anchors: (source) => source.pools.drug,
    answers: classesOf,
    ...both(
      "class",
      "class",
      [
        "To which pharmacologic class does {anchor} belong?",
        "What is the class of the drug {anchor}?",
      ],
      ["A patient takes {anchor}. Which class of drug is this?"],
      {
        train: ["Name the pharmacologic class of {anchor}.", "What class of drug is {anchor}?"],
        heldOut: ["Give the class that the drug {anchor} belongs to."],
      },
    ),
  },
  {
    id: "is_a",
    predicate: "is_a",
    side: "object",
    asks: "disease",
    anchors: (source) => source.pools.disease,
    answers: (source, anchor) =>
      objectsOf(source.knowledge, anchor.id, "is_a").filter((parent) =>
        parent.id !== anchor.id && isPlainName(parent.name) && !genericDisease.test(parent.name)
      ),
    ...both(
      "is_a",
      "disease",
      ["Of which disease is {anchor} a kind?", "What kind of disease is {anchor}?"],
      ["A patient has {anchor}. Under which broader disease does it fall?"],
      {
        train: [
          "Name a broader disease of which {anchor} is a kind.",
          "What kind of disease is {anchor}?",
        ],
        heldOut: ["Give the broader disease that {anchor} falls under."],
      },
    ),
  },
];

const definition: Wording = wording(
  "choice-definition",
  ["Which disease is this? {definition}", "Name the disease with this definition: {definition}"],
  ["Choose the disease that is defined so: {definition}"],
  lettered,
);

const classIndex = new WeakMap<Source, Map<string, Entity[]>>();

/** The usable classes of a drug. */
export function classesOf(source: Source, drug: Entity): readonly Entity[] {
  let index = classIndex.get(source);
  if (index === undefined) {
    index = new Map();
    for (const group of source.pools.class) {
      for (const member of objectsOf(source.knowledge, group.id, "includes")) {
        const list = index.get(member.id);
        if (list === undefined) index.set(member.id, [group]);
        else list.push(group);
      }
    }
    classIndex.set(source, index);
  }
  return index.get(drug.id) ?? [];
}

/** The claim that an answer makes about an anchor. */
function claimOf(relation: Relation, anchor: Entity, answer: Entity): Claim {
  return relation.side === "object"
    ? { subject: anchor.id, predicate: relation.predicate, object: answer.id }
    : { subject: answer.id, predicate: relation.predicate, object: anchor.id };
}

/**
 * Three wrong options: of the kind of the answer, not supported for the anchor in any role, and in name, synonym and
 * is-a relation far from the anchor and every supported answer.
 */
function distractors(
  source: Source,
  relation: Relation,
  anchor: Entity,
  answers: readonly Entity[],
  random: RandomStream,
): Entity[] | undefined {
  const chosen: Entity[] = [];
  const pool = source.pools[relation.asks];
  for (let attempt = 0; attempt < 60 && chosen.length < 3; attempt++) {
    const other = random.pick(pool);
    if (other.id === anchor.id || answers.some((answer) => answer.id === other.id)) continue;
    if ([anchor, ...answers, ...chosen].some((entity) => namesOverlap(entity, other))) continue;
    if (isRight(source, relation, anchor, other)) continue;
    if (
      relation.asks === "disease" &&
      [anchor, ...answers].some((entity) => isRelated(source, entity, other))
    ) continue;
    chosen.push(other);
  }
  return chosen.length === 3 ? chosen : undefined;
}

function isRight(source: Source, relation: Relation, anchor: Entity, other: Entity): boolean {
  const predicates: readonly Predicate[] = relation.predicate === "treats"
    ? ["treats", "palliates"]
    : [relation.predicate];
  return predicates.some((predicate) => {
    const claim = claimOf({ ...relation, predicate }, anchor, other);
    return isSupported(source, claim.subject, claim.predicate, claim.object);
  });
}

function namesOverlap(a: Entity, b: Entity): boolean {
  return [a.name, ...a.synonyms].some((name) =>
    [b.name, ...b.synonyms].some((other) => shareWord(name, other))
  );
}

function isRelated(source: Source, a: Entity, b: Entity): boolean {
  return ancestorsOf(source.knowledge, a.id).has(b.id) ||
    descendantsOf(source.knowledge, a.id).has(b.id);
}

/** Options in a random order as MMLU prints them, with the letter of the answer. */
function arrange(answer: Entity, wrong: readonly Entity[], random: RandomStream): {
  letter: "A" | "B" | "C" | "D";
  options: string[];
  text: string;
} {
  const letters = ["A", "B", "C", "D"] as const;
  const order = random.shuffle([answer, ...wrong]);
  const options = order.map(displayName);
  return {
    letter: letters[order.indexOf(answer)]!,
    options,
    text: options.map((option, i) => `${letters[i]}. ${option}`).join("\n"),
  };
}

function choiceChecks(letter: "A" | "B" | "C" | "D", options: readonly string[]): Check[] {
  return [
    { kind: "choice", capability: "domain", letter, options },
    { kind: "labels", capability: "instruction", labels: ["Answer"] },
    { kind: "words", capability: "instruction", min: 2, max: 12 },
  ];
}

/** First sentence of a definition in plain words, where it is short and does not give the name away. */
function plainDefinition(disease: Entity): string | undefined {
  const sentence = disease.definition?.split(/(?<=\w)\.(?:\s|$)/)[0]?.replaceAll("_", " ").replace(
    /\s+/g,
    " ",
  ).trim();
  if (sentence === undefined || sentence.length < 40) return undefined;
  if (sentence.split(" ").length > 30 || shareWord(sentence, disease.name)) return undefined;
  return sentence + ".";
}

/** Four-option questions: symptom of, treated by, located in, class of, is a, definition. */
export const domainChoice: Family = {
  id: "domain-choice",
  capability: "domain",
  version: 1,
  propose(source, random) {
    const kind = random.integer(relations.length + 1);
    const relation = relations[kind] ?? relations[relations.length - 1]!;
    const byDefinition = kind === relations.length;
    const anchor = random.pick(relation.anchors(source));
    const answers = byDefinition ? [anchor] : relation.answers(source, anchor);
    const text = byDefinition ? plainDefinition(anchor) : "";
    if (answers.length === 0 || text === undefined) return undefined;
    const answer = random.pick(answers);
    if (!byDefinition && shareWord(answer.name, anchor.name)) return undefined;
    const wrong = distractors(source, relation, anchor, answers, random);
    if (wrong === undefined) return undefined;
    const { letter, options, text: printed } = arrange(answer, wrong, random);
    return {
      key: [byDefinition ? "definition" : relation.id, anchor.id],
      wording: byDefinition ? definition : relation.choice,
      slots: { anchor: displayName(anchor), options: printed, definition: text },
      reference: `Answer: ${letter}. ${displayName(answer)}`,
      checks: choiceChecks(letter, options),
      claims: byDefinition ? [] : [claimOf(relation, anchor, answer)],
    };
  },
};

/** Short open questions: any answer that the graph supports is right. */
export const domainOpen: Family = {
  id: "domain-open",
  capability: "domain",
  version: 1,
  propose(source, random) {
    const relation = random.pick(relations);
    const anchor = random.pick(relation.anchors(source));
    const answers = relation.answers(source, anchor);
    if (answers.length === 0 || relation.open === undefined) return undefined;
    const answer = random.pick(answers);
    if (shareWord(answer.name, anchor.name)) return undefined;
    return {
      key: [relation.id, anchor.id],
      wording: relation.open,
      slots: { anchor: displayName(anchor) },
      reference: `Answer: ${displayName(answer)}`,
      checks: [
        {
          kind: "fact",
          capability: "domain",
          where: { format: "line", field: "Answer" },
          entity: relation.asks,
          predicate: relation.predicate,
          side: relation.side,
          anchor: anchor.id,
          count: 1,
        },
        { kind: "labels", capability: "instruction", labels: ["Answer"] },
        { kind: "words", capability: "instruction", min: 2, max: 10 },
      ],
      claims: [claimOf(relation, anchor, answer)],
    };
  },
};
