import { assert, assertEquals } from "@std/assert";
import { fillForm, referencePasses, ruleScores } from "../../../lib/reward/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import type { Family } from "../../../lib/synthesis/draft.ts";
import { domainVerify } from "../../../lib/synthesis/tasks/domain_verify.ts";
import { instructionTable } from "../../../lib/synthesis/tasks/instruction_table.ts";
import { reasoningExclusion } from "../../../lib/synthesis/tasks/reasoning_exclusion.ts";
import { integrationSentence } from "../../../lib/synthesis/tasks/integration_sentence.ts";
import { isOwn } from "../../../lib/synthesis/tasks/relations.ts";
import { unsupportedClaims } from "../../../lib/synthesis/validate.ts";
import { knowledge, type Made, makeGroups, sourceFor } from "./made.ts";

const sizes: readonly (readonly [Family, number])[] = [
  [domainVerify, 4],
  [reasoningExclusion, 3],
  [instructionTable, 3],
  [integrationSentence, 3],
];
const made = new Map(
  sizes.map(([family]) => [family.id, makeGroups(family, "test", 200, "test-forms")]),
);
const groupsOf = ({ id }: Family): readonly Made[] => made.get(id)!;

Deno.test("the families are of the split of other forms alone, and make four hundred items of their own", () => {
  for (const [family, size] of sizes) {
    assertEquals(family.testOnly, true);
    assertEquals(groupsOf(family).length, 200);
    const items = groupsOf(family).flatMap(({ items }) => items);
    assertEquals(items.length, 200 * size);
    const prompts = new Set(items.map(({ prompt }) => prompt));
    assert(prompts.size >= 400, `${family.id}: ${prompts.size}`);
  }
});

Deno.test("every decision has the same options in a group, and each of them is right equally often", () => {
  for (const [family] of sizes) {
    for (const { items } of groupsOf(family)) {
      const bySet = Map.groupBy(
        items.flatMap((item) => item.decisions),
        ({ options }) => options.join("|"),
      );
      assertEquals(bySet.size, family === integrationSentence ? 2 : 1);
      for (const decisions of bySet.values()) {
        const counts = decisions[0]!.options.map((_, place) =>
          decisions.filter(({ answer }) => answer === place).length
        );
        assertEquals(new Set(counts).size, 1, `${family.id} ${counts}`);
      }
    }
  }
});

Deno.test("stated facts are the test's own; denied ones are safely wrong", () => {
  const source = sourceFor("test");
  for (const [family] of sizes) {
    for (const { claims } of groupsOf(family).flatMap(({ items }) => items)) {
      assertEquals(unsupportedClaims(knowledge, claims), []);
      const stated = claims.filter(({ denied }) => denied === undefined);
      const own = stated.filter((claim) => isOwn(source, claim));
      // A case holds facts of training too.
      assert(family === integrationSentence ? own.length > 0 : own.length === stated.length);
    }
  }
});

Deno.test("references earn every point", () => {
  for (const [family] of sizes) {
    for (const { items } of groupsOf(family).slice(0, 60)) {
      for (const item of items) {
        assert(referencePasses(item, knowledge), `${item.prompt} ${item.reference}`);
      }
    }
  }
});

Deno.test("statements: each subject and each object is in one true and one false one", () => {
  for (const { items } of groupsOf(domainVerify)) {
    for (const side of ["subject", "object"] as const) {
      const truths = Map.groupBy(
        items,
        ({ claims }) => `${claims[0]![side]} ${claims[0]!.predicate}`,
      );
      if (truths.size === 1) continue;
      assertEquals(truths.size, 2);
      for (const own of truths.values()) {
        assertEquals(own.map(({ reference }) => reference).toSorted(), [
          "Answer: no",
          "Answer: yes",
        ]);
      }
    }
  }
});

Deno.test("exclusion: without the findings three patients are one, and each disease is excluded once", () => {
  for (const { items } of groupsOf(reasoningExclusion)) {
    const blind = items.map(({ prompt, evidence }) => {
      assert(evidence !== undefined && prompt.split(evidence).length === 2, prompt);
      return prompt.replace(evidence, "");
    });
    assertEquals(new Set(blind).size, 1);
    for (const [place] of items[0]!.decisions.entries()) {
      const answers = items.map(({ decisions }) => decisions[place]!.answer);
      assertEquals(answers.toSorted(), [0, 1, 2]);
    }
    const [first, second] = items;
    assert(ruleScores(first!, second!.reference, knowledge).reasoning === 0);
  }
});

Deno.test("tables: a row with another drug or finding earns nothing of the domain's", () => {
  for (const { items } of groupsOf(instructionTable).slice(0, 60)) {
    for (const item of items) {
      const swapped = item.decisions.reduce((text, { options, answer }) => {
        const wrong = options[(answer + 1) % options.length]!;
        return text.replace(`| ${options[answer]} |`, `| \u0001${wrong} |`);
      }, item.reference).replaceAll("\u0001", "");
      const { domain, instruction } = ruleScores(item, swapped, knowledge);
      assertEquals(domain, 0, swapped);
      assertEquals(instruction, 1, swapped);
    }
  }
});

Deno.test("sentences: without the patient three prompts are one; another disease or drug earns nothing", () => {
  for (const { items } of groupsOf(integrationSentence).slice(0, 60)) {
    assertEquals(new Set(items.map((item) => item.prompt.replace(item.evidence!, ""))).size, 1);
    for (const item of items) {
      for (const other of items) {
        const { integration } = ruleScores(item, other.reference, knowledge);
        assertEquals(integration, other === item ? 1 : 0, `${item.prompt} ${other.reference}`);
      }
    }
  }
});

Deno.test("who fills the forms at random decides as by chance", () => {
  const common = { names: new Map(), values: new Map() };
  const chances: readonly (readonly [Family, "domain" | "reasoning", number])[] = [
    [domainVerify, "domain", 1 / 2],
    [reasoningExclusion, "reasoning", 1 / 3],
    [instructionTable, "domain", 1 / 3],
    [integrationSentence, "reasoning", 1 / 3],
    [integrationSentence, "domain", 1 / 3],
  ];
  for (const [family, capability, chance] of chances) {
    const scores = groupsOf(family).flatMap(({ items }) =>
      items.map((item) => {
        const answer = fillForm(item, knowledge, common, randomStream(0, "blind", item.prompt));
        return ruleScores(item, answer, knowledge)[capability]!;
      })
    );
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    assert(Math.abs(mean - chance) < 0.06, `${family.id} ${capability}: ${mean}`);
  }
});
