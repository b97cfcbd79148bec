/** The regular expressions and texts that a `tokenizer.json` cuts and replaces by. @module */

import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { UsageError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import { doublingRepetition } from "./repetition.ts";

/** Letters that match others than their two cases when case does not count. */
const otherCases: Readonly<Record<string, string>> = { k: "\\u212a", s: "\\u017f" };

/** Writes letters of a `(?i:...)` without sets inside as sets of all their cases. */
function withCases(pattern: string): string {
  return pattern.replace(
    /\(\?i:([^()[\]\\]*)\)/g,
    (_, inner: string) =>
      `(?:${
        inner.replace(/[a-z]/gi, (letter) => {
          const small = letter.toLowerCase();
          return `[${small}${small.toUpperCase()}${otherCases[small] ?? ""}]`;
        })
      })`,
  );
}

/**
 * The expression that a pattern of a `tokenizer.json` means; Ruby's notation is rewritten for JavaScript.
 *
 * @param pattern `{ "Regex": ... }` or `{ "String": ... }`
 * @param at its place in the file, for messages
 * @returns an expression with the flags g and u; undefined for an empty text, which is found nowhere
 * @throws UsageError when it is neither, or no expression
 */
export function patternOf(pattern: unknown, at: string): RegExp | undefined {
  const { Regex: regex, String: text } = (pattern ?? {}) as { Regex?: unknown; String?: unknown };
  if (typeof text === "string") {
    return text === "" ? undefined : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gu");
  }
  if (typeof regex !== "string") {
    throw new UsageError(
      `Expected ${at} to have a text at Regex or String but found ${JSON.stringify(pattern)}`,
    );
  }
  const end = doublingRepetition(regex);
  if (end !== undefined) {
    throw new UsageError(
      `Expected ${at} to repeat no group that repeats inside, which can take for ever, but found ${
        inMessage(regex.slice(0, end))
      }`,
    );
  }
  try {
    const compiled = new SplitPreTokenizer({
      type: "Split",
      pattern: { Regex: withCases(regex) },
      behavior: "Isolated",
      invert: false,
    }).pattern;
    if (compiled !== null) return compiled;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UsageError(
    `Expected ${at} to be an expression that can be read but found ${JSON.stringify(regex)}`,
  );
}
