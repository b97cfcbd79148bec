/** Letter case. */
import type { LetterCaseCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** Share of the letters in the wanted case, beyond one half: half the letters wrong, or no letter, is 0. */
export function verifyLetterCase(check: LetterCaseCheck, reading: Reading): number {
  const lower = (reading.text.match(/\p{Ll}/gu) ?? []).length;
  const upper = (reading.text.match(/\p{Lu}/gu) ?? []).length;
  if (lower + upper === 0) return 0;
  const share = (check.style === "lower" ? lower : upper) / (lower + upper);
  // One capital in a long text is a slip that must still cost something: no score between 0.95 and 1.
  return share === 1 ? 1 : 0.95 * Math.max(0, 2 * share - 1);
}
