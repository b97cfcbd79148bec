import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  basePolicy,
  createTransformer,
  disposeTransformer,
  generate,
  packGroups,
  type Policy,
  scoreBatch,
} from "../../lib/model/mod.ts";
import { sampleRows } from "../../lib/model/generation/sample.ts";
import { randomStream, startBackend, tf } from "../../lib/runtime/mod.ts";
import { smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

const prompts = [[5, 9, 3, 30], [12, 1, 1, 25, 19]];

async function withPolicy(use: (policy: Policy) => Promise<void>): Promise<void> {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  await use(basePolicy(model));
  disposeTransformer(model);
}

/** Ids drawn over and over from one row of logits. */
function drawnFrom(
  logits: number[],
  options: Parameters<typeof sampleRows>[2],
  held: number[] = [],
) {
  return tf.tidy(() => {
    const rows = tf.tensor2d(Array.from({ length: 200 }, () => logits));
    const streams = Array.from({ length: 200 }, (_, i) => randomStream(0, i));
    return [...new Set(sampleRows(rows, streams, options, streams.map(() => held)).ids)].sort();
  });
}

Deno.test("min-p keeps the tokens with that share of the likeliest one's probability", () => {
  const logits = [0, Math.log(0.5), Math.log(0.3), Math.log(0.1), -50];
  assertEquals(drawnFrom(logits, { minP: 0.2 }), [0, 1, 2]);
  assertEquals(drawnFrom(logits, { minP: 0.4 }), [0, 1]);
  assertEquals(drawnFrom(logits, {}), [0, 1, 2, 3]);
});

Deno.test("top-k keeps as many tokens, top-p those before which its share is not reached", () => {
  const logits = [0.15, 0.5, 0.05, 0.3].map(Math.log);
  assertEquals(drawnFrom(logits, { topK: 2 }), [1, 3]);
  assertEquals(drawnFrom(logits, { topK: 3 }), [0, 1, 3]);
  const nuclei: [number, number[]][] = [
    [0.01, [1]],
    [0.45, [1]],
    [0.55, [1, 3]],
    [0.75, [1, 3]],
    [0.85, [0, 1, 3]],
    [0.94, [0, 1, 3]],
    [0.96, [0, 1, 2, 3]],
  ];
  for (const [topP, kept] of nuclei) assertEquals(drawnFrom(logits, { topP }), kept, `${topP}`);
  // The temperature acts first: at 2 the likeliest has 0.37.
  assertEquals(drawnFrom(logits, { topP: 0.45, temperature: 2 }), [1, 3]);
});

Deno.test("in a large vocabulary tokens are drawn with their probabilities, wherever they stand", () => {
  const likely = new Map([[3, 0.1], [255, 0.2], [256, 0.25], [700, 0.15], [999, 0.3]]);
  const logits = Array.from({ length: 1000 }, (_, id) => Math.log(likely.get(id) ?? 1e-12));
  const count = 4000;
  const { ids } = tf.tidy(() =>
    sampleRows(
      tf.tensor2d(Array.from({ length: count }, () => logits)),
      Array.from({ length: count }, (_, i) => randomStream(1, i)),
      {},
    ) as unknown as tf.TensorContainer
  ) as unknown as ReturnType<typeof sampleRows>;
  for (const [id, p] of likely) {
    const share = ids.filter((drawn) => drawn === id).length / count;
    assertAlmostEquals(share, p, 4 * Math.sqrt(p * (1 - p) / count), `token ${id}`);
  }
  assertEquals(ids.filter((id) => !likely.has(id)).length, 0);
});

Deno.test("a repetition penalty divides positive and multiplies negative logits of held tokens", () => {
  assertEquals(drawnFrom([3, 2.9, -40], { temperature: 0 }), [0]);
  assertEquals(drawnFrom([3, 2.9, -40], { temperature: 0, repetitionPenalty: 1.1 }, [0]), [1]);
  assertEquals(drawnFrom([-3, -3.1, -40], { temperature: 0, repetitionPenalty: 1.1 }, [0]), [1]);
  assertEquals(drawnFrom([3, 2.9, -40], { temperature: 0, repetitionPenalty: 1.1 }, [0, 1]), [0]);
});

Deno.test("penalty, temperature, top-k, top-p and min-p act as in transformers 5.23.0", () => {
  const logits = [2, 1.5, -0.5, 0.25, -1, 0.9, 3, -2];
  // Tokens of the prompt (0, 2) and of the completion so far (6, 2): its input_ids hold both.
  const held = [0, 2, 6, 2];
  const none = -Infinity;
  // Log-probabilities of its processors in its own order (penalty, temperature, top-k, top-p, min-p).
  for (
    const [options, expected] of [
      [
        { repetitionPenalty: 1.3 },
        [-1.63789, -1.67635, -3.82635, -2.92635, -4.17635, -2.27635, -0.86866, -5.17635],
      ],
      [{ minP: 0.1 }, [-1.53852, -2.03852, none, none, none, -2.63852, -0.53852, none]],
      [
        { temperature: 0.7, minP: 0.1 },
        [-1.73383, -2.44811, none, none, none, none, -0.30525, none],
      ],
      [
        { repetitionPenalty: 1.3, temperature: 0.7, minP: 0.1 },
        [-1.67693, -1.73187, none, none, none, -2.58901, -0.57803, none],
      ],
      [
        { repetitionPenalty: 1.3, temperature: 0.7, topK: 6, topP: 0.95, minP: 0.1 },
        [-1.67693, -1.73187, none, none, none, -2.58901, -0.57803, none],
      ],
    ] as const
  ) {
    const count = 400;
    const { ids, samplingLogProbs } = tf.tidy(() =>
      sampleRows(
        tf.tensor2d(Array.from({ length: count }, () => logits)),
        Array.from({ length: count }, (_, i) => randomStream(2, i)),
        { ...options, logProbs: true },
        Array.from({ length: count }, () => held),
      ) as unknown as tf.TensorContainer
    ) as unknown as ReturnType<typeof sampleRows>;
    ids.forEach((id, i) => assertAlmostEquals(samplingLogProbs![i]!, expected[id]!, 2e-5));
    // Whatever is likely enough is drawn, and nothing else.
    const likely = expected.flatMap((x, id) => x > -3 ? [id] : []);
    assertEquals(likely.filter((id) => !ids.includes(id)), []);
  }
});

Deno.test("greedy decoding with a large penalty repeats nothing of prompt or completion", () =>
  withPolicy(async (policy) => {
    const found = await generate(policy, prompts, {
      maxNewTokens: 12,
      temperature: 0,
      repetitionPenalty: 1e4,
      stopIds: [],
      seed: 0,
    });
    found.forEach(([completion], p) => {
      const all = [...prompts[p]!, ...completion!.ids];
      assertEquals(new Set(all).size, new Set(prompts[p]!).size + completion!.ids.length);
    });
  }));

Deno.test("log-probabilities of drawn tokens are those of scoring, and of the sampling distribution", () =>
  withPolicy(async (policy) => {
    const options = { maxNewTokens: 20, stopIds: [], seed: 3, logProbs: true } as const;
    for (const temperature of [1, 1.7]) {
      const found = await generate(policy, prompts, { ...options, temperature, numGenerations: 2 });
      const batch = packGroups(
        found.map((rows, p) => ({ prompt: prompts[p]!, completions: rows.map(({ ids }) => ids) })),
      );
      const expected = (at: number) => scoreBatch(policy, batch, { temperature: at });
      const close = (ours: number[], theirs: Float32Array) =>
        ours.forEach((x, i) => assertAlmostEquals(x, theirs[i]!, 1e-4));
      close(found.flat().flatMap(({ logProbs }) => [...logProbs!]), expected(1));
      close(
        found.flat().flatMap(({ samplingLogProbs }) => [...samplingLogProbs!]),
        expected(temperature),
      );
    }
    const greedy = (await generate(policy, prompts, { ...options, temperature: 0 }))[0]![0]!;
    assert(greedy.samplingLogProbs!.every((x) => x === 0));
  }));

Deno.test("a stop function ends a completion at the token where it says so", () =>
  withPolicy(async (policy) => {
    const options = { maxNewTokens: 10, stopIds: [], seed: 1 } as const;
    const free = (await generate(policy, [prompts[0]!], options))[0]![0]!;
    const stop = (ids: readonly number[]) => ids.length === 4;
    const stopped = await generate(policy, [prompts[0]!], { ...options, stop });
    assertEquals(stopped[0]![0], { ids: free.ids.slice(0, 4), finished: true });
  }));
