/**
 * What a sentence adds to what a source says: another name of a disease, a reason, what kind of thing something is, what follows from it.
 * Small models invent most of these.
 *
 * @module
 */
import { inside } from "../text/names.ts";
import { isOf } from "../text/relation_links.ts";
import type { TextName } from "../text/types.ts";
import type { FactBook } from "./disease_facts.ts";
import { plain, type PlainStem, stemsOf } from "./plain_words.ts";
import { type ReadSentence, stemsIn, wordsOf } from "./read_sentence.ts";

/** What accounts for the words of a sentence. */
export interface Accounted {
  /** Names that are sides of supported claims, or diseases of which facts are known. */
  readonly names: readonly TextName[];
  /** Stems that need no account: those of facts. */
  readonly explained: ReadonlySet<string>;
  /** Tells which words are those of findings. */
  readonly book: FactBook;
}

const thing =
  "(?:condition|disease|disorder|illness|infection|cancer|tumou?r|type|form|medications?|drugs?|medicines?|antibiotic|nutrient|process|enzyme|hormone|protein|bacterium|virus)";

/** How additions begin, how many words of them must be foreign, and whether these must be the most of them. */
const additions: readonly {
  readonly begins: RegExp;
  readonly least: number;
  readonly most?: boolean;
}[] = [
  {
    // Another name
    begins:
      /\b(?:(?:known|referred\s+to|abbreviated)\s+as|(?:also|otherwise|sometimes)\s+(?:called|named|termed))\b/gi,
    least: 1,
    most: false,
  },
  {
    // A reason
    begins:
      /\b(?:due\s+to|because(?:\s+of)?|owing\s+to|thanks\s+to|through(?!\s+to\b)|as\s+(?:it|they)|(?:works?|acts?|helps?)\s+by|by\s+(?:supplying|replacing|killing|destroying|blocking|boosting|strengthening|thinning|dissolving|increasing))\b/gi,
    least: 1,
  },
  {
    // A kind
    begins: new RegExp(String.raw`,\s+(?:an?|the)\s+(?:[\p{L}-]+\s+){0,4}?${thing}\b`, "giu"),
    least: 1,
  },
  {
    // What is lacking
    begins: /,\s+(?:an?|the)\s+(?:lack|deficiency|excess)\s+of\b/gi,
    least: 1,
    most: false,
  },
  {
    // What follows
    begins:
      /\b(?:caused\s+by|(?:results?|arises?|stems?)\s+from)\b|,?\s+(?:which|where)\b|\b(?:contribut\w+\s+to|result(?:s|ing)?\s+in|lead(?:s|ing)?\s+to|causing|helping)\b/gi,
    least: 2,
  },
];

/** Words of additions that say nothing by themselves: which organs and kinds there are, and that something is serious. */
const general: ReadonlySet<string> = new Set(stemsOf(
  "affect involve system body organ tissue gland nerve nervous immune hormonal reproductive chronic inflammatory autoimmune genetic " +
    "medical medicine medication health physical serious context range type form kind use used prescribed specific particular refer term " +
    "called primary main contraindicated risk result contribute effect need require consider that characterize common rare group sort name call " +
    "likelihood chance develop cancer drug treat treatment therapy manage control given recommended linked seen found occur",
));

/** Whom a disease affects is judged by itself. */
const ofPeople =
  /\b(?:wom[ae]n|m[ae]n|females?|males?|girls?|boys?|child(?:ren)?|adults?|elderly|age|ages|aged|years?)\b/i;

/** Whether an abbreviation in brackets stands there behind words of which its letters are no initials: "factor IX (FXN)". */
function isStrangeAbbreviation(words: string, at: number): boolean {
  const letters = /^[A-Z]{2,6}(?=\))/.exec(words.slice(at))?.[0];
  if (letters === undefined || words[at - 1] !== "(") return false;
  const before = words.slice(0, at).match(/[\p{L}\d]+/gu) ?? [];
  let next = 0;
  for (const [initial] of before.slice(-2 * letters.length)) {
    if (initial!.toUpperCase() === letters[next]) next += 1;
  }
  return next < letters.length;
}

