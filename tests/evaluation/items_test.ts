import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type Complete, evaluateItems } from "../../lib/evaluation/mod.ts";
import type { Knowledge } from "../../lib/knowledge/mod.ts";
import { type RuleScores, ruleScores } from "../../lib/reward/mod.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import type { Capability, Item } from "../../lib/synthesis/mod.ts";

function item(id: string, capability: Capability, reference: string): Item {
  return {
    id,
    capability,
    family: "test",
    version: 1,
    split: "test",
    prompt: `Say ${reference}.`,
    reference,
    checks: [{
      kind: "keyword",
      capability: "domain",
      word: reference,
      times: 1,
    }],
    claims: [],
    decisions: [],
    case: id,
    template: "test",
  };
}
const items = [
  item("c", "reasoning", "three words here"),
  item("a", "domain", "one"),
  item("d", "domain", "two"),
  item("b", "domain", "three"),
];
/** Repeats the prompt's wish, save for "two". */
const complete: Complete = (prompts) =>
  Promise.resolve(
    prompts.map((prompt) => prompt === "Say two." ? "" : prompt.slice(4, -1)),
  );
const score = (one: Item, completion: string): RuleScores => ({
  [one.capability]: completion === one.reference ? 1 : 0,
  invalid: completion === "",
  instruction: 0.25,
});
const options = { complete, score, maxNewTokens: 8, seed: 1 };

Deno.test("each item counts for its own capability, with n, invalid rate and length", async () => {
  const results = await evaluateItems({ ...options, items });
  assertEquals(results.map((r) => [r.capability, r.n]), [["domain", 3], [
    "reasoning",
    1,
  ]]);
  const [domain, reasoning] = results;
  assertAlmostEquals(domain!.mean, 2 / 3);
  assertAlmostEquals(domain!.invalidRate, 1 / 3);
  assertAlmostEquals(domain!.meanLength, 2 / 3);
  assertEquals([domain!.low, domain!.high], [0, 1]);
  assertEquals(reasoning!.meanLength, 3);
  assertEquals(domain!.perItem, [
    { id: "a", score: 1, invalid: false, completion: "one" },
    { id: "b", score: 1, invalid: false, completion: "three" },
    { id: "d", score: 0, invalid: true, completion: "" },
  ]);
});

Deno.test("the order of the items does not matter, a prompt does", async () => {
  const results = await evaluateItems({ ...options, items });
  assertEquals(
    await evaluateItems({ ...options, items: items.toReversed() }),
    results,
  );
  const changed = items.map((one) => one.id === "a" ? { ...one, prompt: "Say one!" } : one);
  const others = await evaluateItems({ ...options, items: changed });
  assertNotEquals(others[0]?.promptHash, results[0]?.promptHash);
  assertEquals(others[1]?.promptHash, results[1]?.promptHash);
});

Deno.test("decoding is greedy unless a temperature is given", async () => {
  const seen: unknown[] = [];
  const spy: Complete = (prompts, how) => {
    seen.push(how);
    return complete(prompts, how);
  };
  await evaluateItems({ ...options, items, complete: spy });
  await evaluateItems({ ...options, items, complete: spy, temperature: 0.7 });
  assertEquals(seen, [
    { maxNewTokens: 8, temperature: 0, seed: 1 },
    { maxNewTokens: 8, temperature: 0.7, seed: 1 },
  ]);
});

Deno.test("no items, twins, lost completions and absent or impossible scores are refused", async () => {
  await assertRejects(
    () => evaluateItems({ ...options, items: [] }),
    UsageError,
    "at least one",
  );
  await assertRejects(
    () => evaluateItems({ ...options, items: [items[0]!, ...items] }),
    UsageError,
    "c twice",
  );
  await assertRejects(
    () =>
      evaluateItems({
        ...options,
        items,
        complete: () => Promise.resolve(["x"]),
      }),
    WorkbenchError,
    "Expected 4 completions but found 1",
  );
  for (const bad of [{}, { domain: NaN }, { domain: 2 }]) {
    await assertRejects(
      () =>
        evaluateItems({
          ...options,
          items,
          score: () => ({ ...bad, invalid: false }),
        }),
      WorkbenchError,
      "score domain of a",
    );
  }
});

Deno.test("an answer without an anchored letter of the item is invalid and wrong", async () => {
  const completions: Record<string, string> = {
    a: "Answer: C. nausea",
    b: "Answer: E",
    c: "A fever, I think.",
    d: "The answer is A. The answer is C.",
  };
  const choices = Object.keys(completions).map((id): Item => ({
    ...item(id, "domain", "Answer: C. nausea"),
    prompt: id,
    checks: [{
      kind: "choice",
      capability: "domain",
      letter: "C",
      options: ["fever", "cough", "nausea", "rash"],
    }],
  }));
  const [result] = await evaluateItems({
    ...options,
    items: choices,
    complete: (prompts) => Promise.resolve(prompts.map((id) => completions[id]!)),
    score: (one, completion) => ruleScores(one, completion, {} as Knowledge),
  });
  assertEquals(result!.perItem.map((o) => [o.invalid, o.score]), [
    [false, 1],
    [true, 0],
    [true, 0],
    [true, 0],
  ]);
  assertEquals(result!.invalidRate, 0.75);
});
