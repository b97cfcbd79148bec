/** Statements to be judged, in squares: two subjects and two objects, each in one true and one false statement. @module */
import { type Family, type Proposal, type Wording, wordingOf } from "../draft.ts";
import { line } from "./field_checks.ts";
import { capitalised } from "./phrasing.ts";
import { claimOf, relations } from "./relations.ts";
import { drawSquare, type Square } from "./squares.ts";

const answers = ["yes", "no"] as const;

const wording: Wording = wordingOf("verify", {
  train: [
    "Is this right? {statement}.",
    "{statement}. Is that so?",
    "Somebody says: {statement}. Do you agree?",
    "Check this statement: {statement}. Does it hold?",
  ],
  heldOut: [
    "Can this stand in a textbook? {statement}.",
    "In an examination a sentence reads: {statement}. Would you tick it?",
    "A student claims: {statement}. Is the student right?",
  ],
}, " Reply in one line: Answer: yes or no");

/** The statement about the subject of one fact and the object of another. */
function statement(square: Square, form: string, from: number, to: number): Proposal | undefined {
  const { relation, facts, denials } = square;
  const [subject, object] = [facts[from]!.subject, facts[to]!.object];
  const denied = denials[from]![to];
  if (from !== to && denied === undefined) return undefined;
  const ends = {
    subject: relation.write(subject, "subject").replace(/\.$/, ""),
    object: relation.write(object, "object"),
  };
  const text = form.replace(/\{(subject|object)\}/g, (_, end: "subject" | "object") => ends[end])
    .replace("{Subject}", () => capitalised(ends.subject))
    .replace("{Object}", () => capitalised(ends.object));
  const answer = from === to ? 0 : 1;
  return {
    key: ["verify", relation.id, subject.id, object.id],
    wording,
    slots: { statement: text },
    reference: `Answer: ${answers[answer]}`,
    checks: [
      {
        kind: "value",
        capability: "domain",
        where: line("Answer"),
        expected: answers[answer],
        allowed: [...answers],
      },
      { kind: "labels", capability: "instruction", labels: ["Answer"] },
      { kind: "words", capability: "instruction", min: 2, max: 6 },
    ],
    claims: [{
      ...claimOf(relation, subject, object),
      ...(from !== to && denied !== undefined && { denied }),
    }],
    decisions: [{ where: line("Answer"), options: [...answers], answer }],
  };
}

/** Yes or no to statements about findings, drugs, contraindications, classes, kinds and definitions. */
export const domainVerify: Family = {
  id: "domain-verify",
  capability: "domain",
  version: 1,
  testOnly: true,
  propose(source, random) {
    const relation = random.pick(relations);
    const square = drawSquare(source, relation, "object", 2, random);
    if (square === undefined) return [];
    const form = random.pick(relation.states);
    const made = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([from, to]) =>
      statement(square, form, from!, to!)
    );
    return made.every((proposal) => proposal !== undefined) ? made : [];
  },
};
