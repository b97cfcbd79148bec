/**
 * Checked values of a GGUF file's metadata.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import type { GgufValue } from "../formats/gguf.ts";

/** Keys and values of a GGUF file. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** Fails with what a key was expected to be. */
export function failKey(
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

/** A whole number, at least 0, where there is one. */
export function integerAt(
  metadata: GgufMetadata,
  key: string,
  where: string,
): number | undefined {
  const value = metadata.get(key);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    return failKey(key, "an integer, at least 0", value, where);
  }
  return value;
}

/** A whole number greater than 0. */
export function sizeAt(metadata: GgufMetadata, key: string, where: string): number {
  const value = integerAt(metadata, key, where);
  return value !== undefined && value > 0
    ? value
    : failKey(key, "an integer greater than 0", metadata.get(key), where);
}

/** A number greater than 0, or what is taken where there is none. */
export function positiveAt(
  metadata: GgufMetadata,
  key: string,
  where: string,
  otherwise?: number,
): number {
  const value = metadata.get(key) ?? otherwise;
  return typeof value === "number" && value > 0 && Number.isFinite(value)
    ? value
    : failKey(key, "a number greater than 0", value, where);
}

/** A list of values of one type. */
export function listAt<T extends "string" | "number">(
  metadata: GgufMetadata,
  key: string,
  type: T,
  where: string,
): readonly (T extends "string" ? string : number)[] {
  const value = metadata.get(key);
  if (!Array.isArray(value) || !value.every((item) => typeof item === type)) {
    return failKey(key, `a list of ${type}s`, value, where);
  }
  return value;
}

/** Keys of a model that are read, behind its architecture's name. */
const readKeys = [
  "vocab_size",
  "context_length",
  "embedding_length",
  "block_count",
  "feed_forward_length",
  "attention.head_count",
  "attention.head_count_kv",
  "attention.key_length",
  "attention.value_length",
  "attention.layer_norm_rms_epsilon",
  "rope.dimension_count",
  "rope.freq_base",
  "rope.scale_linear",
  "rope.scaling.type",
  "rope.scaling.factor",
  "rope.scaling.original_context_length",
  "rope.scaling.attn_factor",
  "rope.scaling.yarn_attn_factor",
  "rope.scaling.yarn_beta_fast",
  "rope.scaling.yarn_beta_slow",
];

/** Keys that llama.cpp does not compute with in a language model of the supported architectures. */
const harmlessKeys = [
  "attention.layer_norm_epsilon",
  "pooling_type",
  "rope.scaling.finetuned",
  "tensor_data_layout",
];

/** Keys that may be there with the value with which they change nothing. */
const neutralKeys: Readonly<Record<string, GgufValue>> = {
  "attention.causal": true,
  "attention.clamp_kqv": 0,
  "attention.max_alibi_bias": 0,
  "expert_count": 0,
  "expert_used_count": 0,
  "rope.scaling.yarn_ext_factor": 1,
  "rope.scaling.yarn_log_multiplier": 0,
  "use_parallel_residual": false,
};

/** The same for keys of other parts of a file. */
const neutralOthers: Readonly<Record<string, GgufValue>> = {
  "general.type": "model",
  "tokenizer.ggml.add_sep_token": false,
  "tokenizer.ggml.normalizer.lowercase": false,
  "tokenizer.ggml.normalizer.strip_accents": false,
  "tokenizer.ggml.suppress_tokens": [],
};

/**
 * Checks that a model's metadata have no key that changes what is computed and is not read here.
 *
 * @param metadata keys and values
 * @param architecture name that stands before the model's own keys
 * @param where the file's path, for messages
 * @throws WorkbenchError that names the first such key
 */
export function checkGgufKeys(metadata: GgufMetadata, architecture: string, where: string): void {
  const prefix = `${architecture}.`;
  for (const [key, value] of metadata) {
    const own = key.startsWith(prefix);
    const name = own ? key.slice(prefix.length) : key;
    const neutral = own ? neutralKeys : neutralOthers;
    if (Object.hasOwn(neutral, name)) {
      const expected = JSON.stringify(neutral[name]);
      if (JSON.stringify(value) === expected) continue;
      failKey(key, `${expected}, since nothing else is supported,`, value, where);
    }
    if (own && !readKeys.includes(name) && !harmlessKeys.includes(name)) {
      failKey(key, "absent, since it is not known what it changes,", value, where);
    }
  }
}
