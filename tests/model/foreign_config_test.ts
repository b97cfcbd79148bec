/** Configurations that transformers read, too: the same numbers, or a refusal that names the key. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  basePolicy,
  batchLogits,
  checkWeightShapes,
  configFromHuggingFace,
  createTransformer,
  disposeTransformer,
  type FloatTensor,
  packGroups,
  weightShapes,
} from "../../lib/model/mod.ts";
import { configNotes } from "../../lib/model/core/config_keys.ts";
import { startBackend, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";

interface Row {
  readonly architecture: string;
  readonly change: Record<string, unknown>;
  readonly logits?: readonly number[];
  readonly refused?: string;
}

const reference: { ids: number[]; base: Record<string, unknown>; rows: Row[] } = readJson(
  parityPath("foreign", "configs.json"),
);

/** Weights by the formula of `foreign_files_reference.py`. */
function formulaWeights(shapes: ReadonlyMap<string, readonly number[]>): Map<string, FloatTensor> {
  return new Map([...shapes].map(([name, shape]) => {
    const start = new TextEncoder().encode(name).reduce((sum, byte) => sum + byte, 0) % 97;
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => 0.4 * Math.sin(start + 0.7 * i) + (name.includes("norm") ? 1 : 0),
    );
    return [name, { shape, data }];
  }));
}

const stored = (architecture: string) => {
  const config = configFromHuggingFace(
    { ...reference.base, model_type: architecture },
    undefined,
    "config.json",
  );
  return formulaWeights(weightShapes(config));
};

const changed = ({ architecture, change }: Row) =>
  Object.fromEntries(
    Object.entries({ model_type: architecture, ...reference.base, ...change })
      .filter(([, value]) => value !== "absent"),
  );

Deno.test("config: every change of a key gives transformers' logits or is refused by name", async () => {
  await startBackend();
  const read: Record<string, number> = {};
  for (const row of reference.rows) {
    const label = `${row.architecture} ${JSON.stringify(row.change)}`;
    let config;
    const weights = stored(row.architecture);
    try {
      config = configFromHuggingFace(changed(row), undefined, "config.json");
      // The stored head is another matrix than the embedding; readCheckpoint finds that out.
      config = { ...config, tieWordEmbeddings: false };
      checkWeightShapes(config, new Map([...weights].map(([n, w]) => [n, w.shape])), "m");
    } catch (error) {
      assert(error instanceof UsageError || error instanceof WorkbenchError, `${label}: ${error}`);
      assert(!error.message.includes("\n"), label);
      continue;
    }
    // A head without a width has the usual one; Qwen's classes divide by null there.
    if ("head_dim" in row.change && row.change["head_dim"] === null && row.refused) continue;
    assertEquals(row.refused, undefined, `${label}: transformers refuses what is read here`);
    const model = createTransformer({ config, weights });
    const batch = packGroups([{ prompt: reference.ids, completions: [] }]);
    const last = Int32Array.of(reference.ids.length - 1);
    const logits = batchLogits(basePolicy(model), batch, last);
    const found = logits.dataSync();
    logits.dispose();
    disposeTransformer(model);
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
