import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  architectures,
  basePolicy,
  batchLogits,
  type Completion,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  generate,
  packGroups,
  type Policy,
} from "../../lib/model/mod.ts";
import { startBackend, tf } from "../../lib/runtime/mod.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

const prompts = [[5, 9, 3, 30], [12, 1, 1, 25, 19, 27, 2, 8, 8], [21], [17, 4], [4, 17]];
const never: number[] = [];

/** Logits before each token of a completion, by running the whole text through the model at once. */
function recomputed(policy: Policy, prompt: readonly number[], ids: readonly number[]): number[][] {
  const batch = packGroups([{ prompt: [...prompt, ...ids], completions: [] }], 1);
  const rows = Int32Array.from(ids, (_, t) => prompt.length - 1 + t);
  const logits = batchLogits(policy, batch, rows);
  const values = logits.arraySync();
  logits.dispose();
  return values;
}

/** The tokens by falling logit. */
function ranked(logits: readonly number[]): number[] {
  return logits.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]!);
}

function probabilities(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const e = logits.map((x) => Math.exp(x - most));
  const total = e.reduce((a, b) => a + b);
  return e.map((x) => x / total);
}

/** A policy on a small model, freed after use. */
async function withPolicy(
  architecture: typeof architectures[number],
  use: (policy: Policy) => Promise<void>,
): Promise<void> {
  const model = createTransformer(smallCheckpoint(smallConfig(architecture)));
  await use(basePolicy(model));
  disposeTransformer(model);
}

for (const architecture of architectures) {
  Deno.test(`${architecture}: greedy decoding takes the likeliest token of the whole text`, async () => {
    const model = createTransformer(smallCheckpoint(smallConfig(architecture)));
    const trainable = { ...busyAdapter(model) };
    const policy = currentPolicy(model, trainable);
    // 40 tokens: the cache grows twice.
    const found = await generate(policy, prompts, {
      maxNewTokens: 40,
      temperature: 0,
      stopIds: never,
      seed: 0,
    });
    found.forEach(([completion], p) => {
      const { ids, finished } = completion!;
      assertEquals([ids.length, finished], [40, false]);
      recomputed(policy, prompts[p]!, ids).forEach((logits, t) => {
        const [best] = ranked(logits);
        // Where two tokens are equal to rounding either is right.
        assert(logits[best!]! - logits[ids[t]!]! < 1e-4, `prompt ${p}, token ${t}`);
      });
    });
    disposePolicy(policy, trainable);
    trainable.values.dispose();
    disposeTransformer(model);
  });
}

Deno.test("samples follow the model's distribution", () =>
  withPolicy("llama", async (policy) => {
    const temperature = 1.5;
    const count = 2000;
    const [rows] = await generate(policy, [prompts[0]!], {
      numGenerations: count,
      batchRows: count,
      maxNewTokens: 1,
      temperature,
      stopIds: never,
      seed: 4,
    });
    const p = probabilities(recomputed(policy, prompts[0]!, [0])[0]!.map((x) => x / temperature));
    p.forEach((expected, id) => {
      const share = rows!.filter(({ ids }) => ids[0] === id).length / count;
      const deviation = Math.sqrt(expected * (1 - expected) / count);
      assertAlmostEquals(share, expected, 4 * deviation + 1e-3, `token ${id}`);
    });
  }));

Deno.test("top-k and top-p keep only the likeliest tokens", () =>
  withPolicy("llama", async (policy) => {
    const options = {
      maxNewTokens: 12,
      temperature: 2,
      numGenerations: 6,
      stopIds: never,
      seed: 1,
    };
    const check = (
      found: readonly (readonly Completion[])[],
      allowed: (logits: number[]) => number[],
    ): Set<number> => {
      const ranks = new Set<number>();
      found.forEach((rows, p) =>
        rows.forEach(({ ids }) =>
          recomputed(policy, prompts[p]!, ids).forEach((logits, t) => {
            assert(allowed(logits).includes(ids[t]!), `prompt ${p}, token ${t}`);
            ranks.add(ranked(logits).indexOf(ids[t]!));
          })
        )
      );
      return ranks;
    };
    const topK = check(
      await generate(policy, prompts, { ...options, topK: 3 }),
      (logits) => ranked(logits).slice(0, 3),
    );
    assertEquals([...topK].sort(), [0, 1, 2]);
    const topP = check(
      await generate(policy, prompts, { ...options, topP: 0.5 }),
      (logits) => {
        const p = probabilities(logits.map((x) => x / options.temperature));
        let before = 0;
        return ranked(logits).filter((id) => {
          const kept = before < 0.5 + 1e-4;
          before += p[id]!;
          return kept;
        });
      },
    );
    assert(topP.size > 1);
    const greedy = await generate(policy, prompts, {
      ...options,
      numGenerations: 1,
      temperature: 0,
    });
    for (const narrow of [{ topK: 1 }, { topP: 1e-6 }]) {
      const found = await generate(policy, prompts, { ...options, numGenerations: 1, ...narrow });
      assertEquals(found, greedy);
    }
  }));

Deno.test("the samples of a prompt do not depend on what else is in the batch", () =>
  withPolicy("qwen3", async (policy) => {
    const options = { maxNewTokens: 20, numGenerations: 2, stopIds: [1, 2], seed: 11 };
    const together = await generate(policy, prompts, { ...options, batchRows: 10 });
    for (const batchRows of [1, 4]) {
      assertEquals(await generate(policy, prompts, { ...options, batchRows }), together);
    }
    const longer = [...prompts, [1, 2, 3]];
    const more = await generate(policy, longer, { ...options, batchRows: 12 });
    assertEquals(more.slice(0, prompts.length), together);
    assertEquals(await generate(policy, prompts, { ...options, batchRows: 10 }), together);
    const other = await generate(policy, prompts, { ...options, seed: 12 });
    assert(
      String(other.flat().map(({ ids }) => ids)) !== String(together.flat().map((c) => c.ids)),
    );
    // The two completions of a prompt are two samples.
    assert(together.some(([a, b]) => String(a!.ids) !== String(b!.ids)));
  }));

Deno.test("a completion ends with its first stop token, and the others go on as they were", () =>
  withPolicy("llama", async (policy) => {
    const options = { maxNewTokens: 24, numGenerations: 4, seed: 3, temperature: 1.5 };
    const free = await generate(policy, prompts, { ...options, stopIds: never });
    const stopIds = [3, 14, 29];
    const stopped = await generate(policy, prompts, { ...options, stopIds });
    const expected = free.map((rows) =>
      rows.map(({ ids }) => {
        const end = ids.findIndex((id) => stopIds.includes(id));
        return end < 0 ? { ids, finished: false } : { ids: ids.slice(0, end + 1), finished: true };
      })
    );
    const finished = expected.flat().filter((c) => c.finished).length;
    assert(finished > 3 && finished < 20, `${finished} of 20 finish`);
    assertEquals(stopped, expected);
  }));

Deno.test("generation leaves no tensor behind, and tells its progress", () =>
  withPolicy("llama", async (policy) => {
    const options = { maxNewTokens: 20, numGenerations: 2, stopIds: [3], seed: 0, batchRows: 4 };
    await generate(policy, prompts, options); // what is kept for later calls is made now
    const before = tf.memory().numTensors;
    const told: number[][] = [];
    await generate(policy, prompts, options, (done, total) => told.push([done, total]));
    assertEquals(tf.memory().numTensors, before);
    assertEquals(told.at(-1), [prompts.length, prompts.length]);
    assertEquals(await generate(policy, [], options), []);
  }));
