/** Echo: what a look for the options' letters in the findings answers, without any knowledge and without training. @module */
import { type Question, wordsIn } from "./questions.ts";

/** Length of the pieces of words that are looked for: a stem such as "arth" of arthritis. */
const piece = 4;

/** Pieces of a word; a shorter word is one. */
const piecesOf = (word: string): string[] =>
  word.length <= piece
    ? [word]
    : Array.from({ length: word.length - piece + 1 }, (_, at) => word.slice(at, at + piece));

/**
 * The option that sounds most like the evidence: share of its pieces of words, four letters each, that stand in the evidence. It
 * reads the findings, so it is not blind; above chance, findings give names away.
 *
 * @param question The question; none for this guesser where the item has no evidence.
 * @returns The shares, in [0, 1]; undefined for no question.
 */
export function echo({ item: { evidence }, options }: Question): number[] | undefined {
  if (evidence === undefined) return undefined;
  const known = new Set(wordsIn(evidence).flatMap(piecesOf));
  return options.map((option) => {
    const pieces = wordsIn(option).flatMap(piecesOf);
    return pieces.filter((one) => known.has(one)).length / Math.max(1, pieces.length);
  });
}
