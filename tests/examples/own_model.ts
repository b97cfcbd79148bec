/**
 * Your own model. Any Llama, Qwen2 or Qwen3 loads from a folder in Hugging Face's layout (config.json, safetensors,
 * tokenizer.json), from a GGUF file, or by its name on the Hub. Every command takes the same: `--model path/to/folder`.
 */
import {
  complete,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  fromPeftTensors,
  type LanguageModel,
  loadCheckpoint,
  logLikelihoods,
  readAdapter,
} from "../../lib/model/mod.ts";
import { startBackend } from "../../lib/runtime/mod.ts";

/** What the model answers, and how likely it finds an answer of yours. */
export interface Asked {
  readonly answer: string;
  /** In nats. */
  readonly logprob: number;
}

/** Asks a model, with a LoRA adapter in PEFT's layout on it. */
export async function askModel(
  folder: string,
  adapterFolder: string,
  question: string,
  expected: string,
): Promise<Asked> {
  // Tensors live on a backend: native TensorFlow where it can be had.
  await startBackend();
  // A checkpoint is what the files say: sizes, weights by name, tokenizer. A transformer is its weights as tensors.
  const checkpoint = await loadCheckpoint(folder);
  const model = createTransformer(checkpoint);
  // A policy is what predicts: the model as it is (basePolicy), or with an adapter in its weights.
  const { config, tensors } = await readAdapter(adapterFolder);
  const adapter = { kind: "lora" as const, ...fromPeftTensors(model.config, config, tensors) };
  const policy = currentPolicy(model, adapter);
  const language: LanguageModel = { tokenizer: checkpoint.tokenizer, policy };
  // Temperature 0 takes the likeliest token; the seed matters only above it.
  const sampling = { maxNewTokens: 16, temperature: 0, seed: 0 };
  const [completions] = await complete(language, [question], sampling);
  const [likelihood] = await logLikelihoods(language, [
    { context: `Question: ${question}\nAnswer:`, continuation: ` ${expected}` },
  ]);
  // TensorFlow's memory is freed by hand.
  disposePolicy(policy, adapter);
  adapter.values.dispose();
  disposeTransformer(model);
  return { answer: completions![0]!.text, logprob: likelihood!.logprob };
}
