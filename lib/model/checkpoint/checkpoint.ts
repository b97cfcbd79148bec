/**
 * Reads a model, whole: shape, weights and tokenizer, from a Hugging Face folder or a GGUF file.
 *
 * @module
 */

import { basename, join } from "@std/path";
import * as z from "zod";
import {
  isFile,
  type OnProgress,
  parseConfig,
  UsageError,
  WorkbenchError,
} from "../../runtime/mod.ts";
import { openBytes } from "../formats/byte_source.ts";
import { configFromHuggingFace, type ModelConfig } from "../core/config.ts";
import { configNotes } from "../core/config_keys.ts";
import { readGgufHeader } from "../formats/gguf.ts";
import { openGgufModel } from "./gguf_files.ts";
import { tokenizerFromGguf } from "./gguf_tokenizer.ts";
import {
  asFloatTensor,
  readSafetensorsEntry,
  readSafetensorsHeader,
} from "../formats/safetensors.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { inMessage, readJson, textByKey } from "../formats/text.ts";
import { endNotes } from "../tokenizer/chat.ts";
import { rolesOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { tokenizerConfigNotes } from "../tokenizer/special_tokens.ts";
import { readTokenizerFolder } from "../tokenizer/tokenizer_files.ts";
import {
  checkWeightShapes,
  type ModelWeights,
  type OpenWeights,
  openWeights,
  readWeights,
} from "../core/weights.ts";

/** A model as it stands in files. */
export interface Checkpoint extends ModelWeights {
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** What its reader took for granted or decided between files that contradict each other, as sentences for the user. */
  readonly notes?: readonly string[];
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

/** A model whose files are open: its weights are read when they are asked for. */
export type OpenCheckpoint = Omit<Checkpoint, "weights"> & OpenWeights;

/** Key of a weight file's metadata under which {@link Checkpoint}'s `source.merged` is kept. */
export const mergedKey = "merged_adapter";

/**
 * Opens a model of a `.gguf` file or a folder in Hugging Face's layout, without reading its weights.
 *
 * @param path the file or folder
 * @param onProgress told the number of weights read and to read
 * @returns the model, which the caller disposes of
 * @throws UsageError when there is no model at `path`
 * @throws WorkbenchError when the model is damaged, cut short, or of a kind that is not supported
 */
export function openCheckpoint(path: string, onProgress?: OnProgress): Promise<OpenCheckpoint> {
  return fileKind(path) === "gguf"
    ? Promise.resolve().then(() => openGguf(path, onProgress))
    : openFolder(path, onProgress);
}

/**
 * Reads a model from a `.gguf` file or a folder in Hugging Face's layout.
 *
 * @param path the file or folder
 * @param onProgress told the number of weights read and to read
 * @throws UsageError when there is no model at `path`
 * @throws WorkbenchError when the model is damaged, cut short, or of a kind that is not supported
 */
export async function readCheckpoint(path: string, onProgress?: OnProgress): Promise<Checkpoint> {
  using open = await openCheckpoint(path, onProgress);
  const { config, tokenizer, notes = [], source } = open;
  return { config, weights: readWeights(open), tokenizer, notes, source };
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

function openGguf(path: string, onProgress?: OnProgress): OpenCheckpoint {
  const { metadata, ...model } = openGgufModel(path, onProgress);
  const merged = metadata.get(`general.${mergedKey}`);
  return {
    ...model,
    source: {
      path,
      format: "gguf",
      name: basename(path, ".gguf"),
      ...(typeof merged === "string" ? { merged } : {}),
    },
  };
}

async function openFolder(path: string, onProgress?: OnProgress): Promise<OpenCheckpoint> {
  const { config, tokenizer, notes } = await readConfigAndTokenizer(path);
  const listed = await weightFiles(path);
  const { merged, notes: headNotes, ...open } = openWeightFiles(
    path,
    listed.files,
    config,
    onProgress,
  );
  return {
    ...open,
    tokenizer,
    notes: [...notes, ...listed.notes, ...headNotes],
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
): Promise<{ config: ModelConfig; tokenizer: Tokenizer; notes: string[] }> {
  const where = join(folder, "config.json");
  const json = await readJson(where);
  if (json === undefined) {
    throw new UsageError(
      `Expected a model folder with config.json but found none in ${folder}`,
    );
  }
  const generation = await readJson(join(folder, "generation_config.json"));
  const config = configFromHuggingFace(json, generation, where);
  const declared = (json as Json)["tokenizer_class"];
  const { tokenizer, notes } = await readTokenizerFolder(folder, {
    ...config,
    ...(typeof declared === "string" ? { tokenizerClass: declared } : {}),
  });
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new WorkbenchError(
      `Expected at most ${config.vocabSize} tokens (vocab_size) but found ${tokenizer.vocabSize} in ${folder}`,
    );
  }
  const { bosId: _, padId: __, ...shape } = config;
  return {
    config: { ...shape, ...rolesOf(tokenizer) },
    tokenizer,
    notes: [
      ...configNotes(json as Json, generation as Json | undefined, where),
      ...await tokenizerNotes(join(folder, "tokenizer_config.json")),
      ...notes,
      ...endNotes(tokenizer),
    ],
  };
}

async function tokenizerNotes(where: string): Promise<string[]> {
  const json = await readJson(where);
  return json === undefined
    ? [`there is no ${where}: special tokens are the ids of config.json`]
    : tokenizerConfigNotes(json as Json, where);
}

/** What {@linkcode configFromHuggingFace} has found to be an object. */
type Json = Readonly<Record<string, unknown>>;

const indexSchema = z.object({ weight_map: textByKey });

/**
 * The weight files of a folder, with the names that each must hold where an index says so. As in transformers a single file
 * comes before an index.
 */
async function weightFiles(folder: string): Promise<{
  files: Map<string, ReadonlySet<string> | undefined>;
  notes: string[];
}> {
  const name = "model.safetensors";
  const where = join(folder, `${name}.index.json`);
  const index = await readJson(where);
  if (index === undefined) return { files: new Map([[name, undefined]]), notes: [] };
  if (await isFile(join(folder, name))) {
    return {
      files: new Map([[name, undefined]]),
      notes: [`${name} is read and not the files of ${where}, as in transformers`],
    };
  }
  const { weight_map } = parseConfig(indexSchema, index, where);
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
  return { files, notes: [] };
}

const headName = "lm_head.weight";
const embeddingName = "model.embed_tokens.weight";

function openWeightFiles(
  folder: string,
  files: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  config: ModelConfig,
  onProgress?: OnProgress,
): OpenWeights & { readonly merged: string | undefined; readonly notes: readonly string[] } {
  using stack = new DisposableStack();
  const found = new Map<string, { shape: readonly number[]; read: () => FloatTensor }>();
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
      if (name.endsWith(".rotary_emb.inv_freq")) continue;
      if (found.has(name)) {
        throw new WorkbenchError(
          `Expected every weight once but found ${inMessage(name)} again in ${path}`,
        );
      }
      const read = () => asFloatTensor(readSafetensorsEntry(source, entry), name, path);
      found.set(name, { shape: entry.shape, read });
    }
  }
  const shapes = new Map([...found].map(([name, { shape }]) => [name, shape]));
  const [head, embedding] = [found.get(headName), found.get(embeddingName)];
  const tied = config.tieWordEmbeddings;
  if (tied && head !== undefined && embedding === undefined) {
    found.set(embeddingName, head);
    shapes.set(embeddingName, head.shape);
    shapes.delete(headName);
    found.delete(headName);
  }
  const both = tied && head !== undefined && embedding !== undefined;
  checkWeightShapes(both ? { ...config, tieWordEmbeddings: false } : config, shapes, folder);
  const own = both && !sameValues(head.read(), embedding.read());
  if (both && !own) found.delete(headName);
  const shape = own ? { ...config, tieWordEmbeddings: false } : config;
  const readers = new Map([...found].map(([name, { read }]) => [name, read]));
  return {
    ...openWeights(shape, readers, stack.move(), onProgress),
    merged,
    notes: own
      ? [
        `${headName} is not the embedding, so it is used although tie_word_embeddings is true in ${folder}, as in transformers`,
      ]
      : [],
  };
}

function sameValues(a: FloatTensor, b: FloatTensor): boolean {
  return a.data.length === b.data.length &&
    a.data.every((value, i) => Object.is(value, b.data[i]) || value === b.data[i]);
}
