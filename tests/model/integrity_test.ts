/** Files of weights that are cut short, flipped or hold numbers that are none: one line, never a model. */
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { readAdapter, writeAdapter } from "../../lib/model/checkpoint/adapter_files.ts";
import { type Checkpoint, readCheckpoint } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeCheckpoint } from "../../lib/model/checkpoint/checkpoint_write.ts";
import { writeGguf } from "../../lib/model/checkpoint/gguf_export.ts";
import { modelHash } from "../../lib/model/checkpoint/resolve.ts";
import { toPeftTensors } from "../../lib/model/core/lora.ts";
import { createTransformer } from "../../lib/model/core/transformer.ts";
import { encodeSafetensors, readSafetensors } from "../../lib/model/formats/safetensors.ts";
import { startBackend, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, tinyGguf } from "./fixtures.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "./small_model.ts";

const tensors = new Map([
  ["a", { shape: [2, 8], data: Float32Array.from({ length: 16 }, (_, i) => i / 7) }],
  ["b", { shape: [3], data: Float32Array.of(1, 2, 3) }],
]);

Deno.test("integrity: a safetensors file that is written here and changed anywhere is refused", () => {
  const whole = encodeSafetensors(tensors, { format: "pt", note: "x" });
  const read = readSafetensors(whole);
  assertEquals([...read].map(([name, { data }]) => [name, data]), [
    ["a", tensors.get("a")!.data],
    ["b", tensors.get("b")!.data],
  ]);
  for (let length = 0; length < whole.length; length++) {
    assertThrows(() => readSafetensors(whole.subarray(0, length)), WorkbenchError);
  }
  const header = Number(new DataView(whole.buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(whole.subarray(8, 8 + header));
  // What changes nothing: the name of the checksum, without which there is none, and the filling behind the header.
  const key = 8 + text.indexOf("crc32");
  const harmless = (at: number) =>
    (at >= key && at < key + 5) || (at >= 8 + text.trimEnd().length && at < 8 + header);
  for (let at = 0; at < whole.length; at++) {
    for (const bit of [1, 2, 0x20, 0x80]) {
      const flipped = whole.slice();
      flipped[at]! ^= bit;
      const attempt = () => readSafetensors(flipped);
      if (harmless(at)) {
        try {
          assertEquals(attempt(), read);
        } catch (error) {
          assert(error instanceof WorkbenchError || error instanceof UsageError, `byte ${at}`);
        }
      } else {
        const error = assertThrows(attempt, Error);
        assert(error instanceof WorkbenchError || error instanceof UsageError, String(error));
        assert(!error.message.includes("\n"));
      }
    }
  }
});

Deno.test("integrity: a header that claims more than a header holds is refused unread", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const start = new Uint8Array(8);
    new DataView(start.buffer).setBigUint64(0, 2n ** 32n, true);
    await Deno.writeFile(path, start);
    // Holes take no room.
    await Deno.truncate(path, 2 ** 33);
    assertThrows(
      () => readSafetensors(path),
      WorkbenchError,
      "Expected a header of 2 to 100000000",
    );
  }));

/** A model with a tokenizer that files can hold; its weights are all `scale` times their index. */
async function fileCheckpoint(folder: string, scale = 1): Promise<Checkpoint> {
  const path = join(folder, "base.gguf");
  await Deno.writeFile(path, tinyGguf());
  const { weights, ...checkpoint } = await readCheckpoint(path);
  await Deno.remove(path);
  return {
    ...checkpoint,
    weights: new Map(
      [...weights].map((
        [name, { shape, data }],
      ) => [name, { shape, data: data.map((x) => scale * x) }]),
    ),
  };
}

Deno.test("integrity: numbers that are none make no model and no adapter", () =>
  inTemporaryFolder(async (folder) => {
    await startBackend();
    const checkpoint = await fileCheckpoint(folder);
    const name = "model.layers.0.mlp.down_proj.weight";
    for (const [value, format] of [[NaN, "F32"], [Infinity, "F16"], [-Infinity, "BF16"]] as const) {
      const weights = new Map(checkpoint.weights);
      const data = weights.get(name)!.data.slice();
      data[5] = value;
      weights.set(name, { shape: weights.get(name)!.shape, data });
      const path = join(folder, format);
      await writeCheckpoint(path, { ...checkpoint, weights }, { format });
      await assertRejects(
        () => readCheckpoint(path),
        WorkbenchError,
        `Expected finite weights but found ${value} at index 5 of ${name} in ${path}`,
      );
    }
    const gguf = join(folder, "a.gguf");
    const bytes = tinyGguf();
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, NaN, true);
    await Deno.writeFile(gguf, bytes);
    await assertRejects(() => readCheckpoint(gguf), WorkbenchError, "Expected finite weights");

    const small = smallCheckpoint(smallConfig("llama"));
    const trainable = busyAdapter(createTransformer(small));
    assert(trainable.kind === "lora");
    const values = Float32Array.from(await trainable.values.data());
    const adapter = join(folder, "adapter");
    const write = () =>
      writeAdapter(adapter, {
        config: trainable.config,
        tensors: toPeftTensors(small.config, trainable, values),
      });
    await write();
    await readAdapter(adapter);
    const path = join(adapter, "adapter_model.safetensors");
    const whole = await Deno.readFile(path);
    for (const share of [0, 9, whole.length >> 1, whole.length - 1]) {
      await Deno.writeFile(path, whole.subarray(0, share));
      await assertRejects(() => readAdapter(adapter), WorkbenchError);
    }
    const flipped = whole.slice();
    flipped[whole.length - 3]! ^= 1;
    await Deno.writeFile(path, flipped);
    await assertRejects(() => readAdapter(adapter), WorkbenchError, "the file is damaged");
    values[0] = NaN;
    await write();
    await assertRejects(() => readAdapter(adapter), WorkbenchError, "Expected finite weights");
  }));

Deno.test("integrity: a model's hash is that of all its files, whatever they are called", () =>
  inTemporaryFolder(async (folder) => {
    const [one, other] = [await fileCheckpoint(folder), await fileCheckpoint(folder, 2)];
    const at = (...parts: string[]) => join(folder, ...parts);
    for (const [place, checkpoint] of [["one", one], ["other", other], ["copy", one]] as const) {
      await writeCheckpoint(at(place, "model"), checkpoint);
      await writeGguf(at(place, "model.gguf"), checkpoint);
    }
    for (const name of ["model", "model.gguf"]) {
      const hash = await modelHash(at("one", name));
      assertNotEquals(await modelHash(at("other", name)), hash, name);
      assertEquals(await modelHash(at("copy", name)), hash, name);
    }
    const hash = await modelHash(at("one", "model"));
    for (const name of ["chat_template.jinja", "tokenizer_config.json", "vocab.txt"]) {
      const path = at("copy", "model", name);
      await Deno.writeTextFile(path, `${await Deno.readTextFile(path).catch(() => "")} `);
      assertNotEquals(await modelHash(at("copy", "model")), hash, name);
      await Deno.copyFile(at("one", "model", name), path).catch(() => Deno.remove(path));
      assertEquals(await modelHash(at("copy", "model")), hash, name);
    }
    // Parts of a split model: the first names no weight of the second.
    for (const place of ["one", "other"]) {
      await Deno.writeTextFile(at(place, "m-00001-of-00002.gguf"), "the same");
      await Deno.writeTextFile(at(place, "m-00002-of-00002.gguf"), place);
    }
    const parts = ["one", "other"].map((place) => modelHash(at(place, "m-00001-of-00002.gguf")));
    assertNotEquals(await parts[0], await parts[1]);
  }));
