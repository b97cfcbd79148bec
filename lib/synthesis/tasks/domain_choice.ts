/** Curated facts asked with four options, MMLU's format: four questions with the same options, each right in one. @module */
import type { Check } from "../check.ts";
import { type Family, type Proposal, wordingOf } from "../draft.ts";
import { type Relation, relations, type Side } from "./relations.ts";
import { drawSquare, type Square, squareClaims } from "./squares.ts";
import { line } from "./field_checks.ts";
import { anchorSlots } from "./phrasing.ts";

const form = "\n{options}\nReply in the form: Answer: letter. text";
const letters = ["A", "B", "C", "D"] as const;

/**
 * Place of each option in each of the four questions: every option stands at every place once, and so does the right one,
 * option i of question i.
 */
const places = [[0, 2, 3, 1], [3, 1, 0, 2], [1, 3, 2, 0], [2, 0, 1, 3]] as const;

function choiceChecks(letter: typeof letters[number], options: readonly string[]): Check[] {
  return [
    { kind: "choice", capability: "domain", letter, options },
    { kind: "labels", capability: "instruction", labels: ["Answer"] },
    { kind: "words", capability: "instruction", min: 2, max: 12 },
  ];
}

/** The question about one anchor of a square. */
function question(square: Square, asked: Side, place: number, order: readonly number[]): Proposal {
  const { relation, facts } = square;
  const given = asked === "object" ? "subject" : "object";
  const { subject, object } = facts[place]!;
  const options: string[] = [];
  for (const [i, fact] of facts.entries()) {
    options[order[places[place]![i]!]!] = relation.write(fact[asked], asked);
  }
  const right = order[places[place]![place]!]!;
  const letter = letters[right]!;
  const text = options.map((option, i) => `${letters[i]}. ${option}`).join("\n");
  return {
    key: ["choice", relation.id, asked, subject.id, object.id],
    wording: wordingOf(`choice-${relation.id}-${asked}`, relation.asks[asked]!, form),
    slots: { ...anchorSlots(relation.write(facts[place]![given], given)), options: text },
    reference: `Answer: ${letter}. ${options[right]}`,
    checks: choiceChecks(letter, options),
    claims: squareClaims(square, place, asked),
    decisions: [{ where: line("Answer"), options, answer: right }],
  };
}

/** Every relation with every end that can be asked for. */
const questions: readonly (readonly [Relation, Side])[] = relations.flatMap((relation) =>
  (["subject", "object"] as const).filter((side) => relation.asks[side] !== undefined)
    .map((side) => [relation, side] as const)
);

/** Four-option questions about findings, drugs, contraindications, classes, kinds and definitions. */
export const domainChoice: Family = {
  id: "domain-choice",
  capability: "domain",
  version: 2,
  propose(source, random) {
    const [relation, asked] = random.pick(questions);
    const square = drawSquare(source, relation, asked, letters.length, random);
    if (square === undefined) return [];
    const order = random.shuffle([0, 1, 2, 3]);
    return square.facts.map((_, place) => question(square, asked, place, order));
  },
};
