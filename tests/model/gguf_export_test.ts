import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { bytesOf } from "../../lib/model/formats/byte_source.ts";
import {
  type Checkpoint,
  readCheckpoint,
  readTokenizer,
} from "../../lib/model/checkpoint/checkpoint.ts";
import { readGgufHeader } from "../../lib/model/formats/gguf.ts";
import { encodeGguf } from "../../lib/model/formats/gguf_encode.ts";
import { writeGguf } from "../../lib/model/checkpoint/gguf_export.ts";
import {
  configFromGguf,
  permuteRows,
  unpermuteRows,
} from "../../lib/model/checkpoint/gguf_model.ts";
import type { RopeScaling } from "../../lib/model/core/rope_scaling.ts";
import { tinyCheckpoint } from "../../lib/model/checkpoint/tiny.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { cachedSmollm2, inTemporaryFolder, tinyGguf } from "./fixtures.ts";

async function readTiny(
  folder: string,
  architecture: "llama" | "qwen2" | "qwen3",
): Promise<Checkpoint> {
  const path = join(folder, "in.gguf");
  await Deno.writeFile(path, tinyGguf({}, architecture));
  return await readCheckpoint(path);
}

async function through(folder: string, model: Checkpoint): Promise<Checkpoint> {
  const path = join(folder, "out.gguf");
  await writeGguf(path, model);
  return await readCheckpoint(path);
}

Deno.test("gguf export: every architecture comes back", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const architecture of ["llama", "qwen2", "qwen3"] as const) {
      const model = await readTiny(folder, architecture);
      const again = await through(folder, model);
      assertEquals(again.config, model.config);
      // Every value of the file is a small integer, which half precision holds.
      assertEquals(again.weights, model.weights);
      assertEquals(again.tokenizer.definition, model.tokenizer.definition);
      assertEquals(again.tokenizer.eosIds, model.tokenizer.eosIds);
    }
  });
});

Deno.test("gguf export: rows without a token, end tokens and templates", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = await readTiny(folder, "llama");
    const data = new Float32Array(7 * 8).fill(0.5);
    const again = await through(folder, {
      ...model,
      config: { ...model.config, vocabSize: 7, eosIds: [0, 4], bosId: 1, padId: 2 },
      weights: new Map([...model.weights, ["model.embed_tokens.weight", { shape: [7, 8], data }]]),
      tokenizer: { ...model.tokenizer, chatTemplate: "{{ messages }}" },
    });
    assertEquals([again.config.vocabSize, again.tokenizer.vocabSize], [7, 5]);
    assertEquals(again.tokenizer.encode("[PAD5]ab"), [4]);
    assertEquals(again.tokenizer.eosIds, [0, 4]);
    assertEquals([again.tokenizer.bosId, again.tokenizer.padId], [1, 2]);
    assertEquals(again.tokenizer.chatTemplate, "{{ messages }}");
  });
});

Deno.test("gguf export: scaled positions", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = await readTiny(folder, "llama");
    const llama3 = {
      type: "llama3",
      factor: 8,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalMaxPositions: 8192,
    } as const;
    const yarn = {
      type: "yarn",
      factor: 4,
      betaFast: 32,
      betaSlow: 1,
      originalMaxPositions: 64,
      attentionFactor: 0.1 * Math.log(4) + 1,
    } as const;
    const scaled = async (ropeScaling: RopeScaling): Promise<Checkpoint> =>
      await through(folder, { ...model, config: { ...model.config, ropeTheta: 1e9, ropeScaling } });
    for (const scaling of [{ type: "linear", factor: 2 }, llama3, yarn] as const) {
      assertEquals((await scaled(scaling)).config.ropeScaling, scaling);
    }
    const header = readGgufHeader(bytesOf(tinyGguf(), "x.gguf"));
    assertThrows(
      () => configFromGguf(header, "x.gguf", Float32Array.of(2, 8)),
      WorkbenchError,
      "the factors of Llama 3 but found [2,8]",
    );
    await assertRejects(() => scaled({ ...yarn, betaFast: 16 }), WorkbenchError, "16");
  });
});

Deno.test("gguf export: rows are permuted and come back", () => {
  const weights = { shape: [12, 2], data: Float32Array.from({ length: 24 }, (_, i) => i) };
  const permuted = permuteRows(weights, 6);
  assertEquals([0, 1, 2, 3, 4, 5].map((row) => permuted.data[2 * row]! / 2), [0, 3, 1, 4, 2, 5]);
  assertEquals(unpermuteRows(permuted, 6), weights);
});

Deno.test("gguf export: what the format cannot hold is told", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = await readTiny(folder, "llama");
    const data = new Float32Array(8 * 8).fill(70000);
    const name = "model.layers.0.self_attn.o_proj.weight";
    await assertRejects(
      () =>
        through(folder, {
          ...model,
          weights: new Map([...model.weights, [name, { shape: [8, 8], data }]]),
        }),
      WorkbenchError,
      "found 70000 in blk.0.attn_output.weight",
    );
    const { definition } = model.tokenizer;
    const pre_tokenizer = { ...definition.pre_tokenizer, type: "ByteLevel", use_regex: false };
    await assertRejects(
      () =>
        through(folder, {
          ...model,
          tokenizer: { ...model.tokenizer, definition: { ...definition, pre_tokenizer } },
        }),
      WorkbenchError,
      "smollm",
    );
  });
  assertThrows(
    () => encodeGguf({}, [{ name: "t", type: "F32", shape: [3], data: new Float32Array(2) }]),
    WorkbenchError,
    "Expected 3 values for t",
  );
});

const gguf = cachedSmollm2();
Deno.test({
  name: `gguf export: the tiny model comes back${gguf ? "" : " (needs the fetched model)"}`,
  ignore: gguf === undefined,
  fn: async () => {
    const tiny = tinyCheckpoint({ tokenizer: await readTokenizer(gguf!), seed: 3 });
    await inTemporaryFolder(async (folder) => {
      const again = await through(folder, tiny);
      const text = "<|im_start|>user\nWhat is 12 ½?<|im_end|>\n";
      assertEquals(again.tokenizer.encode(text), tiny.tokenizer.encode(text));
      assertEquals(again.tokenizer.chatTemplate, tiny.tokenizer.chatTemplate);
      assertAlmostEquals(again.config.rmsNormEps, tiny.config.rmsNormEps, 1e-11);
      for (const [name, { data }] of tiny.weights) {
        const found = again.weights.get(name)!.data;
        assert(
          data.every((value, i) =>
            Math.abs(value - found[i]!) <= 2 ** -11 * Math.abs(value) + 2 ** -25
          ),
          name,
        );
      }
    });
  },
});
