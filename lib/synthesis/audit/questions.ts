/**
 * The decisions of items as questions: the options as the prompt shows them, and what questions share that depend on each
 * other. Nothing of it is taken from the file where the prompt says it too.
 *
 * @module
 */
import type { Decision, Item } from "../item.ts";
import { normalizeText } from "../overlap.ts";

/** A decision of an item, read with its prompt. */
export interface Question {
  /** The item that asks. */
  readonly item: Item;
  /** Its decision. */
  readonly decision: Decision;
  /** Family and field: questions of one scope are alike. */
  readonly scope: string;
  /** Shared by questions that depend on each other: the group, or else the case. */
  readonly cluster: string;
  /** The options in normal form and in the order in which the prompt shows them. */
  readonly options: readonly string[];
  /** Place of each of `options` in the decision's. */
  readonly places: readonly number[];
  /** Place of the right one in `options`. */
  readonly answer: number;
}

/**
 * Words of a text in small letters.
 *
 * @param text Any text.
 * @returns Runs of letters and digits, in order.
 */
export function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

const wordSign = /[\p{L}\p{N}]/u;

/**
 * The next place where a phrase stands as whole words.
 *
 * @param text The text, in normal form where the phrase is.
 * @param phrase What is looked for.
 * @param from The first place looked at.
 * @returns Index of its first character, -1 where there is none.
 */
export function placeOf(text: string, phrase: string, from = 0): number {
  const joins = (before: string | undefined, after: string | undefined): boolean =>
    before !== undefined && after !== undefined && wordSign.test(before) && wordSign.test(after);
  for (let at = text.indexOf(phrase, from); at >= 0; at = text.indexOf(phrase, at + 1)) {
    const end = at + phrase.length;
    if (!joins(text[at - 1], phrase[0]) && !joins(phrase.at(-1), text[end])) return at;
  }
  return -1;
}

const lastPlaceOf = (text: string, phrase: string): number => {
  let last = -1;
  for (let at = placeOf(text, phrase); at >= 0; at = placeOf(text, phrase, at + 1)) last = at;
  return last;
};

/**
 * A text without a phrase.
 *
 * @param text The text, in normal form where the phrase is.
 * @param phrase What is left out wherever it stands as whole words.
 * @returns The text with a line end in each of these places, and how many there are.
 */
export function withoutPhrase(
  text: string,
  phrase: string,
): { readonly text: string; readonly times: number } {
  const parts: string[] = [];
  let from = 0;
  for (let at = placeOf(text, phrase); at >= 0; at = placeOf(text, phrase, from)) {
    parts.push(text.slice(from, at));
    from = at + phrase.length;
  }
  return { text: [...parts, text.slice(from)].join("\n"), times: parts.length };
}

/** How a prompt shows options. */
export interface Shown {
  /** The options' places in the list given, in the order in which the prompt shows them. */
  readonly order: readonly number[];
  /** Those that it does not show at all. */
  readonly missing: readonly number[];
}

/**
 * How a prompt shows options: in the order given where it has them one behind the other so, else by the last place of each.
 *
 * @param prompt The prompt.
 * @param options The options.
 * @returns Their order, in which missing ones come first, and which are missing.
 */
export function shownOptions(prompt: string, options: readonly string[]): Shown {
  const text = normalizeText(prompt);
  const phrases = options.map(normalizeText);
  const places = phrases.keys().toArray();
  let at = 0;
  const inOrder = phrases.every((phrase) => {
    const found = placeOf(text, phrase, at);
    at = found + phrase.length;
    return found >= 0;
  });
  if (inOrder) return { order: places, missing: [] };
  const last = phrases.map((phrase) => lastPlaceOf(text, phrase));
  return {
    order: places.toSorted((a, b) => last[a]! - last[b]! || a - b),
    missing: places.filter((place) => last[place]! < 0),
  };
}

/**
 * The questions of items, one for each decision.
 *
 * @param items Any items.
 * @returns Their questions in order; none of an item without decisions.
 */
export function questionsOf(items: readonly Item[]): Question[] {
  return items.flatMap((item) =>
    item.decisions.map((decision) => {
      const { order } = shownOptions(item.prompt, decision.options);
      const field = decision.where.format === "text" ? "" : decision.where.field;
      return {
        item,
        decision,
        scope: `${item.family}/${field}`,
        cluster: item.group ?? item.case,
        options: order.map((place) => normalizeText(decision.options[place]!)),
        places: order,
        answer: order.indexOf(decision.answer),
      };
    })
  );
}

/** Scores this close are equal: sums in another order differ by rounding. */
const tolerance = 1e-9;

/**
 * The places of the highest scores.
 *
 * @param scores Any scores, at least one.
 * @returns Places of those within rounding of the highest.
 */
export function bestPlaces(scores: readonly number[]): number[] {
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  return scores.keys().filter((place) => scores[place]! >= highest - tolerance).toArray();
}

/**
 * What a guess by scores earns on average: the highest score is chosen, ties are broken by lot.
 *
 * @param scores A score for each option.
 * @param answer Place of the right option.
 * @returns Chance that the right one is chosen, in [0, 1].
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { guessCredit } from "./questions.ts";
 *
 * assertEquals(guessCredit([2, 1, 2], 0), 0.5);
 * ```
 */
export function guessCredit(scores: readonly number[], answer: number): number {
  const best = bestPlaces(scores);
  return best.includes(answer) ? 1 / best.length : 0;
}
