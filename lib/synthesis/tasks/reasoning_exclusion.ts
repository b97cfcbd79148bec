/** Three diseases and two findings: which disease does each finding fit, and which fits neither? @module */
import { type Family, type Proposal, type Wording, wordingOf } from "../draft.ts";
import type { ItemClaim } from "../item.ts";
import { displayName } from "../source.ts";
import { line, names } from "./field_checks.ts";
import { capitalised, lines, listed } from "./phrasing.ts";
import { claimOf, relationOf } from "./relations.ts";
import { drawSquare, type Square } from "./squares.ts";

const wording: Wording = wordingOf(
  "exclusion",
  {
    train: [
      "A patient has {findings}. Possible are {candidates}; each finding is typical of one of them.",
      "Findings: {findings}. Candidates: {candidates}. Each finding belongs to one candidate.",
      "{Candidates} are considered. The patient shows {findings}, and each points to one of these.",
      "Think of {candidates}. There are two findings, {findings}, each typical of one disease.",
    ],
    heldOut: [
      "On a ward three names are on the board: {candidates}. Seen are {findings}, each explained by one.",
      "Two clues, {findings}, and three suspects: {candidates}. Each clue leads to one suspect.",
      "What was noted: {findings}. What it may be: {candidates}. Each note speaks for one.",
    ],
  },
  " Reply in three lines:\nFirst: the disease of the first finding\nSecond: the disease of the second\nExcluded: the disease of neither",
);

const labels = ["First", "Second", "Excluded"] as const;

/** The patient who has the findings of all diseases but one. */
function patient(square: Square, excluded: number, order: readonly number[]): Proposal {
  const { relation, facts, denials } = square;
  const size = facts.length;
  const [first, second] = [(excluded + 1) % size, (excluded + 2) % size];
  const places = [first, second, excluded];
  const findings = `${displayName(facts[first]!.object)} and ${displayName(facts[second]!.object)}`;
  const options = order.map((place) => displayName(facts[place]!.subject));
  const claims = [first, second].flatMap((shown) =>
    facts.map(({ subject }, i): ItemClaim => {
      const denied = denials[i]![shown];
      return {
        ...claimOf(relation, subject, facts[shown]!.object),
        ...(denied !== undefined && { denied }),
      };
    })
  );
  const candidates = listed(options);
  return {
    key: [
      "exclusion",
      facts[excluded]!.subject.id,
      ...[first, second].flatMap((i) => [facts[i]!.subject.id, facts[i]!.object.id]),
    ],
    wording,
    slots: { findings, candidates, Candidates: capitalised(candidates) },
    reference: lines(
      places.map((place, i) => [labels[i]!, displayName(facts[place]!.subject)] as const),
    ),
    checks: [
      ...places.map((place, i) => names("reasoning", line(labels[i]!), [facts[place]!.subject])),
      { kind: "labels", capability: "instruction", labels },
      { kind: "words", capability: "instruction", min: 6, max: 30 },
    ],
    claims,
    decisions: places.map((place, i) => ({
      where: line(labels[i]!),
      options,
      answer: order.indexOf(place),
    })),
    evidence: findings,
  };
}

/** Two findings, each typical of one of three diseases; the third disease is excluded. */
export const reasoningExclusion: Family = {
  id: "reasoning-exclusion",
  capability: "reasoning",
  version: 1,
  testOnly: true,
  propose(source, random) {
    const square = drawSquare(source, relationOf("finding"), "subject", 3, random);
    // The same quantity cannot be high and low in one patient.
    if (square === undefined || square.denials.flat().includes("opposite")) return [];
    const order = random.shuffle([0, 1, 2]);
    return square.facts.map((_, excluded) => patient(square, excluded, order));
  },
};
