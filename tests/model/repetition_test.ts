import { assert, assertEquals, assertThrows } from "@std/assert";
import { pretokenizerOf } from "../../lib/model/tokenizer/pretokenizers.ts";
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
      "(?<n>[^)]+)+;",
      "(?:a|a)*b",
      "(?:\\p{L}|\\p{Ll})*!",
      "(?:\\w|\\d)+$",
      "(?:a|ab|b)*c",
      "(?:a?a)*b",
      "(?:a?b?)*c",
      "(?:a{1,2}){1,60}$",
      "(a?){30}b",
      "\\p{N}{1,3}+x",
      "(?=(a|a)*b)",
      "(?>(a+)+b)",
      "(\\1a|a)*b",
    ]
  ) {
    assertThrows(
      () => patternOf({ Regex: pattern }, "x"),
      UsageError,
      "Expected x to be an expression",
    );
  }
});

Deno.test("what can be divided in one way alone, or is not tried again, passes", () => {
  for (
    const pattern of [
      "(?:\\s?\\w)+x",
      "(?:ab|ac)*d",
      "(?:[a-z]+[0-9]+)*x",
      "(?:'[^']*'|\"[^\"]*\"|\\s)*;",
      "(?:\\p{N}{3})+x",
      "(?:a{10}){20}b",
      "(a++)+b",
      "(a+)++b",
      "(?>a+)+b",
      "(?:\\w+)+",
    ]
  ) {
    assert(patternOf({ Regex: pattern }, "x") !== undefined, pattern);
  }
});

// What tokenizers 0.23.3 cuts with Split(Regex(...), "isolated").
Deno.test("possessive counts and atomic groups give nothing back", () => {
  for (
    const [pattern, text, pieces] of [
      ["a++a", "aaab abab", ["aaab abab"]],
      ["(?>a+)a", "aaab abab", ["aaab abab"]],
      ["a?+a", "aaab abab abc aabb", ["aa", "ab abab abc ", "aa", "bb"]],
      ["a*+a", "a a  ", ["a a  "]],
      ["[ab]++b", "ab1234ab 123456\n", ["ab1234ab 123456\n"]],
      ["(?>a|ab)c", "abab abc", ["abab abc"]],
      ["\\d{1,3}+", "1234567 12", ["1234567", " ", "12"]],
      ["(?:ab)++", "aaab abab", ["aa", "ab", " ", "abab"]],
    ] as const
  ) {
    const cut = pretokenizerOf({
      type: "Split",
      pattern: { Regex: pattern },
      behavior: "Isolated",
      invert: false,
    }, "x");
    assertEquals(cut(text), [...pieces], pattern);
  }
  for (const [pattern, why] of [["(?<=a++)b", "looks behind"], ["(a)b++\\1", "by number"]]) {
    assertThrows(() => patternOf({ Regex: pattern }, "x"), UsageError, why);
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
      "[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
    ]
  ) {
    assert(patternOf({ Regex: pattern }, "x") !== undefined, pattern);
  }
});