/** What kind a drug is, before its name in brackets. */
const kinds =
  /^(?:\w*(?:drugs?|medic\w+|agents?|treatments?|therap\w+|options?|choices?|line|antidotes?|injections?|infusions?|tablets?|ointments?|drops|stimulants?|steroids?|antivirals?|antibiotics?|inhibitors?|blockers?|agonists?|antagonists?|modulators?|diuretics?|relievers?|thinners?|killers?|softeners?|supplements?|hormones?|chelators?|biologics?))$/i;

/** A word before a drug in brackets that nothing knows: "paracetomules (clindamycin)". */
function strangeAlias(
  sentence: ReadSentence,
  stems: readonly PlainStem[],
  book: FactBook,
): PlainStem[] {
  return sentence.names.filter((name) => isOf(name, ["drug"])).flatMap(({ start }) => {
    const before = sentence.text.slice(sentence.place.start, start);
    const word = /([\p{L}-]{5,})\s+\($/u.exec(before)?.[1];
    if (word === undefined || kinds.test(word) || book.knowsWord(word)) return [];
    return stems.filter((one) => one.end <= start).slice(-1);
  });
}

/**
 * The first words that a sentence adds and nothing accounts for.
 *
 * @param sentence The sentence.
 * @param accounted What accounts for its words.
 * @returns Its foreign stems; undefined where there are none.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { foreignAddition } from "./additions.ts";
 *
 * const text = "Heparin is first-line for thrombosis due to its antimicrobial activity.";
 * const sentence = { text, place: { start: 0, end: text.length, form: "statement" as const }, names: [] };
 * const book = {
 *   factsOf: () => undefined,
 *   conditionsOf: () => [],
 *   findingsWith: () => [],
 *   testsWith: () => [],
 *   knowsWord: () => true,
 * };
 * const found = foreignAddition(sentence, { names: [], explained: new Set(), book });
 * assertEquals(found?.map(({ start, end }) => text.slice(start, end)), ["antimicrobial", "activity"]);
 * ```
 */
export function foreignAddition(
  sentence: ReadSentence,
  { names, explained, book }: Accounted,
): readonly PlainStem[] | undefined {
  const words = wordsOf(sentence);
  const from = sentence.place.start;
  const stems = stemsIn(sentence);
  const parts = additions.flatMap(({ begins, least, most = true }) =>
    [...words.matchAll(begins)].map(({ index, 0: { length } }) => ({ index, length, least, most }))
  );
  const isAccounted = (one: PlainStem): boolean =>
    explained.has(one.stem) || names.some((name) => inside(one, name));
  const short = stems.filter((one) => isStrangeAbbreviation(words, one.start - from))
    .filter((one) => !isAccounted(one));
  if (short.length > 0) return short;
  const alias = strangeAlias(sentence, stems, book);
  if (alias.length > 0) return alias;
  for (const { index, length, least, most } of parts) {
    const border = (most ? /[,;.]|\b(?:and|but)\b/ : /[,;.]|\b(?:and|but|is|are)\b/)
      .exec(words.slice(index + length));
    const end = Math.min(
      border === null ? words.length : index + length + border.index,
      ...parts.map((part) => part.index).filter((start) => start > index),
    );
    if (ofPeople.test(words.slice(index, end))) continue;
    const own = stems.filter((one) =>
      one.start >= from + index && one.end <= from + end && !plain.has(one.stem) &&
      !general.has(one.stem)
    );
    const left = own.filter((one) => !isAccounted(one));
    const foreign = least === 1
      ? left
      : left.filter(({ stem }) => book.findingsWith(stem).length === 0);
    if (foreign.length >= least && (!most || 2 * left.length > own.length)) return foreign;
  }
  return undefined;
}
