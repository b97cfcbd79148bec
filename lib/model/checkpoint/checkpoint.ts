/**
 * Reads a model, whole: shape, weights and tokenizer, from a Hugging Face folder or a GGUF file.
 *
 * @module
 */

import { basename, join } from "@std/path";
import * as z from "zod";
import { type OnProgress, parseConfig, UsageError, WorkbenchError } from "../../runtime/mod.ts";
import { openBytes } from "../formats/byte_source.ts";
import { configFromHuggingFace, type ModelConfig } from "../core/config.ts";
import { readGgufHeader, readGgufTensor } from "../formats/gguf.ts";
import {
  configFromGguf,
  huggingFaceName,
  ropeDivisorsName,
  tokenizerFromGguf,
  unpermuteRows,
} from "./gguf_model.ts";
import {
  asFloatTensor,
  readSafetensorsEntry,
  readSafetensorsHeader,
} from "../formats/safetensors.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { inMessage, readJson, textByKey } from "../formats/text.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { readTokenizerFolder } from "../tokenizer/tokenizer_files.ts";
import { checkWeightShapes, type ModelWeights } from "../core/weights.ts";

/** A model as it stands in files. */
export interface Checkpoint extends ModelWeights {
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Where it came from. */
  readonly source: {
    /** Path of the file or folder; empty for a model made in memory. */
    readonly path: string;
    /** What it was read from. */
    readonly format: "gguf" | "safetensors" | "random";
    /** Short name for tables. */
    readonly name: string;
    /** Which adapter its weights hold, where one was merged into them. */
    readonly merged?: string;
  };
}

/** Key of a weight file's metadata under which {@link Checkpoint}'s `source.merged` is kept. */
export const mergedKey = "merged_adapter";

/**
 * Reads a model from a `.gguf` file or a folder in Hugging Face's layout.
 *
 * @param path the file or folder
 * @param onProgress told the number of weights read and to read
 * @throws UsageError when there is no model at `path`
 * @throws WorkbenchError when the model is damaged, cut short, or of a kind that is not supported
 */
export function readCheckpoint(
  path: string,
  onProgress?: OnProgress,
): Promise<Checkpoint> {
  return fileKind(path) === "gguf" ? readGguf(path, onProgress) : readFolder(path, onProgress);
}

/**
 * Reads only the tokenizer of a model, without its weights.
 *
 * @param path a `.gguf` file or a folder in Hugging Face's layout
 * @throws UsageError when there is no model at `path`
 * @throws WorkbenchError when its tokenizer is damaged or not supported
 */
export async function readTokenizer(path: string): Promise<Tokenizer> {
  if (fileKind(path) === "gguf") {
    using source = openBytes(path);
    return tokenizerFromGguf(readGgufHeader(source), path);
  }
  return (await readConfigAndTokenizer(path)).tokenizer;
}

function fileKind(path: string): "gguf" | "folder" {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch {
    throw new UsageError(
      `Expected a model folder or .gguf file but found nothing at ${path}`,
    );
  }
  if (info.isDirectory) return "folder";
  if (path.endsWith(".gguf")) return "gguf";
  throw new UsageError(
    `Expected a model folder or .gguf file but found another file at ${path}`,
  );
}

// deno-lint-ignore require-await -- one interface for both kinds of file
async function readGguf(
  path: string,
  onProgress?: OnProgress,
): Promise<Checkpoint> {
  using source = openBytes(path);
  const header = readGgufHeader(source);
  const divisors = header.tensors.get(ropeDivisorsName);
  const config = configFromGguf(
    header,
    path,
    divisors && readGgufTensor(source, divisors).data,
  );
  const names = new Map<string, string>();
  for (const name of header.tensors.keys()) {
    if (name === ropeDivisorsName) continue;
    const known = huggingFaceName(name);
    if (known === undefined) {
      throw new WorkbenchError(
        `Expected only tensors of a ${config.architecture} model but found ${
          inMessage(name)
        } in ${path}`,
      );
    }
    names.set(known, name);
  }
  const shapes = [...names].map(([name, stored]) =>
    [name, header.tensors.get(stored)!.shape] as const
  );
  checkWeightShapes(config, new Map(shapes), path);
  const weights = new Map<string, FloatTensor>();
  for (const [name, stored] of names) {
    const read = readGgufTensor(source, header.tensors.get(stored)!);
    const permuted = config.architecture === "llama" &&
      /\.[qk]_proj\./.test(name);
    weights.set(name, permuted ? unpermuteRows(read, config.headDim) : read);
    onProgress?.(weights.size, names.size, name);
  }
  const tokenizer = tokenizerFromGguf(header, path);
  const merged = header.metadata.get(`general.${mergedKey}`);
  return {
    config,
    weights,
    tokenizer,
    source: {
      path,
      format: "gguf",
      name: basename(path, ".gguf"),
      ...(typeof merged === "string" ? { merged } : {}),
    },
  };
}

