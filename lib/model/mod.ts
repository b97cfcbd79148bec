/**
 * Language models: files, tokenizers, the transformer, adapters and generation.
 *
 * @module
 */

export * from "./config.ts";
export * from "./rope_scaling.ts";
export * from "./rotary.ts";
export * from "./stored_tensor.ts";
export * from "./weights.ts";
export * from "./byte_source.ts";
export * from "./quantization.ts";
export * from "./gguf.ts";
export * from "./gguf_model.ts";
export * from "./gguf_encode.ts";
export * from "./gguf_export.ts";
export * from "./safetensors.ts";
export * from "./tokenizer_definition.ts";
export * from "./tokenizer.ts";
export * from "./checkpoint.ts";
export * from "./checkpoint_write.ts";
export * from "./merge.ts";
export * from "./chat.ts";
export * from "./tiny.ts";
export * from "./hub.ts";
export * from "./resolve.ts";
export * from "./activations.ts";
export * from "./adapter_files.ts";
export * from "./batch.ts";
export * from "./layer.ts";
export * from "./lora.ts";
export * from "./trainable.ts";
export * from "./trained_checkpoint.ts";
export * from "./transformer.ts";
export * from "./score.ts";
export type { HeadOutput, HeadTape, ScoreOptions } from "./head.ts";
export * from "./tape.ts";
export * from "./grammar.ts";
export * from "./json_schema.ts";
export * from "./token_mask.ts";
export * from "./sample.ts";
export * from "./generate.ts";
export * from "./language_model.ts";
