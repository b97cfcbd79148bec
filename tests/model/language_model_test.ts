import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  basePolicy,
  checkContext,
  complete,
  createTransformer,
  disposeTransformer,
  encodeCompletion,
  encodePrompt,
  type LanguageModel,
  logLikelihoods,
  splitEncoding,
} from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { naiveLogProbs } from "./naive.ts";
import { letterTokenizer, smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

const checkpoint = smallCheckpoint(smallConfig("llama", { maxPositions: 256 }));

async function withModel(use: (model: LanguageModel) => Promise<void>): Promise<void> {
  const model = createTransformer(checkpoint);
  await use({ tokenizer: letterTokenizer, policy: basePolicy(model) });
  disposeTransformer(model);
}

Deno.test("messages are encoded in the chat format, answers with the end token", () => {
  const { tokenBytes, eosIds } = letterTokenizer;
  const text = (ids: number[]) =>
    ids.map((id) => new TextDecoder().decode(tokenBytes(id))).join("");
  assertEquals(text(encodePrompt(letterTokenizer, "ache")), "user ache<end>bot ");
  assertEquals(
    text(encodePrompt(letterTokenizer, "ache", "be kind")),
    "system be kind<end>user ache<end>bot ",
  );
  const answer = encodeCompletion(letterTokenizer, "rest");
  assertEquals([text(answer), answer.at(-1)], ["rest<end>", eosIds[0]]);
});

Deno.test("a text longer than the model was made for is told", () => {
  const texts = [{ name: "item a", tokens: 64 }, { name: "item b", tokens: 65 }];
  checkContext({ maxPositions: 65 }, texts);
  assertThrows(
    () => checkContext({ maxPositions: 64 }, texts),
    UsageError,
    "Expected item b to have at most 64 tokens but found 65; ",
  );
});

Deno.test("context and continuation are cut between tokens of one encoding", () => {
  const encode = letterTokenizer.encode;
  assertEquals(splitEncoding(letterTokenizer, { context: "ab", continuation: "cd" }), {
    prompt: encode("ab"),
    completion: encode("cd"),
  });
  // "the" is one token: it spans the cut and is scored.
  assertEquals(splitEncoding(letterTokenizer, { context: "bath", continuation: "e" }), {
    prompt: encode("ba"),
    completion: encode("the"),
  });
  assertEquals(splitEncoding(letterTokenizer, { context: "ab", continuation: "" }), {
    prompt: encode("ab"),
    completion: [],
  });
});

Deno.test("likelihoods come in the order of the requests and equal the plain computation", () =>
  withModel(async (model) => {
    const requests = [
      { context: "pain in a leg", continuation: " the calf" },
      { context: "cough", continuation: " a" },
      { context: "pain in a leg", continuation: "" },
      { context: "pain in a leg", continuation: " knee" },
      { context: "bath", continuation: "e" },
    ];
    const found = await logLikelihoods(model, requests);
    requests.forEach((request, i) => {
      const { prompt, completion } = splitEncoding(letterTokenizer, request);
      const logProbs = naiveLogProbs(checkpoint, prompt, completion);
      assertEquals(found[i]!.tokens, completion.length);
      assertAlmostEquals(found[i]!.logprob, logProbs.reduce((a, b) => a + b, 0), 1e-4);
    });
  }));

Deno.test("many likelihoods are cut into batches without a change", () =>
  withModel(async (model) => {
    const letters = "abcdefghijklmnopqrstuvwxyz";
    const requests = Array.from({ length: 130 }, (_, i) => ({
      context: letters.repeat(1 + i % 5).slice(i % 26),
      continuation: `${letters[i % 26]}${letters[(i * 7) % 26]}`,
    }));
    const told: number[] = [];
    const found = await logLikelihoods(model, requests, (done) => told.push(done));
    assert(told.length > 1, `${told.length} batches`);
    for (const i of [0, 57, 129]) {
      const { prompt, completion } = splitEncoding(letterTokenizer, requests[i]!);
      const expected = naiveLogProbs(checkpoint, prompt, completion).reduce((a, b) => a + b, 0);
      assertAlmostEquals(found[i]!.logprob, expected, 2e-4);
    }
    const before = tf.memory().numTensors;
    await logLikelihoods(model, requests);
    assertEquals(tf.memory().numTensors, before);
  }));

Deno.test("completions of a message are text without the end token", () =>
  withModel(async (model) => {
    const rows = await complete(model, ["ache", "cough"], {
      maxNewTokens: 30,
      numGenerations: 3,
      temperature: 2,
      seed: 5,
    });
    assertEquals(rows.map((row) => row.length), [3, 3]);
    for (const { ids, text, finished } of rows.flat()) {
      assertEquals(text, letterTokenizer.decode(ids.filter((id) => id !== 0)));
      assertEquals(finished, ids.at(-1) === 0);
      assertEquals(text.includes("<end>"), false);
    }
    assert(rows.flat().some(({ finished }) => finished));
  }));