async function readFolder(
  path: string,
  onProgress?: OnProgress,
): Promise<Checkpoint> {
  const { config, tokenizer } = await readConfigAndTokenizer(path);
  const { weights, merged } = readWeightFiles(
    path,
    await weightFiles(path),
    config,
    onProgress,
  );
  return {
    config,
    weights,
    tokenizer,
    source: {
      path,
      format: "safetensors",
      name: basename(path),
      ...(merged === undefined ? {} : { merged }),
    },
  };
}

async function readConfigAndTokenizer(
  folder: string,
): Promise<{ config: ModelConfig; tokenizer: Tokenizer }> {
  const where = join(folder, "config.json");
  const json = await readJson(where);
  if (json === undefined) {
    throw new UsageError(
      `Expected a model folder with config.json but found none in ${folder}`,
    );
  }
  const config = configFromHuggingFace(
    json,
    await readJson(join(folder, "generation_config.json")),
    where,
  );
  const tokenizer = await readTokenizerFolder(folder, config);
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new WorkbenchError(
      `Expected at most ${config.vocabSize} tokens (vocab_size) but found ${tokenizer.vocabSize} in ${folder}`,
    );
  }
  const { bosId, eosIds, padId } = tokenizer;
  const roles = {
    eosIds,
    ...(bosId === undefined ? {} : { bosId }),
    ...(padId === undefined ? {} : { padId }),
  };
  return { config: { ...config, ...roles }, tokenizer };
}

const indexSchema = z.object({ weight_map: textByKey });

/** The weight files of a folder, with the names that each must hold where an index says so. */
async function weightFiles(
  folder: string,
): Promise<Map<string, ReadonlySet<string> | undefined>> {
  const index = await readJson(join(folder, "model.safetensors.index.json"));
  if (index === undefined) return new Map([["model.safetensors", undefined]]);
  const { weight_map } = parseConfig(
    indexSchema,
    index,
    join(folder, "model.safetensors.index.json"),
  );
  const files = new Map<string, Set<string>>();
  for (const [name, file] of Object.entries(weight_map)) {
    if (!/^[\w.-]{1,255}$/.test(file)) {
      throw new WorkbenchError(
        `Expected weight_map to name files of the folder but found ${inMessage(file)} in ${folder}`,
      );
    }
    const names = files.get(file) ?? new Set();
    files.set(file, names.add(name));
  }
  return files;
}

function readWeightFiles(
  folder: string,
  files: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  config: ModelConfig,
  onProgress?: OnProgress,
): { weights: Map<string, FloatTensor>; merged: string | undefined } {
  using stack = new DisposableStack();
  const found = new Map<string, readonly number[]>();
  const readers: [string, () => FloatTensor][] = [];
  let merged: string | undefined;
  for (const [file, names] of files) {
    const path = join(folder, file);
    const source = stack.use(openBytes(path));
    const { tensors, metadata } = readSafetensorsHeader(source);
    merged ??= metadata[mergedKey];
    for (const name of names ?? []) {
      if (!tensors.has(name)) {
        throw new WorkbenchError(
          `Expected ${inMessage(name)} (the index says) but found none in ${path}`,
        );
      }
    }
    for (const [name, entry] of tensors) {
      // Buffers that old versions of transformers stored; the forward pass computes them.
      if (
        name.endsWith(".rotary_emb.inv_freq") ||
        (name === "lm_head.weight" && config.tieWordEmbeddings)
      ) continue;
      if (found.has(name)) {
        throw new WorkbenchError(
          `Expected every weight once but found ${inMessage(name)} again in ${path}`,
        );
      }
      found.set(name, entry.shape);
      readers.push([
        name,
        () => asFloatTensor(readSafetensorsEntry(source, entry), name, path),
      ]);
    }
  }
  checkWeightShapes(config, found, folder);
  const weights = new Map<string, FloatTensor>();
  for (const [name, read] of readers) {
    weights.set(name, read());
    onProgress?.(weights.size, readers.length, name);
  }
  return { weights, merged };
}
