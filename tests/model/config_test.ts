import { assertEquals, assertThrows } from "@std/assert";
import { configFromHuggingFace, configToHuggingFace } from "../../lib/model/core/config.ts";
import { checkWeightShapes, weightShapes } from "../../lib/model/core/weights.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";

const json = {
  model_type: "qwen2",
  vocab_size: 100,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  tie_word_embeddings: false,
  eos_token_id: 7,
};
const read = (changes: Record<string, unknown>, generation?: unknown) =>
  configFromHuggingFace({ ...json, ...changes }, generation, "config.json");

Deno.test("config: rotary base before and after transformers 5", () => {
  assertEquals(read({}).ropeTheta, 1e6);
  assertEquals(
    read({ rope_parameters: { rope_theta: 5e5, rope_type: "default" } })
      .ropeTheta,
    5e5,
  );
  assertThrows(
    () => read({ rope_scaling: { rope_type: "longrope", factor: 8 } }),
    WorkbenchError,
    'one of default, linear, llama3, yarn but found "longrope" in config.json',
  );
});

Deno.test("config: end tokens of generation_config.json come first", () => {
  assertEquals(read({}).eosIds, [7]);
  assertEquals(read({}, { eos_token_id: [8, 9], pad_token_id: 9 }).eosIds, [
    8,
    9,
  ]);
  assertEquals(read({}, { eos_token_id: [8, 9], pad_token_id: 9 }).padId, 9);
  assertEquals(read({}, {}).eosIds, [7]);
  assertThrows(
    () => read({ eos_token_id: 100 }),
    WorkbenchError,
    "Expected eos token to be below 100 but found 100",
  );
});

Deno.test("config: faults name key, expectation and finding", () => {
  assertThrows(() => read({ hidden_size: -1 }), UsageError, "hidden_size");
  assertThrows(() => read({ model_type: "gpt2" }), UsageError, "model_type");
  assertThrows(() => read({ hidden_act: "gelu" }), UsageError, "hidden_act");
  assertThrows(
    () => read({ use_sliding_window: true }),
    UsageError,
    "use_sliding_window",
  );
  assertThrows(
    () => read({ num_key_value_heads: 3 }),
    WorkbenchError,
    "a divisor of 4 heads but found 3",
  );
  assertThrows(
    () => read({ num_attention_heads: 5, num_key_value_heads: 5 }),
    WorkbenchError,
    "width of a head",
  );
  assertThrows(
    () => read({ model_type: "llama", attention_bias: true }),
    WorkbenchError,
    "attention_bias",
  );
});

Deno.test("config: what is written says the same", () => {
  const config = read({}, {
    eos_token_id: [8, 9],
    pad_token_id: 9,
    bos_token_id: 1,
  });
  assertEquals(
    configFromHuggingFace(configToHuggingFace(config), undefined, "x"),
    config,
  );
});

Deno.test("weights: names of each architecture", () => {
  const qwen2 = weightShapes(read({}));
  assertEquals(qwen2.get("model.layers.1.self_attn.k_proj.bias"), [8]);
  assertEquals(qwen2.has("model.layers.1.self_attn.o_proj.bias"), false);
  assertEquals(qwen2.get("lm_head.weight"), [100, 16]);
  const qwen3 = weightShapes(
    read({ model_type: "qwen3", head_dim: 6, tie_word_embeddings: true }),
  );
  assertEquals(qwen3.get("model.layers.0.self_attn.q_norm.weight"), [6]);
  assertEquals(qwen3.get("model.layers.0.self_attn.o_proj.weight"), [16, 24]);
  assertEquals(qwen3.has("lm_head.weight"), false);
});

Deno.test("weights: a wrong shape is told", () => {
  const config = read({});
  const shapes = weightShapes(config);
  checkWeightShapes(config, shapes, "x");
  shapes.set("model.norm.weight", [17]);
  assertThrows(
    () => checkWeightShapes(config, shapes, "x"),
    WorkbenchError,
    "Expected model.norm.weight to have shape [16] but found [17] in x",
  );
});
