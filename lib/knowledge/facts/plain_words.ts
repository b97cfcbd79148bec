/**
 * What medical words mean in plain ones, so that "dysphagia", "trouble swallowing" and "being unable to swallow" are the same:
 * a text becomes a list of plain word stems, and one text says what another does where its stems are among the other's.
 *
 * @module
 */
import { stemmer } from "stemmer";
import { foldWord } from "../graph/spelling.ts";
import { numberWords } from "../text/qualifiers.ts";
import { findingMeanings } from "./finding_meanings.ts";
import { plainMeanings } from "./plain_meanings.ts";

/** Words that say nothing of what is found: they are passed over. "No", "not", "one" and "both" are none of them. */
const empty: ReadonlySet<string> = new Set(
  ("a an the of in on at to for from by with within into onto and or but as is are was were be been being it its this that " +
    "these those there here which who whom whose what when while where whenever if then than so such also too very quite rather more " +
    "much many some any each every all has have had having do does did may might can could will would should must shall " +
    "often usually typically commonly frequently sometimes generally mainly mostly especially particularly classically characteristically " +
    "i you he she we they them him her his their your our my me us one's oneself itself themselves " +
    "patient patients person people someone somebody anyone man woman men women child children adult adults male males female females boy boys girl girls case cases " +
    "symptom symptoms sign signs finding findings feature features complaint complaints presentation picture clinical " +
    "feel feels feeling sense sensation experience experiences complain complains report reports show shows present presents presence " +
    "get gets getting become becomes start starts usually keep keeps make makes cause causes caused lead leads leading " +
    "associated typical common classic characteristic disease disorder condition illness known history may coexist about during " +
    " over under between because since due especially well other another certain early late new onset development evidence " +
    "like e g i e etc whatever either quite just only even still already " +
    "whereas although though suggest suggests suggesting indicate indicates indicating characterized characterised affected serum circulating level levels")
    .split(" "),
);

/** A stem with its place in the text. */
export interface PlainStem {
  /** The stem of a plain word. */
  readonly stem: string;
  /** Index of the first character of the words that mean it. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** Whether what it works on stands behind it: "relieved by", "worse on". */
  readonly leads?: boolean;
  /** The number of its clause in the text, and of its part between commas. */
  readonly clause: number;
  readonly item: number;
  /** Whether nothing but white space is between it and the stem before. */
  readonly joined: boolean;
}

/** A word with its stem and its place. */
type PlainWord = Pick<PlainStem, "stem" | "start" | "end">;

/** "One" is left: "one side" is no number. */
const numbers: ReadonlyMap<string, string> = new Map(
  numberWords.flatMap((word, i) => i === 0 ? [] : [[word, String(i + 1)] as const]),
);

const wordStem = (word: string): string =>
  numbers.get(word) ?? stemmer(foldWord(word).replace(/(?<=\w{4})ly$/, ""));

