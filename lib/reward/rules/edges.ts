/** Beginnings, endings and commas. */
import type { EdgeCheck, NoCommasCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** 1 when the completion starts (ends) with the phrase and has more than the phrase, half when it only contains it. */
export function verifyEdge(check: EdgeCheck, reading: Reading): number {
  const text = reading.text.toLowerCase();
  const phrase = check.phrase.toLowerCase();
  if (text.length <= phrase.length || reading.cut) return 0;
  const met = check.kind === "starts"
    ? text.startsWith(phrase)
    : text.replace(/[.!\s]+$/, "").endsWith(phrase.replace(/[.!\s]+$/, ""));
  if (met) return 1;
  return text.includes(phrase) ? 0.5 : 0;
}

/** 1 without commas, less by a quarter for each; 0 for a completion without any word. */
export function verifyNoCommas(_check: NoCommasCheck, reading: Reading): number {
  if (reading.words.length === 0) return 0;
  return Math.max(0, 1 - 0.25 * (reading.text.split(",").length - 1));
}
