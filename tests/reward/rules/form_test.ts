import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { countBullets, countSentences, verifyCount } from "../../../lib/reward/rules/counts.ts";
import { anchoredLetter, hasValidLetter, verifyChoice } from "../../../lib/reward/rules/choice.ts";
import { verifyEdge, verifyNoCommas } from "../../../lib/reward/rules/edges.ts";
import { verifyJson } from "../../../lib/reward/rules/json.ts";
import { countPhrase, verifyForbidden, verifyKeyword } from "../../../lib/reward/rules/keyword.ts";
import { verifyLabels } from "../../../lib/reward/rules/labels.ts";
import { verifyLetterCase } from "../../../lib/reward/rules/letter_case.ts";
import { verifyWords } from "../../../lib/reward/rules/words.ts";
import { read } from "./graph.ts";

const capability = "instruction";

Deno.test("a letter counts only where it is anchored and stands alone", () => {
  assertEquals(anchoredLetter("Answer: C. nausea"), "C");
  assertEquals(anchoredLetter("I think the answer is (B)."), "B");
  assertEquals(anchoredLetter("answer is option D"), "D");
  for (
    const text of [
      "C",
      "C. nausea",
      "Answer: Chills",
      "Answer: a fever",
      "A patient",
      "Answer: A. Answer: B.",
      "Answer: A, B or C",
      "Answer: A. B. C. D.",
      "The answer is A common cold",
      "Answer: A patient",
      "Answer: C nausea",
      "The answer is not B",
      "",
    ]
  ) {
    assertEquals(anchoredLetter(text), undefined, text);
  }
  assertEquals(anchoredLetter("Answer: **C**"), "C");
  assertEquals(anchoredLetter("Answer: C. A common cold"), "C");
  assertEquals(anchoredLetter("The answer is B because it fits"), "B");
  assert(!hasValidLetter("Answer: E. fever"));
});

Deno.test("a letter without a full stop counts with its own option's text behind it", () => {
  const options = ["common cold", "fever", "nausea", "rash"];
  assertEquals(anchoredLetter("Answer: C nausea", options), "C");
  assertEquals(anchoredLetter("Answer: C fever", options), undefined);
  assertEquals(anchoredLetter("The answer is A patient", options), undefined);
});

Deno.test("an option that is denied is not chosen", () => {
  const check = {
    kind: "choice",
    capability: "domain",
    letter: "C",
    options: ["common cold", "fever", "nausea", "rash"],
  } as const;
  const score = (text: string): number => verifyChoice(check, read(text));
  assertEquals(score("Answer: C. nausea"), 1);
  assertEquals(score("Answer: C. nausea, not fever"), 1);
  assertEquals(score("The answer is C. It causes nausea. Answer: C"), 1);
  assertEquals(score("Answer: C. nausea\n".repeat(8)), 0.25);
  for (
    const text of [
      "Answer: not C. nausea",
      "Answer: not nausea",
      "The answer is not C",
      "It is not nausea.",
      "It isn't C, nausea",
      "The answer is A common cold",
    ]
  ) assertEquals(score(text), 0, text);
});

Deno.test("labels: share in order, once each, and nothing else", () => {
  const check = {
    kind: "labels",
    capability,
    labels: ["Subjective", "Objective", "Plan"],
  } as const;
  const score = (text: string): number => verifyLabels(check, read(text));
  assertEquals(score("Subjective: a\nObjective: b\nPlan: c"), 1);
  assertAlmostEquals(score("Subjective: a\nPlan: c"), 2 / 3, 1e-12);
  assertAlmostEquals(score("Plan: c\nObjective: b\nSubjective: a"), 1 / 3, 1e-12);
  assertAlmostEquals(score("Subjective: a\nObjective:\nPlan: c"), 2 / 3, 1e-12);
  assertEquals(score("Subjective: a\nObjective: b\nPlan: c\n".repeat(2)), 0.5);
  assertEquals(score("Here it is:\nSubjective: a\nObjective: b\nPlan: c"), 0.75);
  assertEquals(score("nothing"), 0);
});

