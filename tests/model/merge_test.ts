import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import type { AdapterFiles } from "../../lib/model/checkpoint/adapter_files.ts";
import { type Checkpoint, readCheckpoint } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeCheckpoint } from "../../lib/model/checkpoint/checkpoint_write.ts";
import { writeGguf } from "../../lib/model/checkpoint/gguf_export.ts";
import { mergedCheckpoint } from "../../lib/model/checkpoint/merge.ts";
import { encodeFloats, numberFormats } from "../../lib/model/formats/quantization.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, tinyGguf } from "./fixtures.ts";

async function tiny(folder: string): Promise<Checkpoint> {
  await Deno.writeFile(join(folder, "a.gguf"), tinyGguf());
  return await readCheckpoint(join(folder, "a.gguf"));
}

const factor = (shape: [number, number], seed: number) => ({
  shape,
  data: Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(seed + i)),
});

/** Alpha is not the rank, or a forgotten scale would not be seen. */
const adapter: AdapterFiles = {
  config: { r: 2, loraAlpha: 6, useRslora: false, targetModules: ["q_proj", "down_proj"] },
  tensors: new Map([
    ["model.layers.0.self_attn.q_proj.lora_A.weight", factor([2, 8], 1)],
    ["model.layers.0.self_attn.q_proj.lora_B.weight", factor([8, 2], 2)],
    ["model.layers.0.mlp.down_proj.lora_A.weight", factor([2, 16], 3)],
    ["model.layers.0.mlp.down_proj.lora_B.weight", factor([8, 2], 4)],
  ]),
};

Deno.test("merge: W + (alpha / r) B A, other weights untouched", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = await tiny(folder);
    for (const useRslora of [false, true]) {
      const config = { ...adapter.config, useRslora };
      const merged = mergedCheckpoint(model, { ...adapter, config });
      const scale = 6 / (useRslora ? Math.sqrt(2) : 2);
      for (const name of ["self_attn.q_proj", "mlp.down_proj"]) {
        const path = `model.layers.0.${name}`;
        const [a, b] = ["A", "B"].map((x) => adapter.tensors.get(`${path}.lora_${x}.weight`)!.data);
        const w = model.weights.get(`${path}.weight`)!;
        const width = w.shape[1]!;
        merged.weights.get(`${path}.weight`)!.data.forEach((value, at) => {
          const [o, i] = [Math.floor(at / width), at % width];
          const update = b![2 * o]! * a![i]! + b![2 * o + 1]! * a![width + i]!;
          assertAlmostEquals(value, w.data[at]! + scale * update, 1e-5);
        });
      }
      const other = "model.layers.0.self_attn.k_proj.weight";
      assertEquals(merged.weights.get(other), model.weights.get(other));
      assertEquals([...merged.weights.keys()], [...model.weights.keys()]);
    }
  });
});

Deno.test("merge: a second merge is refused, after writing and reading too", async () => {
  await inTemporaryFolder(async (folder) => {
    const merged = mergedCheckpoint(await tiny(folder), adapter);
    assertEquals(merged.source.merged, "LoRA r 2, alpha 6, on q_proj, down_proj");
    assertThrows(() => mergedCheckpoint(merged, adapter), WorkbenchError, "a merged adapter");
    const gguf = join(folder, "m.gguf");
    await writeGguf(gguf, merged);
    const read = await readCheckpoint(gguf);
    assertThrows(() => mergedCheckpoint(read, adapter), WorkbenchError, "a merged adapter");
    for (const maxShardBytes of [1e9, 600]) {
      await writeCheckpoint(join(folder, "m"), merged, { maxShardBytes });
      const again = await readCheckpoint(join(folder, "m"));
      assertEquals(again.weights.size, merged.weights.size);
      assertThrows(() => mergedCheckpoint(again, adapter), WorkbenchError, "a merged adapter");
    }
  });
});

Deno.test("merge: factors that are missing, left over or of another model are told", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = await tiny(folder);
    const changed = (change: (tensors: Map<string, ReturnType<typeof factor>>) => void) => () => {
      const tensors = new Map(adapter.tensors) as Map<string, ReturnType<typeof factor>>;
      change(tensors);
      mergedCheckpoint(model, { ...adapter, tensors });
    };
    const q = "model.layers.0.self_attn.q_proj.lora_A.weight";
    assertThrows(changed((t) => t.delete(q)), WorkbenchError, `a factor ${q} but found none`);
    assertThrows(
      changed((t) => t.set("model.layers.1.mlp.down_proj.lora_A.weight", factor([2, 16], 1))),
      WorkbenchError,
      "1 layers but found model.layers.1",
    );
    assertThrows(changed((t) => t.set(q, factor([2, 9], 1))), WorkbenchError, "[2,8]");
  });
});

Deno.test("checkpoint write: shards, formats, and what an earlier model left", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = await tiny(folder);
    const path = join(folder, "m");
    const files = () =>
      [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => name.startsWith("model"))
        .sort();
    await writeCheckpoint(path, model, { maxShardBytes: 1000 });
    const sharded = files();
    assertEquals(sharded.at(-1), "model.safetensors.index.json");
    assertEquals(sharded[0], `model-00001-of-0000${sharded.length - 1}.safetensors`);
    for (const name of sharded.slice(0, -1)) {
      assertEquals(Deno.statSync(join(path, name)).size < 2500, true, name);
    }
    assertEquals((await readCheckpoint(path)).weights, model.weights);
    // Values below 256 are the same in half precision.
    for (const format of ["BF16", "F16", "F32"] as const) {
      await writeCheckpoint(path, model, { format });
      assertEquals(files(), ["model.safetensors"]);
      assertEquals((await readCheckpoint(path)).weights, model.weights);
    }
    await writeCheckpoint(path, model, { maxShardBytes: 1000 });
    assertEquals(files(), sharded);
    await assertRejects(
      () => writeCheckpoint(path, { ...model, weights: new Map() }),
      WorkbenchError,
      "weights in the model to write",
    );
  });
});

Deno.test("quantization: floats are rounded to the nearest, ties to even", () => {
  const through = (format: "F16" | "BF16", ...values: number[]): number[] => {
    const out = new Float32Array(values.length);
    numberFormats[format].decode(encodeFloats(Float32Array.from(values), format), out);
    return [...out];
  };
  const step = 2 ** -7;
  assertEquals(
    through("BF16", 1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, -(1 + step), NaN, -Infinity),
    [1, 1 + 2 * step, 1 + step, -(1 + step), NaN, -Infinity],
  );
  assertEquals(through("BF16", 3.4e38), [Infinity]);
  assertEquals(through("F16", 1 + 2 ** -11, 1 + 3 * 2 ** -11, NaN), [1, 1 + 2 ** -9, NaN]);
});
