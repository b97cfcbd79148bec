/**
 * Sentences held against the facts of the diseases that they name: for what no pattern of claims reads, for what a pattern
 * reads as something that no source knows, and for words of findings that stand in a sentence and in no claim of it.
 *
 * @module
 */
import type { TextReading } from "../text/claims.ts";
import { partAround, postponed } from "../text/drug_words.ts";
import { inside, nameAt, overlaps } from "../text/names.ts";
import { isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import { foreignAddition } from "./additions.ts";
import { conditionClaims } from "./drug_conditions.ts";
import { otherUse, strangeUse } from "./drug_fact_claims.ts";
import { type FactReader, readFacts } from "./fact_reading.ts";
import { claimsOfFacts, unreadClaim } from "./fact_verdicts.ts";
import { isFirm } from "./firm_claims.ts";
import { wronglyContagious } from "./infection_faults.ts";
import { joinedSentences } from "./joined_sentences.ts";
import { isAccounted, isNoClaim, withConditions } from "./misreadings.ts";
import { frame, plain } from "./plain_words.ts";
import { wrongAge, wrongComparison, wrongSex } from "./population_faults.ts";
import { diseasesIn, type ReadSentence, wordsOf } from "./read_sentence.ts";
import { isOfNothing, isReport, isStated, ofTexts } from "./statements.ts";
import { hasStrangeNumber, strangeClaim } from "./strange_claims.ts";

const treatWords =
  /\b(?:first-line|first\s+(?:line|choice|drug)|drug\s+of\s+choice|treat\w*|prescri\w+|turn\s+to|contraindicated|therapy)\b/i;

/** "Only in elderly smokers": a limit that no claim of the sentence has taken up. */
const isLimited = (words: string, own: readonly CheckedTextClaim[]): boolean =>
  /(?<!\bnot\s+)\bonly\s+(?:ever\s+|occurs?\s+|seen\s+)*(?:in|among|when|if|after|by|at|during)\b/i
    .test(words) &&
  own.every(({ extent, relation }) => extent === undefined && relation !== "affects");

const plainDenial = /\b(?:no|not|never|neither|nor|without|absent)\b|n['’]t\b/i;

/** "But the diarrhoea does not contain blood": a fact denied in so many words, and not part of what is supported. */
const isPlainlyDenied = (
  { verdict, polarity, object, extent }: CheckedTextClaim,
  sentence: ReadSentence,
  supported: readonly CheckedTextClaim[],
): boolean =>
  (verdict === "contradicted" || (verdict === "unknown" && extent === "all")) &&
  (polarity === "affirmed" ||
    plainDenial.test(partAround(wordsOf(sentence), object.start - sentence.place.start))) &&
  !supported.some((one) => overlaps(one.object, object) || overlaps(one.subject, object));

const careWords =
  /\b(?:first-line|(?:drug|treatment)\s+of\s+choice|first\s+choice|contraindicated)\b/i;

/** The first part between full stops that speaks of care and in which nothing is read: "antibiotics are contraindicated". */
function careUnread(
  sentence: ReadSentence,
  read: readonly Pick<TextName, "start" | "end">[],
): TextName | undefined {
  const { text, place } = sentence;
  const ends = [...wordsOf(sentence).matchAll(/[.;](?:\s|$)/g)].map(({ index }) =>
    place.start + index
  );
  const parts = [...ends, place.end].map((end, i, all) =>
    nameAt(text, i === 0 ? place.start : all[i - 1]! + 1, end)
  );
  return parts.length < 3
    ? undefined
    : parts.find((part) => careWords.test(part.text) && !read.some((one) => overlaps(one, part)));
}

/** The claims of one sentence, with one more that is unknown where it adds what nothing accounts for. */
function claimsWithAdditions(
  sentence: ReadSentence,
  patterns: readonly CheckedTextClaim[],
  reader: FactReader,
): readonly CheckedTextClaim[] {
  const claims = claimsOfSentence(sentence, patterns, reader);
  const told = claims.filter(({ verdict }) => verdict !== "not a claim");
  const supported = told.filter(({ verdict }) => verdict === "supported");
  if (supported.length === 0 || supported.length < told.length) return claims;
  if (postponed.test(wordsOf(sentence))) {
    return [...claims, unreadClaim(sentence, supported[0]!.subject, [])];
  }
  const use = strangeUse(sentence, told, reader.judge);
  if (use !== undefined) return [...claims, use];
  const diseases = diseasesIn(sentence, reader.book);
  const elsewhere = otherUse(sentence, diseases, supported);
  if (elsewhere !== undefined) return [...claims, elsewhere];
  const reading = readFacts(sentence, diseases, supported, reader);
  const unread = careUnread(sentence, [
    ...told.flatMap(({ subject, object }) => [subject, object]),
    ...reading.facts,
  ]);
  if (unread !== undefined) return [...claims, unreadClaim(sentence, unread, [])];
  const names = [
    ...supported.flatMap(({ subject, object }) => [subject, object]),
    // "Atrial fibrillation (AF)": an abbreviation that is known
    ...sentence.names.filter(({ text }) => /^[A-Z]{2,6}$/.test(text)),
    ...diseases.map(({ name }) => name),
    ...reading.drugs.names,
  ];
  const foreign = foreignAddition(sentence, {
    names,
    explained: new Set([
      ...reading.explained,
      // Loosely: words of any of its facts
      ...diseases.flatMap(({ known }) => known.sourced.flatMap(({ stems }) => stems)),
    ]),
    book: reader.book,
  });
  return foreign === undefined
    ? claims
    : [...claims, unreadClaim(sentence, supported[0]!.subject, foreign)];
}

/** The claims of one sentence, those that patterns read among them. */
function claimsOfSentence(
  sentence: ReadSentence,
  patterns: readonly CheckedTextClaim[],
  reader: FactReader,
): readonly CheckedTextClaim[] {
  const conditions = conditionClaims(sentence, reader.book);
  if (conditions.some(({ verdict }) => verdict === "contradicted")) {
    return [...patterns, ...conditions];
  }
  const own = withConditions(sentence, patterns, conditions).filter((one) =>
    !isNoClaim(one, sentence)
  );
  const diseases = diseasesIn(sentence, reader.book);
  const [first] = diseases;
  const words = wordsOf(sentence);
  const told = own.filter(({ verdict }) => verdict !== "not a claim");
  if (first === undefined && told.length === 0 && isOfNothing(sentence)) {
    const whole = nameAt(sentence.text, sentence.place.start, sentence.place.end);
    return [...own, unreadClaim(sentence, whole, [])];
  }
  if (first === undefined || isReport(sentence)) return own;
  if (ofTexts.test(words) && told.length === 0) return own;
  const wrong = wrongSex(sentence, diseases) ?? wrongAge(sentence, diseases) ??
    wrongComparison(sentence, diseases) ?? wronglyContagious(sentence, diseases);
  if (wrong !== undefined) return [...own, wrong];
  const supported = told.filter(({ verdict }) => verdict === "supported");
  const refused = told.filter(({ verdict }) => verdict !== "supported");
  const reading = readFacts(sentence, diseases, supported, reader);
  const ofFacts = reading.said.flatMap(({ disease, said }) =>
    claimsOfFacts(sentence, disease, said)
  );
  // "Itching is typical", which one source calls uncommon and another a predominant symptom
  const isTypical = ({ extent, object }: CheckedTextClaim): boolean =>
    extent === "most" &&
    reading.facts.some((one) => one.fact.rating === "typical" && overlaps(one, object));
  // "Cannot sit still, and often shows blood in the urine": the denial of something else
  const isMisread = ({ relation, polarity, subject, object }: CheckedTextClaim): boolean =>
    (isOf(subject, ["drug"]) && polarity === "denied" &&
      !/\b(?:no|not|never|cannot|without)\b|n['’]t\b/i
        .test(partAround(words, subject.start - sentence.place.start))) ||
    relation === "presents" && polarity === "denied" && /,|\b(?:or|who|which|that)\b/.test(words) &&
      ofFacts.some((one) => one.verdict === "supported" && overlaps(one.object, object));
  const isMeant = (one: CheckedTextClaim): boolean => !isMisread(one) && !isTypical(one);
  if (refused.some((one) => one.verdict === "contradicted" && isMeant(one))) return own;
  if (refused.some((one) => isFirm(one, reading, sentence.text, reader))) return own;
  const strange = strangeClaim(sentence, reading, supported, reader);
  if (strange !== undefined) return refused.length > 0 ? own : [...own, strange];
  if (hasStrangeNumber(sentence, own, reading)) {
    return refused.length > 0 ? own : [...own, unreadClaim(sentence, first.name, [])];
  }
  const isRead = (claim: CheckedTextClaim): boolean =>
    isAccounted(claim, { text: sentence.text, reading, supported, diseases, book: reader.book });
  if (!refused.every(isRead)) return own;
  if (isLimited(words, own)) return [...own, unreadClaim(sentence, first.name, [])];
  if (told.length > 0 && refused.length === 0 && reading.drugs.claims.length === 0) {
    return [...own, ...ofFacts.filter((one) => isPlainlyDenied(one, sentence, supported))];
  }
  const isCondition = sentence.place.form === "condition";
  // "If vagal manoeuvres fail" denies none
  const more = ofFacts.filter(({ verdict }) => !isCondition || verdict === "supported");
  const rest = own.filter((claim) => !refused.includes(claim));
  const read = [...rest, ...more, ...reading.drugs.claims];
  // "Pain and redness of the big toe": that there is pain says nothing of the rest
  const isBare = rest.length + reading.drugs.claims.length === 0 &&
    reading.facts.every(({ fact, unit }) =>
      fact.relation === "presents" && unit.every((stem) => plain.has(stem))
    ) &&
    reading.free.some(({ stem }) =>
      !reading.explained.has(stem) && !plain.has(stem) &&
      reader.book.findingsWith(stem).length > 0
    );
  if (!isBare && read.some(({ verdict }) => verdict !== "not a claim")) return read;
  const says = sentence.place.form === "statement" && (treatWords.test(words) ||
    reading.free.some((one) =>
      reader.book.findingsWith(one.stem).length > 0 && !frame.has(one.stem)
    ));
  return says ? [...own, unreadClaim(sentence, first.name, [])] : own;
}

/**
 * The claims of a text, with those that only facts read.
 *
 * @param reading What was read of the text.
 * @param claims Its claims with their verdicts.
 * @param reader Facts and judge.
 * @returns The claims. Those of a sentence that no source knows are replaced where facts say what it says; a sentence with words of
 * findings that neither a claim nor a fact accounts for has a claim that is unknown.
 */
export function withFacts(
  { text, sentences }: TextReading,
  claims: readonly CheckedTextClaim[],
  reader: FactReader,
): CheckedTextClaim[] {
  const all = [...claims];
  for (const { place: own, names } of joinedSentences(sentences, text, reader.book)) {
    // "Gout: joint pain": the label is part of the sentence where it is a name
    const start = Math.min(own.start, names[0]?.start ?? own.start);
    const place = { ...own, start };
    const sentence: ReadSentence = { text, place, names };
    if (!isStated(sentence)) continue;
    const before = all.filter((claim) => inside(claim, place));
    const read = claimsWithAdditions(sentence, before, reader);
    const at = before.length === 0
      ? all.findIndex((claim) => claim.start >= place.end)
      : all.indexOf(before[0]!);
    const rest = all.filter((claim) => !before.includes(claim));
    rest.splice(at < 0 ? rest.length : at, 0, ...read);
    all.splice(0, all.length, ...rest);
  }
  return all;
}