Deno.test("JSON: keys and types, surplus keys cost, text around it is no JSON", () => {
  const check = {
    kind: "json",
    capability,
    keys: [{ key: "a", type: "string" }, { key: "b", type: "array" }],
  } as const;
  const score = (text: string): number => verifyJson(check, read(text));
  assertEquals(score('{"a": "x", "b": ["y"]}'), 1);
  assertEquals(score('{"a": "x", "b": "y"}'), 0.5);
  assertEquals(score('{"a": "", "b": []}'), 0);
  assertEquals(score('{"a": "x", "b": ["y"], "c": 1, "d": 2}'), 0.5);
  assertEquals(score('{"a": "x", "b": ["y"'), 0.25);
  assertEquals(score('Sure: {"a": "x", "b": ["y"]}'), 0.25);
  for (const text of ["[]", "null", "{}", "3", "a b", ""]) assertEquals(score(text), 0, text);
});

Deno.test("words", () => {
  const check = { kind: "words", capability, min: 2, max: 4 } as const;
  const score = (n: number): number => verifyWords(check, read("word ".repeat(n)));
  assertEquals([0, 1, 2, 4, 5, 6, 8, 20].map(score), [0, 0.5, 1, 1, 0.75, 0.5, 0, 0]);
});

Deno.test("sentences and bullets", () => {
  assertEquals(countSentences("One thing. Two things! Three? 1.5 mg"), 4);
  assertEquals(countSentences("... !!! 3."), 0);
  assertEquals(countBullets(["- one", "* two", "-three", "**bold**", "- ", "text"]), 2);
  const check = { kind: "sentences", capability, count: 2 } as const;
  assertEquals(
    ["", "One.", "One. Two.", "One. Two. Three.", "A. B. C. D. E."].map((t) =>
      verifyCount(check, read(t))
    ),
    [
      0,
      0.5,
      1,
      0.5,
      0,
    ],
  );
});

Deno.test("keywords as whole words, and no gain from repeating", () => {
  assertEquals(countPhrase("Asthma, asthmatic; ASTHMA.", "asthma"), 2);
  assertEquals(countPhrase("a+b a.b", "a.b"), 1);
  const check = { kind: "keyword", capability, word: "asthma", times: 2 } as const;
  const score = (n: number): number => verifyKeyword(check, read("asthma ".repeat(n)));
  assertEquals([0, 1, 2, 6, 12].map(score), [0, 0.5, 1, 1, 0.5]);
  const forbidden = { kind: "forbidden", capability, words: ["may", "often"] } as const;
  const free = (text: string): number => verifyForbidden(forbidden, read(text));
  assertEquals([free("mayor"), free("It may"), free("may often"), free("")], [1, 0.5, 0, 0]);
});

Deno.test("letter case", () => {
  const lower = (text: string): number =>
    verifyLetterCase({ kind: "letter_case", capability, style: "lower" }, read(text));
  assertEquals(lower("all small 1."), 1);
  assert(lower("One capital in a long line of small letters") < 0.95);
  assertEquals([lower("ABC"), lower("123"), lower("")], [0, 0, 0]);
  assertEquals(
    verifyLetterCase({ kind: "letter_case", capability, style: "upper" }, read("ABC")),
    1,
  );
});

Deno.test("beginnings, endings, commas", () => {
  const starts = { kind: "starts", capability, phrase: "Note:" } as const;
  const ends = { kind: "ends", capability, phrase: "That is all" } as const;
  const at = (
    text: string,
  ): number[] => [verifyEdge(starts, read(text)), verifyEdge(ends, read(text))];
  assertEquals(at("Note: yes. That is all."), [1, 1]);
  assertEquals(at("A Note: That is all of it"), [0.5, 0.5]);
  assertEquals(at("Note:"), [0, 0]);
  assertEquals(at(""), [0, 0]);
  const commas = (text: string): number =>
    verifyNoCommas({ kind: "no_commas", capability }, read(text));
  assertEquals([commas("none here"), commas("a, b"), commas("a,b,c,d,e,f"), commas("")], [
    1,
    0.75,
    0,
    0,
  ]);
});
