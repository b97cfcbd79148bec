import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { configFromHuggingFace, configToHuggingFace } from "../../lib/model/core/config.ts";
import { rotaryFrequencies } from "../../lib/model/core/rotary.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { readJson } from "./fixtures.ts";

/** Frequencies computed by transformers 5.23.0 (`ROPE_INIT_FUNCTIONS`) in float32. */
const cases: {
  name: string;
  head_dim: number;
  max_position_embeddings: number;
  rope_parameters: Record<string, unknown>;
  inv_freq: number[];
  attention_factor: number;
}[] = readJson(fromFileUrl(new URL("./rotary_fixture.json", import.meta.url)));

const read = (head: number, rope: Record<string, unknown>) =>
  configFromHuggingFace(
    {
      model_type: "llama",
      vocab_size: 10,
      hidden_size: 4 * head,
      intermediate_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 4,
      ...rope,
    },
    undefined,
    "config.json",
  );

Deno.test("rotary: frequencies equal those of transformers for every scaling", () => {
  for (const { name, head_dim, rope_parameters, inv_freq, attention_factor } of cases) {
    const config = read(head_dim, { rope_parameters });
    const found = rotaryFrequencies(config);
    assertEquals(found.frequencies.length, inv_freq.length);
    found.frequencies.forEach((value, i) =>
      assertAlmostEquals(value / inv_freq[i]!, 1, 2e-6, `${name}, pair ${i}`)
    );
    assertAlmostEquals(found.attentionFactor, attention_factor, 1e-12);
  }
});

Deno.test("rotary: a scaling is written as it was read, in both places that readers look", () => {
  for (const { head_dim, rope_parameters } of cases) {
    const config = read(head_dim, { rope_parameters });
    const written = configToHuggingFace(config);
    assertEquals(configFromHuggingFace(written, undefined, "config.json"), config);
    const { rope_parameters: _, ...before5 } = written;
    assertEquals(configFromHuggingFace(before5, undefined, "config.json"), config);
  }
});

Deno.test("rotary: files before transformers 5, and faults", () => {
  assertEquals(read(8, { rope_theta: 5e5, rope_scaling: { type: "linear", factor: 2 } }), {
    ...read(8, { rope_theta: 5e5 }),
    ropeScaling: { type: "linear", factor: 2 },
  });
  assertThrows(() => read(8, { rope_scaling: { type: "linear" } }), UsageError, "factor");
  assertThrows(
    () => read(8, { rope_scaling: { rope_type: "dynamic", factor: 2 } }),
    WorkbenchError,
    "dynamic",
  );
  assertThrows(
    () => read(8, { rope_parameters: { rope_theta: 1e4, partial_rotary_factor: 0.5 } }),
    WorkbenchError,
    "partial_rotary_factor to be 1 but found 0.5",
  );
  const llama3 = cases.find(({ name }) => name === "llama-3.1")!.rope_parameters;
  assertThrows(
    () => read(8, { rope_parameters: { ...llama3, low_freq_factor: 4 } }),
    WorkbenchError,
    "low_freq_factor to be below 4",
  );
});
