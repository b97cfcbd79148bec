import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  architectures,
  basePolicy,
  choiceConstraint,
  createTransformer,
  disposeTransformer,
  generate,
  type Policy,
  type SamplingOptions,
} from "../../lib/model/mod.ts";
import { lookUp } from "../../lib/model/generation/lookup.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { byteTokens } from "./json_cases.ts";
import { smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

const prompt = [5, 9, 3, 30, 5, 9, 3, 12, 7, 5];

async function withPolicy(
  use: (policy: Policy) => Promise<void>,
  config = smallConfig("qwen2", { maxPositions: 256 }),
): Promise<void> {
  const model = createTransformer(smallCheckpoint(config, 4));
  const before = tf.memory().numTensors;
  await use(basePolicy(model));
  assertEquals(tf.memory().numTensors, before);
  disposeTransformer(model);
}

/** The completion with guesses, and the same sampled in a batch, which guesses none. */
async function aloneAndInBatch(
  policy: Policy,
  options: Omit<SamplingOptions, "seed">,
  text = prompt,
) {
  const seeded = { ...options, seed: 3 };
  const [[alone]] = await generate(policy, [text], seeded) as [[Completion]];
  const [[batch]] = await generate(policy, [text, text], seeded) as [[Completion]];
  return { alone, batch };
}
type Completion = Awaited<ReturnType<typeof generate>>[number][number];

Deno.test("what followed the last token's last place is guessed", () => {
  assertEquals(lookUp([1, 2, 3, 1, 4, 5, 6, 1], 2), [4, 5]);
  assertEquals(lookUp([1, 2, 3, 1, 4, 5, 6, 1], 9), [4, 5, 6, 1]);
  assertEquals(lookUp([4, 4], 3), [4]);
  assertEquals([lookUp([1, 2, 3], 3), lookUp([1], 3), lookUp([1, 1], 0)], [[], [], []]);
});

for (const architecture of architectures) {
  Deno.test(`${architecture}: guesses change nothing of a completion`, () =>
    withPolicy(async (policy) => {
      for (const temperature of [0, 0.3, 1]) {
        for (const promptLookupNumTokens of [0, 1, 3, 6]) {
          // 100 tokens: the cache grows twice.
          const options = { temperature, maxNewTokens: 100, stopIds: [], promptLookupNumTokens };
          const { alone, batch } = await aloneAndInBatch(policy, options);
          assertEquals(alone, batch, `${temperature}, ${promptLookupNumTokens} guesses`);
        }
      }
    }, smallConfig(architecture, { maxPositions: 256 })));
}

const byteConfig = smallConfig("llama", { vocabSize: byteTokens.vocabSize, maxPositions: 256 });

Deno.test("a completion that repeats itself takes fewer passes", () =>
  withPolicy(async (policy) => {
    const constraint = choiceConstraint(byteTokens, ["abc".repeat(20)]);
    const passes = async (promptLookupNumTokens: number): Promise<number> => {
      let count = 0;
      const counting = {
        ...policy,
        get layers() {
          count++;
          return policy.layers;
        },
      };
      await generate(counting, [[40]], {
        maxNewTokens: 80,
        stopIds: [0],
        constraint,
        temperature: 0,
        seed: 0,
        promptLookupNumTokens,
      });
      return count;
    };
    assert(await passes(3) < 0.6 * await passes(0), `${await passes(3)} of ${await passes(0)}`);
  }, byteConfig));

Deno.test("guesses end with the completion: stop tokens, a stop function, the longest length", () =>
  withPolicy(async (policy) => {
    const free = { maxNewTokens: 40, temperature: 0.5 };
    const { alone: { ids } } = await aloneAndInBatch(policy, { ...free, stopIds: [] });
    for (const place of [0, 1, 2, 5, 12, 25, 39]) {
      const stopped = { ...free, stopIds: [ids[place]!] };
      const { alone, batch } = await aloneAndInBatch(policy, stopped);
      assertEquals(alone, batch);
      assertEquals(alone, { ids: ids.slice(0, ids.indexOf(ids[place]!) + 1), finished: true });
      const cut = { ...free, stopIds: [], maxNewTokens: place + 1 };
      assertEquals((await aloneAndInBatch(policy, cut)).alone.ids, ids.slice(0, place + 1));
      const told = { ...free, stopIds: [], stop: (so: readonly number[]) => so.length > place };
      const { alone: long } = await aloneAndInBatch(policy, told);
      assertEquals(long, { ids: ids.slice(0, place + 1), finished: true });
    }
  }));

Deno.test("penalties, limits and log-probabilities are those of the tokens before each guess", () =>
  withPolicy(async (policy) => {
    const { alone, batch } = await aloneAndInBatch(policy, {
      maxNewTokens: 60,
      temperature: 0.6,
      topK: 5,
      topP: 0.95,
      repetitionPenalty: 1.05,
      logProbs: true,
      stopIds: [],
    });
    assertEquals(alone.ids, batch.ids);
    for (const name of ["logProbs", "samplingLogProbs"] as const) {
      alone[name]!.forEach((value, t) => assertAlmostEquals(value, batch[name]![t]!, 1e-4));
    }
  }));

Deno.test("guesses stay inside a constraint", () =>
  withPolicy(async (policy) => {
    const choices = ["abab abab abab cd", "abab abab abab abab", "abab ab"];
    const constraint = choiceConstraint(byteTokens, choices);
    const text = [...byteTokens.encode("abab abab abab "), 40];
    const seen = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const options = { maxNewTokens: 40, stopIds: [0], constraint, seed, temperature: 2 };
      const [[alone]] = await generate(policy, [text], options) as [[Completion]];
      const [[batch]] = await generate(policy, [text, text], options) as [[Completion]];
      assertEquals(alone, batch);
      seen.add(byteTokens.decode(alone.ids.slice(0, -1)));
    }
    assert([...seen].every((one) => choices.includes(one)) && seen.size > 1, [...seen].join("; "));
  }, byteConfig));
