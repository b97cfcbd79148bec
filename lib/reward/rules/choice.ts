/** Four-option answers. */
import type { ChoiceCheck } from "../../synthesis/mod.ts";
import type { Reading } from "./reading.ts";

/** The letter of a generated answer, or undefined when no letter is anchored, or several different ones are. */
export function anchoredLetter(text: string): string | undefined {
  const found = new Set<string>();
  for (
    const match of text.matchAll(/\banswer\s*(?:is|:)\s*(?:option\s+)?\(?([A-Z])(?![A-Za-z'])\)?/gi)
  ) {
    if (match[1] === match[1]!.toUpperCase()) found.add(match[1]!);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/** The numbers of the options whose text stands in the completion as whole words. */
function quotedOptions(text: string, options: readonly string[]): number[] {
  const padded = ` ${plain(text)} `;
  return options.flatMap((option, i) => padded.includes(` ${plain(option)} `) ? [i] : []);
}

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** Whether the completion commits to one letter among the options. */
export function hasValidLetter(text: string): boolean {
  return "ABCD".includes(anchoredLetter(text) ?? "-");
}

/**
 * Half for the anchored letter ("Answer: C", "the answer is C"), half for quoting the right option and no other. A
 * letter and a text that point to different options earn nothing.
 */
export function verifyChoice(check: ChoiceCheck, reading: Reading): number {
  const letter = anchoredLetter(reading.text);
  const quoted = quotedOptions(reading.text, check.options);
  const wanted = "ABCD".indexOf(check.letter);
  const pointed = letter === undefined ? -1 : "ABCD".indexOf(letter);
  const single = quoted.length === 1 ? quoted[0]! : -1;
  if (letter !== undefined && single >= 0 && pointed !== single) return 0;
  return (pointed === wanted ? 0.5 : 0) + (single === wanted ? 0.5 : 0);
}
