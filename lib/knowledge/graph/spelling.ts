/**
 * Spellings of one word: British and American, with accents and without, Greek letters by sign and by name. Words are
 * folded to one form only where their own spelling is not known, so that no name loses its place to another.
 *
 * @module
 */

const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ł: "l",
  ı: "i",
  α: "alpha",
  β: "beta",
  γ: "gamma",
  δ: "delta",
  ε: "epsilon",
  κ: "kappa",
  λ: "lambda",
  µ: "mu",
  μ: "mu",
  ω: "omega",
  ii: "2",
  iii: "3",
};

/** British to American, by parts of a word of five letters or more. */
const rules: readonly (readonly [pattern: RegExp, american: string])[] = [
  [/ae|oe/g, "e"], // haemorrhage, oedema, anaemia, diarrhoea
  [/our(?=$|al$|ed$|ing$|less$)/, "or"], // tumour, behavioural
  [/(?<=[tbv])re$/, "er"], // fibre, centre, goitre
  [/is(?=(?:e|ed|ing|ation)$)/, "iz"], // generalised
  [/ys(?=(?:e|ed|ing)$)/, "yz"], // paralysed
  [/sulph/g, "sulf"],
  [/leuc(?=[aeo])/g, "leuk"], // leucocyte
  [/l(?=l(?:ed|ing)$)/, ""], // labelled
];

/**
 * One form for all spellings of a word.
 *
 * @param word A word in small letters.
 * @returns The word without accents, in American spelling.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { foldWord } from "./spelling.ts";
 * assertEquals(["haemorrhage", "oesophageal", "sjögren", "tumour"].map(foldWord), [
 *   "hemorrhage",
 *   "esophageal",
 *   "sjogren",
 *   "tumor",
 * ]);
 * ```
 */
export function foldWord(word: string): string {
  const short = letters[word];
  if (short !== undefined) return short;
  // deno-lint-ignore no-control-regex
  const plain = /^[\x00-\x7f]*$/.test(word)
    ? word
    : word.normalize("NFD").replace(/\p{M}+/gu, "").replace(/[^a-z0-9]/g, (c) => letters[c] ?? c);
  if (plain.length < 5) return plain;
  return rules.reduce((folded, [pattern, american]) => folded.replace(pattern, american), plain);
}

/**
 * One form for all spellings of a normal form or a text: {@linkcode foldWord} for each word.
 *
 * @param text Words in small letters; what stands between them stays.
 * @returns The folded text.
 */
export function foldText(text: string): string {
  return text.replace(/[\p{L}\p{M}]+/gu, foldWord);
}
