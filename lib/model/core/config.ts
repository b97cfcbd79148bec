/**
 * The shape of a decoder-only transformer, read from a Hugging Face `config.json` or from GGUF metadata.
 *
 * @module
 */

import * as z from "zod";
import { parseConfig, UsageError, WorkbenchError } from "../../runtime/mod.ts";
import { parseRopeScaling, type RopeScaling, ropeScalingToHuggingFace } from "./rope_scaling.ts";
import { inMessage } from "../formats/text.ts";
import { checkConfigKeys } from "./config_keys.ts";

/** Architectures that the transformer implements. */
export const architectures = ["llama", "qwen2", "qwen3"] as const;

/** One of the {@link architectures}. */
export type Architecture = typeof architectures[number];

/** Sizes and constants of a decoder-only transformer with grouped-query attention, SwiGLU and rotary positions. */
export interface ModelConfig {
  /** Which family of layers: `qwen2` adds biases to q, k and v, `qwen3` normalises each head of q and k. */
  readonly architecture: Architecture;
  /** Rows of the embedding. */
  readonly vocabSize: number;
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  /** Width inside the feed-forward block. */
  readonly intermediateSize: number;
  /** Number of layers. */
  readonly layers: number;
  /** Query heads per layer. */
  readonly heads: number;
  /** Key and value heads per layer; divides `heads`. */
  readonly kvHeads: number;
  /** Width of one head; even. */
  readonly headDim: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** How the rotary frequencies are scaled for long texts, where they are. */
  readonly ropeScaling?: RopeScaling;
  /** Epsilon in the root-mean-square norms. */
  readonly rmsNormEps: number;
  /** Whether the output projection is the embedding. */
  readonly tieWordEmbeddings: boolean;
  /** Longest sequence the model was made for, in tokens. */
  readonly maxPositions: number;
  /** Whether q, k and v have biases. */
  readonly attentionBias: boolean;
  /** Token that begins a text, where the model has one. */
  readonly bosId?: number;
  /** Tokens that end a text. */
  readonly eosIds: readonly number[];
  /** Token that fills a batch, where the model has one. It may equal an end token: mask by length, never by id. */
  readonly padId?: number;
}

const count = z.number().int().positive();
const tokenId = z.number().int().nonnegative();
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();

const huggingFaceSchema = z.object({
  model_type: z.enum(architectures),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  hidden_act: z.literal("silu").optional(),
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: count.optional(),
  original_max_position_embeddings: count.optional(),
  attention_bias: z.boolean().optional(),
  layer_types: z.array(z.unknown()).nullish(),
  rope_theta: z.number().positive().optional(),
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  rope_parameters: z.record(z.string(), z.unknown()).nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: tokenIds,
  // Older files say −1 where there is none.
  pad_token_id: tokenId.or(z.literal(-1)).nullish(),
});

const generationSchema = z.object({
  bos_token_id: tokenId.nullish(),
  eos_token_id: tokenIds,
  pad_token_id: tokenId.nullish(),
});

/**
 * Reads the shape of a model from the contents of a Hugging Face folder's `config.json`.
 *
 * As in transformers 5, `rope_scaling` comes before `rope_parameters` where both are there, and the rotary base is
 * `rope_theta` inside the one that counts, or else beside it. End tokens come from `generation_config.json` when it names
 * any, since chat models end a turn with a token that `config.json` may not list.
 *
 * @param config parsed `config.json`
 * @param generation parsed `generation_config.json`, where there is one
 * @param where the file's path, for messages
 * @throws UsageError when a key is missing or has an unexpected value
 * @throws WorkbenchError when the model needs something that is not supported, such as an unknown scaling of rotary positions
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { configFromHuggingFace } from "./config.ts";
 *
 * const config = configFromHuggingFace({
 *   model_type: "llama",
 *   vocab_size: 2048,
 *   hidden_size: 192,
 *   intermediate_size: 512,
 *   num_hidden_layers: 4,
 *   num_attention_heads: 4,
 *   num_key_value_heads: 2,
 *   rope_parameters: { rope_theta: 10000, rope_type: "default" },
 *   eos_token_id: 2,
 * }, undefined, "config.json");
 * assertEquals(config.headDim, 48);
 * assertEquals(config.ropeTheta, 10000);
 * assertEquals(config.eosIds, [2]);
 * ```
 */
