/**
 * Sentences that give a disease to a sex or an age that does not have it.
 *
 * @module
 */
import { general, type KnownDisease, type ReadSentence, wordsOf } from "./read_sentence.ts";
import { nameAt } from "./text_names.ts";
import type { CheckedTextClaim, TextName } from "./text_types.ts";

/** That a disease is said of people, in these words of the sentence, who do not have it. */
function affectsOthers(
  { text, place }: ReadSentence,
  subject: TextName,
  { index, 0: words }: RegExpExecArray,
  fault: Pick<CheckedTextClaim, "rule" | "path" | "reason">,
): CheckedTextClaim {
  const start = place.start + index;
  return {
    ...general(place),
    subject,
    relation: "affects",
    object: nameAt(text, start, start + words.length),
    verdict: "contradicted",
    ...fault,
  };
}

const denialOrContrast =
  /\b(?:not|never|cannot|no|nor|only|unlike|than|rare\w*|seldom|before|unusual)\b|n['’]t\b/i;

const men = /\b(?:m[ae]n|boys?|males?|gentlem[ae]n)\b/i;
const women = /\b(?:wom[ae]n|girls?|females?|lad(?:y|ies))\b/i;

/**
 * A sentence that gives a disease to the sex that does not have it: "a man with endometrial cancer".
 *
 * @param sentence The sentence.
 * @param diseases Its diseases.
 * @returns A contradicted claim; undefined where all is well, or where the sentence denies or compares.
 */
export function wrongSex(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
): CheckedTextClaim | undefined {
  const words = wordsOf(sentence);
  if (denialOrContrast.test(words)) return undefined;
  for (const { name, known: { profile } } of diseases) {
    const [own, other] = profile.sex === "female" ? [women, men] : [men, women];
    const found = profile.sex === "both" || own.test(words) ? null : other.exec(words);
    if (found === null) continue;
    return affectsOthers(sentence, name, found, {
      rule: "sex and disease",
      path: [`${profile.disease.name} occurs only in the ${profile.sex} sex`],
      reason: "it does not occur in the other sex",
    });
  }
  return undefined;
}

/** One person or several of an age, with years from and to. */
const atAge: readonly (readonly [RegExp, number, number])[] = [
  [/\b(?:newborns?|neonates?|infants?|bab(?:y|ies)|toddlers?)\b/i, 0, 3],
  [/\b(?:child(?:ren)?|kids?|schoolchild(?:ren)?)\b/i, 0, 12],
  [/\b(?:teenagers?|adolescents?|teens)\b/i, 13, 19],
  [/\b(?:elderly|pensioners?|octogenarians?)\b/i, 65, 120],
];

/**
 * A sentence that gives a disease to an age that does not have it: "giant cell arteritis in a teenager".
 *
 * @param sentence The sentence.
 * @param diseases Its diseases.
 * @returns A contradicted claim; undefined where all is well, or where the sentence denies or compares.
 */
export function wrongAge(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
): CheckedTextClaim | undefined {
  const words = wordsOf(sentence);
  if (denialOrContrast.test(words)) return undefined;
  const found = atAge.flatMap(([pattern, from, to]) => {
    const match = pattern.exec(words);
    return match === null ? [] : [{ match, from, to }];
  });
  for (const { name, known: { profile: { age, disease, ageSexSource } } } of diseases) {
    // Where another age stands beside it, the sentence compares.
    const fits = found.some(({ from, to }) => from <= age.max && age.min <= to);
    const [first] = found;
    if (ageSexSource === undefined || first === undefined || fits) continue;
    return affectsOthers(sentence, name, first.match, {
      rule: "age and disease",
      path: [`${disease.name} occurs at ${age.min} to ${age.max} years`],
      reason: "it does not occur at that age",
    });
  }
  return undefined;
}
