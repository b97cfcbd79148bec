import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  basePolicy,
  batchLogits,
  choiceConstraint,
  createTransformer,
  disposeTransformer,
  generate,
  grammarConstraint,
  jsonGrammar,
  type JsonSchema,
  packGroups,
  readTokenizer,
} from "../../lib/model/mod.ts";
import { startBackend, UsageError } from "../../lib/runtime/mod.ts";
import { parityPath } from "./fixtures.ts";
import { byteTokens, fits, note, tree } from "./json_cases.ts";
import { smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

const config = smallConfig("llama", { vocabSize: byteTokens.vocabSize });

for (
  const [name, schema] of [
    ["an object of every kind", note],
    ["a recursive schema", tree],
    ["one of several types", { oneOf: [{ type: "integer" }, { type: "string", maxLength: 3 }] }],
    ["an array without a limit of anything", { type: "array", items: true, maxItems: 2 }],
  ] as [string, JsonSchema][]
) {
  Deno.test(`${name}: every finished completion is JSON of the schema`, async () => {
    const constraint = grammarConstraint(byteTokens, jsonGrammar(schema));
    const model = createTransformer(smallCheckpoint(config, 4));
    let finished = 0;
    for (let seed = 0; seed < 3; seed++) {
      for (const temperature of [0, 1, 2]) {
        const rows = (await generate(basePolicy(model), [[5], [70, 80, 90]], {
          numGenerations: temperature === 0 ? 1 : 8,
          maxNewTokens: 90,
          stopIds: [0],
          seed,
          temperature,
          constraint,
          batchRows: 16,
          // Other limits on the tokens act on those that are allowed.
          ...(seed === 1 && { topK: 4, repetitionPenalty: 1.2 }),
          ...(seed === 2 && { topP: 0.9, minP: 0.01 }),
        })).flat();
        for (const { ids, finished: ended } of rows) {
          assertEquals(ended, ids.at(-1) === 0);
          if (!ended) continue;
          const text = byteTokens.decode(ids);
          assert(fits(JSON.parse(text), schema), text);
          finished++;
        }
      }
    }
    assert(finished > 5, `${finished} finished`);
    disposeTransformer(model);
  });
}

Deno.test("a byte-level BPE tokenizer: every finished completion is JSON of the schema", async () => {
  const tokenizer = await readTokenizer(parityPath("seed0", "model"));
  const constraint = grammarConstraint(tokenizer, jsonGrammar(note));
  let [finished, foreign] = [0, 0];
  for (let seed = 0; seed < 4; seed++) {
    const sizes = { vocabSize: tokenizer.vocabSize, maxPositions: 512 };
    const model = createTransformer(smallCheckpoint(smallConfig("llama", sizes), seed));
    const rows = await generate(basePolicy(model), [[5], [70, 80, 90]], {
      numGenerations: 8,
      maxNewTokens: 120,
      stopIds: tokenizer.eosIds,
      seed,
      constraint,
    });
    for (const { ids, finished: ended } of rows.flat()) {
      if (!ended) continue;
      const text = tokenizer.decode(ids, { skipSpecial: true });
      assert(fits(JSON.parse(text), note), text);
      finished++;
      if (/[^ -~]/.test(text)) foreign++;
    }
    disposeTransformer(model);
  }
  assert(finished > 30 && foreign > 3, `${finished} finished, ${foreign} beyond ASCII`);
});

Deno.test("a choice is one of its texts, and log-probabilities are those of the allowed tokens", async () => {
  const choices = ["ab", "abc", "true"];
  const constraint = choiceConstraint(byteTokens, choices);
  // The model's vocabulary is larger than the tokenizer's, as some models' are.
  const model = createTransformer(
    smallCheckpoint({ ...config, vocabSize: config.vocabSize + 9 }, 2),
  );
  const policy = basePolicy(model);
  const prompt = [9, 8, 7];
  const temperature = 1.3;
  const options = {
    numGenerations: 40,
    maxNewTokens: 8,
    stopIds: [0],
    seed: 1,
    temperature,
    constraint,
    logProbs: true,
    batchRows: 40,
  };
  const rows = (await generate(policy, [prompt], options)).flat();
  const texts = new Set(rows.map(({ ids }) => byteTokens.decode(ids)));
  assertEquals(texts, new Set(choices));
  assert(rows.every(({ finished }) => finished));
  for (const { ids, samplingLogProbs, logProbs } of rows) {
    const at = Int32Array.from(ids, (_, t) => prompt.length - 1 + t);
    const batch = packGroups([{ prompt: [...prompt, ...ids], completions: [] }]);
    const logits = batchLogits(policy, batch, at);
    const values = logits.arraySync() as number[][];
    logits.dispose();
    const logSum = (xs: number[]) => Math.log(xs.reduce((sum, x) => sum + Math.exp(x), 0));
    let state = constraint.start;
    ids.forEach((id, t) => {
      const mask = constraint.allowed(state);
      const kept = values[t]!.filter((_, v) => mask[v] === 1).map((x) => x / temperature);
      const expected = values[t]![id]! / temperature - logSum(kept);
      assertAlmostEquals(samplingLogProbs![t]!, expected, 1e-4);
      assertAlmostEquals(logProbs![t]!, values[t]![id]! - logSum(values[t]!), 1e-4);
      if (id !== 0) state = constraint.advance(state, id);
    });
  }
  // Cut off before the end token: told as such.
  const short = (await generate(policy, [prompt], { ...options, maxNewTokens: 1 })).flat();
  assert(short.every(({ ids, finished }) => ids.length === 1 && !finished));
  for (
    const [other, message] of [[{ stop: () => true }, "no stop"], [
      { stopIds: [] },
      "stopIds",
    ]] as const
  ) {
    await assertRejects(
      () => generate(policy, [prompt], { ...options, ...other }),
      UsageError,
      message,
    );
  }
  assertThrows(() => choiceConstraint(byteTokens, []), UsageError);
  disposeTransformer(model);
});
