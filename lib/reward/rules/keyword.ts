/** Wanted and unwanted words. */
import type { ForbiddenCheck, KeywordCheck } from "../../synthesis/mod.ts";
import { literally } from "./pattern.ts";
import type { Reading } from "./reading.ts";

/** How often a word or phrase occurs as whole words, whatever its case. */
export function countPhrase(text: string, phrase: string): number {
  const pattern = literally(phrase).replace(/\s+/g, "\\s+");
  return [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, "giu"))]
    .length;
}

/**
 * Share of the wanted occurrences, at most 1; from more than three times as many on the score falls, so that repeating
 * the word forever does not pay.
 */
export function verifyKeyword(check: KeywordCheck, reading: Reading): number {
  const found = countPhrase(reading.text, check.word);
  const most = 3 * check.times;
  return found > most ? most / found : Math.min(1, found / check.times);
}

/** Share of the unwanted words that do not occur; 0 for a completion without any word. */
export function verifyForbidden(check: ForbiddenCheck, reading: Reading): number {
  if (reading.words.length === 0) return 0;
  return check.words.filter((word) => countPhrase(reading.text, word) === 0).length /
    check.words.length;
}
