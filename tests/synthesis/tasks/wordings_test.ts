import { assert, assertEquals } from "@std/assert";
import type { Variants, Wording } from "../../../lib/synthesis/draft.ts";
import { domainChoice } from "../../../lib/synthesis/tasks/domain_choice.ts";
import { domainOpen } from "../../../lib/synthesis/tasks/domain_open.ts";
import { domainVerify } from "../../../lib/synthesis/tasks/domain_verify.ts";
import { instructionAnswer } from "../../../lib/synthesis/tasks/instruction_answer.ts";
import { instructionTable } from "../../../lib/synthesis/tasks/instruction_table.ts";
import { openWordings } from "../../../lib/synthesis/tasks/open_wordings.ts";
import { reasoningExclusion } from "../../../lib/synthesis/tasks/reasoning_exclusion.ts";
import { relationWordings } from "../../../lib/synthesis/tasks/relation_wordings.ts";
import { makeGroups } from "./made.ts";

const made: Wording[] = [
  domainChoice,
  domainOpen,
  domainVerify,
  instructionAnswer,
  instructionTable,
  reasoningExclusion,
].flatMap((family) => makeGroups(family, "test", 20).map(({ proposals }) => proposals[0]!.wording));
const questions: Variants[] = [
  ...Object.values(openWordings),
  ...Object.values(relationWordings).flatMap((sides): Variants[] => Object.values(sides)),
];

/** The words of a question, what fills its slots left out. */
const contentOf = (text: string): Set<string> =>
  new Set(text.toLowerCase().replace(/\{\w+\}/g, " ").match(/[a-z]{3,}/g) ?? []);

Deno.test("every question has at least four wordings for training and three that training never sees", () => {
  for (const { train, heldOut } of [...made, ...questions]) {
    assert(train.length >= 4 && heldOut.length >= 3, train[0]);
    assertEquals(new Set([...train, ...heldOut]).size, train.length + heldOut.length);
  }
});

Deno.test("a held-out wording shares less than two thirds of its words with any for training", () => {
  for (const { train, heldOut } of questions) {
    for (const held of heldOut) {
      for (const other of train) {
        const [a, b] = [contentOf(held), contentOf(other)];
        const both = [...a].filter((word) => b.has(word)).length;
        assert(both / a.size < 2 / 3, `${held} / ${other}`);
      }
    }
  }
});

Deno.test("a wording names what it asks about once, and begins with a capital letter", () => {
  for (const { train, heldOut } of questions) {
    for (const text of [...train, ...heldOut]) {
      assertEquals(text.match(/\{[aA]nchor\}/g)?.length, 1, text);
      // A definition is a sentence of its own.
      assert(/^(?:[A-Z]|\{Anchor\}|\{anchor\} What)/.test(text), text);
    }
  }
});
