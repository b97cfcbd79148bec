import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { readCheckpoint, readTokenizer } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeCheckpoint } from "../../lib/model/checkpoint/checkpoint_write.ts";
import { renderChat } from "../../lib/model/tokenizer/chat.ts";
import { resolveModel } from "../../lib/model/checkpoint/resolve.ts";
import { encodeSafetensors } from "../../lib/model/formats/safetensors.ts";
import { tinyCheckpoint } from "../../lib/model/checkpoint/tiny.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, inTemporaryFolder, parityPath, readJson, tinyGguf } from "./fixtures.ts";

Deno.test("checkpoint: a GGUF file, q and k rows in Hugging Face's order", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    await Deno.writeFile(path, tinyGguf());
    const seen: number[] = [];
    const model = await readCheckpoint(path, (done) => seen.push(done));
    assertEquals(seen.at(-1), 11);
    assertEquals(model.source, { path, format: "gguf", name: "model" });
    const q = model.weights.get("model.layers.0.self_attn.q_proj.weight")!;
    assertEquals([0, 1, 2, 3, 4, 5, 6, 7].map((row) => q.data[row * 8]! / 8), [
      0,
      2,
      1,
      3,
      4,
      6,
      5,
      7,
    ]);
    const v = model.weights.get("model.layers.0.self_attn.v_proj.weight")!;
    assertEquals([0, 1, 2, 3].map((row) => v.data[row * 8]! / 8), [0, 1, 2, 3]);
    await Deno.writeFile(
      path,
      tinyGguf({ "llama.block_count": { type: "u32", value: 2 } }),
    );
    await assertRejects(
      () => readCheckpoint(path),
      WorkbenchError,
      "Expected a weight model.layers.1.input_layernorm",
    );
    await Deno.writeFile(
      path,
      tinyGguf({ "llama.block_count": { type: "u32", value: 4e9 } }),
    );
    await assertRejects(
      () => readCheckpoint(path),
      WorkbenchError,
      "4000000000 layers",
    );
  });
});

Deno.test("checkpoint: GGUF files of Qwen models keep their rows, biases and norms", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    for (const architecture of ["qwen2", "qwen3"] as const) {
      await Deno.writeFile(path, tinyGguf({}, architecture));
      const { config, weights } = await readCheckpoint(path);
      assertEquals([config.architecture, config.attentionBias], [
        architecture,
        architecture === "qwen2",
      ]);
      const name = `model.layers.0.self_attn.k_proj.${
        architecture === "qwen2" ? "bias" : "weight"
      }`;
      assertEquals([...weights.get(name)!.data.subarray(0, 4)], [0, 1, 2, 3]);
      assertEquals(weights.has("lm_head.weight"), architecture === "qwen3");
      assertEquals(config.tieWordEmbeddings, architecture === "qwen2");
    }
  });
});

Deno.test("checkpoint: what is written comes back", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.gguf"), tinyGguf());
    const model = await readCheckpoint(join(folder, "a.gguf"));
    await writeCheckpoint(join(folder, "b"), model);
    const again = await readCheckpoint(join(folder, "b"));
    assertEquals(again.config, model.config);
    assertEquals(
      new Map(again.weights),
      new Map(
        [...again.weights.keys()].map((
          name,
        ) => [name, model.weights.get(name)!]),
      ),
    );
    assertEquals(again.weights.size, model.weights.size);
    assertEquals(again.tokenizer.definition, model.tokenizer.definition);
    assertEquals(again.source.format, "safetensors");
  });
});

