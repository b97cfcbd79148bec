/**
 * What llama.cpp's GGUF files call the parts of a model, in Hugging Face's terms.
 *
 * @module
 */

import { WorkbenchError } from "../runtime/mod.ts";
import { type Architecture, architectures, checkedConfig, type ModelConfig } from "./config.ts";
import type { GgufHeader, GgufValue } from "./gguf.ts";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";
import { definitionFromGguf } from "./tokenizer_definition.ts";
import type { Weights } from "./weights.ts";

type Metadata = ReadonlyMap<string, GgufValue>;

function fail(
  key: string,
  expected: string,
  found: unknown,
  where: string,
): never {
  const shown = JSON.stringify(found) ?? "nothing";
  throw new WorkbenchError(
    `Expected ${key} to be ${expected} but found ${
      shown.length > 80 ? `${shown.slice(0, 77)}...` : shown
    } in ${where}`,
  );
}

function integerAt(
  metadata: Metadata,
  key: string,
  where: string,
): number | undefined {
  const value = metadata.get(key);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    return fail(key, "an integer, at least 0", value, where);
  }
  return value;
}

function sizeAt(metadata: Metadata, key: string, where: string): number {
  const value = integerAt(metadata, key, where);
  return value !== undefined && value > 0
    ? value
    : fail(key, "an integer greater than 0", metadata.get(key), where);
}

function positiveAt(
  metadata: Metadata,
  key: string,
  where: string,
  otherwise?: number,
): number {
  const value = metadata.get(key) ?? otherwise;
  return typeof value === "number" && value > 0 && Number.isFinite(value)
    ? value
    : fail(key, "a number greater than 0", value, where);
}

function listAt<T extends "string" | "number">(
  metadata: Metadata,
  key: string,
  type: T,
  where: string,
): readonly (T extends "string" ? string : number)[] {
  const value = metadata.get(key);
  if (!Array.isArray(value) || !value.every((item) => typeof item === type)) {
    return fail(key, `a list of ${type}s`, value, where);
  }
  return value;
}

/**
 * Reads the shape of a model from a GGUF file's metadata.
 *
 * @param header the file's header
 * @param where its path, for messages
 * @throws WorkbenchError when a key is missing or wrong, or the model needs something that is not supported
 */
export function configFromGguf(header: GgufHeader, where: string): ModelConfig {
  const { metadata } = header;
  const architecture = metadata.get("general.architecture");
  if (!architectures.includes(architecture as Architecture)) {
    fail(
      "general.architecture",
      `one of ${architectures.join(", ")}`,
      architecture,
      where,
    );
  }
  const key = (name: string): string => `${architecture}.${name}`;
  const scaling = metadata.get(key("rope.scaling.type")) ?? "none";
  if (scaling !== "none") {
    fail(
      key("rope.scaling.type"),
      '"none" (scaled positions are not supported)',
      scaling,
      where,
    );
  }
  const hiddenSize = sizeAt(metadata, key("embedding_length"), where);
  const heads = sizeAt(metadata, key("attention.head_count"), where);
  const headDim = integerAt(metadata, key("attention.key_length"), where) ??
    hiddenSize / heads;
  const rotary = integerAt(metadata, key("rope.dimension_count"), where) ??
    headDim;
  if (rotary !== headDim) {
    fail(
      key("rope.dimension_count"),
      `the width of a head, ${headDim}`,
      rotary,
      where,
    );
  }
  const tokens = listAt(metadata, "tokenizer.ggml.tokens", "string", where);
  const roles = rolesFromGguf(metadata, where);
  return checkedConfig({
    architecture: architecture as Architecture,
    vocabSize: integerAt(metadata, key("vocab_size"), where) ?? tokens.length,
    hiddenSize,
    intermediateSize: sizeAt(metadata, key("feed_forward_length"), where),
    layers: sizeAt(metadata, key("block_count"), where),
    heads,
    kvHeads: integerAt(metadata, key("attention.head_count_kv"), where) ||
      heads,
    headDim,
    ropeTheta: positiveAt(metadata, key("rope.freq_base"), where, 10000),
    rmsNormEps: positiveAt(
      metadata,
      key("attention.layer_norm_rms_epsilon"),
      where,
    ),
    tieWordEmbeddings: !header.tensors.has("output.weight"),
    maxPositions: sizeAt(metadata, key("context_length"), where),
    attentionBias: architecture === "qwen2",
    eosIds: roles.eosIds,
    ...(roles.bosId === undefined ? {} : { bosId: roles.bosId }),
    ...(roles.padId === undefined ? {} : { padId: roles.padId }),
  }, where);
}

