/** Configurations that transformers read, too: the same numbers, or a refusal that names the key. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { configFromHuggingFace } from "../../lib/model/mod.ts";
import { configNotes } from "../../lib/model/core/config_keys.ts";
import { startBackend, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";
import { type ConfigRow, lastLogits } from "./formula_model.ts";

const reference: { base: Record<string, unknown>; rows: ConfigRow[] } = readJson(
  parityPath("foreign", "configs.json"),
);

Deno.test("config: every change of a key gives transformers' logits or is refused by name", async () => {
  await startBackend();
  const read: Record<string, number> = {};
  for (const row of reference.rows) {
    const label = `${row.architecture} ${JSON.stringify(row.change)}`;
    let found: Float32Array;
    try {
      found = lastLogits(row);
    } catch (error) {
      assert(error instanceof UsageError || error instanceof WorkbenchError, `${label}: ${error}`);
      assert(!error.message.includes("\n"), label);
      continue;
    }
    // A head without a width has the usual one; Qwen's classes divide by null there.
    if ("head_dim" in row.change && row.change["head_dim"] === null && row.refused) continue;
    assertEquals(row.refused, undefined, `${label}: transformers refuses what is read here`);
    row.logits!.forEach((value, i) =>
      assert(Math.abs(found[i]! - value) < 2e-4, `${label}: logit ${i} ${found[i]} for ${value}`)
    );
    read[row.architecture] = (read[row.architecture] ?? 0) + 1;
  }
  for (const architecture of ["llama", "qwen2", "qwen3"]) assert(read[architecture]! >= 40);
});

Deno.test("config: what is refused names key, expectation, finding, file and a way out", () => {
  const read = (change: Record<string, unknown>) => () =>
    configFromHuggingFace(
      { model_type: "llama", ...reference.base, ...change },
      undefined,
      "config.json",
    );
  const quantised = { quantization_config: { quant_method: "gptq" } };
  assertThrows(
    read(quantised),
    UsageError,
    'Expected quantization_config to be absent but found {"quant_method":"gptq"} in config.json: save the model without',
  );
  assertThrows(
    read({ layer_types: ["full_attention", "sliding_attention"] }),
    UsageError,
    'Expected layer_types to be "full_attention" but found "sliding_attention" in config.json: attention within',
  );
  for (
    const change of [
      { mlp_bias: true },
      { use_mrope: true },
      { use_sliding_window: true },
      { partial_rotary_factor: 0.5 },
      { vision_config: {} },
      { num_local_experts: 8 },
      { final_logit_softcapping: 30 },
    ]
  ) {
    assertThrows(read(change), UsageError, Object.keys(change)[0]);
  }
});

Deno.test("config: what counts and what nothing reads is told", () => {
  const notes = (config: Record<string, unknown>, generation?: Record<string, unknown>) =>
    configNotes({ ...reference.base, ...config }, generation, "config.json");
  assertEquals(notes({}), []);
  assertEquals(notes({}, { eos_token_id: 1, repetition_penalty: 1, temperature: 0.7 }), []);
  const [unknown] = notes({ new_mechanism: 3 });
  assert(unknown!.includes("new_mechanism") && unknown!.includes("config.json"));
  const rope = { rope_scaling: { type: "yarn", factor: 4, attn_factor: 2 } };
  assert(notes(rope)[0]!.includes("attn_factor"));
  const both = { rope_scaling: { factor: 4 }, rope_parameters: { rope_theta: 1e6 } };
  assert(notes(both)[0]!.startsWith("rope_scaling counts"));
  assert(!notes(both)[0]!.includes("1000000"));
  assert(notes({ ...both, rope_theta: undefined })[0]!.includes("1000000"));
  const [penalty] = notes({}, { repetition_penalty: 1.1, do_sample: true });
  assert(penalty!.includes("repetition_penalty 1.1, do_sample true"));
});
