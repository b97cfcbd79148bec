/**
 * What happens to each key of a `config.json` and a `generation_config.json`: it is used ({@linkcode configFromHuggingFace}),
 * known to change nothing in the supported architectures, refused by name, or told as unknown.
 *
 * @module
 */

import { type KeyRule, refuseKeys } from "../formats/key_rules.ts";
import { inMessage } from "../formats/text.ts";

const other = "the model computes something that is not supported here";
const languagePart = "read the language model alone, saved as a model of its own";
const experts = "mixtures of experts are not supported";

const rule = (advice: string, ...neutral: unknown[]): KeyRule => ({ neutral, advice });

/** Keys that are refused unless they change nothing. */
const refused: Readonly<Record<string, KeyRule>> = {
  quantization_config: rule(
    "save the model without quantisation (model.dequantize() in transformers), or read it as a GGUF file",
  ),
  compression_config: rule("save the model without compression"),
  mlp_bias: rule("biases of the feed-forward block are not supported", false),
  use_sliding_window: rule("attention within a window is not supported", false),
  use_mrope: rule("rotary positions of images are not supported", false),
  partial_rotary_factor: rule("rotary positions on a part of a head are not supported", 1),
  vision_config: rule(languagePart),
  audio_config: rule(languagePart),
  text_config: rule(languagePart),
  num_experts: rule(experts, 0, 1),
  num_local_experts: rule(experts, 0, 1),
  n_routed_experts: rule(experts, 0),
  is_encoder_decoder: rule(other, false),
  add_cross_attention: rule(other, false),
  pruned_heads: rule(other, {}, []),
  attn_logit_softcapping: rule(other, 0),
  final_logit_softcapping: rule(other, 0),
  logit_scale: rule(other, 1),
  logits_scaling: rule(other, 1),
  embedding_multiplier: rule(other, 1),
  residual_multiplier: rule(other, 1),
  attention_multiplier: rule(other),
  query_pre_attn_scalar: rule(other),
  clip_qkv: rule(other),
  use_qk_norm: rule(other, false),
  no_rope_layers: rule(other, []),
  alibi: rule(other, false),
  layer_norm_eps: rule("norms of the supported models have rms_norm_eps"),
};

/** Keys that are used. */
const used = [
  "architectures",
  "model_type",
  "vocab_size",
  "hidden_size",
  "intermediate_size",
  "num_hidden_layers",
  "num_attention_heads",
  "num_key_value_heads",
  "head_dim",
  "hidden_act",
  "rms_norm_eps",
  "tie_word_embeddings",
  "max_position_embeddings",
  "original_max_position_embeddings",
  "attention_bias",
  "layer_types",
  "rope_theta",
  "rope_scaling",
  "rope_parameters",
  "bos_token_id",
  "eos_token_id",
  "pad_token_id",
];

/** Keys that change nothing that is computed here: names, precision, training, caches, output. */
const harmless = [
  "_attn_implementation",
  "_attn_implementation_autoset",
  "_commit_hash",
  "_name_or_path",
  "attention_dropout",
  "attn_implementation",
  "auto_map",
  "bad_words_ids",
  "begin_suppress_tokens",
  "chunk_size_feed_forward",
  "cross_attention_hidden_size",
  "decoder_start_token_id",
  "diversity_penalty",
  "do_sample",
  "dtype",
  "early_stopping",
  "embd_pdrop",
  "encoder_no_repeat_ngram_size",
  "exponential_decay_length_penalty",
  "finetuning_task",
  "forced_bos_token_id",
  "forced_eos_token_id",
  "id2label",
  "initializer_range",
  "is_decoder",
  "is_llama_config",
  "label2id",
  "length_penalty",
  "max_length",
  "max_sequence_length",
  "max_window_layers",
  "min_length",
  "no_repeat_ngram_size",
  "num_beam_groups",
  "num_beams",
  "num_return_sequences",
  "output_attentions",
  "output_hidden_states",
  "output_scores",
  "prefix",
  "pretraining_tp",
  "problem_type",
  "remove_invalid_values",
  "repetition_penalty",
  "resid_pdrop",
  "return_dict",
  "return_dict_in_generate",
  "rope_interleaved",
  "sep_token_id",
  "sliding_window",
  "suppress_tokens",
  "task_specific_params",
  "temperature",
  "tf_legacy_loss",
  "tie_encoder_decoder",
  "tokenizer_class",
  "top_k",
  "top_p",
  "torch_dtype",
  "torchscript",
  "transformers.js_config",
  "transformers_version",
  "typical_p",
  "unsloth_fixed",
  "unsloth_version",
  "use_bfloat16",
  "use_cache",
];

