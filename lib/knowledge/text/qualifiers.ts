/**
 * What qualifies a claim beside its names and its verb: of how many it is said, how severe a finding is, how long or how
 * high, and whether a drug is the one to begin with.
 *
 * @module
 */

/**
 * Of how many a claim is said: of `all`, of `most`, of `few`, or that it is so of this one `only`.
 */
export type Extent = "all" | "only" | "most" | "few";

/** A number with its unit: `2 week`. */
export interface Quantity {
  /** The value; of a pair such as a blood pressure both, as they are written. */
  readonly value: string;
  /** The unit in one spelling. */
  readonly unit: string;
}

/** A quantity with its place in a text. */
export interface PlacedQuantity extends Quantity {
  /** Index of the first character. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

const mark = String.raw`[\uE000-\uE0FF]`;
const persons = String
  .raw`(?:patients?|people|persons?|cases?|individuals?|those|children|adults|women|men|sufferers?|instances?|attacks?|episodes?|times?|body|one|thing)`;
const halved = String
  .raw`(?<!\b(?:not|nearly|almost|practically|virtually|n['’]t)\s+(?:quite\s+)?)`;

const extents: readonly (readonly [Extent, RegExp])[] = [
  [
    "only",
    new RegExp(
      String
        .raw`(?<!\bnot\s+)(?:\bonly\s+(?:after|when|if|once|where)\b|\blast\s+resort\b|\b(?:in|for|among)\s+${persons}\s+(?:only|alone)\b|\b(?:only|nothing\s+but|no\s+(?:other|drug|disease|medicine)\s+(?:\w+\s+){0,3}?(?:but|except|than))\s+(?:(?:in|with|by|of|for|from|during|to|the|an?|${persons}|with)\s+){0,4}(?=${mark})|` +
        String
          .raw`(?<!\b(?:almost|nearly)\s+)\b(?:exclusively|solely|uniquely|pathognomonic|unique\s+to|specific\s+(?:to|for)|(?:confined|limited|restricted)\s+to(?!\s+(?:an?|one)\b)|(?:the|its|their)\s+(?:only|sole|single)\s+(?:[\p{L}-]+\s+){0,2}?(?:drugs?|treatments?|symptoms?|signs?|findings?|features?|causes?|medicines?|options?|choices?|diseases?|conditions?|therap(?:y|ies)|manifestations?))\b|` +
        String
          .raw`${mark}\s+alone\b|\bno\s+other\s+(?:[\p{L}-]+\s+){0,2}?(?:drugs?|diseases?|conditions?|medicines?)\b)`,
      "iu",
    ),
  ],
  [
    "all",
    new RegExp(
      String
        .raw`${halved}\b(?:(?:all|every|(?:each|any)(?!\s+${mark}))\s+(?:single\s+|of\s+(?:the\s+)?|the\s+|adult\s+|affected\s+|infected\s+)*(?:${persons}\b|${mark})|every(?:one|body)|` +
        String
          .raw`always|invariably|inevitably|universal(?:ly)?|necessarily|without\s+(?:any\s+)?exception|100\s*(?:%|per\s*cent)|at\s+all\s+times|guaranteed|certain\s+to|must\s+(?:cause|have|produce|lead|show|present|develop|be\s+(?:present|accompanied|there))|no\s+(?:patients?|one|cases?)\s+[\p{L}\s]{0,20}?without)`,
      "iu",
    ),
  ],
  [
    "few",
    /\b(?:rare(?:ly)?|seldom|uncommon(?:ly)?|unusual(?!\s+(?:[\uE000-\uE0FF]|bleeding|bruising|tiredness|weakness|behavio\w+|sensations?|movements?|thirst))(?:ly)?|infrequent(?:ly)?|hardly\s+ever|(?<!\ba\s+)few(?!\s+(?:days|weeks|hours|years|months|findings|signs|symptoms|platelets|cells|joints|bites))|a\s+minority|exceptional(?:ly)?|(?:an?|the)\s+(?:exception|rarity)|atypical(?:ly)?(?!\s+(?:lymphocytes?|cells?|nevi|naevi|moles?|pneumonia|chest|facial)))\b/iu,
  ],
  [
    "most",
    /\b(?:most(?:ly)?|usual(?:ly)?|typical(?:ly)?|common(?:ly)?|often|frequent(?:ly)?|general(?:ly)?|mainly|majority|(?:nearly|almost)\s+(?:all|always|every\w*)|classic(?:al(?:ly)?)?|characteristic(?:ally)?|hallmarks?|cardinal|leading|regular(?:ly)?|predominant(?:ly)?)\b/iu,
  ],
];

/** "Not only", "not rare": no limit and no rarity. */
const lifted =
  /\b(?:not|never|n['’]t|by\s+no\s+means|far\s+from|anything\s+but|hardly|no\s+longer)\s+(?:at\s+all\s+|so\s+|very\s+|an?\s+)?(?:only|always|all|every\w*|invariably|necessarily|rare(?:ly)?|seldom|uncommon(?:ly)?|unusual(?:ly)?|infrequent(?:ly)?|exceptional(?:ly)?|atypical|confined\s+to|limited\s+to|specific\s+(?:to|for)|unique\s+to|pathognomonic|exclusively|solely)\b|\bmost\s+(?:often|commonly|frequently)\s+(?:affects?|occurs?|strikes?)\b|\b(?:rarely|seldom|hardly\s+ever|never|not)\s+(?:absent|missing|lacking|without|overlooked)\b/giu;

/**
 * Of how many a clause speaks.
 *
 * @param words A clause whose names are marks.
 * @returns The extent; undefined where it says none.
 */
export function extentOf(words: string): Extent | undefined {
  const plain = words.replace(lifted, (found) => " ".repeat(found.length));
  return extents.find(([, pattern]) => pattern.test(plain))?.[0];
}

/** Words of degree, course, side and quality in groups that exclude each other. */
const scales: readonly (readonly (readonly string[])[])[] = [
  [
    ["mild", "slight", "light", "minor", "low-grade"],
    ["moderate"],
    [
      "severe",
      "intense",
      "excruciating",
      "high-grade",
      "heavy",
      "massive",
      "extreme",
      "worst",
    ],
  ],
  [["low"], ["high"]],
  [["sudden", "abrupt", "sudden-onset"], ["gradual", "insidious", "slow", "slowly"]],
  [["acute"], ["chronic", "longstanding", "long-standing"]],
  [["dry", "nonproductive", "non-productive"], ["productive", "wet"]],
  [["unilateral", "one-sided"], ["bilateral", "symmetric", "symmetrical"]],
  [["left", "left-sided"], ["right", "right-sided"]],
  [["upper"], ["lower"]],
  [["painless"], ["painful"]],
  [["watery", "non-bloody"], ["bloody"]],
  [["constant", "continuous"], ["intermittent", "episodic"]],
];

const placeOf = new Map(
  scales.flatMap((scale, s) =>
    scale.flatMap((group, g) => group.map((word) => [word, [s, g] as const] as const))
  ),
);

const degreeWords = [...placeOf.keys()].sort((a, b) => b.length - a.length).join("|");
const degreesBefore = new RegExp(
  String
    .raw`(?<![\p{L}-])(?:(?:very|quite|rather|extremely)\s+)?(?:(?:${degreeWords})(?:,?\s+(?:and\s+|or\s+)?|\s+))+(?:(?!(?:the|an?|in|of|with|to|and|or|for|any|no|by|as|than|so|thus|hence|then|therefore|but|while)\b)[\p{L}-]+\s+)?$`,
  "iu",
);
const oneDegree = new RegExp(String.raw`(?<![\p{L}-])(?:${degreeWords})(?![\p{L}-])`, "giu");

/**
 * The words of degree in a text.
 *
 * @param text Any text, such as the name of a finding.
 * @returns In small letters, in their order.
 */
export function degreesIn(text: string): string[] {
  return [...text.matchAll(oneDegree)].map(([word]) => word.toLowerCase());
}

/**
 * The words of degree right before a name.
 *
 * @param before The text before the name.
 * @returns In small letters, in their order.
 */
export function degreesBeforeName(before: string): string[] {
  const found = degreesBefore.exec(before.slice(-60));
  return found === null ? [] : degreesIn(found[0]);
}

/**
 * Whether a word of degree agrees with a text, or says the opposite of it.
 *
 * @param degree A word of {@linkcode degreesIn}.
 * @param text The words of a finding.
 * @returns True where the text says the same, false where it says another degree of the same scale, else undefined.
 */
export function agreesInDegree(degree: string, text: string): boolean | undefined {
  const own = placeOf.get(degree);
  const same = degreesIn(text).flatMap((word) => {
    const place = placeOf.get(word);
    return place !== undefined && place[0] === own?.[0] ? [place[1] === own[1]] : [];
  });
  return same.length === 0 ? undefined : same.some(Boolean);
}

const ones = "one two three four five six seven eight nine".split(" ");
const teens = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
  .split(" ");
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** One to ninety-nine, in words. */
export const numberWords: readonly string[] = [
  ...ones,
  ...teens,
  ...tens.flatMap((ten) => [ten, ...ones.map((one) => `${ten}-${one}`)]),
];
const units =
  "years?|yrs?|months?|weeks?|days?|hours?|hrs?|minutes?|seconds?|mg|milligrams?|kg|mcg|µg|g|grams?|ml|mmol\\/l|mg\\/dl|°\\s?c|°\\s?f|degrees?(?:\\s+celsius|\\s+fahrenheit)?|celsius|mm\\s?hg|bpm|beats(?:\\s+per\\s+minute)?|breaths(?:\\s+per\\s+minute)?|cigarettes|pack-years?|times|episodes|tablets?|units|%|per\\s*cent|percent|cm|mm|kilos?";
const quantity = new RegExp(
  String
    .raw`(?<![\p{L}\d.,/-])(\d{1,4}(?:[.,]\d{1,2})?(?:\/\d{1,3})?|${
    numberWords.join("|")
  }|(?<=\b(?:over|than|least|within|under|beyond|exceeding)\s+)an?)[\s-]?(${units})(?![\p{L}])|(?<![\p{L}\d.,/-])(\d\.\d{1,2}|(?<=[<>≤≥]\s?|\b(?:greater|less|higher|lower)\s+than\s)\d{1,4})(?![\d.,]*\d)`,
  "giu",
);

const bounds: readonly (readonly ["above" | "below", RegExp])[] = [
  [
    "above",
    /(?:\b(?:more|longer|greater|higher|older|larger)\s+than|\b(?:over|above|exceed(?:s|ing)?|beyond|at\s+least)|[>≥]=?)\s*$/i,
  ],
  [
    "below",
    /(?:\b(?:less|shorter|fewer|lower|younger|smaller)\s+than|\b(?:under|below|within|at\s+most)|[<≤]=?)\s*$/i,
  ],
];

/**
 * Whether a quantity is a lower or an upper bound: "more than 30 minutes" is above.
 *
 * @param text The text.
 * @param quantity A quantity in it.
 * @returns The side; undefined where it is no bound.
 */
export function boundOf(
  text: string,
  { start }: Pick<PlacedQuantity, "start">,
): "above" | "below" | undefined {
  return bounds.find(([, pattern]) => pattern.test(text.slice(Math.max(0, start - 20), start)))
    ?.[0];
}

const unitNames: readonly (readonly [RegExp, string])[] = [
  [/^(?:yr|year)/, "year"],
  [/^(?:hr|hour)/, "hour"],
  [/^(?:°|degree|celsius|fahrenheit)/, "degree"],
  [/^(?:mg|milligram)s?$/, "mg"],
  [/^(?:g|gram)s?$/, "g"],
  [/^(?:bpm|beats)/, "beats per minute"],
  [/^breaths/, "breaths per minute"],
  [/^mm\s?hg/, "mmHg"],
  [/^(?:%|per)/, "%"],
  [/^(?:kg|kilo)/, "kg"],
];

/**
 * The numbers with a unit in a text: "for three weeks", "39.5 °C", "a 64-year-old"; of those without, ratios such as "0.7".
 *
 * @param text Any text.
 * @returns Quantities with their places, from left to right.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantitiesIn } from "./qualifiers.ts";
 * assertEquals(quantitiesIn("fever of 39.5 °C for three days").map(({ value, unit }) => `${value} ${unit}`), [
 *   "39.5 degree",
 *   "3 day",
 * ]);
 * ```
 */
export function quantitiesIn(text: string): PlacedQuantity[] {
  return [...text.matchAll(quantity)].map(({ index, 0: all, 1: number, 2: words, 3: ratio }) => {
    if (ratio !== undefined) {
      return { value: ratio, unit: "", start: index, end: index + all.length };
    }
    // "More than an hour"
    const spelt = numberWords.indexOf(number!.toLowerCase().replace(/^an?$/, "one"));
    const written = words!.toLowerCase();
    const named = unitNames.find(([pattern]) => pattern.test(written))?.[1] ??
      written.replace(/s$/, "");
    const age = /^[\s-](?:old|of\s+(?:age|life))\b/i.test(text.slice(index + all.length)) ||
      /\b(?:age|aged|at|(?:baby|infant|child|boy|girl|man|woman)\s+of)\s+(?:of\s+)?$/i
        .test(text.slice(Math.max(0, index - 12), index));
    const unit = age ? `${named} of age` : named;
    return {
      value: spelt < 0 ? number!.replace(",", ".") : String(spelt + 1),
      unit,
      start: index,
      end: index + all.length,
    };
  });
}

/** Says that a drug is the one to begin with. */
const first =
  /\b(?:first|1st)[-\s](?:line|choice)\b|\bof\s+(?:first\s+)?choice\b|\bfirst\W*$|\binitial\s+(?:[\p{L}-]+\s+)?(?:therapy|treatment|drugs?|management|choice|agents?|medication|option)\b|\b(?:first|initial)\s+(?:drugs?|treatments?|agents?|medicines?|therap(?:y|ies)|medications?|options?)\b|\b(?:tr(?:y|ied)|give[ns]?|used?|start(?:s|ed)?|put|puts|comes?|ranks?|ranked|recommend(?:s|ed)?|offer(?:s|ed)?|prescribed?|chosen|placed?|listed|go|turn|reach)\s+(?:[^\s.;]+\s+){0,3}?first\b|\bas\s+(?:an?\s+|the\s+)?(?:first|initial)\b|\bfirst\s+step\b|\bpreferred\s+(?:[\p{L}-]+\s+)?(?:drugs?|treatments?|agents?|choice|options?|antibiotics?|therap(?:y|ies)|medications?|medicines?)\b|\bwhere\s+(?:the\s+)?(?:therapy|treatment|management)\s+(?:starts|begins)\b|\bbefore\s+(?:anything|everything|all|any)\s*(?:else|others?)\b|\b(?:begins?|starts?|starting|begun|started|initiated?)\s+with\b/iu;

/**
 * Whether a clause says that a drug is the one to begin with.
 *
 * @param words The clause.
 * @returns True for "first-line", "drug of choice", "initial therapy", "is tried first".
 */
export const isFirstLine = (words: string): boolean => first.test(words);

/** Where a clause ends. */
const clauseBorder =
  /[;.!?:](?=\s|$)|\n|(?<=^\W*(?:even\s+)?(?:when|although|though|while|once|after)\b[^,]{3,80}),|,\s+(?:and|but|while|whereas|although|though|which|yet|so)\s|(?<!\b(?:nothing|none|anything)\s)\b(?:but|while|whereas|although|though)\b|\band\s+(?=[\uE000-\uE0FF]\s+(?:is|are|has|have|can|may|causes?|treats?|works?|helps?|presents?|leads?)\b)/giu;

/**
 * The clause in which two places stand.
 *
 * @param words A sentence in marks.
 * @param from The first place.
 * @param to The place after the last.
 * @returns Its words and where they begin.
 */
export function clauseAround(
  words: string,
  from: number,
  to: number,
): { readonly words: string; readonly start: number } {
  let [start, end] = [0, words.length];
  for (const { index, 0: found } of words.matchAll(clauseBorder)) {
    if (index + found.length <= from) start = index + found.length;
    else if (index >= to) {
      end = index;
      break;
    }
  }
  return { words: words.slice(start, end), start };
}

const hours: Readonly<Record<string, number>> = {
  minute: 1 / 60,
  hour: 1,
  day: 24,
  week: 168,
  month: 730,
  year: 8766,
};

/**
 * What a quantity measures and how much, so that "two weeks" is "14 days".
 *
 * @param quantity A quantity.
 * @returns The dimension and the value in it.
 */
export function measureOf(
  { value, unit }: Quantity,
): { readonly of: string; readonly value: string } {
  const long = hours[unit];
  return long === undefined
    ? { of: unit, value }
    : { of: "duration", value: String(Math.round(Number(value) * long * 60)) };
}

/**
 * Whether two quantities are as long or as much: "three weeks" and "21 days".
 *
 * @param one A quantity.
 * @param other Another.
 * @returns True where both measure the same and have the same value; what one has no unit for is the other's.
 */
export function isSameQuantity(one: Quantity, other: Quantity): boolean {
  if (one.unit === "" || other.unit === "") return one.value === other.value;
  const [a, b] = [measureOf(one), measureOf(other)];
  return a.of === b.of && a.value === b.value;
}

/**
 * Whether a quantity is the beginning of a range: of "15 to 180 minutes" the first has no unit of its own.
 *
 * @param text A text.
 * @param known A quantity in it.
 * @param quantity A quantity.
 * @returns True where both have one unit and the text has the value.
 */
export const isPartOfRange = (text: string, known: Quantity, quantity: Quantity): boolean =>
  known.unit === quantity.unit && text.includes(quantity.value);

/**
 * Whether a text has a quantity, in whatever unit.
 *
 * @param text A text.
 * @param quantity A quantity.
 * @returns True for "three weeks" where the text has "21 days".
 */
export const hasQuantity = (text: string, quantity: Quantity): boolean =>
  quantitiesIn(text).some((known) =>
    isSameQuantity(known, quantity) || isPartOfRange(text, known, quantity)
  );
