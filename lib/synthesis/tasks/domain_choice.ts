/** Facts of the graph asked with four options, MMLU's format. @module */
import { ancestorsOf, descendantsOf, type Entity, type Predicate } from "../../knowledge/mod.ts";
import type { RandomStream } from "../../runtime/mod.ts";
import { isSupported } from "../case.ts";
import type { Check } from "../check.ts";
import { type Family, type Variants, wordingOf } from "../draft.ts";
import { displayName, shareWord, type Source } from "../source.ts";
import { claimOf, type Relation, relations } from "./relations.ts";

const form = "\n{options}\nReply in the form: Answer: letter. text";
const letters = ["A", "B", "C", "D"] as const;

/** Questions for the disease that a definition describes. */
const definitions: Variants = {
  train: [
    "Which disease is this? {definition}",
    "Name the disease with this definition: {definition}",
  ],
  heldOut: ["Choose the disease that is defined so: {definition}"],
};

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
  letter: typeof letters[number];
  options: string[];
  text: string;
} {
  const order = random.shuffle([answer, ...wrong]);
  const options = order.map(displayName);
  return {
    letter: letters[order.indexOf(answer)]!,
    options,
    text: options.map((option, i) => `${letters[i]}. ${option}`).join("\n"),
  };
}

function choiceChecks(letter: typeof letters[number], options: readonly string[]): Check[] {
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
    const asked = byDefinition ? "definition" : relation.id;
    return {
      key: [asked, anchor.id],
      wording: wordingOf(`choice-${asked}`, byDefinition ? definitions : relation.choice, form),
      slots: { anchor: displayName(anchor), options: printed, definition: text },
      reference: `Answer: ${letter}. ${displayName(answer)}`,
      checks: choiceChecks(letter, options),
      claims: byDefinition ? [] : [claimOf(relation, anchor, answer)],
    };
  },
};
