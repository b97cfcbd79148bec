/**
 * Claims that a sentence makes in the words of facts, with their verdicts, and the claim by which a sentence is refused that says more than any source.
 *
 * @module
 */
import { line } from "../clinical/grounds.ts";
import { harm } from "../text/drug_words.ts";
import { flagWords } from "../text/finding_cues.ts";
import { maskNames } from "../text/masked_sentence.ts";
import { inside, nameAt } from "../text/names.ts";
import { deniedSpans } from "../text/negation.ts";
import { agreesInDegree, degreesIn, type Extent, extentOf } from "../text/qualifiers.ts";
import { isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import { type DiseaseFact, holds } from "./disease_facts.ts";
import type { SaidFact } from "./facts_said.ts";
import { type PlainStem, stemsOf } from "./plain_words.ts";
import { general, type KnownDisease, type ReadSentence, wordsOf } from "./read_sentence.ts";

const riskWords =
  /\brisks?\b|\bpredispos\w+|\bprone\b|\bprovok\w+|\btrigger\w*|\bhistory\b|\bfollow\w*|\bafter\b|\bmore\s+likely\b/i;
const testWords =
  /\b(?:tests?|tested|testing|order\w*|check\w*|measur\w*|confirm\w*|diagnos\w*|work-?up|investigat\w*|imaging|scans?|done|performed|obtain\w*|draw\w*|send|aspirat\w*|exclude\w*|rule|includes?|consists?|first-line|needed|calls?|show\w*|contains?|reveals?|microscop\w+|under|on|by|stud(?:y|ies))\b/i;
const careWords = /\b(?:treat\w*|manag\w+|care|therap\w+|first|drugs?|medic\w+|mainstay)\b/i;
const symptomWords = /\b(?:symptoms?|signs?|complain\w*|manifest\w*|presents?)\b/i;

/**
 * Whether a fact can be what a sentence speaks of: a red flag where it speaks of one, a risk where it may.
 *
 * @param fact The fact.
 * @param words The sentence.
 * @returns False where the sentence speaks of another kind of thing.
 */
export function fitsWords({ relation }: DiseaseFact, words: string): boolean {
  if (flagWords.test(words)) return relation === "red_flag";
  if (relation === "diagnosed_by") return testWords.test(words);
  if (relation === "first_line") return careWords.test(words);
  if (relation === "has_risk") return riskWords.test(words) || !symptomWords.test(words);
  return !/\brisk\s+factors?\b/i.test(words);
}

const onlyWords =
  /(?<!\b(?:not|almost|nearly)\s+)\b(?:only|solely|exclusively|always|never\s+without|invariably|without\s+exception|sole)\b/i;

/** Where the parts of a sentence begin that say something by themselves. */
const partBorder =
  /[;:]|\.\s|,\s+(?:and|but|while|whereas|although|though)\b|\b(?:but|whereas)\b/gi;

/**
 * The part of a sentence around a place that says something by itself.
 *
 * @param words The sentence.
 * @param at A place in it.
 * @returns Where the part begins and ends.
 */
export function partAt(
  words: string,
  at: number,
): { readonly start: number; readonly end: number } {
  const borders = [...words.matchAll(partBorder)].map(({ index }) => index);
  return {
    start: borders.filter((border) => border <= at).at(-1) ?? 0,
    end: borders.find((border) => border > at) ?? words.length,
  };
}

/** Words that turn a risk into its opposite. */
const protects =
  /\bno\s+(?:\w+\s+)?(?:risk|danger)\b|\bprotect\w*|\bprevents?\b|\b(?:lower|reduc|decreas)\w*\s+(?:the\s+)?(?:risk|chance|odds)/i;

const denials: ReadonlySet<string> = new Set(["no", "not", "never", "spare"]);
const denialWords =
  /\b(?:no|not|never|without|rare\w*|seldom|absent|inability|unable|cannot|restricted|limited|fail\w*|avoid\w*)\b|n['’]t\b/i;

/** So many characters before the words of a fact are read for its degree. */
const DEGREE_BEFORE = 16;

/** What "always", "rarely", "only", or another degree make of a fact. */
function agreement(
  { relation, text, rating }: DiseaseFact,
  extent: Extent | undefined,
  degrees: readonly string[],
): "fits" | "beyond" | "against" {
  if (degrees.some((degree) => agreesInDegree(degree, text) === false)) return "against";
  // "Only supportive care"
  if (relation === "first_line") return "fits";
  if (extent === "only") return /pathognomonic/i.test(text) ? "fits" : "beyond";
  if (extent === "all") return "beyond";
  const isRare = /\b(?:rare|seldom)/i.test(text);
  if (isRare && extent === "most") return "against";
  return extent === "few" && rating === "typical" && !isRare ? "against" : "fits";
}

/** What something is given for begins with these words. */
export const purposeVerb: RegExp =
  /\b(?:to|for)\s+(?:help\s+)?(?:(?:prevent|reduc|reliev|control|stop|treat|eas|lessen|lower|manag|avert|avoid|sooth|alleviat|calm|abort|shorten)(?:e|ing|ling|ping)?|ward(?:ing)?\s+off)\b/i;
const purpose = new RegExp(
  String
    .raw`(?:${purposeVerb.source}|\b(?:relieves?|eases?|controls?|reduces?|prevents?|wards?\s+off|soothes?|alleviates?)\b)\s+(?:[\p{L}-]+\s+){0,4}$`,
  "iu",
);
const harmWords = new RegExp(harm.source, "giu");

/**
 * Whether what stands at a place is what something is given for: "to reduce heavy bleeding" denies none.
 *
 * @param words A sentence.
 * @param at The place.
 * @returns True behind "to prevent" and the like.
 */
export const isPurpose = (words: string, at: number): boolean => purpose.test(words.slice(0, at));

/** "Haloperidol is contraindicated in a patient whose tremor ...": the drug is refused, not the tremor. */
const withoutHarm = (sentence: ReadSentence): string =>
  sentence.names.some((one) => isOf(one, ["drug"]))
    ? wordsOf(sentence).replace(harmWords, (found) => "x".repeat(found.length))
    : wordsOf(sentence);

/**
 * The facts that a sentence says of a disease, as claims with their verdicts.
 *
 * @param sentence The sentence.
 * @param disease The disease.
 * @param said The facts, from left to right.
 * @returns One claim for each.
 */
export function claimsOfFacts(
  sentence: ReadSentence,
  { name, known }: KnownDisease,
  said: readonly SaidFact[],
): CheckedTextClaim[] {
  const { text, place, names } = sentence;
  const words = wordsOf(sentence);
  const diseases = names.filter((one) => isOf(one, ["disease"]));
  // "Seldom above 300, and prednisolone is given when severe": each part by itself
  const extentAt = (at: number): Extent | undefined => {
    const part = partAt(words, at);
    const [start, end] = [place.start + part.start, place.start + part.end];
    const own = diseases.filter((one) => inside(one, { start, end }));
    // "each arm" is not said of all cases
    const masked = maskNames(text, start, end, own).words.replace(/\bwho\s+always\b/gi, "who");
    return extentOf(masked) ??
      (onlyWords.test(text.slice(start, end)) ? "only" : undefined);
  };
  // "Makes sinusitis unlikely", "speaks against gout"
  const isRefuted = (/\bmakes?\s+(?:an?\s+|the\s+)?$/i.test(text.slice(place.start, name.start)) &&
    /^\s+(?:\w+\s+)?(?:less\s+likely|unlikely)\b/i.test(text.slice(name.end, place.end))) ||
    /\b(?:(?:argues?|speaks?|points?|counts?)\s+against|rather\s+than|instead\s+of|(?:and|but)\s+not)\s+(?:an?\s+|the\s+)?$/i
      .test(text.slice(place.start, name.start));
  const spans = said.map(({ start, end }) => ({
    start: start - place.start,
    end: end - place.start,
  }));
  const plainWords = withoutHarm(sentence);
  const denied = deniedSpans(plainWords, spans);
  // "Without pulses and pain that ...": not clear how far it reaches
  const deniedNear = deniedSpans(plainWords.replace(/ and /g, ";    "), spans);
  return said.map(({ fact, unit, start, end }, i): CheckedTextClaim => {
    const before = text.slice(Math.max(place.start, start - DEGREE_BEFORE), start)
      .split(/[,;]|\b(?:and|or|but|while|whereas|with)\b/).at(-1)!;
    const degrees = degreesIn(before + text.slice(start, end));
    const extent = extentAt(start - place.start);
    const within = agreement(fact, extent, degrees);
    const hasDenial = fact.relation === "first_line"
      ? unit.some((stem) => denials.has(stem))
      : denialWords.test(fact.text);
    // "Obstruction which is not reversible": denied within the words themselves
    const stems = stemsOf(text.slice(start, end));
    // "Cannot be scraped off"
    const isUnable = /\b(?:cannot|can['’]t)\b/i.test(text.slice(start, end)) &&
      stems.includes("hard") && !unit.includes("hard");
    const isDenied = isRefuted || isUnable ||
      (denied[i]! && !isPurpose(words, start - place.start)) ||
      ((fact.relation === "has_risk" || fact.relation === "red_flag") &&
        protects.test(words) && !isPurpose(words, start - place.start)) ||
      ((!hasDenial || fact.absent) && stems.some((stem) => denials.has(stem)));
    // "Fever may be absent": both are right
    const mayBeAbsent = isDenied &&
      known.facts.some((one) =>
        /\b(?:absent|absence|missing|lacking)\b/i.test(one.text) &&
        holds(one, unit)
      );
    const agrees = isDenied === fact.absent || mayBeAbsent || extent === "few" ||
      (isDenied && hasDenial) ||
      denied[i] !== deniedNear[i];
    return {
      ...general(place),
      ...(fact.relation === "first_line"
        ? { subject: nameAt(text, start, end), object: name }
        : { subject: name, object: nameAt(text, start, end) }),
      relation: fact.relation,
      polarity: isDenied ? "denied" : "affirmed",
      ...(extent === undefined ? {} : { extent }),
      rule: "in the words of a fact",
      verdict: within === "beyond"
        ? "unknown"
        : agrees && within === "fits"
        ? "supported"
        : "contradicted",
      path: [line(`${known.profile.disease.name}: ${fact.source}`, fact.row)],
      reason: within === "beyond"
        ? `a source says "${fact.source}", but not "${extent === "all" ? "always" : "only"}"`
        : `a source says "${fact.source}"`,
    };
  });
}

/**
 * What a sentence that says more than any source is refused by.
 *
 * @param sentence The sentence.
 * @param subject The disease that it names first.
 * @param left What no source says; empty where nothing reads the sentence.
 * @returns A claim whose verdict is unknown.
 */
export function unreadClaim(
  { text, place }: ReadSentence,
  subject: TextName,
  left: readonly PlainStem[],
): CheckedTextClaim {
  const [start, end] = [
    left[0]?.start ?? place.start,
    left.reduce((last, one) => Math.max(last, one.end), 0) || place.end,
  ];
  return {
    ...general(place),
    subject,
    relation: "associated",
    object: nameAt(text, start, end),
    rule: "not read",
    verdict: "unknown",
    path: [],
    reason: left.length === 0
      ? "no rule reads what the sentence says of it"
      : `no source says so of ${
        [...new Set(left.map((one) => JSON.stringify(text.slice(one.start, one.end))))].join(", ")
      }`,
  };
}
