import { assert, assertEquals } from "@std/assert";
import {
  type BenchmarkText,
  benchmarkTexts,
  contaminationRule,
  findContamination,
  indexBenchmarks,
  indexTexts,
  plainWords,
  readBenchmarks,
  sharesPassage,
} from "../../lib/synthesis/mod.ts";

/** Distinct words that no other number has. */
const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `word${from + i}`).join(" ");
const text = (id: string, text: string): BenchmarkText => ({ benchmark: "MMLU", id, text });

Deno.test("13 words of a long text are found at every place, 12 are not", () => {
  const index = indexBenchmarks([text("a", words(0, 40))]);
  for (let at = 0; at + 13 <= 40; at++) {
    const found = findContamination(index, `before ${words(at, 13)} behind`);
    assertEquals(found, { benchmark: "MMLU", id: "a", words: words(at, 13) });
    assertEquals(findContamination(index, `before ${words(at, 12)} behind`), undefined);
  }
});

Deno.test("a text of 8 to 12 words is found as a whole, in part or shorter it is not", () => {
  for (let count = 1; count <= 12; count++) {
    const index = indexBenchmarks([text("a", words(0, count))]);
    const found = findContamination(index, `before ${words(0, count)} behind`);
    assertEquals(found?.words, count < contaminationRule.fewest ? undefined : words(0, count));
    assertEquals(findContamination(index, `before ${words(1, count - 1)} behind`), undefined);
  }
});

Deno.test("a question is found without the options that stand behind it", () => {
  const question = words(0, 9);
  const long = { ...text("a", `${question} ${words(100, 20)}`), question };
  assertEquals(findContamination(indexBenchmarks([long]), question)?.id, "a");
  assertEquals(
    findContamination(indexBenchmarks([text("a", long.text)]), question),
    undefined,
  );
});

Deno.test("capitals, quotes, dashes and line breaks hide nothing, as they do from 64 characters in a row", () => {
  const original =
    'A 40-year-old woman says, "my hands are numb" - at night; what is the most likely cause of it?';
  const edited =
    "A 40‑year‑old WOMAN says: “my hands are numb” — at night.\nWhat is\nthe most likely cause of it";
  assert(!sharesPassage(indexTexts([original]), edited));
  assertEquals(findContamination(indexBenchmarks([text("a", original)]), edited)?.id, "a");
  assertEquals(plainWords("Ｂ-cells: ﬁve"), ["b", "cells", "five"]);
});

Deno.test("words that stand in more than ten texts are the form of prompts and tell nothing", () => {
  const form = words(0, 13);
  const texts = (n: number): BenchmarkText[] =>
    Array.from({ length: n }, (_, i) => text(String(i), `${form} ${words(1000 * (i + 1), 13)}`));
  assertEquals(findContamination(indexBenchmarks(texts(10)), form)?.id, "0");
  const eleven = indexBenchmarks(texts(11));
  assertEquals(findContamination(eleven, form), undefined);
  assertEquals(findContamination(eleven, words(3000, 13))?.id, "2");
});

const benchmarks = await readBenchmarks();

Deno.test("the benchmarks are read whole: MMLU, PubMedQA and IFEval", async () => {
  const count = (name: string): number =>
    benchmarks.filter(({ benchmark }) => benchmark === name).length;
  assertEquals(count("MMLU"), 1784);
  assertEquals(
    new Set(benchmarks.map(({ benchmark, id }) => `${benchmark} ${id}`)).size,
    1784 + 1000 + 540,
  );
  assertEquals(count("IFEval"), 540);
  assertEquals((await benchmarkTexts()).length, benchmarks.length);
  assertEquals(await readBenchmarks("/nowhere"), []);
});

Deno.test("every text of a benchmark with at least 8 words is found, and an own question is not", () => {
  const index = indexBenchmarks(benchmarks);
  const missed = benchmarks.filter((one) => findContamination(index, one.text) === undefined);
  for (const one of missed) {
    assert(plainWords(one.text).length < contaminationRule.fewest, one.text);
  }
  const own =
    "Which of these body parts does kidney cancer affect? Reply in the form: Answer: letter. text";
  assertEquals(findContamination(index, own), undefined);
  const ifeval = benchmarks.find(({ benchmark }) => benchmark === "IFEval")!;
  const { benchmark, id } = findContamination(index, `Please: ${ifeval.text.toUpperCase()}`)!;
  assertEquals([benchmark, id], ["IFEval", ifeval.id]);
});
