import { assert, assertThrows } from "@std/assert";
import { patternOf } from "../../lib/model/tokenizer/patterns.ts";
import { UsageError } from "../../lib/runtime/mod.ts";

Deno.test("expressions whose time can double with every character are found", () => {
  for (
    const pattern of [
      "(a+)+$",
      "(?:a*)*b",
      "(?:\\p{L}+)+!",
      "x|(?:[ab]+\\s*)*y",
      "(\\w+){2,}$",
      "(?<n>[^)]+)+",
    ]
  ) {
    assertThrows(
      () => patternOf({ Regex: pattern }, "x"),
      UsageError,
      "Expected x to be an expression",
    );
  }
});

// GPT-2, Llama 3 and Qwen2, o200k, DeepSeek, Falcon, BLOOM, digits in threes from the right.
Deno.test("expressions of known tokenizers pass", () => {
  for (
    const pattern of [
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+",
      "[0-9][0-9][0-9]",
      " ?[^(\\s|[.,!?…。，、।۔،])]+",
      "\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))",
      "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
      "(?:\\r?\\n)+",
    ]
  ) {
    assert(patternOf({ Regex: pattern }, "x") !== undefined, pattern);
  }
});
