/** Four-option answers. */
import type { ChoiceCheck } from "../../synthesis/mod.ts";
import { deniedSpans } from "../../knowledge/mod.ts";
import type { Reading } from "./reading.ts";

const letters = "ABCD";

/** What may follow a letter that stands for itself; "A common cold" is a noun with its article. */
const end = String.raw`(?=\s*(?:$|[\n.,;:)\]"'/]|[-–—]\s|(?:because|since|as|and|or|not)\b))`;
const anchor = String.raw`\b(?:answer|(?:correct|best|right)\s+(?:option|choice))\s*(?:is|:)\s*`;
const opened = String.raw`(?:option\s+)?[("'[]*`;
/** Another letter right behind the first one: "A, B or C". */
const further = new RegExp(String.raw`^[\s.,;/)\]]*(?:(?:and|or)\s+)?[("'[]*([A-Z])${end}`);

/**
 * The letter of a generated answer, or undefined when no letter is anchored ("Answer: C", "the answer is (C)"), or
 * several different ones are. The letter must stand for itself: "The answer is A common cold" has none.
 *
 * @param options The option texts; with them, a letter with its own option's text behind it counts too: "Answer: C nausea".
 */
export function anchoredLetter(
  text: string,
  options: readonly string[] = [],
): string | undefined {
  const bare = text.replaceAll("*", "");
  const found = new Set<string>();
  for (const match of bare.matchAll(new RegExp(`${anchor}${opened}([A-Z])(?![A-Za-z'])`, "gi"))) {
    const letter = match[1]!;
    let rest = bare.slice(match.index + match[0].length);
    const option = options[letters.indexOf(letter)];
    const quoted = option !== undefined && `${plain(rest)} `.startsWith(`${plain(option)} `);
    if (letter !== letter.toUpperCase() || !(quoted || new RegExp(`^${end}`).test(rest))) continue;
    found.add(letter);
    for (let next = further.exec(rest); next !== null; next = further.exec(rest)) {
      found.add(next[1]!);
      rest = rest.slice(next[0].length);
    }
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/** The numbers of the options whose text stands in the completion as whole words and is not denied. */
function quotedOptions(text: string, options: readonly string[]): number[] {
  const out = new Set(
    [...text.matchAll(/(?:\b(?:not|never|except)|n['’]t)\s+(?:option\s+)?[("'[]*([A-D])\b/g)]
      .map((match) => letters.indexOf(match[1]!)),
  );
  return options.flatMap((option, i) => {
    const pattern = new RegExp(
      `(?<![\\p{L}\\p{N}])${plain(option).split(" ").join("[^\\p{L}\\p{N}]+")}(?![\\p{L}\\p{N}])`,
      "giu",
    );
    const spans = [...text.matchAll(pattern)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
    }));
    return plain(option) !== "" && !out.has(i) && deniedSpans(text, spans).includes(false)
      ? [i]
      : [];
  });
}

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

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
  const quoted = quotedOptions(reading.text, check.options);
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
  const statements = [...reading.text.matchAll(new RegExp(anchor, "gi"))].length;
  return ((pointed === wanted ? 0.5 : 0) + (quoted === wanted ? 0.5 : 0)) *
    Math.min(1, mostStatements / Math.max(1, statements));
}
