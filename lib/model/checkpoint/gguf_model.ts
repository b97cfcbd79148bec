/**
 * What llama.cpp's GGUF files call the parts of a model, in Hugging Face's terms.
 *
 * @module
 */

import {
  type Architecture,
  architectures,
  checkedConfig,
  type ModelConfig,
} from "../core/config.ts";
import type { GgufHeader } from "../formats/gguf.ts";
import type { RopeScaling } from "../core/rope_scaling.ts";
import { rotaryDivisors } from "../core/rotary.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import {
  checkGgufKeys,
  failKey,
  type GgufMetadata,
  integerAt,
  listAt,
  positiveAt,
  sizeAt,
} from "./gguf_metadata.ts";

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
    failKey(
      "general.architecture",
      `one of ${architectures.join(", ")}`,
      architecture,
      where,
    );
  }
  checkGgufKeys(metadata, String(architecture), where);
  const key = (name: string): string => `${architecture}.${name}`;
  const hiddenSize = sizeAt(metadata, key("embedding_length"), where);
  const heads = sizeAt(metadata, key("attention.head_count"), where);
  const headDim = integerAt(metadata, key("attention.key_length"), where) ??
    hiddenSize / heads;
  for (const name of ["rope.dimension_count", "attention.value_length"]) {
    const width = integerAt(metadata, key(name), where) ?? headDim;
    if (width !== headDim) failKey(key(name), `the width of a head, ${headDim},`, width, where);
  }
  const tokens = listAt(metadata, "tokenizer.ggml.tokens", "string", where);
  const ropeTheta = positiveAt(metadata, key("rope.freq_base"), where, 10000);
  const maxPositions = sizeAt(metadata, key("context_length"), where);
  const scaling = scalingFromGguf(metadata, key("rope"), maxPositions, where);
  if (scaling !== undefined && ropeDivisors !== undefined) {
    failKey(key("rope.scaling.type"), `none beside ${ropeDivisorsName},`, scaling.type, where);
  }
  const ropeScaling = scaling ??
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
    maxPositions,
    attentionBias: architecture === "qwen2",
    eosIds: [],
  }, where);
}

/**
 * The scaling of the rotary frequencies that the metadata tell. As in llama.cpp a factor without a type is a linear one, and
 * `rope.scale_linear` stands for the factor in older files.
 */
function scalingFromGguf(
  metadata: GgufMetadata,
  rope: string,
  maxPositions: number,
  where: string,
): RopeScaling | undefined {
  const prefix = `${rope}.scaling`;
  const number = (name: string, otherwise?: number): number =>
    positiveAt(metadata, `${prefix}.${name}`, where, otherwise);
  // llama.cpp takes 0 for no scaling.
  const stored = metadata.get(`${prefix}.factor`) ?? metadata.get(`${rope}.scale_linear`) ?? 0;
  const factor = stored === 0
    ? 1
    : positiveAt(new Map([[`${prefix}.factor`, stored]]), `${prefix}.factor`, where);
  const type = metadata.get(`${prefix}.type`) ?? "linear";
  if (type !== "yarn") {
    for (const name of ["attn_factor", "yarn_attn_factor"]) {
      if (number(name, 1) !== 1) {
        failKey(`${prefix}.${name}`, "1 without YaRN", number(name), where);
      }
    }
  }
  switch (type) {
    case "none":
      return undefined;
    case "linear":
      return factor === 1 ? undefined : { type: "linear", factor };
    case "yarn":
      return {
        type: "yarn",
        factor,
        betaFast: number("yarn_beta_fast", 32),
        betaSlow: number("yarn_beta_slow", 1),
        originalMaxPositions: metadata.has(`${prefix}.original_context_length`)
          ? sizeAt(metadata, `${prefix}.original_context_length`, where)
          : maxPositions,
        attentionFactor: number("attn_factor", 1) * (0.1 * Math.log(Math.max(factor, 1)) + 1),
      };
    default:
      return failKey(`${prefix}.type`, "one of none, linear, yarn", type, where);
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
    : failKey("rope_freqs.weight", "the factors of Llama 3", [...divisors], where);
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
