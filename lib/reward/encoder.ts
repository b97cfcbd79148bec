/**
 * Sentence encoder: a BERT that turns a text into one vector of length 1, so that the dot product of two
 * vectors is the cosine similarity of the texts. The default model is all-MiniLM-L6-v2 (Reimers and
 * Gurevych, Sentence-BERT, arXiv 1908.10084): 6 layers, mean over the tokens, L2 normalisation.
 *
 * @module
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { join } from "@std/path";
import { z } from "zod";
import { asFloatTensor, type FloatTensor, readSafetensors, resolveEncoder } from "../model/mod.ts";
import {
  parseConfig,
  parseJson,
  readText,
  startBackend,
  tf,
  WorkbenchError,
} from "../runtime/mod.ts";
import { type BertConfig, bertConfigSchema, unitVectors } from "./bert.ts";

/** An encoder whose weights are on the backend. Free them with {@linkcode disposeEncoder}. */
export interface Encoder {
  /** Shape of the network. */
  readonly config: BertConfig;
  /** Longest input in tokens, special tokens included; what goes beyond is cut off. */
  readonly maxTokens: number;
  /** Token ids of a text, `[CLS]` and `[SEP]` included, at most `maxTokens` of them. */
  readonly tokenize: (text: string) => number[];
  /** Tensors by their Hugging Face name; projections are [in, out], a layer's query, key and value joined as `self.qkv`. */
  readonly tensors: ReadonlyMap<string, tf.Tensor>;
}

/** What {@linkcode createEncoder} builds an encoder from. */
export interface EncoderParts {
  /** Shape of the network. */
  readonly config: BertConfig;
  /** Weights by their Hugging Face name, rows of a projection being its outputs. */
  readonly weights: ReadonlyMap<string, FloatTensor>;
  /** Contents of `tokenizer.json`. */
  readonly tokenizer: object;
  /** Contents of `tokenizer_config.json`. */
  readonly tokenizerConfig?: object;
  /** Longest input in tokens, if shorter than the position table. */
  readonly maxTokens?: number;
}

/**
 * Builds an encoder from its parts and puts the weights on the backend.
 *
 * @param parts Config, weights and tokenizer.
 * @returns The encoder.
 * @throws {WorkbenchError} If a weight is missing or has another shape than the config says.
 */
export async function createEncoder(parts: EncoderParts): Promise<Encoder> {
  await startBackend();
  const { config, weights } = parts;
  const tensors = new Map<string, tf.Tensor>();
  const put = (
    name: string,
    sources: readonly string[],
    shape: readonly number[],
  ) => {
    const rows = sources.map((source) => take(weights, source, shape));
    const first = shape[0] ?? 0;
    const joined = new Float32Array(
      rows.reduce((total, row) => total + row.length, 0),
    );
    rows.forEach((row, i) => joined.set(row, i * row.length));
    const size = [first * rows.length, ...shape.slice(1)];
    const projection = name.startsWith("encoder.") && shape.length === 2;
    tensors.set(
      name,
      tf.tidy(() => {
        const tensor = tf.tensor(joined, size, "float32");
        return projection ? tf.transpose(tensor) : tensor; // some backends multiply slowly by a transposed matrix
      }),
    );
  };
  const width = config.hidden_size;
  const words = weights.get("embeddings.word_embeddings.weight")?.shape[0] ?? 0;
  const kinds = weights.get("embeddings.token_type_embeddings.weight")?.shape[0] ?? 0;
  const inner = weights.get("encoder.layer.0.intermediate.dense.bias")?.shape[0] ?? 0;
  try {
    const single = (name: string, shape: readonly number[]) => put(name, [name], shape);
    single("embeddings.word_embeddings.weight", [words, width]);
    single("embeddings.position_embeddings.weight", [
      config.max_position_embeddings,
      width,
    ]);
    single("embeddings.token_type_embeddings.weight", [kinds, width]);
    const norm = (name: string) => {
      single(`${name}.weight`, [width]);
      single(`${name}.bias`, [width]);
    };
    norm("embeddings.LayerNorm");
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      const at = `encoder.layer.${layer}`;
      const three = (end: string) =>
        ["query", "key", "value"].map((part) => `${at}.attention.self.${part}.${end}`);
      put(`${at}.self.qkv.weight`, three("weight"), [width, width]);
      put(`${at}.self.qkv.bias`, three("bias"), [width]);
      single(`${at}.attention.output.dense.weight`, [width, width]);
      single(`${at}.attention.output.dense.bias`, [width]);
      norm(`${at}.attention.output.LayerNorm`);
      single(`${at}.intermediate.dense.weight`, [inner, width]);
      single(`${at}.intermediate.dense.bias`, [inner]);
      single(`${at}.output.dense.weight`, [width, inner]);
      single(`${at}.output.dense.bias`, [width]);
      norm(`${at}.output.LayerNorm`);
    }
  } catch (error) {
    tensors.forEach((tensor) => tensor.dispose());
    throw error;
  }
  const maxTokens = Math.min(
    parts.maxTokens ?? config.max_position_embeddings,
    config.max_position_embeddings,
  );
  const tokenizer = new Tokenizer(parts.tokenizer, parts.tokenizerConfig ?? {});
  const tokenize = (text: string): number[] => {
    const { ids } = tokenizer.encode(text);
    if (ids.length <= maxTokens) return ids;
    return [...ids.slice(0, maxTokens - 1), ids[ids.length - 1]!];
  };
  return { config, maxTokens, tokenize, tensors };
}

