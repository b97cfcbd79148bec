/**
 * What the facts of its diseases say of a sentence: which of them it says, what it says of drugs, and which words are accounted for.
 *
 * @module
 */
import type { ClaimJudge } from "../judges/graph_judge.ts";
import { comparedUpTo } from "../text/claims.ts";
import { caution } from "../text/drug_words.ts";
import { flagWords } from "../text/finding_cues.ts";
import { inside, meaningOf, overlaps } from "../text/names.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import { type DiseaseFact, type FactBook, isInOwnWords } from "./disease_facts.ts";
import { drugClaims, type DrugReading } from "./drug_fact_claims.ts";
import { fitsWords, partAt, purposeVerb } from "./fact_verdicts.ts";
import { factsSaid, type SaidFact } from "./facts_said.ts";
import { clauseAt, type PlainStem, stemsOf } from "./plain_words.ts";
import { type KnownDisease, type ReadSentence, stemsIn, wordsOf } from "./read_sentence.ts";

/** What sentences are read with. */
export interface FactReader {
  /** The facts of diseases. */
  readonly book: FactBook;
  /** Decides about drugs. */
  readonly judge: ClaimJudge;
}

/** What a sentence says of one disease. */
export interface SaidOfDisease {
  /** The disease. */
  readonly disease: KnownDisease;
  /** The stems that may be about it, those of names left out. */
  readonly stems: readonly PlainStem[];
  /** The facts that they say. */
  readonly said: readonly SaidFact[];
}

/** What facts say of a sentence. */
export interface FactReading {
  /** Its stems, those of names left out. */
  readonly free: readonly PlainStem[];
  /** The facts that it says of each disease. */
  readonly said: readonly SaidOfDisease[];
  /** The facts that are said, of all diseases. */
  readonly facts: readonly SaidFact[];
  /** What it says of drugs. */
  readonly drugs: DrugReading;
  /** Stems of facts that are said, and of when drugs are used. */
  readonly explained: ReadonlySet<string>;
}

/** "Tenderness and fever point to": no point of tenderness. */
const pointsTo = /\b(?:points?\s+(?:to|towards?)|speaks?\s+for)\b/i;

/** The stems of a fact that is said, and of its source's words for it. */
const wordsOfFact = ({ fact, unit }: SaidFact): string[] => [
  ...fact.stems,
  ...unit,
  ...(isInOwnWords(fact) ? [] : stemsOf(fact.source)),
];

/** The stems of what the tables ask to be cautious about with the drugs of a sentence: "cautiously in urinary retention". */
function cautionsIn(sentence: ReadSentence, book: FactBook): string[] {
  if (!caution.test(wordsOf(sentence))) return [];
  return sentence.names.flatMap((name) => meaningOf(name, ["drug"]) ?? [])
    .flatMap(({ id }) => book.conditionsOf(id))
    .filter(({ row }) => row.strength === "caution")
    .flatMap(({ units }) => units.flat());
}

/**
 * Reads a sentence by the facts of its diseases.
 *
 * @param sentence The sentence.
 * @param diseases Its diseases.
 * @param supported Claims of it that are supported: their drugs are read.
 * @param reader Facts and judge.
 * @returns What the facts say of it.
 */
export function readFacts(
  sentence: ReadSentence,
  diseases: readonly KnownDisease[],
  supported: readonly CheckedTextClaim[],
  { book, judge }: FactReader,
): FactReading {
  const persons = sentence.names.filter(({ person }) => person !== undefined);
  const named = [...diseases.map(({ name }) => name), ...persons];
  const words = wordsOf(sentence);
  const from = sentence.place.start + comparedUpTo(words);
  // "A warning sign", "to reduce": no words of a finding
  const passed = [flagWords, purposeVerb, pointsTo].flatMap((pattern) => {
    const found = pattern.exec(words);
    if (found === null) return [];
    const start = sentence.place.start + found.index;
    return [{ start, end: start + found[0].length }];
  });
  const stems = stemsIn(sentence).filter((stem) => stem.start >= from);
  const without = (names: readonly TextName[]): PlainStem[] =>
    stems.filter((stem) =>
      !names.some((name) => inside(stem, name)) &&
      !passed.some((one) => overlaps(stem, one))
    );
  const free = without(named);
  const clauseOf = ({ name }: KnownDisease): number =>
    clauseAt(words, name.start - sentence.place.start);
  const saidOf = (
    disease: KnownDisease,
    isMeant: (fact: DiseaseFact) => boolean,
  ): SaidOfDisease => {
    const isSame = ({ known }: KnownDisease): boolean => known === disease.known;
    // "Whereas in gout they are negative": a clause of another disease
    const clauses = diseases.filter(isSame).map(clauseOf);
    const others = diseases.filter((one) => !isSame(one)).map(clauseOf)
      .filter((clause) => !clauses.includes(clause));
    const about = (names: readonly TextName[]): PlainStem[] =>
      without(names).filter(({ clause }) => !others.includes(clause));
    // "Associated with ulcerative colitis": the name of another disease may be part of a fact
    const own = diseases.filter(isSame).map(({ name }) => name);
    return {
      disease,
      stems: about(named),
      said: factsSaid(about([...own, ...persons]), disease.known.facts.filter(isMeant)),
    };
  };
  const partOf = (at: number): string => {
    const { start, end } = partAt(words, at - sentence.place.start);
    return words.slice(start, end);
  };
  const parts = [...new Set(stems.map(({ start }) => partOf(start)))];
  // "Pain suggests ischemia, and fibrillation is a risk factor": each in its part
  const said = diseases.map((disease): SaidOfDisease => {
    const read = saidOf(disease, (fact) => parts.some((part) => fitsWords(fact, part)));
    return {
      ...read,
      said: read.said.filter(({ fact, start }) => fitsWords(fact, partOf(start))),
    };
  });
  const facts = said.flatMap((one) => one.said);
  // "Shoulder pain in a woman with a positive pregnancy test is a red flag": the test is none
  const accounted = flagWords.test(words) && facts.length > 0
    ? diseases.flatMap((disease) => saidOf(disease, () => true).said)
    : facts;
  const ofFacts = new Set(
    accounted.filter(({ fact }) => isInOwnWords(fact)).flatMap(wordsOfFact),
  );
  const drugs = drugClaims(sentence, diseases, { supported, ofFacts, judge });
  const explained = new Set([
    ...accounted.flatMap(wordsOfFact),
    ...drugs.settings.flatMap(stemsOf),
    ...cautionsIn(sentence, book),
    // A tension headache is a headache
    ...diseases.flatMap(({ known }) => stemsOf(known.profile.disease.name)),
  ]);
  return { free, said, facts, drugs, explained };
}
