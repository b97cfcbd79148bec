import { assertAlmostEquals, assertEquals } from "@std/assert";
import { loadKnowledge } from "../../../lib/knowledge/mod.ts";
import { readCompletion } from "../../../lib/reward/rules/reading.ts";
import { verifyTable } from "../../../lib/reward/rules/table.ts";
import type { TableCheck } from "../../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const check: TableCheck = {
  kind: "table",
  capability: "instruction",
  columns: ["Disease", "Drug"],
  rows: 2,
};
const score = (text: string): number => verifyTable(check, readCompletion(text, knowledge));

const rows = "| gout | allopurinol |\n| asthma | salbutamol |";

Deno.test("a table with header, dashes and all rows earns 1, with aligned dashes and in small letters too", () => {
  assertEquals(score(`| Disease | Drug |\n|---|---|\n${rows}`), 1);
  assertEquals(score(`| disease | DRUG |\n| :--- | ---: |\n${rows}`), 1);
});

Deno.test("each part that is missing costs its share", () => {
  assertAlmostEquals(score(`| Drug | Disease |\n|---|---|\n${rows}`), 2 / 3);
  assertAlmostEquals(score(`| Disease | Drug |\n|---|---|\n| gout | allopurinol |`), 5 / 6);
  assertAlmostEquals(
    score(`| Disease | Drug |\n|---|---|\n| gout | |\n| asthma | salbutamol |`),
    5 / 6,
  );
  assertAlmostEquals(
    score(`| Disease | Drug |\n|---|---|\n${rows}\n| flu | oseltamivir |\n| a | b |`),
    5 / 6,
  );
});

Deno.test("text around a table costs its share of the lines; no table earns 0", () => {
  assertAlmostEquals(score(`Here it is:\n| Disease | Drug |\n|---|---|\n${rows}`), 4 / 5);
  assertEquals(score("gout: allopurinol\nasthma: salbutamol"), 0);
  assertEquals(score(""), 0);
});
