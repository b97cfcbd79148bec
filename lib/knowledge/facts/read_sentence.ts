/**
 * A sentence with its names, its words as plain stems, and the diseases in it of which the tables have facts.
 *
 * @module
 */
import type { Sentence } from "../text/sentences.ts";
import type { CheckedTextClaim, TextName } from "../text/types.ts";
import type { DiseaseFacts, FactBook } from "./disease_facts.ts";
import { type PlainStem, plainStems } from "./plain_words.ts";

/** See {@linkcode general}. */
type General = Pick<
  CheckedTextClaim,
  "polarity" | "experiencer" | "time" | "certainty" | "start" | "end"
>;

/** A sentence with its names and its words. */
export interface ReadSentence {
  /** The whole text. */
  readonly text: string;
  /** Where the sentence stands. */
  readonly place: Sentence;
  /** Its names. */
  readonly names: readonly TextName[];
}

/** A disease that a sentence names, with its facts. */
export interface KnownDisease {
  /** Its name in the sentence. */
  readonly name: TextName;
  /** Its facts. */
  readonly known: DiseaseFacts;
}

/**
 * The words of a sentence.
 *
 * @param sentence The sentence.
 * @returns Its text alone.
 */
export const wordsOf = ({ text, place }: ReadSentence): string =>
  text.slice(place.start, place.end);

/**
 * What a claim has that a sentence makes of nobody in particular.
 *
 * @param place The sentence.
 * @returns The claim without what it says; affirmed, unless it is said otherwise.
 */
export const general = ({ start, end }: Sentence): General => ({
  polarity: "affirmed",
  experiencer: "general",
  time: "now",
  certainty: "stated",
  start,
  end,
});

/**
 * The diseases of a sentence of which the tables have facts.
 *
 * @param sentence The sentence.
 * @param book The facts.
 * @returns The diseases in their order.
 */
export function diseasesIn({ names }: ReadSentence, book: FactBook): KnownDisease[] {
  return names.flatMap((name): KnownDisease[] => {
    const [known] = name.entities.flatMap(({ id, kind }) =>
      kind === "disease" ? book.factsOf(id) ?? [] : []
    );
    return known === undefined ? [] : [{ name, known }];
  });
}

/**
 * The disease of a sentence that speaks of one alone.
 *
 * @param diseases Its diseases.
 * @returns The first mention; undefined where there is none, or of several.
 */
export function onlyDisease(diseases: readonly KnownDisease[]): KnownDisease | undefined {
  const [first] = diseases;
  return diseases.every(({ known }) => known === first?.known) ? first : undefined;
}

/**
 * The stems of a sentence.
 *
 * @param sentence The sentence.
 * @returns Stems at their places in the whole text.
 */
export const stemsIn = (sentence: ReadSentence): PlainStem[] =>
  plainStems(wordsOf(sentence)).map((one) => ({
    ...one,
    start: one.start + sentence.place.start,
    end: one.end + sentence.place.start,
  }));
