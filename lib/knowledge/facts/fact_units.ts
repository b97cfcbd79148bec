/**
 * The units of a row of the curated tables: the plain word stems of all its words, and of parts that hold by themselves.
 *
 * @module
 */
import type { Clinical } from "../clinical/clinical.ts";
import { conceptKey } from "../clinical/names.ts";
import { candidates } from "../graph/names.ts";
import { frame, opposites, plain, stemsOf, turning } from "./plain_words.ts";

/** The stems of a text in their order, each once. */
export type Stems = readonly string[];

/** Where a row goes on to say what it is a sign of, when, by which examination, or in whom. */
const remark =
  /\s*(?:\b(?:suggesting|suggests|indicating|distinguishes|especially|often|due\s+to|if|mimicking)\b|\bon\s+(?:auscultation|examination|imaging|ecg|echo\w*|x-ray|chest|ct|mri|slit-lamp|dxa|ultrasound|palpation|percussion|cbc)\b|\bin\s+(?:reproductive|young|older|elderly|children|adults|men|women|patients?|infants)\b|\().*$/i;

/** Words of degree and onset: whoever has a severe or sudden finding has it. */
export const degree: RegExp =
  /\b(?:severe|mild|moderate|intense|excruciating|marked|prominent|massive|visible|sudden|acute|rapid-onset|new|new-onset|spiking|persistent|progressive|recurrent|chronic|often|usually|typically|known|positive|(?:severe|marked|massive|great|gross|extreme|high)ly|very)\b\s*/gi;

/**
 * The stems of a text, each once.
 *
 * @param text Any text.
 * @returns Stems in their order.
 */
export const distinctStems = (text: string): Stems => [
  ...new Set(stemsOf(text)),
];

/**
 * What a text with "or" says: "numbness or tingling in the feet" is either, in the feet; "missed period or spotting" either by itself.
 *
 * @param text Words of a row.
 * @returns The text for each alternative; itself where it has none.
 */
export function alternatives(text: string): string[] {
  const either = /([\p{L}-]+)\s*(?:\bor\b|\/)\s*([\p{L}-]+)/iu.exec(text);
  if (either === null) return [text];
  const [before, behind] = [
    text.slice(0, either.index),
    text.slice(either.index + either[0].length),
  ];
  const [one, other] = [either[1]!, either[2]!];
  return [
    `${before}${one}${behind}`,
    `${before}${other}${behind}`,
    `${before}${one}`,
    `${other}${behind}`,
    // "Bilateral or unilateral swelling" is a swelling
    ...(opposites.get(distinctStems(one)[0] ?? "")?.includes(distinctStems(other)[0] ?? "") === true
      ? [`${before}${behind}`]
      : []),
  ];
}

/** So many first letters in common make words of one stem: "pericarditis" and "pericardial". */
const SAME_LETTERS = 7;

/** A unit without the words that the disease's name holds already; nothing where fewer than two are left. */
function withoutName(unit: Stems, disease: Stems): Stems[] {
  const begin = (stem: string): string => stem.slice(0, SAME_LETTERS);
  const named = new Set(disease.map(begin).filter(({ length }) => length === SAME_LETTERS));
  const left = unit.filter((stem) => !named.has(begin(stem)));
  return left.length === unit.length || left.length < 2 ? [] : [left];
}

/** Words behind which nothing is meant but what describes them. */
const hollow: ReadonlySet<string> = new Set(distinctStems("course pattern manner behavior"));

/** "Fluctuating course" is fluctuating. */
function withoutHollow(unit: Stems): Stems[] {
  const left = unit.filter((stem) => !hollow.has(stem));
  return left.length === unit.length || left.every((stem) => plain.has(stem)) ? [] : [left];
}

/** Before the words that say where or when a finding is, behind what it is. */
const circumstance =
  /\s(?=(?:out|at|of|in|over|on|from|during|after|when|while|with|under|around|along)\s)/gi;

/** "Fine inspiratory crackles" are inspiratory crackles: without the words before, as long as none of them turns its sense. */
function heads(text: string): string[] {
  const turns = (word: string): boolean => distinctStems(word).some((stem) => turning.has(stem));
  // "Rapid decline in renal function over weeks": up to each of them
  const upTo = [...text.matchAll(circumstance)].map(({ index }) => text.slice(0, index));
  return [text, ...upTo].flatMap((piece) => {
    const words = piece.split(" ");
    // "Pain worse on breathing" is no pain worse, but "weight loss" is what it is
    if (turns(words.at(-1)!) && !/^(?:loss|gain)$/.test(words.at(-1)!)) return [];
    const found: string[] = [];
    for (let from = 0; from < words.length; from++) {
      if (from > 0 && turns(words[from - 1]!)) break;
      found.push(words.slice(from).join(" "));
    }
    return found;
  });
}

/** "2 mmol/l" is no finding. */
const unitsOfMeasure: ReadonlySet<string> = new Set(
  stemsOf("mg dl ml l mmol mm cm hg u iu g kg mcg bpm"),
);

/**
 * The words of a row and those of its parts that hold by themselves.
 *
 * @param clinical The curated knowledge, which tells findings and diseases apart.
 * @param disease The stems of the disease's name.
 * @param text The words of the row.
 * @param isRisk Whether the row is a risk, of which a part may be a disease or a drug.
 * @returns The stems of each.
 */
export function unitsOf(
  { names, knowledge }: Clinical,
  disease: Stems,
  text: string,
  isRisk = false,
): Stems[] {
  const bare = text.replace(remark, "").replace(/^[a-z ]+:\s*/i, "");
  const listed = [bare, ...[...text.matchAll(/\(([^()]+)\)/g)].map(([, inner]) => inner!)];
  const parts = listed.flatMap((one) =>
    one.split(/[,;]|\s\/\s|\b(?:with|and|plus|followed\s+by|preceding)\b/)
  )
    .map((part) => part.trim());
  const isFinding = (part: string): boolean =>
    names.finding.byName.has(conceptKey(part)) ||
    candidates(knowledge, part, "symptom").length > 0;
  const pieces = [
    ...parts,
    /^([a-z ]+):/i.exec(text)?.[1] ?? "",
    ...[bare, ...parts].flatMap(alternatives),
  ]
    .flatMap((piece) => [piece, ...heads(piece)]);
  // "Heart disease" is more than a heart
  const isDiseaseOrDrug = (part: string): boolean =>
    !/\b(?:disease|disorder|condition)s?\b/i.test(part) &&
    candidates(knowledge, part, "disease").length + candidates(knowledge, part, "drug").length > 0;
  // A piece of one word is a finding only where it is called so; a risk may be a disease or a drug.
  const own = [...new Set(pieces)].filter((one) =>
    distinctStems(one).length > 1 || isFinding(one) || (isRisk && isDiseaseOrDrug(one))
  );
  // "Negatively birefringent MSU crystals"
  const plainly = own.map((one) => one.replace(/\b[A-Z]{3,5}\s+(?=[a-z])/g, ""))
    .filter((one) => distinctStems(one).length > 1);
  const wordings = [text, bare, ...own, ...plainly]
    .flatMap((one) => [one, one.replace(degree, "")]);
  return unitsIn([...new Set(wordings)].map(distinctStems), disease);
}

/**
 * Units as far as they say something.
 *
 * @param all The stems of some wordings.
 * @param disease The stems of the disease's name, which need not be repeated.
 * @returns Each once, with and without what the name says.
 */
export function unitsIn(all: readonly Stems[], disease: Stems): Stems[] {
  const units = all
    .flatMap((unit) => [unit, ...withoutName(unit, disease), ...withoutHollow(unit)])
    // "Previous pneumonia" is more than the name of the disease
    .filter((unit) => !unit.every((stem) => disease.includes(stem)))
    .filter((unit) =>
      !unit.every((stem) => frame.has(stem) || /^\d+$/.test(stem) || unitsOfMeasure.has(stem))
    );
  return [...new Map(units.map((unit) => [unit.join(" "), unit])).values()];
}

/** A word by itself says a finding only where it is a long one: "trismus". */
const LONG = 7;

/**
 * The stems of another wording, with words of degree and without.
 *
 * @param text The wording.
 * @returns Nothing where they would be found everywhere.
 */
export const wordingUnits = (text: string): Stems[] =>
  [text, text.replace(degree, "")].map(distinctStems).filter((unit) =>
    unit.filter((stem) => !plain.has(stem)).length > Number(text.length < LONG)
  );
