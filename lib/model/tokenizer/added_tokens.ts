/**
 * Finds added tokens in a text, as the library tokenizers of Hugging Face does: those that are looked for as they are
 * first, in what is left, once it is normalised, the others.
 *
 * @module
 */

import { UsageError, WorkbenchError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import type { AddedToken } from "./tokenizer_definition.ts";

/** A piece of a text: an added token's id, or text between them. */
export type Section = string | number;

const letter = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d]";
const endsWithWord = new RegExp(`${letter}$`, "u");
const startsWithWord = new RegExp(`^${letter}`, "u");
const space = /\p{White_Space}/u;
const spacesAtStart = /^\p{White_Space}*/u;

/** The tokens in order of length, the longest first, by their first UTF-16 unit. */
type Index = ReadonlyMap<
  string,
  readonly { readonly content: string; readonly token: AddedToken }[]
>;

function indexOf(tokens: readonly (readonly [string, AddedToken])[]): Index {
  const index = new Map<string, { content: string; token: AddedToken }[]>();
  for (const [content, token] of tokens) {
    if (content === "") continue;
    index.set(content[0]!, [...index.get(content[0]!) ?? [], { content, token }]);
  }
  for (const list of index.values()) list.sort((a, b) => b.content.length - a.content.length);
  return index;
}

/** Whether a letter stands before or behind a place in a text; one may be two UTF-16 units long. */
function isInWord(text: string, start: number, stop: number): boolean {
  return endsWithWord.test(text.slice(Math.max(0, start - 2), start)) ||
    startsWithWord.test(text.slice(stop, stop + 2));
}

/** Cuts a text at the tokens in it: from the left, the longest where several begin. */
function cut(text: string, index: Index): Section[] {
  const sections: Section[] = [];
  let done = 0;
  for (let at = 0; at < text.length;) {
    const found = index.get(text[at]!)?.find(({ content }) => text.startsWith(content, at));
    if (found === undefined) {
      at++;
      continue;
    }
    const { content, token } = found;
    let [start, stop] = [at, at + content.length];
    at = stop;
    if (token["single_word"] === true && isInWord(text, start, stop)) continue;
    if (token["lstrip"] === true) {
      while (start > done && space.test(text[start - 1]!)) start--;
      start = Math.max(start, done);
    }
    if (token["rstrip"] === true) stop += spacesAtStart.exec(text.slice(stop))![0].length;
    if (start > done) sections.push(text.slice(done, start));
    if (stop > start) sections.push(token.id);
    // A token may stand in the white space that this one took: then both count.
    done = stop;
  }
  if (done < text.length) sections.push(text.slice(done));
  return sections;
}

/** Whether a token is looked for in normalised text. */
export function isNormalized(token: AddedToken): boolean {
  return typeof token["normalized"] === "boolean" ? token["normalized"] : !token.special;
}

/**
 * Makes what cuts a text at its added tokens.
 *
 * @param tokens the tokens, with the flags `single_word` (not inside a word), `lstrip` and `rstrip` (takes the white space
 *   before or behind it) and `normalized` (looked for in normalised text)
 * @param normalize what is done to text between tokens
 * @returns the ids of the tokens and the normalised text between them
 */
export function addedTokenSplitter(
  tokens: readonly AddedToken[],
  normalize: (text: string) => string,
): (text: string) => Section[] {
  const plain = indexOf(tokens.filter((t) => !isNormalized(t)).map((t) => [t.content, t]));
  const others = indexOf(tokens.filter(isNormalized).map((t) => [normalize(t.content), t]));
  return (text) =>
    cut(text, plain).flatMap((section) =>
      typeof section === "number" ? [section] : cut(normalize(section), others)
    );
}

/**
 * Checks that tokens which are looked for in normalised text can be told apart there.
 *
 * @param tokens the tokens
 * @param normalize what is done to text between tokens
 * @param where the file's path, for messages
 * @throws UsageError when the normaliser leaves nothing of a token, or makes two of them the same
 */
export function checkNormalForms(
  tokens: readonly AddedToken[],
  normalize: (text: string) => string,
  where: string,
): void {
  const forms = new Map<string, string>();
  for (const { content } of tokens.filter(isNormalized)) {
    const form = normalize(content);
    const other = forms.get(form);
    if (form === "" && content !== "" || other !== undefined) {
      throw new UsageError(
        `Expected added tokens that the normalizer leaves different but found "${
          inMessage(content)
        }", of which it makes ${
          other === undefined ? "nothing" : "what it makes of another"
        }, in ${where}`,
      );
    }
    forms.set(form, content);
  }
}

/**
 * Checks that added tokens which stand in the vocabulary, too, have the same id there: the reference takes that one.
 *
 * @param tokens the tokens
 * @param vocab ids by token
 * @param where the file's path, for messages
 * @throws WorkbenchError when an id differs
 */
export function checkAddedIds(
  tokens: readonly AddedToken[],
  vocab: Readonly<Record<string, number>>,
  where: string,
): void {
  for (const { content, id } of tokens) {
    if (Object.hasOwn(vocab, content) && vocab[content] !== id) {
      throw new WorkbenchError(
        `Expected the added token "${inMessage(content)}" to have the id ${
          vocab[content]
        }, as in ` +
          `model.vocab, but found ${id} in ${where}`,
      );
    }
  }
}
