/**
 * Language models: files, tokenizers, the transformer, adapters and generation.
 *
 * @module
 */

export * from "./core/config.ts";
export * from "./core/rope_scaling.ts";
export * from "./core/rotary.ts";
export * from "./formats/stored_tensor.ts";
export * from "./core/weights.ts";
export * from "./formats/byte_source.ts";
export * from "./formats/quantization.ts";
export * from "./formats/gguf.ts";
export * from "./checkpoint/gguf_model.ts";
export * from "./checkpoint/gguf_tokenizer.ts";
export * from "./formats/gguf_encode.ts";
export * from "./checkpoint/gguf_export.ts";
export * from "./formats/safetensors.ts";
export * from "./tokenizer/tokenizer_definition.ts";
export * from "./tokenizer/tokenizer.ts";
export * from "./checkpoint/checkpoint.ts";
export * from "./checkpoint/checkpoint_write.ts";
export * from "./checkpoint/merge.ts";
export * from "./tokenizer/chat.ts";
export { renderTemplate, TemplateError } from "./tokenizer/jinja/render.ts";
export * from "./checkpoint/tiny.ts";
export * from "./checkpoint/hub.ts";
export * from "./checkpoint/resolve.ts";
export * from "./core/activations.ts";
export * from "./checkpoint/adapter_files.ts";
export * from "./core/batch.ts";
export { memoryNote } from "./core/kept_memory.ts";
export * from "./core/layer.ts";
export * from "./core/lora.ts";
export * from "./core/trainable.ts";
export * from "./checkpoint/trained_checkpoint.ts";
export * from "./core/transformer.ts";
export * from "./core/score.ts";
export * from "./core/top_layers.ts";
export type { HeadOutput, HeadTape, ScoreOptions } from "./core/head.ts";
export {
  backwardSequences,
  disposeSequenceTape,
  type RecordedSequences,
  recordSequences,
  type SequenceTape,
} from "./core/sequence_tape.ts";
export type { AdapterTrainable, SequenceLayer, SequencePlan } from "./core/sequence_layer.ts";
export type { Streams } from "./core/sequence_streams.ts";
export {
  backward,
  backwardEach,
  disposeTape,
  type LayerTape,
  recordBatch,
  type RecordedBatch,
  type Tape,
  type TapeOptions,
} from "./core/tape.ts";
export * from "./core/token_trees.ts";
export * from "./constraint/grammar.ts";
export * from "./constraint/json_schema.ts";
export * from "./constraint/token_mask.ts";
export * from "./generation/sample.ts";
export * from "./generation/completion.ts";
export * from "./generation/generate.ts";
export * from "./generation/language_model.ts";
