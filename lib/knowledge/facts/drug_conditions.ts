/**
 * What a sentence says of drugs and of conditions that speak against them.
 *
 * @module
 */
import { forbiddenGround } from "../clinical/drug_grounds.ts";
import { exposure, harm, harmless, partAround, saidOfDrugs } from "../text/drug_words.ts";
import { inside, meaningOf, nameAt } from "../text/names.ts";
import { isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import type { DrugCondition, FactBook } from "./disease_facts.ts";
import { placesOf, spanOf } from "./facts_said.ts";
import { plain, type PlainStem, stemsOf } from "./plain_words.ts";
import { general, type ReadSentence, stemsIn, wordsOf } from "./read_sentence.ts";

/** Where something stands in a text. */
type Place = Pick<TextName, "start" | "end">;

/** Between a condition and a drug: "optic neuritis rules out ethambutol". */
const rulesOut =
  /\b(?:rules?\s+out|precludes?|excludes?|forbids?|prohibits?|bars?)\s+(?:the\s+use\s+of\s+|treatment\s+with\s+)?$/i;

/** Before a condition in which a drug is of no use: "has no place once the kidneys are impaired". */
const noPlace = /\bno\s+(?:place|role)\s+(?:once|when|if|in|during|with)\b[^,;.]*$/i;

/** Whether a condition rules out the drug that is named behind it. */
function isRuledOut({ text, names }: ReadSentence, at: Place, drug: string): boolean {
  const next = names.find(({ start, entities }) => start >= at.end && entities.length > 0);
  return next !== undefined && meaningOf(next, ["drug"])?.id === drug &&
    rulesOut.test(text.slice(at.end, next.start));
}

/** So many other words may stand among those of a condition: "for gout ..., which must not be given as the only treatment". */
const FAR_BETWEEN = 12;

/** Words that take a use back, or a condition. */
const exception = /\b(?:not|no|never|unless|without|except|instead|rather|free\s+of)\b|n['’]t\b/i;

/** Before a condition in which something does not hold: "but not if the eye is infected". */
const butNot =
  /\b(?:not|never|unless|except)\s+(?:if|when|in|with|where|for|to|during)?\s*(?:(?:an?\s+)?(?:anyone|anybody|people|patients?|those|someone|wom[ae]n|m[ae]n)\s+(?:with|who\s+(?:has|have))\s+)?(?:the|an?|there\s+is)?\s*(?:[\p{L}-]+\s+(?:or|and|nor)\s+)?$/iu;

/**
 * Where a condition stands in a sentence, by its name or by its words; not where the drug is one: "heparin-induced", nor within the name
 * of more: "ectopic pregnancy" is another condition than pregnancy.
 */
function placeOf(
  { row, units }: DrugCondition,
  { names }: ReadSentence,
  stems: readonly PlainStem[],
  drug: TextName,
): Place | undefined {
  const named = names.find(({ entities }) => entities.some(({ id }) => id === row.condition.id));
  if (named !== undefined) return named;
  const saying = (all: readonly string[]): number => all.filter((stem) => !plain.has(stem)).length;
  return units.flatMap((unit): Place[] => {
    const places = placesOf(stems, unit, FAR_BETWEEN);
    if (places === undefined || places.some((place) => inside(stems[place]!, drug))) return [];
    const at = spanOf(stems, places);
    const whole = names.find((name) => inside(at, name) && isOf(name, ["disease"]));
    return whole !== undefined && saying(stemsOf(whole.text)) > saying(unit) ? [] : [at];
  })[0];
}

/** Whether a part of a sentence forbids a drug, or uses it; undefined where it does neither, or takes it back. */
function saysOfCondition(words: string): boolean | undefined {
  const said = saidOfDrugs(words);
  if (said === undefined) return undefined;
  if (said.relation === "contraindicated" && said.polarity === "affirmed") return true;
  const uses = said.polarity === "affirmed" || harmless.test(words);
  return uses && !exception.test(words.replace(harmless, "")) ? false : undefined;
}

/** The last drug between a drug and a condition behind it. */
const drugBetween = (
  names: readonly TextName[],
  subject: TextName,
  at: Place,
): TextName | undefined =>
  names.findLast((name) =>
    name.start >= subject.end && name.start < at.start && isOf(name, ["drug"])
  );

/** Whether a condition stands with another drug of the sentence than the subject. */
function isOfAnother(
  { text, names }: ReadSentence,
  subject: TextName,
  at: Place,
): boolean {
  // "Ethambutol must not be given in gout, and pyrazinamide must not ..."
  if (at.end < subject.start) {
    return names.some((name) => name.end <= at.start && isOf(name, ["drug"])) &&
      /,\s+and\s+$/i.test(text.slice(at.end, subject.start));
  }
  const other = drugBetween(names, subject, at);
  // "Amoxicillin is first-line; azithromycin is kept", "..., azithromycin being left for people allergic to penicillin"
  return other !== undefined &&
    (/;|\b(?:but|while|whereas)\b|,\s+and\b.*\b(?:is|are|must|should)\b/i
      .test(text.slice(subject.end, at.start)) ||
      /\b(?:is|are)\b.*,/.test(text.slice(subject.end, other.start)) ||
      /^\s+(?:being|is|are)\s+(?:kept|left|reserved|saved)\b/.test(text.slice(other.end)));
}

/**
 * What a sentence says of drugs and of conditions that speak against them, whatever these are called: "when the bowel is obstructed".
 *
 * @param sentence The sentence with its names.
 * @param book The conditions.
 * @returns Claims that a drug is contraindicated, which are supported, and that it is used in spite of it, which are contradicted.
 */
export function conditionClaims(sentence: ReadSentence, book: FactBook): CheckedTextClaim[] {
  const { text, place, names } = sentence;
  const words = wordsOf(sentence);
  const stems = stemsIn(sentence);
  return names.flatMap((subject): CheckedTextClaim[] => {
    const drug = meaningOf(subject, ["drug"]);
    // "Five days after heparin was started": no use in what comes of it
    if (drug === undefined || exposure.test(text.slice(place.start, subject.start))) return [];
    return book.conditionsOf(drug.id).flatMap((condition): CheckedTextClaim[] => {
      if (condition.row.strength === "caution") return [];
      const at = placeOf(condition, sentence, stems, subject);
      if (at === undefined) return [];
      const around = (start: number): boolean | undefined =>
        saysOfCondition(partAround(words, start - place.start));
      if (isOfAnother(sentence, subject, at)) return [];
      // "First-line in cystitis, but unsuitable if the kidneys are impaired"
      const isBehind = at.start > subject.end && drugBetween(names, subject, at) === undefined;
      const forbids = butNot.test(text.slice(place.start, at.start)) ||
        isRuledOut(sentence, at, drug.id) || noPlace.test(text.slice(place.start, at.start)) ||
        ((isBehind ? around(at.start) : undefined) ?? around(subject.start));
      if (forbids === undefined || (!forbids && harm.test(words))) return [];
      const { path, reason } = forbiddenGround(drug.name, condition.row);
      return [{
        ...general(place),
        subject,
        relation: "contraindicated",
        object: nameAt(text, at.start, at.end),
        polarity: forbids ? "affirmed" : "denied",
        rule: forbids ? "words of harm" : "used in spite of a contraindication",
        verdict: forbids ? "supported" : "contradicted",
        path,
        reason,
      }];
    });
  });
}