/** The words of a text with their stems, empty ones left out. */
function wordsOf(text: string): PlainWord[] {
  return [...text.toLowerCase().replaceAll("’", "'").matchAll(/[\p{L}\p{N}]+(?:'[\p{L}]+)?/gu)]
    .map(({ index, 0: word }) => ({
      // "Doesn't heal" is "not heal"; "can't" is a word of its own
      word: word.replace(/'s$/, "").replace(/^(?!can't)\p{L}+n't$/u, "not"),
      start: index,
      end: index + word.length,
    }))
    .filter(({ word }) => !empty.has(word))
    .map(({ word, start, end }) => ({ stem: wordStem(word), start, end }));
}

/** What makes better or worse stands behind these. */
const leading =
  /^(?:wors|reliev|relief|eas|better|improv|aggravat|exacerbat|sooth|lessen|settl|alleviat|made\s+worse)/i;

/** Words to the stems of what they mean; phrases, as the stems of what their words mean, to the same. */
const [meaningOfWord, meaningOfPhrase] = (() => {
  const [words, phrases] = [
    new Map<string, readonly string[]>(),
    new Map<string, readonly string[]>(),
  ];
  // "Being sick" is no more than "sick" without its empty word: such a phrase is left out.
  const entries = Object.entries({ ...plainMeanings, ...findingMeanings }).map(([plain, all]) =>
    [
      plain.split(" ").map(wordStem),
      [plain, ...all.split(";")].map((one) => one.trim())
        .filter((one) => !one.includes(" ") || wordsOf(one).length > 1).map(wordsOf),
    ] as const
  );
  for (const [stems, all] of entries) {
    for (const [one, ...more] of all) {
      if (one !== undefined && more.length === 0) words.set(one.stem, stems);
    }
  }
  for (const [stems, all] of entries) {
    for (const phrase of all) {
      const key = phrase.flatMap(({ stem }) => words.get(stem) ?? [stem]).join(" ");
      if (phrase.length > 1 && !phrases.has(key)) phrases.set(key, stems);
    }
  }
  return [words, phrases] as const;
})();

const longest = Math.max(...[...meaningOfPhrase.keys()].map((key) => key.split(" ").length));

const clauseBorder = /;|\.\s|\b(?:while|whereas|but|although|though|yet|unlike)\b/gi;
const itemBorder = /,|\b(?:and|or)\b/g;

/**
 * The number of the clause in which a place stands.
 *
 * @param text Any text.
 * @param at A place in it.
 * @returns 0 up to the first "while", "whereas", "but" and the like, then 1, and so on.
 */
export const clauseAt = (text: string, at: number): number =>
  bordersOf(text, clauseBorder).filter((border) => border < at).length;

const bordersOf = (text: string, border: RegExp): number[] =>
  [...text.matchAll(border)].map(({ index }) => index);

/**
 * The plain word stems of a text, from left to right.
 *
 * @param text Any text.
 * @returns Stems with their places; those of one phrase share its place.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainStems } from "./plain_words.ts";
 *
 * const stems = (text: string) => plainStems(text).map(({ stem }) => stem);
 * assertEquals(stems("dysphagia"), stems("being unable to swallow"));
 * assertEquals(stems("unilateral leg swelling").sort(), stems("swelling on one side of the leg").sort());
 * ```
 */
export function plainStems(text: string): PlainStem[] {
  const words = wordsOf(text).flatMap(({ stem, start, end }) =>
    (meaningOfWord.get(stem) ?? [stem]).map((plain) => ({ stem: plain, start, end }))
  );
  const [clauses, items] = [bordersOf(text, clauseBorder), bordersOf(text, itemBorder)];
  const found: PlainStem[] = [];
  for (let at = 0; at < words.length;) {
    const keyOf = (length: number): string =>
      words.slice(at, at + length).map(({ stem }) => stem).join(" ");
    // "Halos around lights, headache": no light head
    const crosses = (length: number): boolean =>
      /[,;:]/.test(text.slice(words[at]!.end, words[at + length - 1]!.start));
    let length = Math.min(longest, words.length - at);
    while (length > 1 && (!meaningOfPhrase.has(keyOf(length)) || crosses(length))) length -= 1;
    const [start, end] = [words[at]!.start, words[at + length - 1]!.end];
    const stems = length > 1 ? meaningOfPhrase.get(keyOf(length))! : [words[at]!.stem];
    const leads = leading.test(text.slice(start, end)) &&
      /^\s+(?:by|with|on|when|at|after|during|while|lying|sitting|standing)\b/i
        .test(text.slice(end, end + 12));
    const [clause, item] = [clauses, items].map((borders) =>
      borders.filter((border) => border < start).length
    );
    const joined = at > 0 && text.slice(words[at - 1]!.end, start).trim() === "";
    found.push(...stems.map((stem) => ({
      stem,
      start,
      end,
      ...(leads ? { leads } : {}),
      clause: clause!,
      item: item!,
      joined,
    })));
    at += length;
  }
  return found;
}

/**
 * The plain word stems of a text, without their places.
 *
 * @param text Any text.
 * @returns Stems from left to right; one may stand there twice.
 */
export const stemsOf = (text: string): string[] => plainStems(text).map(({ stem }) => stem);

const pairs = [
  "high low",
  "high normal",
  "low normal",
  "relieve worse",
  "left right",
  "fast slow",
  "sudden slow",
  "normal prolonged",
  "warm cold",
  "heat cold",
  "central peripheral",
  "wet dry",
  "one both",
  "mild severe",
  "gain lose",
  "positive negative",
  "prolonged short",
  "systolic diastolic",
  "narrow wide",
  "dilated pinpoint",
  "dull hyperresonant",
  "fixed reactive",
  "same opposite",
].flatMap((pair) => {
  const [one, other] = stemsOf(pair);
  return [[one!, other!], [other!, one!]] as const;
});

/** Words to those that say the opposite. */
export const opposites: ReadonlyMap<string, readonly string[]> = new Map(
  [...Map.groupBy(pairs, ([one]) => one)].map(([one, all]) => [one, all.map(([, other]) => other)]),
);

/** Words of facts to those that contradict them there, though they turn nothing elsewhere: a pain is more than "not painless". */
export const contraries: ReadonlyMap<string, readonly string[]> = new Map(
  [
    "painless pain",
    "pain painless",
    "away toward",
    "toward away",
    "restless motionless",
    "swell flat collapse",
  ].map(
    (pair) => {
      const [one, ...others] = stemsOf(pair);
      return [one!, others] as const;
    },
  ),
);

/** Words that turn what stands beside them into something else, so that they stay beside it. */
export const turning: ReadonlySet<string> = new Set([
  ...opposites.keys(),
  ...stemsOf("normal no not absent"),
]);

/** Words that go with any statement and are no finding: how sure it is, and how it goes. */
export const frame: ReadonlySet<string> = new Set(
  stemsOf(
    "one both most two three few other less more not no without rare usual frequent sudden slow away off along despite free past half mild moderate severe " +
      "begin follow bring leave come run count mean part end way up after before side course stage event life stay attack day week month hour year minute age time later first " +
      "line drug treat choice start stop give warning factor risk last phase down",
  ),
);

/** Words that make no finding of another disease by themselves. */
export const plain: ReadonlySet<string> = new Set([
  ...turning,
  ...frame,
  ...stemsOf("tract area region level body pain skin recent press"),
]);
