/** Four-option answers. */
import { deniedSpans, foldText, type Span } from "../../knowledge/mod.ts";
import type { ChoiceCheck } from "../../synthesis/mod.ts";
import { plainLine } from "./answer_text.ts";
import { literally, longestCompletion } from "./pattern.ts";
import type { Reading } from "./reading.ts";

const letters = "ABCD";

/** What may follow a letter that stands for itself; "A common cold" is a noun with its article. */
const end = String
  .raw`(?=\s*(?:$|[\n.,;:)\]"'/]|[-–—]\s)|\s+(?:because|since|as|and|or|not)\b)`;
const anchor = String
  .raw`(?:\b(?:answer|(?:correct|best|right)\s+(?:option|choice)|(?:option|choice))\s*(?:is|:|=)\s*|\bi\s+(?:choose|pick|select|go\s+(?:with|for))\s+)`;
/** Behind a first answer, "no, it is D", and before an option's text, "it is D, fever". */
const second = String.raw`\b(?:it|that|this)\s+(?:is|must\s+be|should\s+be)\s+`;
/** Where nothing is anchored: a letter at the start of a line, with its option's text behind it. */
const lineStart = String.raw`^\s*`;
const opened = String.raw`(?:option\s+)?[("'[]*`;
/** Another letter right behind the first one: "A, B or C". */
const further = new RegExp(String.raw`^[\s.,;/)\]]*(?:(?:and|or)\s+)?[("'[]*([A-Z])${end}`);

/** Another letter behind the first one's option: "C. fever or D. tremor". */
const alternative = new RegExp(
  String.raw`^[\s.,;)\]]*(?:or|and|\/)\s+(?:option\s+)?[("'[]*([A-Z])(?=[.):,\]]|\s*$)`,
);

/** Small letters and signs as single spaces. */
const plain = (text: string): string =>
  foldText(text.toLowerCase()).replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** A letter that a text gives, from its anchor to the end of its option's text. */
interface Statement extends Span {
  readonly letters: readonly string[];
}

/**
 * The letter that a match of an opening gives, with others right behind it.
 *
 * @param text The whole text.
 * @param match The opening with its letter.
 * @param options The options' texts.
 * @param mayStandAlone Whether the letter counts without its option's text.
 */
