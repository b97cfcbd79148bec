/**
 * What llama.cpp's GGUF files call the parts of a model, in Hugging Face's terms.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import {
  type Architecture,
  architectures,
  checkedConfig,
  type ModelConfig,
} from "../core/config.ts";
import type { GgufHeader, GgufValue } from "../formats/gguf.ts";
import type { RopeScaling } from "../core/rope_scaling.ts";
import { rotaryDivisors } from "../core/rotary.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { createTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { definitionFromGguf } from "../tokenizer/tokenizer_definition.ts";

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
 * @param ropeDivisors values of the tensor `rope_freqs.weight`, where there is one
 * @throws WorkbenchError when a key is missing or wrong, or the model needs something that is not supported
 */
export function configFromGguf(
  header: GgufHeader,
  where: string,
  ropeDivisors?: Float32Array,
): ModelConfig {
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
  const ropeTheta = positiveAt(metadata, key("rope.freq_base"), where, 10000);
  const ropeScaling = scalingFromGguf(metadata, key("rope.scaling"), where) ??
    (ropeDivisors && llama3Scaling({ headDim, ropeTheta }, ropeDivisors, where));
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
    ropeTheta,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
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

/** The scaling of the rotary frequencies that the metadata tells. */
function scalingFromGguf(
  metadata: Metadata,
  prefix: string,
  where: string,
): RopeScaling | undefined {
  const type = metadata.get(`${prefix}.type`) ?? "none";
  const number = (name: string, otherwise?: number): number =>
    positiveAt(metadata, `${prefix}.${name}`, where, otherwise);
  switch (type) {
    case "none":
      return undefined;
    case "linear":
      return { type: "linear", factor: number("factor") };
    case "yarn": {
      const factor = number("factor");
      return {
        type: "yarn",
        factor,
        betaFast: number("yarn_beta_fast", 32),
        betaSlow: number("yarn_beta_slow", 1),
        originalMaxPositions: sizeAt(metadata, `${prefix}.original_context_length`, where),
        attentionFactor: number("attn_factor", 1) * (0.1 * Math.log(Math.max(factor, 1)) + 1),
      };
    }
    default:
      return fail(`${prefix}.type`, "one of none, linear, yarn", type, where);
  }
}

/** The scaling whose divisors a file holds: llama.cpp stores what comes out of Llama 3's numbers, not the numbers. */
function llama3Scaling(
  config: Pick<ModelConfig, "headDim" | "ropeTheta">,
  divisors: Float32Array,
  where: string,
): RopeScaling {
  const ropeScaling: RopeScaling = {
    type: "llama3",
    factor: divisors.at(-1)!,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositions: 8192,
  };
  const expected = rotaryDivisors({ ...config, ropeScaling });
  const same = expected.length === divisors.length && divisors.at(-1)! > 0 &&
    divisors.every((value, i) => Math.abs(value / expected[i]! - 1) < 1e-4);
  return same
    ? ropeScaling
    : fail("rope_freqs.weight", "the factors of Llama 3", [...divisors], where);
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

/** llama.cpp's name of the tensor that divides the rotary frequencies of Llama 3. */
export const ropeDivisorsName = "rope_freqs.weight";

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
 * llama.cpp's name of a weight: the inverse of {@link huggingFaceName}.
 *
 * @param name Hugging Face's name
 * @returns undefined when the supported architectures have no such weight
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ggufName } from "./gguf_model.ts";
 *
 * assertEquals(ggufName("model.layers.3.self_attn.q_proj.weight"), "blk.3.attn_q.weight");
 * ```
 */
export function ggufName(name: string): string | undefined {
  if (name === "model.embed_tokens.weight") return "token_embd.weight";
  if (name === "model.norm.weight") return "output_norm.weight";
  if (name === "lm_head.weight") return "output.weight";
  const match = /^model\.layers\.(\d+)\.([\w.]+)\.(weight|bias)$/.exec(name);
  const block = match && Object.entries(blockNames).find(([, known]) => known === match[2])?.[0];
  return block ? `blk.${match[1]}.${block}.${match[3]}` : undefined;
}

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
export function unpermuteRows(weights: FloatTensor, headDim: number): FloatTensor {
  return moveRows(
    weights,
    headDim,
    (within) => (within >> 1) + (within & 1) * (headDim / 2),
  );
}

/**
 * Puts the rows of a query or key projection of a Llama model in llama.cpp's order: the inverse of
 * {@link unpermuteRows}.
 *
 * @param weights `[heads * headDim, in]`
 * @param headDim width of a head
 */
export function permuteRows(weights: FloatTensor, headDim: number): FloatTensor {
  const half = headDim / 2;
  return moveRows(
    weights,
    headDim,
    (within) => within < half ? 2 * within : 2 * (within - half) + 1,
  );
}

function moveRows(
  { shape, data }: FloatTensor,
  headDim: number,
  to: (within: number) => number,
): FloatTensor {
  const rows = shape[0]!;
  const columns = data.length / rows;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headDim;
    result.set(
      data.subarray(row * columns, (row + 1) * columns),
      (row - within + to(within)) * columns,
    );
  }
  return { shape, data: result };
}
