import { assert, assertEquals } from "@std/assert";
import { mentions } from "../../../lib/knowledge/mod.ts";
import { checkScores, referencePasses } from "../../../lib/reward/mod.ts";
import { instructionAnswer } from "../../../lib/synthesis/tasks/instruction_answer.ts";
import { isOwn } from "../../../lib/synthesis/tasks/relations.ts";
import { unsupportedClaims } from "../../../lib/synthesis/validate.ts";
import { knowledge, makeGroups, sourceFor } from "./made.ts";

const items = makeGroups(instructionAnswer, "test", 600).flatMap((group) => group.items);

Deno.test("texts of facts keep all their constraints and state what the sources say", () => {
  assertEquals(items.length, 600);
  let failed = 0;
  for (const item of items) {
    if (!referencePasses(item, knowledge)) failed += 1;
    assertEquals(unsupportedClaims(knowledge, item.claims), []);
    assert(item.claims.some((claim) => isOwn(sourceFor("test"), claim)));
  }
  assert(failed <= items.length / 100, `${failed} references fail`);
});

Deno.test("every kind of constraint and of fact is asked for", () => {
  const kinds = new Set(items.flatMap(({ checks }) => checks.map(({ kind }) => kind)));
  for (
    const kind of [
      "bullets",
      "sentences",
      "labels",
      "json",
      "keyword",
      "forbidden",
      "words",
      "letter_case",
      "no_commas",
      "starts",
      "ends",
      "fact",
      "entities",
      "link",
    ] as const
  ) assert(kinds.has(kind), kind);
  const predicates = new Set(items.flatMap(({ claims }) => claims.map((c) => c.predicate)));
  assertEquals([...predicates].sort(), ["contraindicated", "includes", "presents", "treats"]);
});

Deno.test("the disease's name is that of the disease alone", () => {
  for (
    const { claims, slots } of makeGroups(instructionAnswer, "test", 100).flatMap((g) =>
      g.proposals
    )
  ) {
    const found = mentions(knowledge, slots["disease"]!);
    assertEquals(found.map(({ entity }) => entity.kind), ["disease"]);
    assert(claims.length > 0);
  }
});

Deno.test("an answer without facts earns nothing of the domain's", () => {
  for (const item of items.slice(0, 100)) {
    const facts = checkScores(item, "I do not know", knowledge).filter(({ check }) =>
      check.capability === "domain"
    );
    assert(facts.length >= 2 && facts.every(({ score }) => score === 0), item.prompt);
  }
});

Deno.test("two hundred answers of the test are about facts of their own", () => {
  const cases = new Set(items.map((item) => item.case));
  const prompts = new Set(items.map(({ prompt }) => prompt));
  assert(cases.size >= 200 && prompts.size >= 400, `${cases.size} ${prompts.size}`);
});
