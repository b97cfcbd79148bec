/** Letter case by Python's rules, where JavaScript's are others. @module */

import { TemplateError } from "./lexer.ts";

/** Digraphs with a form of their own for the beginning of a word, by each of their forms. */
const digraphs: Readonly<Record<string, string>> = Object.fromEntries(
  ["Ǆǅǆ", "Ǉǈǉ", "Ǌǋǌ", "Ǳǲǳ"].flatMap((forms) => [...forms].map((form) => [form, forms[1]!])),
);

/** A letter as it begins a word. @throws TemplateError for Greek letters with an iota below */
function titleCase(letter: string): string {
  if (Object.hasOwn(digraphs, letter)) return digraphs[letter]!;
  if (/[\u10d0-\u10ff]/u.test(letter)) return letter;
  if (letter.normalize("NFD").includes("\u0345")) {
    throw new TemplateError(
      `the letter ${letter} at the beginning of a word, which is not supported`,
    );
  }
  const [first = "", ...rest] = letter.toUpperCase();
  return first + rest.join("").toLowerCase();
}

/** A text with its first letter as at the beginning of a word and the others in lower case. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  if (first === "") return text;
  // A sigma's form depends on what stands around it, the first letter included.
  const small = `${/\p{Cased}/u.test(first) ? "a" : " "}${rest.join("")}`.toLowerCase();
  return titleCase(first) + small.slice(1);
}

/** A text in which every row of letters begins as a word and goes on in lower case. */
export function titled(text: string): string {
  const small = text.toLowerCase();
  let [inside, made, at] = [false, "", 0];
  for (const letter of text) {
    const length = letter.toLowerCase().length;
    // A letter may become longer in lower case; only a sigma depends on its place.
    const lower = letter === "Σ" ? small.slice(at, at + length) : letter.toLowerCase();
    made += inside ? lower : titleCase(letter);
    inside = /[\p{Uppercase}\p{Lowercase}\p{Lt}]/u.test(letter);
    at += length;
  }
  return made;
}

/** A text with upper and lower case exchanged. */
export function swapped(text: string): string {
  const small = text.toLowerCase();
  let [made, at] = ["", 0];
  for (const letter of text) {
    const length = letter.toLowerCase().length;
    if (/\p{Uppercase}/u.test(letter)) made += small.slice(at, at + length);
    else made += /\p{Lowercase}/u.test(letter) ? letter.toUpperCase() : letter;
    at += length;
  }
  return made;
}

/** A text as it is compared where case does not count. */
export function folded(text: string): string {
  return Array.from(text, (letter) => {
    if (letter === "ı") return letter;
    if (letter === "ẞ") return "ss";
    if (/\p{Script=Cherokee}/u.test(letter)) return letter.toUpperCase();
    return Array.from(letter.toUpperCase(), (one) => one.toLowerCase()).join("");
  }).join("");
}

/** Whether a text has cased letters, all in lower case. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

/** Whether a text has cased letters, all in upper case. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** Whether a text has cased letters, all words beginning in upper case and going on in lower case. */
export function isTitle(text: string): boolean {
  let [inside, found] = [false, false];
  for (const letter of text) {
    const upper = /[\p{Uppercase}\p{Lt}]/u.test(letter);
    const lower = /\p{Lowercase}/u.test(letter);
    if ((upper && inside) || (lower && !inside)) return false;
    found ||= upper;
    inside = upper || lower;
  }
  return found;
}
