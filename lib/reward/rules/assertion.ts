/** What is asserted: is a name part of a statement, and is a part of a list a further answer or a remark? */
import { type Mention, negationVerbs } from "../../knowledge/mod.ts";

/** What joins a name to another in a statement: verbs, prepositions, signs. */
const relation = new RegExp(
  String
    .raw`[:=(→>]|\s[-–—]\s|\b(?:${negationVerbs}|in|of|with|for|by|from|to|during|among|due|after|under|via|on|at|go(?:es)?)\b|` +
    String.raw`\b\p{L}{2,}(?:[^s\W]s|ed|ing|es)\b`,
  "iu",
);

/** Where the sentence or line around a place begins and ends. */
function partAround(text: string, at: number): readonly [start: number, end: number] {
  let start = 0;
  for (const { index, 0: found } of text.matchAll(/\n|[.;!?]\s/g)) {
    if (index >= at) return [start, index];
    start = index + found.length;
  }
  return [start, text.length];
}

/** A text without the names in it. */
function withoutNames(text: string, names: readonly Mention[], mark: string): string {
  let rest = "";
  let at = 0;
  for (const { start, end } of names) {
    if (start < at) continue;
    rest += text.slice(at, start) + mark;
    at = end;
  }
  return rest + text.slice(at);
}

/**
 * Whether a mention in free text stands in a statement: its sentence holds more than names, or a line above it that ends in
 * a colon says what it is ("Symptoms of influenza:", "- fever").
 *
 * @param text The whole text.
 * @param mention The mention.
 * @param all All mentions of the text, from left to right.
 * @returns False for names in a row, such as "Influenza fever."
 */
export function isStated(text: string, mention: Mention, all: readonly Mention[]): boolean {
  const [start, end] = partAround(text, mention.start);
  const inside = all.filter((other) => other.start >= start && other.end <= end).map((other) => ({
    ...other,
    start: other.start - start,
    end: other.end - start,
  }));
  if (relation.test(withoutNames(text.slice(start, end), inside, " "))) return true;
  const above = text.slice(0, start).split("\n").map((line) => line.trim()).filter((line) =>
    line !== "" && !/^(?:[-*+•]|\d{1,2}[.)])\s/.test(line)
  ).at(-1);
  return above?.endsWith(":") === true;
}

/** What sets a thing aside that follows: "a symptom of malaria, not of influenza". */
const aside =
  /\b(?:not|rather\s+than|instead\s+of|as\s+opposed\s+to|unlike|other\s+than|(?:any|every)thing\s+but|except(?:\s+(?:for|in))?)\s+(?:(?:of|in|for|with|by|to|from)\s+)?(?:an?\s+|the\s+)?$/i;

/**
 * Whether a text speaks of an entity only to set it aside.
 *
 * @param text The whole text.
 * @param names The mentions of the entity in it.
 * @returns False where it is not named at all.
 */
export function isSetAside(text: string, names: readonly Mention[]): boolean {
  return names.length > 0 && names.every(({ start }) => aside.test(text.slice(0, start)));
}

/** Words of no name: a part that holds one is a remark. Prepositions, pronouns, articles, auxiliaries, adverbs. */
const remark = new RegExp(
  String
    .raw`\d|\b(?:as|because|since|which|that|this|these|it|its|they|their|he|she|his|her|you|we|i|a|an|the|all|some|most|` +
    String
      .raw`in|of|with|for|by|from|to|during|among|due|after|before|under|over|on|at|than|per|like|above|below|about|if|when|where|` +
    String
      .raw`while|unless|until|provided|so|then|also|too|very|quite|often|sometimes|once|twice|daily|orally|again|only|just|even|especially|both|` +
    String
      .raw`not|no|never|without|e\.?g|i\.?e|etc|cf|acute|chronic|sudden|onset|main|first|early|late|initial|high|low|typical|classic|common|frequent|likely|possible|mild|severe|sign|symptom|finding|feature|cause|` +
    String.raw`${negationVerbs}|\p{L}{3,}ly)\b`,
  "iu",
);

/**
 * How many parts of a list name nothing of the kind wanted and are no remark: "glorp" in "fever, glorp", and not "as it is
 * typical" in "fever, as it is typical".
 *
 * @param text The field's text.
 * @param names Mentions of the kind wanted, denied ones too.
 * @returns Number of such parts.
 */
export function strayParts(text: string, names: readonly Mention[]): number {
  return withoutNames(text, names, "\u0001").split(/[,;\n/]|\.\s|\band\b|\bor\b/).filter((part) =>
    !part.includes("\u0001") && /\p{L}/u.test(part) && !remark.test(part)
  ).length;
}
