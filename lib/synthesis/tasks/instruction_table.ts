/** Facts in a Markdown table: three answers are offered, and the table is for two of their three diseases. @module */
import { type Family, type Proposal, type Wording, wordingOf } from "../draft.ts";
import { displayName } from "../source.ts";
import { line, names } from "./field_checks.ts";
import { capitalised, listed } from "./phrasing.ts";
import { relationOf, type Side } from "./relations.ts";
import { drawSquare, type Square, squareClaims } from "./squares.ts";

/** What the second column holds, from which relation and end. */
const contents = [
  { column: "Drug", relation: relationOf("drug"), asked: "subject", noun: "drug" },
  { column: "Finding", relation: relationOf("finding"), asked: "object", noun: "finding" },
] as const;

const wording: Wording = wordingOf(
  "table",
  {
    train: [
      "Give each of {diseases} the right {noun}, out of {options}.",
      "There are three {noun}s, {options}, and two diseases, {diseases}. Which goes with which?",
      "Match {diseases} with what belongs to each of them, out of {options}.",
      "{Options}: pick the {noun} of each disease, {diseases}.",
    ],
    heldOut: [
      "A nurse needs an overview of {diseases}. Take the {noun}s from this list: {options}.",
      "One of the {noun}s {options} is left over when {diseases} have theirs. Show who has which.",
      "Sort out {options} for {diseases}; one is too many.",
    ],
  },
  " Reply with a Markdown table alone: the header | Disease | {column} |, the line of dashes, one row for each disease.",
);

/** A label of a line is no longer, in characters: a row is read by its disease. */
const longestName = 30;

/** The table of two diseases of a square, the one at a place and the next. */
function table(
  square: Square,
  { column, asked, noun }: typeof contents[number],
  place: number,
  order: readonly number[],
): Proposal {
  const given: Side = asked === "object" ? "subject" : "object";
  const { facts } = square;
  const rows = [place, (place + 1) % facts.length];
  const options = order.map((i) => displayName(facts[i]![asked]));
  const name = (i: number): string => displayName(facts[i]![given]);
  const columns = ["Disease", column];
  return {
    key: ["table", ...rows.flatMap((i) => [facts[i]!.subject.id, facts[i]!.object.id])],
    wording,
    slots: {
      diseases: listed(rows.map(name)),
      options: listed(options),
      Options: capitalised(listed(options)),
      noun,
      column,
    },
    reference: [
      `| ${columns.join(" | ")} |`,
      "|---|---|",
      ...rows.map((i) => `| ${name(i)} | ${displayName(facts[i]![asked])} |`),
    ].join("\n"),
    checks: [
      { kind: "table", capability: "instruction", columns, rows: rows.length },
      ...rows.map((i) => names("domain", line(name(i)), [facts[i]![asked]])),
    ],
    claims: rows.flatMap((i) => squareClaims(square, i, asked)),
    decisions: rows.map((i) => ({ where: line(name(i)), options, answer: order.indexOf(i) })),
  };
}

/** Two diseases with their drugs or findings, of three that are offered, in a Markdown table. */
export const instructionTable: Family = {
  id: "instruction-table",
  capability: "instruction",
  version: 1,
  testOnly: true,
  propose(source, random) {
    const content = random.pick(contents);
    const { relation, asked } = content;
    const square = drawSquare(source, relation, asked, 3, random);
    const given: Side = asked === "object" ? "subject" : "object";
    if (square?.facts.every((fact) => displayName(fact[given]).length <= longestName) !== true) {
      return [];
    }
    const order = random.shuffle([0, 1, 2]);
    return square.facts.map((_, place) => table(square, content, place, order));
  },
};