export function configFromHuggingFace(
  config: unknown,
  generation: unknown,
  where: string,
): ModelConfig {
  const raw = parseConfig(huggingFaceSchema, config, where);
  const extra = generation === undefined
    ? undefined
    : parseConfig(generationSchema, generation, `${where} (generation)`);
  checkConfigKeys(config as Record<string, unknown>, where);
  if (raw.layer_types && raw.layer_types.length !== raw.num_hidden_layers) {
    throw new UsageError(
      `Expected layer_types to have ${raw.num_hidden_layers} entries, one a layer, but found ` +
        `${raw.layer_types.length} in ${where}`,
    );
  }
  const qwen = raw.model_type !== "llama";
  const maxPositions = raw.max_position_embeddings ?? (qwen ? 32768 : 2048);
  const scaling = Object.keys(raw.rope_scaling ?? {}).length > 0 ? raw.rope_scaling : undefined;
  const rope = scaling ?? raw.rope_parameters ?? {};
  const ropeScaling = parseRopeScaling({
    ...rope,
    original_max_position_embeddings: raw.original_max_position_embeddings ??
      rope["original_max_position_embeddings"] ?? maxPositions,
  }, where);
  if (raw.attention_bias && raw.model_type !== "qwen2") {
    throw new WorkbenchError(
      `Expected attention_bias to be false for ${raw.model_type} but found true in ${where}`,
    );
  }
  const theta = rope["rope_theta"] === undefined ? raw.rope_theta ?? 10000 : rope["rope_theta"];
  if (typeof theta !== "number" || !(theta > 0)) {
    throw new WorkbenchError(
      `Expected rope_theta to be a positive number but found ${
        inMessage(JSON.stringify(theta))
      } in ${where}`,
    );
  }
  if (ropeScaling?.type === "yarn" && theta === 1) {
    throw new WorkbenchError(`Expected rope_theta to be other than 1 for yarn in ${where}`);
  }
  // A key that is missing is another thing than null for the classes of Qwen.
  const kvHeads = raw.num_key_value_heads === undefined && qwen
    ? 32
    : raw.num_key_value_heads ?? raw.num_attention_heads;
  const headDim = raw.head_dim === undefined && raw.model_type === "qwen3"
    ? 128
    : raw.head_dim ?? raw.hidden_size / raw.num_attention_heads;
  const ends = extra?.eos_token_id ?? raw.eos_token_id;
  const bosId = raw.bos_token_id ?? extra?.bos_token_id;
  const padId = raw.pad_token_id ?? extra?.pad_token_id;
  return checkedConfig({
    architecture: raw.model_type,
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    kvHeads,
    headDim,
    ropeTheta: theta,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    rmsNormEps: raw.rms_norm_eps,
    tieWordEmbeddings: raw.tie_word_embeddings,
    maxPositions,
    attentionBias: raw.model_type === "qwen2",
    eosIds: ends === undefined || ends === null ? [] : [ends].flat(),
    ...(typeof bosId === "number" ? { bosId } : {}),
    ...(typeof padId === "number" && padId >= 0 ? { padId } : {}),
  }, where);
}

/**
 * The `config.json` that describes a model: the inverse of {@link configFromHuggingFace}.
 *
 * @param config the model's shape
 * @param dtype number format of its weights
 */
export function configToHuggingFace(
  config: ModelConfig,
  dtype: "float32" | "float16" | "bfloat16" = "float32",
): Record<string, unknown> {
  const classes = {
    llama: "LlamaForCausalLM",
    qwen2: "Qwen2ForCausalLM",
    qwen3: "Qwen3ForCausalLM",
  };
  const rope = { rope_theta: config.ropeTheta, ...ropeScalingToHuggingFace(config.ropeScaling) };
  return {
    architectures: [classes[config.architecture]],
    model_type: config.architecture,
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    hidden_act: "silu",
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    rope_parameters: rope,
    // Read by versions of transformers before 5.
    ...(config.ropeScaling === undefined ? {} : { rope_scaling: rope }),
    tie_word_embeddings: config.tieWordEmbeddings,
    max_position_embeddings: config.maxPositions,
    bos_token_id: config.bosId ?? null,
    eos_token_id: config.eosIds.length === 1 ? config.eosIds[0] : config.eosIds,
    pad_token_id: config.padId ?? null,
    dtype,
  };
}

/**
 * Checks what the parts of a {@link ModelConfig} have to say about each other and returns it.
 *
 * @param config the shape to check
 * @param where the file's path, for messages
 * @throws WorkbenchError when heads do not divide, a head has an odd width, or a token id is outside the vocabulary
 */
export function checkedConfig(config: ModelConfig, where: string): ModelConfig {
  const fail = (key: string, expected: string, found: unknown): never => {
    throw new WorkbenchError(
      `Expected ${key} to be ${expected} but found ${found} in ${where}`,
    );
  };
  if (config.heads % config.kvHeads !== 0) {
    fail(
      "the number of key and value heads",
      `a divisor of ${config.heads} heads`,
      config.kvHeads,
    );
  }
  if (!Number.isInteger(config.headDim) || config.headDim % 2 !== 0) {
    fail("the width of a head", "an even integer", config.headDim);
  }
  const ids = { bos: config.bosId, pad: config.padId };
  for (
    const [key, id] of [
      ...Object.entries(ids),
      ...config.eosIds.map((id) => ["eos", id] as const),
    ]
  ) {
    if (id !== undefined && id >= config.vocabSize) {
      fail(`${key} token`, `below ${config.vocabSize}`, id);
    }
  }
  return config;
}