Deno.test("checkpoint: sharded weights, missing and foreign weights", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.gguf"), tinyGguf());
    const model = await readCheckpoint(join(folder, "a.gguf"));
    const path = join(folder, "m");
    await writeCheckpoint(path, model);
    await Deno.remove(join(path, "model.safetensors"));
    const names = [...model.weights.keys()];
    const shard = (file: string, keys: string[]) =>
      Deno.writeFile(
        join(path, file),
        encodeSafetensors(
          new Map(keys.map((key) => [key, model.weights.get(key)!])),
        ),
      );
    const index = (files: Record<string, string>) =>
      Deno.writeTextFile(
        join(path, "model.safetensors.index.json"),
        JSON.stringify({ weight_map: files }),
      );
    const map = Object.fromEntries(
      names.map((name, i) => [name, i < 5 ? "1.safetensors" : "2.safetensors"]),
    );
    await shard("1.safetensors", names.slice(0, 5));
    await shard("2.safetensors", names.slice(5));
    await index(map);
    assertEquals((await readCheckpoint(path)).weights.size, names.length);
    await shard("1.safetensors", names.slice(0, 6));
    await assertRejects(
      () => readCheckpoint(path),
      WorkbenchError,
      "every weight once",
    );
    await shard("1.safetensors", names.slice(0, 4));
    await assertRejects(
      () => readCheckpoint(path),
      WorkbenchError,
      "the index says",
    );
    await index({ ...map, x: "../1.safetensors" });
    await assertRejects(
      () => readCheckpoint(path),
      WorkbenchError,
      "files of the folder",
    );
    // A single file comes before an index, which may be left over from an earlier model.
    await Deno.writeFile(join(path, "model.safetensors"), encodeSafetensors(model.weights));
    const single = await readCheckpoint(path);
    assertEquals(single.weights.size, names.length);
    assertEquals(single.notes?.length, 1);
    await Deno.remove(join(path, "model.safetensors"));
    await Deno.remove(join(path, "model.safetensors.index.json"));
    await assertRejects(
      () => readCheckpoint(path),
      WorkbenchError,
      "model.safetensors",
    );
    const write = (extra: string) =>
      Deno.writeFile(
        join(path, "model.safetensors"),
        encodeSafetensors(
          new Map([...model.weights, [extra, {
            shape: [1],
            data: new Float32Array(1),
          }]]),
        ),
      );
    await write("model.layers.0.mlp.experts.weight");
    await assertRejects(() => readCheckpoint(path), WorkbenchError, "experts");
  });
});

Deno.test("checkpoint: a stored head counts for more than the flag that ties it to the embedding", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.gguf"), tinyGguf());
    const model = await readCheckpoint(join(folder, "a.gguf"));
    const path = join(folder, "m");
    await writeCheckpoint(path, model);
    const [embedding, head] = ["model.embed_tokens.weight", "lm_head.weight"] as const;
    const embedded = model.weights.get(embedding)!;
    const write = (weights: ReadonlyMap<string, typeof embedded>) =>
      Deno.writeFile(join(path, "model.safetensors"), encodeSafetensors(weights));
    await write(new Map([...model.weights, [head, embedded]]));
    const same = await readCheckpoint(path);
    assertEquals([same.config.tieWordEmbeddings, same.weights.has(head)], [true, false]);
    assertEquals(same.notes, []);
    const own = { ...embedded, data: embedded.data.map((value, i) => i === 3 ? -1 : value) };
    await write(new Map([...model.weights, [head, own]]));
    const trained = await readCheckpoint(path);
    assertEquals([trained.config.tieWordEmbeddings, trained.weights.get(head)], [false, own]);
    assert(trained.notes![0]!.includes("tie_word_embeddings"));
    // The head alone is the embedding, too.
    const alone = new Map([...model.weights, [head, embedded]]);
    alone.delete(embedding);
    await write(alone);
    const moved = await readCheckpoint(path);
    assertEquals([moved.weights.get(embedding), moved.weights.has(head)], [embedded, false]);
    const short = { shape: [1], data: new Float32Array(1) };
    await write(new Map([...model.weights, [head, short]]));
    await assertRejects(() => readCheckpoint(path), WorkbenchError, "lm_head.weight to have shape");
  });
});

Deno.test("checkpoint: what is not a model is told", async () => {
  await inTemporaryFolder(async (folder) => {
    await assertRejects(
      () => Promise.resolve().then(() => readCheckpoint(join(folder, "none"))),
      UsageError,
      "nothing at",
    );
    await assertRejects(
      () => readCheckpoint(folder),
      UsageError,
      "config.json",
    );
    await Deno.writeTextFile(join(folder, "config.json"), "{");
    await assertRejects(
      () => readCheckpoint(folder),
      WorkbenchError,
      "Expected JSON",
    );
    await Deno.writeTextFile(join(folder, "x.bin"), "");
    await assertRejects(
      () => Promise.resolve().then(() => readCheckpoint(join(folder, "x.bin"))),
      UsageError,
      "another file",
    );
    await Deno.writeTextFile(join(folder, "x.gguf"), "");
    await assertRejects(
      () => readCheckpoint(join(folder, "x.gguf")),
      WorkbenchError,
      "x.gguf",
    );
    await assertRejects(
      () => resolveModel("gpt-9"),
      UsageError,
      'or the path of a .gguf file or model folder but found "gpt-9"',
    );
    assertEquals(await resolveModel(folder), folder);
  });
});

