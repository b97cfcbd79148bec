/** Numbers of sentences and bullets. */
import type { CountCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** Sentences: what ends with a full stop, question or exclamation mark before white space or the end, with a letter. */
export function countSentences(text: string): number {
  return text.split(/[.!?]+(?=\s|$)/).filter((part) => /\p{L}/u.test(part)).length;
}

/** Bullets: lines that start with `- ` or `* ` and have a letter. */
export function countBullets(lines: readonly string[]): number {
  return lines.filter((line) => /^[-*] .*\p{L}/u.test(line)).length;
}

/** 1 for the wanted number; otherwise less by each one too few or too many, and never below 0. */
export function verifyCount(check: CountCheck, reading: Reading): number {
  const found = check.kind === "sentences"
    ? countSentences(reading.text)
    : countBullets(reading.lines);
  return found === 0 ? 0 : Math.max(0, 1 - Math.abs(found - check.count) / check.count);
}
