import { assert, assertEquals, assertThrows } from "@std/assert";
import { dataFolder, randomStream, UsageError } from "../../lib/runtime/mod.ts";
import {
  benchmarkTexts,
  indexTexts,
  normalizeText,
  sharesPassage,
} from "../../lib/synthesis/mod.ts";

function noise(seed: number, length: number): string {
  const random = randomStream(seed, "noise");
  return Array.from({ length }, () => "abcdefghijklmnopqrstuvwxyz".charAt(random.integer(26))).join(
    "",
  );
}

Deno.test("an overlap of 64 characters is found at every position, one of 63 is not", () => {
  const text = noise(1, 300);
  const index = indexTexts([text]);
  for (let at = 0; at + 64 <= text.length; at++) {
    assert(sharesPassage(index, `${noise(2, 40)}0${text.slice(at, at + 64)}0`), `missed at ${at}`);
    assert(!sharesPassage(index, `${noise(2, 40)}0${text.slice(at, at + 63)}0`), `wrong at ${at}`);
  }
});

Deno.test("case and white space do not hide an overlap", () => {
  const text =
    "The patient was  treated\nwith a course of steroids and followed for twelve months after that.";
  assertEquals(normalizeText("A\n  b"), "a b");
  assert(sharesPassage(indexTexts([text]), text.toUpperCase().replaceAll(" ", "  ")));
});

Deno.test("a length below 63 is refused, since a block could be missed", () => {
  assertThrows(() => sharesPassage(indexTexts([]), "x", 40), UsageError, "found 40");
});

Deno.test("benchmark texts: every MMLU test question and PubMedQA entry; none without the folder", async () => {
  assertEquals(await benchmarkTexts("/nowhere"), []);
  const texts = await benchmarkTexts(dataFolder());
  assert(texts.length > 1784 + 1000);
  const question = texts[0]!;
  assert(sharesPassage(indexTexts(texts), `Q: ${question}`));
});
