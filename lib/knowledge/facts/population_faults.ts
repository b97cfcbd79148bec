/**
 * Sentences that give a disease to a sex or an age that does not have it.
 *
 * @module
 */
import { judgePopulation } from "../judges/population_judge.ts";
import { nameAt } from "../text/names.ts";
import { agesBeyond } from "../text/population_claims.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import {
  general,
  type KnownDisease,
  onlyDisease,
  type ReadSentence,
  wordsOf,
} from "./read_sentence.ts";

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
  /\b(?:not|never|cannot|no|nor|only|unlike|than|rare\w*|seldom|before|unusual|wish\w*)\b|n['’]t\b/i;

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

/** "Between the ages of 6 and 12", with years from and to. */
const betweenAges =
  /\b(?:between|from|aged)\s+(?:the\s+ages?\s+of\s+)?(\d{1,2})\s+(?:and|to)\s+(\d{1,3})(?!\s*(?:weeks?|months?|days?|hours?|minutes?|%|mm|cm))\b/i;

const decades = ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties"];
const inDecade = new RegExp(
  String.raw`\bin\s+(?:their|his|her|the)\s+(${decades.join("|")})\b`,
  "i",
);

/** One person or several of an age, with years from and to. */
const atAge: readonly (readonly [RegExp, number, number])[] = [
  [/\b(?:newborns?|neonates?|infants?|bab(?:y|ies)|toddlers?)\b/i, 0, 3],
  [/\b(?:child(?:ren)?|kids?|schoolchild(?:ren)?)\b/i, 0, 12],
  [/\b(?:teenagers?|adolescents?|teens)\b/i, 13, 19],
  [/\b(?:elderly|pensioners?|octogenarians?)\b/i, 65, 120],
];

/** Ages in a text, with years from and to; years say more than "children". */
function agesSaid(
  words: string,
): { readonly match: RegExpExecArray; readonly from: number; readonly to: number }[] {
  const range = betweenAges.exec(words);
  if (range !== null) return [{ match: range, from: Number(range[1]), to: Number(range[2]) }];
  const beyond = /\b\w+\s+the\s+age\s+of\s+\w+/i.exec(words);
  const years = beyond === null ? undefined : agesBeyond(beyond[0]);
  if (beyond !== null && years !== undefined) {
    return [{ match: beyond, from: years[0], to: years[1] }];
  }
  const decade = inDecade.exec(words);
  if (decade !== null) {
    const from = 20 + 10 * decades.indexOf(decade[1]!.toLowerCase());
    return [{ match: decade, from, to: from + 9 }];
  }
  return atAge.flatMap(([pattern, from, to]) => {
    const match = pattern.exec(words);
    return match === null ? [] : [{ match, from, to }];
  });
}

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
  const found = agesSaid(words);
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

const sexes = String.raw`(wom[ae]n|m[ae]n|girls?|boys?|females?|males?)`;
const comparisons = [
  String
    .raw`\b(?:seven|eight|nine)\s+(?:out\s+of|in|of)\s+(?:every\s+)?ten\s+(?:[\w'-]+\s+){0,6}?(?:are|is)\s+${sexes}\b`,
  String
    .raw`\b(?:two|three|four|five|nine|\d)\s+${sexes}\s+(?:for|to)\s+(?:every|each|one)\s+${sexes}\b`,
  String
    .raw`\b${sexes}\s+(?:about\s+)?(twice|(?:two|three|four|five|nine)\s+times)\s+as\s+(?:often|commonly|frequently)\s+as\s+(?:in\s+)?${sexes}\b`,
  String
    .raw`\b(more|less)\b[\w\s-]{0,24}?\b${sexes}\s+than\s+(?:(?:in|among|of)\s+)?(?:an?\s+)?${sexes}\b`,
  String
    .raw`\b(?:affect\w*|strik\w+|find|found|seen|met|common)\s+(?:in\s+)?${sexes}\s+(?:far\s+|much\s+)?(more|less)(?:\s+\w+)?\s+than\s+(?:in\s+)?${sexes}\b`,
  String
    .raw`\b(?:seen|found|met|occurs?|common(?:er)?|affect\w*)\s+(?:almost\s+|nearly\s+)?(predominantly|mainly|mostly|chiefly|exclusively|primarily|largely)\s+(?:(?:in|among)\s+)?${sexes}\b(?!\s+(?:and|or)\b)`,
].map((pattern) => new RegExp(pattern, "i"));

/**
 * A sentence that says of a disease that one sex has it more often, which is the other: "affects men more than women".
 *
 * @param sentence The sentence.
 * @param diseases Its diseases; a sentence with several is not read.
 * @returns A contradicted claim; undefined where all is well, or nothing is known.
 */
export function wrongComparison(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
): CheckedTextClaim | undefined {
  const only = onlyDisease(diseases);
  if (only === undefined) return undefined;
  const { profile: { sex, age, femaleShare } } = only.known;
  for (const pattern of comparisons) {
    const found = pattern.exec(wordsOf(sentence));
    if (found === null || /\bnot\b/i.test(found[0])) continue;
    const first = found.slice(1).find((word) => men.test(word) || women.test(word))!;
    const more = found.slice(1).some((word) => /^less$/i.test(word)) ? "less" : "more";
    const said = `${more} common in ${women.test(first) ? "women" : "men"}`;
    const bounds = { age, ...(sex === "both" ? {} : { sex }) };
    const { verdict, path, reason } = judgePopulation(said, bounds, femaleShare);
    if (verdict !== "contradicted") continue;
    return affectsOthers(sentence, only.name, found, { rule: "sexes compared", path, reason });
  }
  return undefined;
}