function rolesFromGguf(
  metadata: Metadata,
  where: string,
): { bosId?: number; eosIds: number[]; padId?: number } {
  const id = (name: string): number | undefined =>
    integerAt(metadata, `tokenizer.ggml.${name}_token_id`, where);
  const [bosId, padId] = [id("bos"), id("padding")];
  const ends = [id("eos"), id("eot")].filter((end) => end !== undefined);
  return {
    ...(bosId === undefined ? {} : { bosId }),
    eosIds: [...new Set(ends)],
    ...(padId === undefined ? {} : { padId }),
  };
}

/**
 * Makes the tokenizer that a GGUF file describes.
 *
 * @param header the file's header
 * @param where its path, for messages
 * @throws WorkbenchError when it is not a byte-level BPE or a key is missing
 */
export function tokenizerFromGguf(
  header: GgufHeader,
  where: string,
): Tokenizer {
  const { metadata } = header;
  const model = metadata.get("tokenizer.ggml.model");
  if (model !== "gpt2") {
    fail("tokenizer.ggml.model", '"gpt2" (byte-level BPE)', model, where);
  }
  const keys = {
    tokens: listAt(metadata, "tokenizer.ggml.tokens", "string", where),
    types: listAt(metadata, "tokenizer.ggml.token_type", "number", where),
    merges: listAt(metadata, "tokenizer.ggml.merges", "string", where),
  };
  const template = metadata.get("tokenizer.chat_template");
  const definition = definitionFromGguf(
    keys,
    String(metadata.get("tokenizer.ggml.pre")),
    where,
  );
  return createTokenizer(definition, {
    ...rolesFromGguf(metadata, where),
    ...(typeof template === "string" ? { chatTemplate: template } : {}),
  }, where);
}

const blockNames: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  ffn_norm: "post_attention_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  attn_q_norm: "self_attn.q_norm",
  attn_k_norm: "self_attn.k_norm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/**
 * Hugging Face's name of a tensor.
 *
 * @param name llama.cpp's name
 * @returns undefined when llama.cpp has no such name in the supported architectures
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { huggingFaceName } from "./gguf_model.ts";
 *
 * assertEquals(huggingFaceName("blk.3.attn_q.weight"), "model.layers.3.self_attn.q_proj.weight");
 * ```
 */
export function huggingFaceName(name: string): string | undefined {
  if (name === "token_embd.weight") return "model.embed_tokens.weight";
  if (name === "output_norm.weight") return "model.norm.weight";
  if (name === "output.weight") return "lm_head.weight";
  const match = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name);
  const block = match === null ? undefined : blockNames[match[2]!];
  return block === undefined
    ? undefined
    : `model.layers.${Number(match![1])}.${block}.${match![3]}`;
}

/**
 * Puts the rows of a query or key projection of a Llama model in Hugging Face's order.
 *
 * llama.cpp turns pairs of neighbouring rows, Hugging Face rows half a head apart: in each head of width D,
 * `hf[j] = file[2j]` and `hf[D/2 + j] = file[2j + 1]` for j below D/2.
 *
 * @param weights `[heads * headDim, in]` or, for a bias, `[heads * headDim]`
 * @param headDim width of a head, D
 */
export function unpermuteRows(weights: Weights, headDim: number): Weights {
  const { shape, data } = weights;
  const rows = shape[0]!;
  const columns = data.length / rows;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headDim;
    const to = row - within + (within >> 1) + (within & 1) * (headDim / 2);
    result.set(data.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return { shape, data: result };
}
