/**
 * Verifiable constraints of IFEval's kinds on a text of facts: what the prompt says, what the text does, what is checked.
 *
 * @module
 */
import type { RandomStream } from "../../runtime/mod.ts";
import type { Check } from "../check.ts";
import { jsonLine, lines, listed } from "./phrasing.ts";

const capability = "instruction";
const openers = ["Note:", "Summary:", "Facts:", "In brief:"] as const;
const titles = [
  "<<Key facts>>",
  "<<For the notes>>",
  "<<What to know>>",
  "<<Short answer>>",
] as const;
const closers = [
  "End of note",
  "Please see a doctor",
  "That is all",
  "Nothing else to add",
] as const;
const postscripts = [
  "P.S. Ask a pharmacist",
  "P.S. Keep this page",
  "P.S. Read the leaflet",
] as const;
const avoidable = [
  "patient",
  "common",
  "often",
  "include",
  "may",
  "usually",
  "caused",
  "can",
] as const;
const askable = ["typical", "often", "used", "treated", "belongs", "shows", "supports"] as const;

/** A constraint: what the prompt says, what is checked. */
export interface Constraint {
  /** The sentence of the prompt. */
  readonly say: string;
  /** What a completion is scored by. */
  readonly check: Check;
}

/** A text with the constraints that it keeps. */
export interface ConstrainedText {
  /** The text. */
  readonly text: string;
  /** Its constraints, in the order in which the prompt says them. */
  readonly constraints: readonly Constraint[];
}

/** A fact to state: in a sentence without its stop, or as the value of a label. */
export interface Statement {
  /** The sentence. */
  readonly sentence: string;
  /** The label, one word in small letters. */
  readonly label: string;
  /** The value. */
  readonly value: string;
}

/** The forms of a text of facts. */
export const forms = ["bullets", "sentences", "labels", "json"] as const;

/** One of {@linkcode forms}. */
export type Form = typeof forms[number];

/** Changes a text of so many facts until it keeps one constraint more; the same text where two would not go together. */
type Constrain = (given: ConstrainedText, random: RandomStream, facts: number) => ConstrainedText;

function added(
  given: ConstrainedText,
  constraint: Constraint,
  text: string = given.text,
): ConstrainedText {
  return { text, constraints: [...given.constraints, constraint] };
}

const has = ({ constraints }: ConstrainedText, ...kinds: readonly Check["kind"][]): boolean =>
  constraints.some(({ check }) => kinds.includes(check.kind));

const countWords = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

const letterCase: Constrain = (given, random) => {
  if (has(given, "starts", "ends")) return given;
  const style = random.pick(["lower", "upper"] as const);
  return added(
    given,
    {
      say: style === "lower" ? "Use small letters only." : "USE CAPITAL LETTERS ONLY.",
      check: { kind: "letter_case", capability, style },
    },
    style === "lower" ? given.text.toLowerCase() : given.text.toUpperCase(),
  );
};

const noCommas: Constrain = (given) =>
  given.text.includes(",")
    ? given
    : added(given, { say: "Use no commas.", check: { kind: "no_commas", capability } });

const forbiddenWords: Constrain = (given, random) => {
  const text = given.text.toLowerCase();
  const words = random.shuffle(avoidable).filter((word) => !text.includes(word)).slice(0, 2);
  return added(given, {
    say: `Do not use the words ${listed(words.map((word) => `"${word}"`), "or")}.`,
    check: { kind: "forbidden", capability, words },
  });
};

const requiredWord: Constrain = (given, random) => {
  const words = given.text.toLowerCase().split(/[^a-z]+/);
  const found = random.shuffle(askable).find((word) => words.includes(word));
  return found === undefined ? given : added(given, {
    say: `Use the word "${found}".`,
    check: { kind: "keyword", capability, word: found, times: 1 },
  });
};

const mostWords: Constrain = (given, _, facts) => {
  if (has(given, "words")) return given;
  const max = Math.ceil((countWords(given.text) + 8) / 5) * 5;
  return added(given, {
    say: `Use at most ${max} words.`,
    check: { kind: "words", capability, min: facts, max },
  });
};

const fewestWords: Constrain = (given) => {
  if (has(given, "words")) return given;
  const min = Math.floor(countWords(given.text) * 0.8);
  return added(given, {
    say: `Use at least ${min} words.`,
    check: { kind: "words", capability, min, max: 10 * min },
  });
};

