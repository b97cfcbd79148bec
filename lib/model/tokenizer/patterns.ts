/** The regular expressions and texts that a `tokenizer.json` cuts and replaces by. @module */

import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { escapeRegExp, UsageError } from "../../runtime/mod.ts";
import { withoutPossessives } from "./atomic.ts";
import { isEndless } from "./endless.ts";

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

/** What an expression has to be and is not. */
function faultOf(regex: string): string | undefined {
  if (/\\[pP]\{[^}]*=/.test(regex)) return "whose properties have no =, as in Ruby's notation";
  return isEndless(regex)
    ? "whose repeated groups can be seen to divide a text in one way alone"
    : undefined;
}

/** @throws UsageError for an expression that finds empty texts, which Ruby's notation and JavaScript place otherwise */
function notEmpty(compiled: RegExp, regex: string, at: string): RegExp {
  const empty = new RegExp(`^(?:${compiled.source})$`, compiled.flags.replace("g", ""));
  if (!empty.test("")) return compiled;
  throw new UsageError(
    `Expected ${at} to be an expression that finds no empty text but found ${
      JSON.stringify(regex)
    }`,
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
    return text === "" ? undefined : new RegExp(escapeRegExp(text), "gu");
  }
  if (typeof regex !== "string") {
    throw new UsageError(
      `Expected ${at} to have a text at Regex or String but found ${JSON.stringify(pattern)}`,
    );
  }
  const fault = faultOf(regex);
  if (fault !== undefined) {
    throw new UsageError(
      `Expected ${at} to be an expression ${fault} but found ${JSON.stringify(regex)}`,
    );
  }
  try {
    const compiled = new SplitPreTokenizer({
      type: "Split",
      pattern: { Regex: withCases(withoutPossessives(regex, at)) },
      behavior: "Isolated",
      invert: false,
    }).pattern;
    if (compiled !== null) return notEmpty(compiled, regex, at);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UsageError(
    `Expected ${at} to be an expression that can be read but found ${JSON.stringify(regex)}`,
  );
}
