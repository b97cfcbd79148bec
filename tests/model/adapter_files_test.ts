import { assert, assertEquals, assertRejects } from "@std/assert";
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
    // Ways to start that change the base model's weights, which PEFT does again when it loads them.
    for (const start of ["pissa", "pissa_niter_16", "olora", "corda", "loftq", "lora_ga"]) {
      await assertRejects(
        () => changed({ init_lora_weights: start }),
        UsageError,
        `Expected init_lora_weights to be true or false or "gaussian" or "eva" or "orthogonal" or "mica" but found "${start}" in ${path}: PEFT changes`,
      );
    }
    for (const start of [true, false, "gaussian", "eva", "orthogonal", "mica", null]) {
      assertEquals((await changed({ init_lora_weights: start })).config, adapter.config);
    }
    const refusals = {
      bias: "all",
      lora_bias: true,
      alpha_pattern: { q_proj: 3 },
      layers_to_transform: [0],
      layer_replication: [[0, 1]],
      trainable_token_indices: [3],
      target_parameters: ["x"],
      use_qalora: true,
      use_bdlora: { nblocks: 2 },
      kasa_config: { beta: 1 },
      task_type: "SEQ_CLS",
      a_new_mechanism: true,
    };
    for (const [key, value] of Object.entries(refusals)) {
      const error = await assertRejects(() => changed({ [key]: value }), UsageError);
      const { message } = error;
      assert(message.startsWith(`Expected ${key} to be `), message);
      assert(message.includes(` but found ${JSON.stringify(value)} in ${path}: `), message);
    }
    const harmless = {
      a_new_mechanism: null,
      another: {},
      lora_dropout: 0.1,
      peft_version: "0.21",
    };
    assertEquals((await changed(harmless)).config, adapter.config);
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

Deno.test("adapter: target modules by whole paths and by a pattern are those that have factors", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeAdapter(folder, adapter);
    const path = join(folder, "adapter_config.json");
    const config = readJson(path);
    const paths = ["model.layers.0.self_attn.q_proj"];
    for (const target_modules of [paths, "all-linear", String.raw`.*\.(q|v)_proj`]) {
      await Deno.writeTextFile(path, JSON.stringify({ ...config, target_modules }));
      assertEquals(await readAdapter(folder), adapter);
    }
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
