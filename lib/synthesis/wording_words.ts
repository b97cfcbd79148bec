/**
 * Words of a prompt by what they do: those that only carry a sentence may change in a rewording; the others say what is the
 * case or what is asked, and must stay.
 *
 * @module
 */
import { foldWord } from "../knowledge/mod.ts";

const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/**
 * One form for the inflections of a word: without its plural, participle and last e, in one spelling.
 *
 * @param word A word in any letters.
 * @returns Its stem, which need not be a word.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stemOf } from "./wording_words.ts";
 *
 * assertEquals(["Treats", "treated", "treating"].map(stemOf), ["treat", "treat", "treat"]);
 * ```
 */
export function stemOf(word: string): string {
  const plain = foldWord(word.toLowerCase().replace(/['’]s?$/, ""));
  if (plain.length < 4) return plain;
  const one = plain.replace(/ies$/, "y").replace(/(?<=.{3}(?:[sxz]|[cs]h))es$|(?<=.{2}[^s])s$/, "");
  const stem = one.replace(/(?<=.{3})(?:ing|ed)$/, "");
  return stem.replace(/(?<=.{2})e$/, "").replace(/(?<=.{2}([bdgmnprt]))\1$/, "");
}

const stems = (words: string): ReadonlySet<string> => new Set([...list(words)].map(stemOf));

/** Words of grammar. */
const grammar = list(`
  a an the this that these those which what who whom whose where there here it its they them their one ones
  of in on at to for from by with within as and or but nor than then so also plus while whereas however
  am is are was were be been being has have had having do does did done can would whether upon into along together`);

/**
 * Whether a word is one of grammar alone.
 *
 * @param word A word in small letters.
 * @returns True for articles, pronouns, prepositions, conjunctions and auxiliaries.
 */
export const isGrammar = (word: string): boolean => grammar.has(word);

/** Words that tell of a patient, a finding or a question and say nothing of them. */
const carrying = stems(`
  patient person people someone somebody individual case subject presentation clinic consultation visit examination exam
  examined examine present presents presented presenting show shows shown exhibit display experience experienced suffer
  complain complaint complains report reported describe described description mention note noted notice observe observed
  observation see seen saw find found record recorded come came attend known history occur occurs happen associated
  association accompany accompanied connected regard concerning about consider following follow below above list listed
  given give gave option options choice choices possibility among amongst between name named state stated identify select
  choose pick indicate tell provide write text answer considered say said asked currently
  develop developed feature characteristic typical characterize we any point pointed points compose create prepare doctor
  physician clinician`);

/** Words of a kind that may stand for each other; "asked" may not be added where the text has none of the kind. */
const kinds: Readonly<Record<string, ReadonlySet<string>>> = {
  symptom: stems("symptom finding sign manifestation complaint"),
  disease: stems("disease illness condition disorder diagnosis diagnoses"),
  drug: stems("drug medicine medication agent pharmaceutical remedy"),
  treat: stems(
    "treat treatment therapy used use useful help helps helpful manage management relieve",
  ),
  cause: stems("cause caused lead leads produce responsible explain due"),
  test: stems("test result investigation laboratory lab"),
  class: stems("class classification classified"),
  kind: stems("kind type category broader belong belongs fall falls"),
  site: stems("body part located location locate organ site anatomical affect affected"),
  likely: stems("likely likelier likeliest probable plausible fit fits suit better best most more"),
  shared: stems("both share shared common"),
  female: stems("she her hers woman women female girl lady"),
  male: stems("he his him man men male boy gentleman"),
  denial: stems(
    "no not never neither nor without cannot absent absence deny denies denied lack free negative non hardly rarely seldom none",
  ),
};

/** Kinds of which a rewording may name the first where the old words name none: a patient's fever is a symptom. */
const freeToAdd: ReadonlySet<string> = new Set(["symptom", "disease"]);

/** Kinds whose words say something besides their kind. */
const alsoContent: ReadonlySet<string> = new Set(["female", "male"]);

/** Numbers in words. */
const numerals = new Map(
  [..."two three four five six seven eight nine ten eleven twelve".split(" ").entries()].map(
    ([i, word]) => [word, String(i + 2)] as const,
  ),
);

/** What a word does in a sentence. */
export interface WordRole {
  /** The kinds that it belongs to. */
  readonly kinds: readonly string[];
  /** What must stay of it; undefined for words that only carry the sentence. */
  readonly content: string | undefined;
}

/**
 * What a word does.
 *
 * @param word A word or a number, in any letters.
 * @returns Its kinds, and what must stay of it.
 */
export function roleOf(word: string): WordRole {
  const small = word.toLowerCase().replaceAll("’", "'");
  const number = numerals.get(small);
  if (number !== undefined || /^\d/.test(small)) {
    return { kinds: [], content: `#${number ?? small}` };
  }
  if (/n't$/.test(small)) return { kinds: ["denial"], content: undefined };
  const stem = stemOf(small);
  const own = Object.keys(kinds).filter((kind) => kinds[kind]!.has(stem));
  const pronoun = /^(?:she|her|hers|he|his|him)$/.test(small);
  if (own.length > 0) {
    const stays = !pronoun && own.some((kind) => alsoContent.has(kind));
    return { kinds: own, content: stays ? stem : undefined };
  }
  const carries = grammar.has(small) || carrying.has(stem);
  return { kinds: [], content: carries ? undefined : stem };
}

/**
 * The kinds that must be in both texts or in neither, where they are not.
 *
 * @param before Kinds of the old words.
 * @param after Kinds of the new ones.
 * @param asks Whether the old words ask: a statement may lose the name of what it names, "signs are fever".
 * @returns The kinds that were lost or added.
 */
export function changedKinds(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  asks: boolean,
): string[] {
  const lost = [...before].filter((kind) =>
    !after.has(kind) && !alsoContent.has(kind) && (asks || !freeToAdd.has(kind))
  );
  const added = [...after].filter((kind) => !before.has(kind) && !freeToAdd.has(kind));
  return [...lost, ...added];
}
