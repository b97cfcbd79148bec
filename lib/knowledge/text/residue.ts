/**
 * What stands in a text and is no part of it: what a model, a template or a tool leaves behind.
 *
 * @module
 */

/** Something that has no place in a text. */
export interface TextFault {
  /** The rule's name. */
  readonly rule: string;
  /** Index of the first character. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** The words. */
  readonly text: string;
}

const rules: readonly (readonly [rule: string, pattern: RegExp])[] = [
  [
    "special token",
    /<[|｜][^\s<>|｜]{1,40}(?:[|｜]>)|<\/?s>|<(?:bos|eos|pad|unk|mask|sep|cls|start_of_turn|end_of_turn|endoftext|s\d|extra_id_\d+)>|\[\/?(?:INST|SYS|CLS|SEP|PAD|MASK|UNK|BOS|EOS|gMASK)\]|<<\/?SYS>>|▁|Ġ|Ċ/gu,
  ],
  [
    "tag",
    /<\/?(?:think|thinking|thought|reasoning|answer|response|assistant|user|system|output|tool_call|tool_response|scratchpad|reflection|br|p|div|span|b|i|sup|sub)\s*\/?>/gi,
  ],
  [
    "role",
    /^[ \t]*(?:#{1,6}[ \t]*)?(?:assistant|user|system|human|ai|bot|instruction|input|response|output)[ \t]*:?[ \t]*$|^[ \t]*(?:assistant|user|human|ai)[ \t]*:\s/gim,
  ],
  [
    "placeholder",
    /\{\{[^{}\n]{0,60}\}\}|\{%[^\n]{0,60}%\}|\$\{[^{}\n]{1,40}\}|\{(?:name|disease|drug|symptom|finding|answer|question|text|input|output|\d)\}|<(?:insert|your|name|disease|drug|symptom|answer)\b[^<>\n]{0,40}>|\[(?:insert|your|name|disease|drug|symptom|answer|patient|citation needed|source)\b[^\]\n]{0,40}\]|_{4,}|\b(?:TODO|FIXME|lorem\s+ipsum|undefined|NaN)\b|\[object Object\]/gi,
  ],
  [
    "chatter",
    /\b(?:as\s+an?\s+(?:ai|artificial\s+intelligence|large\s+language|language)\b[^.!?\n]{0,60}|i\s+(?:am|['’]m)\s+(?:just\s+)?an?\s+(?:ai|language\s+model)\b|i\s+(?:cannot|can['’]?t)\s+(?:provide|give|offer)\s+medical\s+advice\b|(?:sure|certainly|of\s+course|absolutely|great\s+question)\s*[!,.]\s+(?:here|i)\b|here\s+(?:is|are)\s+(?:the|your|a|an)\s+(?:reworded|rewritten|revised|requested|answer|response|text|list|summary)\b|(?:hope\s+(?:this|that)\s+helps|let\s+me\s+know\s+if)\b|(?:rewrite|reword|rephrase|paraphrase)\s+(?:the|this)\s+(?:\w+\s+)?(?:text|sentence|question|prompt)\b)/gi,
  ],
  ["replacement character", /\uFFFD+|Ã[\u0080-\u00BF]|â€[\u0080-\u2122™œ\u009d]?/gu],
  [
    "control character",
    /(?:(?![\t\n\r])\p{Cc}|[\u200B-\u200D\u2060\uFEFF])+/gu,
  ],
  [
    "markup",
    /^[ \t]*```\w*[ \t]*$|\\boxed\{|\\(?:text|frac|begin|end)\{|&(?:nbsp|amp|lt|gt|quot|#\d+);/gim,
  ],
  ["repetition", /\b(\p{L}[\p{L}'-]{0,30}(?: \p{L}[\p{L}'-]{0,30}){0,3})(?:[ ,.-]{1,3}\1\b){3}/giu],
];

/**
 * The residue in a text: special tokens, tags, role names, placeholders, chatter of a model, characters that encoding broke
 * or that nobody sees, markup, and words that repeat four times or more. A text in one code block keeps its fences.
 *
 * @param text Any text.
 * @returns Faults from left to right, none within another.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { residueIn } from "./residue.ts";
 * assertEquals(residueIn("Gout hurts.<|im_end|>").map(({ rule, text }) => `${rule}: ${text}`), [
 *   "special token: <|im_end|>",
 * ]);
 * ```
 */
export function residueIn(text: string): TextFault[] {
  const found = rules.flatMap(([rule, pattern]) =>
    [...text.matchAll(pattern)].map(({ index, 0: words }) => ({
      rule,
      start: index,
      end: index + words.length,
      text: words,
    }))
  ).sort((a, b) => a.start - b.start || b.end - a.end);
  const fenced = /^\s*```\w*\s*\n[\s\S]*\n```\s*$/.test(text);
  const kept: TextFault[] = [];
  for (const fault of found) {
    if (fault.start < (kept.at(-1)?.end ?? 0)) continue;
    if (fenced && fault.rule === "markup" && fault.text.includes("```")) continue;
    kept.push(fault);
  }
  return kept;
}