/** A constraint on the first or the last words, out of some phrases, set apart from the text. */
const edge = (
  kind: "starts" | "ends",
  say: (phrase: string) => string,
  phrases: readonly string[],
  apart: string,
): Constrain =>
(given, random) => {
  if (has(given, "letter_case", kind)) return given;
  const phrase = random.pick(phrases);
  return added(
    given,
    { say: say(phrase), check: { kind, capability, phrase } },
    kind === "starts" ? `${phrase}${apart}${given.text}` : `${given.text}${apart}${phrase}`,
  );
};

const firstWords = edge("starts", (phrase) => `Start with "${phrase}"`, openers, " ");
const title = edge("starts", (phrase) => `Put the title "${phrase}" above it.`, titles, "\n");
const lastLine = edge("ends", (phrase) => `End with the line "${phrase}"`, closers, "\n");
const postscript = edge(
  "ends",
  (phrase) => `Add the postscript "${phrase}" at the end.`,
  postscripts,
  "\n",
);

/** What can be asked of a text of each form besides the form itself. */
const further: Readonly<Record<Form, readonly Constrain[]>> = {
  bullets: [
    letterCase,
    noCommas,
    forbiddenWords,
    requiredWord,
    mostWords,
    fewestWords,
    title,
    lastLine,
    postscript,
  ],
  sentences: [
    letterCase,
    noCommas,
    forbiddenWords,
    requiredWord,
    mostWords,
    fewestWords,
    firstWords,
    title,
  ],
  labels: [letterCase, noCommas, forbiddenWords, mostWords],
  json: [forbiddenWords, mostWords],
};

/** The statements in a form, with the sentence that asks for it and its check. */
function shaped(
  statements: readonly Statement[],
  form: Form,
  random: RandomStream,
): ConstrainedText {
  const count = statements.length;
  const labels = statements.map(({ label }) => label);
  const of = (text: string, say: string, check: Check): ConstrainedText => ({
    text,
    constraints: [{ say, check }],
  });
  switch (form) {
    case "bullets":
      return of(
        statements.map(({ sentence }) => `- ${sentence}`).join("\n"),
        random.pick([
          `Write exactly ${count} bullets that start with "- ".`,
          `Answer in ${count} bullet points, each with "- " before it.`,
        ]),
        { kind: "bullets", capability, count },
      );
    case "sentences":
      return of(
        statements.map(({ sentence }) => `${sentence}.`).join(" "),
        random.pick([`Write exactly ${count} sentences.`, `Answer in ${count} full sentences.`]),
        { kind: "sentences", capability, count },
      );
    case "labels": {
      const shown = labels.map((label) => label.charAt(0).toUpperCase() + label.slice(1));
      return of(
        lines(statements.map(({ value }, i) => [shown[i]!, value] as const)),
        random.pick([
          `Write ${count} lines with the labels ${listed(shown.map((label) => `"${label}:"`))}.`,
          `Use one line each for ${listed(shown.map((label) => `"${label}:"`))}, nothing else.`,
        ]),
        { kind: "labels", capability, labels: shown },
      );
    }
    case "json":
      return of(
        jsonLine(statements.map(({ label, value }) => [label, value] as const)),
        random.pick([
          `Reply with one JSON object with the keys ${listed(labels.map((key) => `"${key}"`))}.`,
          `Give JSON and nothing else; keys: ${listed(labels.map((key) => `"${key}"`))}.`,
        ]),
        {
          kind: "json",
          capability,
          keys: labels.map((key) => ({ key, type: "string" as const })),
        },
      );
  }
}

/**
 * Facts in a form with up to two further constraints, all of them kept by the text.
 *
 * @param statements The facts.
 * @param name What every sentence names.
 * @param form The form.
 * @param random Draws the constraints.
 * @returns The text with its constraints.
 */
export function constrain(
  statements: readonly Statement[],
  name: string,
  form: Form,
  random: RandomStream,
): ConstrainedText {
  const count = statements.length;
  const text = shaped(statements, form, random);
  const named = form === "labels" || form === "json" ? text : added(text, {
    say: `Use the name "${name}" at least ${count} times.`,
    check: { kind: "keyword", capability, word: name, times: count },
  });
  return random.shuffle(further[form]).slice(0, random.integer(2) + 1).reduce(
    (given, constraint) => constraint(given, random, count),
    named,
  );
}
