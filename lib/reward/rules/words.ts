/** Length in words. */
import type { WordsCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** 1 within the bounds; outside, the ratio of the bound and the number of words, and 0 from twice the bound on. */
export function verifyWords(check: WordsCheck, reading: Reading): number {
  const n = reading.words.length;
  if (reading.cut || n === 0) return 0;
  if (n < check.min) return n / check.min;
  return n <= check.max ? 1 : Math.max(0, 2 - n / check.max);
}
