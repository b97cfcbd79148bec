import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Knowledge } from "../../lib/knowledge/mod.ts";
import {
  createEncoder,
  disposeEncoder,
  embedReferences,
  hybridRewards,
  mixScores,
  modelScores,
  ruleScores,
} from "../../lib/reward/mod.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import type { Item } from "../../lib/synthesis/mod.ts";
import { tinyEncoderParts } from "./tiny_encoder.ts";

const knowledge = {} as Knowledge; // these items' checks do not look at it

function item(id: string, reference: string): Item {
  return {
    id,
    capability: "domain",
    family: "test",
    version: 1,
    split: "train",
    prompt: "Which findings?",
    reference,
    checks: [
      { kind: "keyword", capability: "domain", word: "fever", times: 1 },
      { kind: "words", capability: "instruction", min: 1, max: 3 },
    ],
    claims: [],
    decisions: [],
    case: id,
    template: "test",
  };
}
const items = [
  item("a", "fever and cough"),
  item("b", "fever pain"),
  item("c", "fever"),
];

Deno.test("the reward is the fixed mix of rule and similarity where similarity applies", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const completions = ["fever cough", "pain and pain and pain", "cough"];
  const model = await modelScores({ encoder, items, completions });
  const mixed = await hybridRewards({
    items,
    completions,
    knowledge,
    encoder,
    mixing: 0.6,
  });
  for (const [i, scores] of mixed.entries()) {
    const rule = ruleScores(items[i]!, completions[i]!, knowledge);
    assert(model[i]! >= 0 && model[i]! <= 1);
    assertAlmostEquals(
      scores.domain!,
      0.6 * rule.domain! + 0.4 * model[i]!,
      1e-6,
    );
    assertEquals(scores.instruction, rule.instruction);
    assertEquals("reasoning" in scores, false);
  }
  disposeEncoder(encoder);
});

Deno.test("a completion equal to its reference scores 1, an empty one 0 from the model", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const completions = ["fever and cough\n", " \n", "fever"];
  assertEquals(await modelScores({ encoder, items, completions }), [1, 0, 1]);
  const scores = await hybridRewards({
    items,
    completions,
    knowledge,
    encoder,
  });
  assertEquals(scores[0]?.domain, 1);
  assertEquals(scores[1]?.domain, 0);
  disposeEncoder(encoder);
});

Deno.test("embeddings of references that are passed in are used", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const completions = ["cough", "cough", "cough"];
  const references = await embedReferences(encoder, items);
  assertEquals([...references.keys()], items.map((one) => one.reference));
  const plain = await modelScores({ encoder, items, completions });
  const cached = await modelScores({ encoder, items, completions, references });
  cached.forEach((score, i) => assertAlmostEquals(score, plain[i]!, 1e-5));
  const zero = new Map([["fever", new Float32Array(8)]]);
  assertEquals(
    (await modelScores({ encoder, items, completions, references: zero }))[2],
    0,
  );
  disposeEncoder(encoder);
});

Deno.test("without an encoder the rules alone decide", async () => {
  const [scores] = await hybridRewards({
    items: [items[0]!],
    completions: ["fever"],
    knowledge,
  });
  assertEquals([scores?.domain, scores?.instruction], [1, 1]);
});

Deno.test("a score that is not a number stops with the reward's name", () => {
  assertThrows(
    () => mixScores({ reasoning: NaN }, 0.5, 0.8, "item x"),
    WorkbenchError,
    "Expected the reward reasoning of item x to be a number in [0, 1] but found NaN",
  );
  assertThrows(
    () => mixScores({ domain: 1 }, NaN, 0.8, "x"),
    WorkbenchError,
    "reward model of x",
  );
  assertThrows(
    () => mixScores({ domain: 1.1 }, undefined, 1, "x"),
    WorkbenchError,
    "1.1",
  );
});

Deno.test("an absent capability stays absent, and 0 stays there", () => {
  assertEquals(mixScores({}, 1, 0.5, "x"), {});
  assertEquals(mixScores({ integration: 0 }, 1, 0.5, "x"), {
    integration: 0.5,
  });
  assertEquals(mixScores({ integration: 0 }, undefined, 0.5, "x"), {
    integration: 0,
  });
});

Deno.test("counts and mixing are checked", async () => {
  await assertRejects(
    () => hybridRewards({ items, completions: ["x"], knowledge }),
    UsageError,
    "3 entries",
  );
  for (const mixing of [-0.1, 1.1, NaN]) {
    await assertRejects(
      () => hybridRewards({ items: [], completions: [], knowledge, mixing }),
      UsageError,
      "mixing",
    );
  }
});
