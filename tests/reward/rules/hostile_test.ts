import { assert, assertEquals } from "@std/assert";
import { ruleScores } from "../../../lib/reward/mod.ts";
import { verifyChoice } from "../../../lib/reward/rules/choice.ts";
import { verifyJson } from "../../../lib/reward/rules/json.ts";
import { countPhrase } from "../../../lib/reward/rules/keyword.ts";
import { verifyValue } from "../../../lib/reward/rules/value.ts";
import type { Check, Item } from "../../../lib/synthesis/mod.ts";
import { knowledge, read } from "./graph.ts";

/** Texts that are no pattern, mean something else as one, or take a time as one that doubles with every letter. */
const texts = [
  "(",
  "[",
  "a{2",
  "\\",
  "*",
  "(?<a",
  "a|b",
  ".",
  "^",
  "(a+)+$",
  "(a|a)*b",
  "a$&b",
  "\\p{L",
];
const capability = "instruction";
const long = "a".repeat(60);

Deno.test("keys of JSON are found as they stand, whatever signs are in them", () => {
  for (const key of texts) {
    const check = { kind: "json", capability, keys: [{ key, type: "string" }] } as const;
    assertEquals(verifyJson(check, read(`{"${key}": "x"`)), 0.25, key);
    assertEquals(verifyJson(check, read(`{"aab": "${long}!"`)), 0, key);
  }
});

Deno.test("fields, values, words and options are found as they stand", () => {
  for (const text of texts) {
    const word = `x${text}x`;
    assertEquals(countPhrase(`${long}! ${word}, ${word}`, word), 2, text);
    const where = { format: "line", field: word } as const;
    const value = {
      kind: "value",
      capability,
      where,
      expected: word,
      allowed: [word, "other"],
    } as const;
    if (!/[*|]/.test(word)) assertEquals(verifyValue(value, read(`${word} is ${word}`)), 1, text);
    assertEquals(verifyValue(value, read(`${word} is ${long}`)), 0, text);
    const options = [word, "fever", "nausea", "rash"];
    const choice = { kind: "choice", capability, letter: "A", options } as const;
    assert(verifyChoice(choice, read(`Answer: A. ${word}`)) >= 0.5, text);
  }
});

Deno.test("checks of any text and length score any completion", () => {
  const huge = "ab ".repeat(100_000);
  const checks = [...texts, huge, "a".repeat(300_000), "+<>".repeat(1300)].flatMap((
    text,
  ): Check[] => [
    { kind: "json", capability, keys: [{ key: text, type: "array" }] },
    { kind: "keyword", capability, word: text, times: 1 },
    { kind: "forbidden", capability, words: [text, text] },
    { kind: "labels", capability, labels: [text] },
    { kind: "starts", capability, phrase: text },
    { kind: "ends", capability, phrase: text },
    { kind: "choice", capability, letter: "A", options: [text, "b", "c", "d"] },
    ...(["line", "json"] as const).map((format): Check => ({
      kind: "value",
      capability,
      where: { format, field: text },
      expected: text,
      allowed: [text, "no"],
    })),
  ]);
  const item = { capability, checks, reference: "x" } as unknown as Item;
  for (const completion of ["", "{", `{"(": `, `Answer: A. ${long}`, huge, "a".repeat(5000)]) {
    const score = ruleScores(item, completion, knowledge).instruction!;
    assert(score >= 0 && score <= 1);
  }
});
