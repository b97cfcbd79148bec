/**
 * Length in tokens without a tokenizer: an estimate for byte-level BPE that errs on the long side for clinical names.
 */

/**
 * Estimated number of tokens of a text in a GPT-2 like tokenizer: common short words take one token, long clinical
 * names about one for every three and a half letters, words in capitals one for every two, punctuation and line ends one each.
 *
 * @param text Any text.
 * @returns Tokens.
 * @example
 * ```ts
 * import { estimateTokens } from "./tokens.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(estimateTokens("Diagnosis: asthma"), 5);
 * ```
 */
export function estimateTokens(text: string): number {
  const parts = text.match(/\p{L}+|\p{N}|[^\s\p{L}\p{N}]+|\n/gu) ?? [];
  return parts.reduce((sum, part) => sum + Math.ceil(part.length / lettersPerToken(part)), 0);
}

function lettersPerToken(part: string): number {
  if (!/^\p{L}/u.test(part)) return part.length;
  return part.length > 2 && part === part.toUpperCase() ? 2 : 4.5;
}