const known = new Set([...used, ...harmless, ...Object.keys(refused)]);

/**
 * Refuses a `config.json` that asks for something that is not supported.
 *
 * @param config parsed `config.json`
 * @param where the file's path, for messages
 * @throws UsageError that names the first such key and what to do
 */
export function checkConfigKeys(config: Readonly<Record<string, unknown>>, where: string): void {
  const { layer_types: types } = config;
  const window = rule("attention within a window is not supported", "full_attention");
  for (const layer_types of Array.isArray(types) ? new Set(types) : []) {
    refuseKeys({ layer_types }, { layer_types: window }, where);
  }
  refuseKeys(config, refused, where);
}

/** Keys of `rope_scaling` and `rope_parameters` that are used, refused with another value, or change nothing. */
const ropeKeys = new Set([
  "type",
  "rope_type",
  "rope_theta",
  "factor",
  "low_freq_factor",
  "high_freq_factor",
  "original_max_position_embeddings",
  "beta_fast",
  "beta_slow",
  "attention_factor",
  "mscale",
  "mscale_all_dim",
  "truncate",
  "partial_rotary_factor",
  "finetuned",
]);

/** What `generation_config.json` may ask of transformers' `generate` without changing what a model computes. */
const neutralGeneration: Readonly<Record<string, readonly unknown[]>> = {
  repetition_penalty: [1],
  encoder_repetition_penalty: [1],
  no_repeat_ngram_size: [0],
  min_length: [0],
  min_new_tokens: [0],
  num_beams: [1],
  guidance_scale: [1],
  suppress_tokens: [[]],
  begin_suppress_tokens: [[]],
  bad_words_ids: [[]],
  sequence_bias: [{}],
  forced_bos_token_id: [],
  forced_eos_token_id: [],
  do_sample: [false],
};

/**
 * What a user should know about the configuration of a model.
 *
 * @param config parsed `config.json`
 * @param generation parsed `generation_config.json`, where there is one
 * @param where path of `config.json`
 * @returns sentences, none where there is nothing to tell
 */
export function configNotes(
  config: Readonly<Record<string, unknown>>,
  generation: Readonly<Record<string, unknown>> | undefined,
  where: string,
): string[] {
  const notes: string[] = [];
  const unknown = Object.keys(config).filter((key) => !known.has(key));
  if (unknown.length > 0) {
    notes.push(
      `keys that nothing here reads, nor transformers for such a model: ${
        inMessage(unknown.join(", "))
      } in ${where}`,
    );
  }
  const { rope_scaling: scaling, rope_parameters: parameters } = config;
  const counting = hasKeys(scaling) ? scaling : hasKeys(parameters) ? parameters : {};
  const ignored = Object.keys(counting).filter((key) => !ropeKeys.has(key));
  if (ignored.length > 0) {
    notes.push(
      `keys of the rotary positions that nothing here reads, nor transformers: ${
        inMessage(ignored.join(", "))
      } in ${where}`,
    );
  }
  if (hasKeys(scaling) && hasKeys(parameters)) {
    const theta = scaling["rope_theta"] ?? config["rope_theta"];
    const lost = theta === undefined && (parameters["rope_theta"] ?? 10000) !== 10000;
    notes.push(
      `rope_scaling counts and rope_parameters does not, as in transformers${
        lost
          ? `, so the base ${
            parameters["rope_theta"]
          } of rope_parameters does not either and is 10000`
          : ""
      }, in ${where}: have one of them only`,
    );
  }
  const asked = Object.entries(generation ?? {}).filter(([key, value]) =>
    Object.hasOwn(neutralGeneration, key) && value !== null &&
    !neutralGeneration[key]!.some((neutral) => JSON.stringify(neutral) === JSON.stringify(value))
  );
  if (asked.length > 0) {
    const list = asked.map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(", ");
    notes.push(
      `generation_config.json asks for ${
        inMessage(list)
      }, which is only done where an option here says it`,
    );
  }
  return notes;
}

function hasKeys(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