function take(
  weights: ReadonlyMap<string, FloatTensor>,
  name: string,
  shape: readonly number[],
) {
  const found = weights.get(name);
  if (found === undefined) {
    throw new WorkbenchError(
      `Expected the encoder to have the weight ${name} but found none`,
    );
  }
  if (found.shape.join() !== shape.join()) {
    throw new WorkbenchError(
      `Expected the encoder's ${name} to have shape [${shape}] but found [${found.shape}]`,
    );
  }
  return found.data;
}

const lengthSchema = z.object({ max_seq_length: z.int().positive() });

/**
 * Reads an encoder from a folder in sentence-transformers' layout: `config.json`, `model.safetensors`,
 * `tokenizer.json` and, where present, `tokenizer_config.json` and `sentence_bert_config.json` (longest input).
 *
 * @param folder The folder; all-MiniLM-L6-v2, fetched once into the cache, when left out.
 * @returns The encoder, its weights on the backend.
 * @throws {WorkbenchError} If a file or a weight is missing.
 */
export async function loadEncoder(folder?: string): Promise<Encoder> {
  const from = folder ?? await resolveEncoder();
  const config = parseConfig(
    bertConfigSchema,
    await readJson(join(from, "config.json")),
    join(from, "config.json"),
  );
  const lengths = await readJsonIfPresent(
    join(from, "sentence_bert_config.json"),
  );
  const maxTokens = lengths === undefined ? config.max_position_embeddings : parseConfig(
    lengthSchema,
    lengths,
    join(from, "sentence_bert_config.json"),
  ).max_seq_length;
  const file = join(from, "model.safetensors");
  const weights = new Map<string, FloatTensor>();
  for (const [name, tensor] of readSafetensors(file)) {
    // The table of position numbers that older files hold is no weight.
    if (tensor.dtype !== "I64") {
      weights.set(name, asFloatTensor(tensor, name, file));
    }
  }
  return await createEncoder({
    config,
    weights,
    tokenizer: await readJson(join(from, "tokenizer.json")),
    tokenizerConfig: await readJsonIfPresent(join(from, "tokenizer_config.json")) ?? {},
    maxTokens,
  });
}

async function readJsonIfPresent(path: string): Promise<object | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const value = parseJson(text, path, { integers: "round", failure: WorkbenchError });
  if (typeof value === "object" && value !== null) return value;
  throw new WorkbenchError(`Expected an object but found ${typeof value} in ${path}`);
}

async function readJson(path: string): Promise<object> {
  const value = await readJsonIfPresent(path);
  if (value === undefined) {
    throw new WorkbenchError(`Expected the encoder's file ${path} but found none`);
  }
  return value;
}

/**
 * Frees an encoder's weights.
 *
 * @param encoder The encoder, not to be used any more.
 */
export function disposeEncoder(encoder: Encoder): void {
  encoder.tensors.forEach((tensor) => tensor.dispose());
}

/** Padded tokens in one batch: large enough for fast products, small enough for the caches. */
const BATCH_TOKENS = 2048;

/**
 * Embeds texts. They are batched by length; a text's vector does not depend on the others beyond rounding.
 *
 * @param encoder The encoder.
 * @param texts The texts, in any number; a text longer than `encoder.maxTokens` is cut.
 * @returns One vector of length 1 for each text, in the same order.
 */
export async function embed(
  encoder: Encoder,
  texts: readonly string[],
): Promise<Float32Array[]> {
  const rows = texts.map((text, index) => ({
    index,
    ids: encoder.tokenize(text),
  }));
  rows.sort((a, b) => b.ids.length - a.ids.length || a.index - b.index);
  const out: Float32Array[] = new Array(texts.length);
  for (let start = 0; start < rows.length;) {
    const longest = rows[start]!.ids.length;
    const batch = rows.slice(
      start,
      start + Math.max(1, Math.floor(BATCH_TOKENS / longest)),
    );
    const vectors = unitVectors(
      encoder.config,
      encoder.tensors,
      batch.map((row) => row.ids),
    ); // [B, W]
    const values = await vectors.data() as Float32Array;
    vectors.dispose();
    const width = encoder.config.hidden_size;
    batch.forEach((row, i) => out[row.index] = values.slice(i * width, (i + 1) * width));
    start += batch.length;
  }
  return out;
}

/**
 * Cosine similarity of two vectors of length 1.
 *
 * @param a A vector from {@linkcode embed}.
 * @param b Another one of the same width.
 * @returns A number in [-1, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cosine } from "./encoder.ts";
 *
 * assertEquals(cosine(Float32Array.of(1, 0), Float32Array.of(0, 1)), 0);
 * ```
 */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, sum));
}
