/**
 * Verifiable constraints of IFEval's kinds on a text of facts: what the prompt says, what the text does, what is checked.
 *
 * @module
 */
import type { RandomStream } from "../../runtime/mod.ts";
import type { Check } from "../check.ts";
import { listed } from "./phrasing.ts";

const capability = "instruction";
const openers = ["Note:", "Summary:", "Facts:", "In brief:"] as const;
const closers = ["End of note", "Please see a doctor", "That is all"] as const;
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
  added(given, { say: "Use no commas.", check: { kind: "no_commas", capability } });

const forbiddenWords: Constrain = (given, random) => {
  const text = given.text.toLowerCase();
  const words = random.shuffle(avoidable).filter((word) => !text.includes(word)).slice(0, 2);
  return added(given, {
    say: `Do not use the words ${listed(words.map((word) => `"${word}"`), "or")}.`,
    check: { kind: "forbidden", capability, words },
  });
};

const wordLimit: Constrain = (given, _, facts) => {
  const max = Math.ceil((countWords(given.text) + 8) / 5) * 5;
  return added(given, {
    say: `Use at most ${max} words.`,
    check: { kind: "words", capability, min: 3 * facts, max },
  });
};

const firstWords: Constrain = (given, random) => {
  if (has(given, "letter_case")) return given;
  const phrase = random.pick(openers);
  return added(
    given,
    { say: `Start with "${phrase}"`, check: { kind: "starts", capability, phrase } },
    `${phrase} ${given.text}`,
  );
};

const lastLine: Constrain = (given, random) => {
  if (has(given, "letter_case")) return given;
  const phrase = random.pick(closers);
  return added(
    given,
    { say: `End with the line "${phrase}"`, check: { kind: "ends", capability, phrase } },
    `${given.text}\n${phrase}`,
  );
};

/** The sentences as bullets or as running text, and so many of them. */
function shaped(sentences: readonly string[], bulleted: boolean): ConstrainedText {
  const count = sentences.length;
  return bulleted
    ? {
      text: sentences.map((sentence) => `- ${sentence}`).join("\n"),
      constraints: [{
        say: `Write exactly ${count} bullets that start with "- ".`,
        check: { kind: "bullets", capability, count },
      }],
    }
    : {
      text: sentences.map((sentence) => `${sentence}.`).join(" "),
      constraints: [{
        say: `Write exactly ${count} sentences.`,
        check: { kind: "sentences", capability, count },
      }],
    };
}

/**
 * Facts in a form with one or two further constraints, all of them kept by the text.
 *
 * @param sentences The facts, a sentence each without its full stop.
 * @param name What every sentence names.
 * @param random Draws the form and the constraints.
 * @returns The text with its constraints.
 */
export function constrain(
  sentences: readonly string[],
  name: string,
  random: RandomStream,
): ConstrainedText {
  const bulleted = random.next() < 0.5;
  const count = sentences.length;
  const named = added(shaped(sentences, bulleted), {
    say: `Use the name "${name}" at least ${count} times.`,
    check: { kind: "keyword", capability, word: name, times: count },
  });
  const further = [
    letterCase,
    noCommas,
    forbiddenWords,
    wordLimit,
    bulleted ? lastLine : firstWords,
  ];
  return random.shuffle(further).slice(0, random.integer(2) + 1).reduce(
    (text, constraint) => constraint(text, random, count),
    named,
  );
}
