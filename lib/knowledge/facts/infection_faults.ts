/**
 * Sentences that call a disease contagious of which nothing says that it is an infection.
 *
 * @module
 */
import { nameAt } from "../text/names.ts";
import type { CheckedTextClaim } from "../text/types.ts";
import { stemsOf } from "./plain_words.ts";
import {
  general,
  type KnownDisease,
  onlyDisease,
  type ReadSentence,
  wordsOf,
} from "./read_sentence.ts";

const contagious =
  /(?<!\b(?:not|never|nor|neither)\s+(?:[\w-]+\s+){0,2})\b(?:contagious|catching|(?:pass(?:ed|es)?|spreads?|transmitted)\s+from\s+(?:one\s+)?person\s+to\s+(?:another|person))\b/i;

const signs: ReadonlySet<string> = new Set(stemsOf("contact exposure infection virus bacteria"));

/**
 * A sentence that calls its disease contagious: "rosacea is a contagious skin condition".
 *
 * @param sentence The sentence.
 * @param diseases Its diseases; a sentence with several is not read.
 * @returns A claim that is unknown; undefined where the disease is an infection or has facts of one.
 */
export function wronglyContagious(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
): CheckedTextClaim | undefined {
  const only = onlyDisease(diseases);
  const found = contagious.exec(wordsOf(sentence));
  if (only === undefined || found === null) return undefined;
  const { known, name } = only;
  const isInfection = known.infectious ||
    known.facts.some(({ stems }) => stems.some((stem) => signs.has(stem)));
  if (isInfection) return undefined;
  const start = sentence.place.start + found.index;
  return {
    ...general(sentence.place),
    subject: name,
    relation: "transmitted_by",
    object: nameAt(sentence.text, start, start + found[0].length),
    rule: "called contagious",
    verdict: "unknown",
    path: [],
    reason: `no source says that ${known.profile.disease.name} is an infection`,
  };
}
