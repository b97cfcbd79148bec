/**
 * What a sentence says that no fact of its diseases accounts for: findings of other diseases, opposites, numbers.
 *
 * @module
 */
import { line } from "../clinical/grounds.ts";
import { inside, nameAt } from "../text/names.ts";
import {
  boundOf,
  isPartOfRange,
  isSameQuantity,
  type PlacedQuantity,
  quantitiesIn,
} from "../text/qualifiers.ts";
import { isOf } from "../text/relation_links.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import { type DiseaseFact, holds } from "./disease_facts.ts";
import type { FactReader, FactReading, SaidOfDisease } from "./fact_reading.ts";
import { unreadClaim } from "./fact_verdicts.ts";
import { strangeFinding } from "./facts_said.ts";
import { clauseAt, plain, type PlainStem, plainStems, stemsOf } from "./plain_words.ts";
import { general, type ReadSentence, wordsOf } from "./read_sentence.ts";
import { factTurned } from "./turned_facts.ts";

const confirming =
  /\b(?:confirm\w*|diagnos\w+\s+by|establish\w*|proven?\s+by|(?:best|right|first)\s+test|tests?\s+(?:of\s+choice|to\s+diagnose))\b/i;

/** Findings that go with nearly every disease. */
const anyFinding = /^(?:pain|infections?|inflammation|symptoms?|discomfort|complaints?|illness)$/i;

/**
 * What a sentence says that its diseases do not have: a finding of others, or the opposite of a fact.
 *
 * @param sentence The sentence.
 * @param reading What facts say of it.
 * @param supported Claims of it that are supported: their names are accounted for.
 * @param reader The facts.
 * @returns A claim that is contradicted or unknown; undefined where all is accounted for.
 */
export function strangeClaim(
  sentence: ReadSentence,
  { free, said, drugs, explained }: FactReading,
  supported: readonly CheckedTextClaim[],
  { book }: FactReader,
): CheckedTextClaim | undefined {
  const spans = [...supported.flatMap(({ subject, object }) => [subject, object]), ...drugs.names];
  const left = free.filter((one) =>
    !explained.has(one.stem) && !spans.some((span) => inside(one, span))
  );
  const subject = said[0]!.disease.name;
  for (const { disease: { known, name }, stems } of said) {
    const turned = factTurned(stems, known.sourced);
    if (turned === undefined) continue;
    return {
      ...general(sentence.place),
      subject: name,
      relation: turned.fact.relation,
      object: nameAt(sentence.text, turned.start, turned.end),
      rule: "the opposite of a fact",
      verdict: "contradicted",
      path: [line(`${known.profile.disease.name}: ${turned.fact.source}`, turned.fact.row)],
      reason: `a source says "${turned.fact.source}"`,
    };
  }
  const factsAt = (at: readonly PlainStem[]): readonly DiseaseFact[] =>
    said.filter(({ stems }) => at.every((one) => stems.includes(one)))
      .flatMap(({ disease }) => disease.known.facts);
  const all = said.flatMap(({ disease }) => disease.known.facts);
  const finding = strangeFinding(free, left, factsAt, book.findingsWith);
  if (finding !== undefined) return unreadClaim(sentence, subject, finding);
  // "Confirmed by a throat culture"
  const test = confirming.test(wordsOf(sentence))
    ? strangeFinding(free, left, factsAt, book.testsWith)
    : undefined;
  if (test !== undefined) return unreadClaim(sentence, subject, test);
  const isWord = (name: TextName): boolean => {
    const stems = stemsOf(name.text);
    return all.some((fact) => holds(fact, stems));
  };
  const other = sentence.names.find((name) =>
    isOf(name, ["symptom"]) && name.standsFor === undefined && !anyFinding.test(name.text) &&
    left.some((one) => inside(one, name)) && !isWord(name)
  );
  return other && unreadClaim(sentence, subject, left.filter((one) => inside(one, other)));
}

/** In so many characters before a number stands what it measures. */
const NEAR_NUMBER = 40;

/**
 * Whether a sentence has numbers that neither a claim nor a fact has; an age is none of a finding.
 *
 * @param sentence The sentence.
 * @param own Its claims.
 * @param reading What facts say of it.
 * @returns True for "for three months" where the tables have three weeks.
 */
export function hasStrangeNumber(
  sentence: ReadSentence,
  own: readonly CheckedTextClaim[],
  { said, drugs }: FactReading,
): boolean {
  const text = wordsOf(sentence);
  const clauseOf = (one: SaidOfDisease): number =>
    clauseAt(text, one.disease.name.start - sentence.place.start);
  const quantities = quantitiesIn(text).filter(({ unit }) => !unit.endsWith("of age"));
  if (quantities.length === 0) return false;
  const stems = plainStems(text);
  const isKnown = (quantity: PlacedQuantity): boolean => {
    // "An illness of the first five years"
    const isFirstYears = /\bfirst\s+$/i.test(text.slice(0, quantity.start)) &&
      /^\S+\s+years?\b/i.test(text.slice(quantity.start));
    if (isFirstYears) {
      return said.some(({ disease: { known } }) =>
        known.profile.age.max === Number(quantity.value)
      );
    }
    const side = boundOf(text, quantity);
    const at = quantity.start;
    const clause = clauseAt(text, at);
    // "Whereas in gout it lasts an hour": a number of gout
    const own = said.filter((one) => clauseOf(one) === clause);
    const all = (own.length > 0 ? own : said).flatMap(({ disease }) => disease.known.facts);
    // "The activity is above 90 %" where the fact of activity says 10: not the 90 % of another fact
    const near = stems.filter(({ start, end }) =>
      end > at - NEAR_NUMBER && start < at && !/^\d/.test(text.slice(start, end))
    ).map(({ stem }) => stem);
    const beside = all.filter((fact) =>
      near.filter((stem) => fact.stems.includes(stem) && !plain.has(stem)).length > 1 &&
      quantitiesIn(fact.text).some(({ unit }) => unit === quantity.unit)
    );
    return [
      ...(beside.length > 0 ? beside : all).map(({ text }) => text),
      ...drugs.settings,
    ].some((words) =>
      quantitiesIn(words).some((one) => {
        const other = boundOf(words, one);
        // "Less than 30 minutes" is not "more than 30 minutes"
        if (side !== undefined && other !== undefined && side !== other) return false;
        return isSameQuantity(one, quantity) || isPartOfRange(words, one, quantity);
      })
    );
  };
  return own.every(({ relation }) => relation !== "affects") &&
    quantities.some((quantity) =>
      !isKnown(quantity) &&
      !own.some(({ quantities, verdict }) =>
        verdict !== "unknown" && quantities?.some(({ value }) => value === quantity.value)
      )
    );
}
