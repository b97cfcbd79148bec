/** Patterns made from what an item says. */

import { escapeRegExp } from "../../runtime/mod.ts";

/** Verifiers look at this many characters of a completion at most, so their time is bounded. */
export const longestCompletion = 4000;

/**
 * The source of a pattern that finds a text as it stands, whatever signs are in it. A text longer than what is read of a
 * completion is nowhere in it: its pattern matches nothing, and costs nothing.
 *
 * @param text Any text of an item: a key, a field, a value, a word of a phrase.
 * @returns Source for `RegExp`, with or without the flags i and u.
 */
export function literally(text: string): string {
  return text.length > longestCompletion ? "(?!)" : escapeRegExp(text);
}