function statementAt(
  text: string,
  match: RegExpExecArray,
  options: readonly string[],
  mayStandAlone: boolean,
): Statement | undefined {
  const letter = match[1]!.toUpperCase();
  const at = match.index + match[0].length;
  let rest = text.slice(at);
  const option = options[letters.indexOf(letter)];
  const large = letter === match[1] && mayStandAlone;
  // "A fever" is a noun with its article, "A. fever" is an option.
  const quoted = option !== undefined && `${plain(rest)} `.startsWith(`${plain(option)} `) &&
    (large || /^\s*[("'.:,)\]–—-]/.test(rest));
  const alone = large && new RegExp(`^${end}`).test(rest);
  if (!quoted && !alone) return undefined;
  const given = [letter];
  const said = option === undefined
    ? undefined
    : new RegExp(`^[^\\p{L}\\p{N}]*${loosely(saidParts(foldText(option)))}(?![\\p{L}\\p{N}])`, "iu")
      .exec(rest)
      ?.[0];
  // The letters of an option's own text, "D. I and IV", are none that are given.
  for (
    let next = said === undefined ? further.exec(rest) : null;
    next !== null;
    next = further.exec(rest)
  ) {
    given.push(next[1]!);
    rest = rest.slice(next[0].length);
  }
  const behind = at + (said?.length ?? 0);
  const other = said === undefined ? null : alternative.exec(text.slice(behind));
  if (other !== null) given.push(other[1]!);
  return { letters: given, start: match.index, end: behind };
}

/** The letters given behind an anchor, or else at the start of a line, each statement with its place. */
function statements(text: string, options: readonly string[]): Statement[] {
  const found: Statement[] = [];
  const look = (start: string, mayStandAlone: boolean): void => {
    for (const match of text.matchAll(new RegExp(`${start}${opened}([A-Z])(?![A-Za-z'])`, "gim"))) {
      const statement = statementAt(text, match, options, mayStandAlone);
      if (statement !== undefined) found.push(statement);
    }
  };
  look(anchor, true);
  look(second, found.length > 0);
  if (found.length === 0) look(lineStart, false);
  return found.sort((a, b) => a.start - b.start);
}

/**
 * The letter of a generated answer, or undefined when no letter is anchored ("Answer: C", "the answer is (C)"), or
 * several different ones are. The letter must stand for itself: "The answer is A common cold" has none. Without an anchor the
 * letter of a line that begins with an option counts ("C. nausea"). What is denied or taken back ("it is false that the answer
 * is C") is no answer.
 *
 * @param options The option texts; with them, a letter with its own option's text behind it counts too: "Answer: C nausea".
 */
export function anchoredLetter(
  text: string,
  options: readonly string[] = [],
): string | undefined {
  const bare = foldText(text.split("\n").map(plainLine).join("\n"));
  const given = statements(bare, options);
  const denied = deniedSpans(bare, given);
  const found = new Set(given.flatMap(({ letters }, i) => denied[i] ? [] : letters));
  return found.size === 1 ? [...found][0] : undefined;
}

/** Signs that are part of what an option says. */
const meaning = /[+<>=%≥≤±µ°]/u;

/** The words and meaningful signs of an option's folded text. */
function saidParts(option: string): string[] {
  const parts = option.match(/[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
  return parts.filter((part) => /[\p{L}\p{N}]/u.test(part) || meaning.test(part));
}

/** A pattern for the parts of an option, whatever stands between them; `+`, `<`, `%` and the like must be there. */
function loosely(parts: readonly string[]): string {
  if (parts.join("").length > longestCompletion) return "(?!)";
  return parts.map(literally).join("[^\\p{L}\\p{N}+<>=%≥≤±µ°]*");
}

/**
 * The numbers of the options whose text stands in the completion as whole words and is not denied. Of two options at one
 * place the longer one stands there: "iron and zinc" quotes neither "iron" nor "zinc".
 */
function quotedOptions(text: string, options: readonly string[]): number[] {
  const out = new Set(
    [...text.matchAll(/(?:\b(?:not|never|except)|n['’]t)\s+(?:option\s+)?[("'[]*([A-D])\b/g)]
      .map((match) => letters.indexOf(match[1]!)),
  );
  // The stop behind a letter ends no sentence: "it is false that the answer is C. fever".
  const folded = foldText(text.replace(/\b([A-D])[.)]\s+(?=\S)/g, "$1 ").toLowerCase());
  const found = options.flatMap((option, i) => {
    const words = saidParts(foldText(option.toLowerCase()));
    // Most options are not in the text, which is seen sooner than a pattern is made.
    if (words.length === 0 || !words.every((word) => folded.includes(word))) return [];
    const body = loosely(words);
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${body}(?![\\p{L}\\p{N}])`, "gu");
    return [...folded.matchAll(pattern)].map((match) => ({
      option: i,
      start: match.index,
      end: match.index + match[0].length,
    }));
  }).sort((a, b) => a.start - b.start || b.end - a.end);
  const longest = found.filter((one) =>
    !found.some((other) =>
      other.start <= one.start && other.end >= one.end &&
      other.end - other.start > one.end - one.start
    )
  );
  const denied = deniedSpans(folded, longest);
  const quoted = new Set(longest.flatMap(({ option }, i) => denied[i] ? [] : [option]));
  return [...quoted].filter((option) => !out.has(option));
}

/** Whether the completion commits to one letter among the options. */
export function hasValidLetter(text: string, options: readonly string[] = []): boolean {
  return letters.includes(anchoredLetter(text, options) ?? "-");
}

/**
 * What a completion commits to: the number of the letter's option (-1 for a letter of no option), and of the only
 * option quoted (-1 for none or several).
 */
export function readChoice(
  check: ChoiceCheck,
  reading: Reading,
): { readonly pointed: number | undefined; readonly quoted: number } {
  const letter = anchoredLetter(reading.text, check.options);
  const quoted = quotedOptions(reading.plain, check.options);
  return {
    pointed: letter === undefined ? undefined : letters.indexOf(letter),
    quoted: quoted.length === 1 ? quoted[0]! : -1,
  };
}

/** An answer may be stated this often: at the start, and again at the end. */
const mostStatements = 2;

/**
 * Half for the anchored letter ("Answer: C", "the answer is C"), half for quoting the right option and no other. A
 * letter and a text that point to different options earn nothing, and an answer said over and over loses.
 */
export function verifyChoice(check: ChoiceCheck, reading: Reading): number {
  const { pointed, quoted } = readChoice(check, reading);
  const wanted = letters.indexOf(check.letter);
  if (pointed !== undefined && quoted >= 0 && pointed !== quoted) return 0;
  const said = [...reading.text.matchAll(new RegExp(anchor, "gi"))].length;
  return ((pointed === wanted ? 0.5 : 0) + (quoted === wanted ? 0.5 : 0)) *
    Math.min(1, mostStatements / Math.max(1, said));
}