Deno.test("checkpoint: a Qwen2 folder", async () => {
  const { config, weights, tokenizer } = await readCheckpoint(parityPath("seed0", "model"));
  assertEquals([
    config.architecture,
    config.layers,
    config.attentionBias,
    config.ropeTheta,
  ], ["qwen2", 2, true, 1e6]);
  assertEquals([
    config.eosIds,
    config.padId,
    tokenizer.eosIds,
    tokenizer.padId,
  ], [[2], 0, [2], 0]);
  assertEquals(weights.get("model.layers.1.self_attn.k_proj.bias")?.shape, [
    32,
  ]);
});

const gguf = cachedSmollm2();
Deno.test({
  name: `checkpoint: SmolLM2's weights, tokens and chats equal the reference${
    gguf ? "" : " (needs the fetched model)"
  }`,
  ignore: gguf === undefined,
  fn: async () => {
    const expected = readJson(parityPath("smollm2", "reference.json"));
    const { weights, tokenizer } = await readCheckpoint(gguf!);
    assertEquals(weights.size, 272);
    let checked = 0;
    for (
      const [name, { shape, sha256 }] of Object.entries<
        { shape: number[]; sha256: string }
      >(expected.weights)
    ) {
      const found = weights.get(name)!;
      assertEquals(found.shape, shape);
      const hash = new Uint8Array(
        await crypto.subtle.digest(
          "SHA-256",
          found.data as Float32Array<ArrayBuffer>,
        ),
      ).toHex();
      assertEquals(hash, sha256, name);
      checked++;
    }
    assert(checked >= 29);
    for (
      const { text, ids, decoded, decoded_skip_special } of expected.tokenizer
    ) {
      assertEquals(tokenizer.encode(text), ids, text);
      assertEquals(tokenizer.decode(ids), decoded);
      assertEquals(
        tokenizer.decode(ids, { skipSpecial: true }),
        decoded_skip_special,
      );
    }
    for (const { messages, plain, with_generation_prompt } of expected.chat) {
      for (
        const [side, addGenerationPrompt] of [[plain, false], [
          with_generation_prompt,
          true,
        ]] as const
      ) {
        const text = renderChat(tokenizer, messages, { addGenerationPrompt });
        assertEquals(text, side.text);
        assertEquals(tokenizer.encode(text, { addSpecial: false }), side.ids);
      }
    }
  },
});

Deno.test({
  name: `tiny: 2 M parameters, the same tokens${gguf ? "" : " (needs the fetched model)"}`,
  ignore: gguf === undefined,
  fn: async () => {
    const tokenizer = await readTokenizer(gguf!);
    const tiny = tinyCheckpoint({ tokenizer, seed: 1 });
    const count = [...tiny.weights.values()].reduce(
      (sum, { data }) => sum + data.length,
      0,
    );
    assertEquals(count, 2_016_960);
    for (let id = 0; id < tiny.tokenizer.vocabSize; id++) {
      assertEquals(tiny.tokenizer.tokenBytes(id), tokenizer.tokenBytes(id));
    }
    const text = "<|im_start|>user\nWhat causes hypertension?<|im_end|>\n";
    assertEquals(tiny.tokenizer.decode(tiny.tokenizer.encode(text)), text);
    assertEquals(tiny.tokenizer.eosIds, tokenizer.eosIds);
    const other = tinyCheckpoint({ tokenizer, seed: 2 });
    const embedding = "model.embed_tokens.weight";
    assert(
      other.weights.get(embedding)!.data[0] !==
        tiny.weights.get(embedding)!.data[0],
    );
    const again = tinyCheckpoint({ tokenizer, seed: 1 });
    assertEquals(
      again.weights.get(embedding)!.data,
      tiny.weights.get(embedding)!.data,
    );
  },
});
