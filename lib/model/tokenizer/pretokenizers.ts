/**
 * How a `tokenizer.json` cuts a text before merging, as the library tokenizers of Hugging Face does it.
 *
 * @module
 */

import { UsageError } from "../../runtime/mod.ts";
import { byteSymbols } from "./byte_symbols.ts";
import { patternOf } from "./patterns.ts";
import { parsePretokenizers, type Pretokenizer } from "./tokenizer_definition.ts";

/** Cuts pieces of a text into smaller ones; a step may write them anew, too. */
type Cut = (piece: string) => string[];

/** A piece of a text, and whether it is what was looked for. */
interface Piece {
  readonly text: string;
  readonly match: boolean;
}

/** What becomes of what was looked for. */
const behaviors = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
] as const;

type Behavior = typeof behaviors[number];

/** All of a text, in pieces: what an expression finds and what is between. */
function piecesOf(text: string, pattern: RegExp | undefined, invert: boolean): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const { 0: found, index } of pattern === undefined ? [] : text.matchAll(pattern)) {
    if (index > done) pieces.push({ text: text.slice(done, index), match: invert });
    if (found !== "") pieces.push({ text: found, match: !invert });
    done = index + found.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), match: invert });
  return pieces;
}

/** Joins each piece to the one before it where a rule says so. */
function joined(
  pieces: readonly Piece[],
  join: (piece: Piece, before: Piece) => boolean,
): string[] {
  const texts: string[] = [];
  let before: Piece | undefined;
  for (const piece of pieces) {
    if (before !== undefined && join(piece, before)) texts.push(texts.pop() + piece.text);
    else texts.push(piece.text);
    before = piece;
  }
  return texts;
}

function splitBy(pattern: RegExp | undefined, behavior: Behavior, invert = false): Cut {
  return (text) => {
    const pieces = piecesOf(text, pattern, invert);
    switch (behavior) {
      case "Removed":
        return pieces.filter(({ match }) => !match).map((piece) => piece.text);
      case "Isolated":
        return pieces.map((piece) => piece.text);
      // Of several matches in a row only the first joins the text before, or the last the text behind.
      case "MergedWithPrevious":
        return joined(pieces, (piece, before) => piece.match && !before.match);
      case "MergedWithNext":
        return joined(pieces, (piece, before) => before.match && !piece.match);
      case "Contiguous":
        return joined(pieces, (piece, before) => piece.match === before.match);
    }
  };
}

/** Unicode's White_Space: JavaScript's `\s` has U+FEFF instead of U+0085. */
const space = "\\p{White_Space}";

/** GPT-2's rule for cutting text into words. */
const gpt2Words = new RegExp(
  `'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|${space}+(?!\\P{White_Space})|${space}+`,
  "gu",
);

const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;
const wordLetter = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";
const words = new RegExp(`[${wordLetter}]+|[^${wordLetter}${space}]+`, "gu");

function behaviorOf(step: Pretokenizer, otherwise: Behavior | undefined, where: string): Behavior {
  const found = step["behavior"] ?? otherwise;
  const behavior = behaviors.find((name) => name === found);
  if (behavior !== undefined) return behavior;
  throw new UsageError(
    `Expected behavior of ${step.type} to be one of ${behaviors.join(", ")} but found ${
      JSON.stringify(found)
    } in ${where}`,
  );
}

function lengthOf(step: Pretokenizer, where: string): number {
  const length = step["length"] ?? 5;
  if (typeof length === "number" && Number.isInteger(length) && length > 0) return length;
  throw new UsageError(
    `Expected length of FixedLength to be an integer greater than 0 but found ${
      JSON.stringify(length)
    } in ${where}`,
  );
}

const utf8 = new TextEncoder();

/** Writes the bytes of words as symbols, one a byte. */
function byteLevel(step: Pretokenizer): Cut {
  const prefix = step["add_prefix_space"] !== false;
  const cut: Cut = step["use_regex"] === false ? (text) => [text] : splitBy(gpt2Words, "Isolated");
  return (text) =>
    cut(prefix && !text.startsWith(" ") ? ` ${text}` : text)
      .map((word) => Array.from(utf8.encode(word), (byte) => byteSymbols[byte]!).join(""));
}

/**
 * Makes what cuts a text.
 *
 * @param step what stands at the key `pre_tokenizer` of a `tokenizer.json`
 * @param where the file's path, for messages
 * @throws UsageError when it is of a kind that is not supported
 */
export function pretokenizerOf(step: Pretokenizer, where: string): Cut {
  switch (step.type) {
    case "Sequence": {
      const steps = parsePretokenizers(step["pretokenizers"]).map((one) =>
        pretokenizerOf(one, where)
      );
      return (text) => steps.reduce((pieces, cut) => pieces.flatMap(cut), [text]);
    }
    case "Split":
      return splitBy(
        patternOf(step["pattern"], `pre_tokenizer.pattern in ${where}`),
        behaviorOf(step, undefined, where),
        step["invert"] === true,
      );
    case "ByteLevel":
      return byteLevel(step);
    case "Digits":
      return splitBy(/\p{N}/gu, step["individual_digits"] === true ? "Isolated" : "Contiguous");
    case "Punctuation":
      return splitBy(punctuation, behaviorOf(step, "Isolated", where));
    case "Whitespace":
      return splitBy(words, "Removed", true);
    case "WhitespaceSplit":
      return splitBy(/\p{White_Space}/gu, "Removed");
    case "CharDelimiterSplit":
      return splitBy(
        patternOf({ String: step["delimiter"] }, `pre_tokenizer.delimiter in ${where}`),
        "Removed",
      );
    case "FixedLength": {
      const length = lengthOf(step, where);
      return (text) => {
        const letters = [...text];
        return Array.from(
          { length: Math.ceil(letters.length / length) },
          (_, i) => letters.slice(i * length, (i + 1) * length).join(""),
        );
      };
    }
    default:
      throw new UsageError(
        "Expected pre_tokenizer.type to be one of Sequence, Split, ByteLevel, Digits, Punctuation, Whitespace, " +
          `WhitespaceSplit, CharDelimiterSplit, FixedLength but found ${
            JSON.stringify(step.type)
          } in ${where}`,
      );
  }
}
