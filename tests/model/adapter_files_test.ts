import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  type AdapterFiles,
  readAdapter,
  writeAdapter,
} from "../../lib/model/checkpoint/adapter_files.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, parityPath, readJson } from "./fixtures.ts";

const adapter: AdapterFiles = {
  config: { r: 2, loraAlpha: 16, useRslora: true, targetModules: ["q_proj"] },
  tensors: new Map([
    ["model.layers.0.self_attn.q_proj.lora_A.weight", {
      shape: [2, 3],
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
    }],
    ["model.layers.0.self_attn.q_proj.lora_B.weight", {
      shape: [4, 2],
      data: new Float32Array(8),
    }],
  ]),
  baseModel: "smollm2",
};

Deno.test("adapter: what is written comes back", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeAdapter(join(folder, "a"), adapter);
    assertEquals(await readAdapter(join(folder, "a")), adapter);
  });
});

Deno.test("adapter: unsupported features and faults are told", async () => {
  await inTemporaryFolder(async (folder) => {
    await assertRejects(
      () => readAdapter(folder),
      UsageError,
      "adapter_config.json",
    );
    await writeAdapter(folder, adapter);
    const path = join(folder, "adapter_config.json");
    const config = readJson(path);
    const changed = async (changes: Record<string, unknown>) => {
      await Deno.writeTextFile(path, JSON.stringify({ ...config, ...changes }));
      return await readAdapter(folder);
    };
    await assertRejects(
      () => changed({ use_dora: true }),
      UsageError,
      "use_dora",
    );
    await assertRejects(
      () => changed({ modules_to_save: ["lm_head"] }),
      UsageError,
      "modules_to_save",
    );
    await assertRejects(
      () => changed({ rank_pattern: { q_proj: 3 } }),
      UsageError,
      "rank_pattern",
    );
    await assertRejects(
      () => changed({ peft_type: "IA3" }),
      UsageError,
      "peft_type",
    );
    await assertRejects(
      () => changed({ target_modules: ["lm_head"] }),
      UsageError,
      "target_modules",
    );
    await assertRejects(
      () => changed({ target_modules: ["v_proj"] }),
      WorkbenchError,
      "only factors of v_proj",
    );
    await assertRejects(() => changed({ r: 3 }), WorkbenchError, "rank 3");
    await Deno.writeTextFile(path, "{");
    await assertRejects(
      () => readAdapter(folder),
      WorkbenchError,
      "Expected JSON",
    );
    const [a] = adapter.tensors;
    await writeAdapter(folder, { ...adapter, tensors: new Map([a!]) });
    await assertRejects(
      () => readAdapter(folder),
      WorkbenchError,
      "q_proj.lora_B.weight",
    );
  });
});

Deno.test("adapter: reads a folder that PEFT wrote", async () => {
  const { config, tensors } = await readAdapter(parityPath("seed0", "adapter"));
  assertEquals([
    config.r,
    config.loraAlpha,
    config.useRslora,
    config.targetModules.length,
  ], [4, 8, false, 7]);
  assertEquals(tensors.size, 28);
  assertEquals(
    tensors.get("model.layers.1.mlp.down_proj.lora_A.weight")?.shape,
    [4, 168],
  );
});
