/**
 * Reads a whole model from a GGUF file, or from the files of a split one.
 *
 * @module
 */

import { isFile, type OnProgress, UsageError, WorkbenchError } from "../../runtime/mod.ts";
import { checkedConfig, type ModelConfig } from "../core/config.ts";
import { checkWeightShapes, type OpenWeights, openWeights } from "../core/weights.ts";
import { type ByteSource, openBytes } from "../formats/byte_source.ts";
import {
  type GgufHeader,
  type GgufTensor,
  readGgufHeader,
  readGgufTensor,
} from "../formats/gguf.ts";
import { finiteTensor } from "../formats/safetensors.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { inMessage } from "../formats/text.ts";
import { endNotes } from "../tokenizer/chat.ts";
import { rolesOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { configFromGguf, huggingFaceName, ropeDivisorsName, unpermuteRows } from "./gguf_model.ts";
import { ggufTokenizerNotes, tokenizerFromGguf } from "./gguf_tokenizer.ts";

/** What a GGUF file holds. */
export interface GgufModel extends OpenWeights {
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** What its metadata say besides. */
  readonly metadata: GgufHeader["metadata"];
  /** What was taken for granted, as sentences. */
  readonly notes: readonly string[];
}

/** An open file with its header. */
interface Part {
  readonly source: ByteSource;
  readonly header: GgufHeader;
}

/**
 * Opens a model in a GGUF file. The first file of a split model (`NAME-00001-of-00003.gguf`) brings the others with it.
 *
 * @param path the file
 * @param onProgress told the number of weights read and to read
 * @throws UsageError when the file is another part of a split model than the first
 * @throws WorkbenchError when a file is damaged, cut short, missing, or of a kind that is not supported
 */
export function openGgufModel(path: string, onProgress?: OnProgress): GgufModel {
  using stack = new DisposableStack();
  const parts = openParts(path, stack);
  const placed = new Map<string, { tensor: GgufTensor; source: ByteSource }>();
  for (const { source, header } of parts) {
    for (const [name, tensor] of header.tensors) {
      if (placed.has(name)) {
        throw new WorkbenchError(
          `Expected every tensor once but found ${inMessage(name)} again in ${source.where}`,
        );
      }
      placed.set(name, { tensor, source });
    }
  }
  const read = (name: string): FloatTensor => {
    const { tensor, source } = placed.get(name)!;
    return finiteTensor(readGgufTensor(source, tensor), name, source.where);
  };
  const { metadata, version } = parts[0]!.header;
  const header: GgufHeader = {
    version,
    metadata,
    tensors: new Map([...placed].map(([name, { tensor }]) => [name, tensor])),
  };
  const divisors = placed.has(ropeDivisorsName) ? read(ropeDivisorsName).data : undefined;
  const shape = configFromGguf(header, path, divisors);
  const names = weightNames(header, shape, path);
  const tokenizer = tokenizerFromGguf(header, path);
  const config = checkedConfig({ ...shape, ...rolesOf(tokenizer) }, path);
  const readers = new Map([...names].map(([name, stored]) => {
    const permuted = config.architecture === "llama" && /\.[qk]_proj\./.test(name);
    return [name, () => permuted ? unpermuteRows(read(stored), config.headDim) : read(stored)];
  }));
  return {
    ...openWeights(config, readers, stack.move(), onProgress),
    tokenizer,
    metadata,
    notes: [...ggufTokenizerNotes(metadata), ...endNotes(tokenizer)],
  };
}

/** llama.cpp's names by Hugging Face's, after a check that all weights are there. */
function weightNames(header: GgufHeader, config: ModelConfig, path: string): Map<string, string> {
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
  return names;
}

/**
 * The files that a model is read from, in order: the one that is named and, where its name is that of the first of
 * several, the others that are there.
 *
 * @param path the file
 */
export async function ggufParts(path: string): Promise<string[]> {
  const name = /^(.*)-00001-of-(\d{5})\.gguf$/.exec(path);
  if (name === null) return [path];
  const [, start, count] = name;
  const parts = [path];
  for (let no = 2; no <= Number(count); no++) {
    const part = `${start}-${String(no).padStart(5, "0")}-of-${count}.gguf`;
    if (await isFile(part)) parts.push(part);
  }
  return parts;
}

/** The file, and the others of a split model, in order. */
function openParts(path: string, stack: DisposableStack): Part[] {
  const open = (path: string): Part => {
    const source = stack.use(openBytes(path));
    return { source, header: readGgufHeader(source) };
  };
  const first = open(path);
  const count = Number(first.header.metadata.get("split.count") ?? 1);
  if (count <= 1) return [first];
  const name = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/.exec(path);
  const other = (no: number): string =>
    `${name?.[1]}-${String(no).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;
  if (name === null || Number(name[3]) !== count) {
    throw new UsageError(
      `Expected a part of a model split into ${count} files to be named NAME-00001-of-${
        String(count).padStart(5, "0")
      }.gguf but found ${path}: give the parts the names that they had, or merge them with llama-gguf-split --merge`,
    );
  }
  if (Number(name[2]) !== 1 || Number(first.header.metadata.get("split.no") ?? 0) !== 0) {
    throw new UsageError(
      `Expected the first of ${count} files of a split model but found part ${
        Number(name[2])
      } at ${path}: give ${other(1)}, which brings the others with it`,
    );
  }
  const rest = Array.from({ length: count - 1 }, (_, i) => {
    const part = open(other(i + 2));
    const no = part.header.metadata.get("split.no");
    if (no !== i + 1) {
      throw new WorkbenchError(
        `Expected split.no to be ${i + 1} but found ${no ?? "nothing"} in ${part.source.where}`,
      );
    }
    return part;
  });
  const parts = [first, ...rest];
  const total = first.header.metadata.get("split.tensors.count");
  const found = parts.reduce((sum, { header }) => sum + header.tensors.size, 0);
  if (total !== undefined && total !== found) {
    throw new WorkbenchError(
      `Expected ${total} tensors in ${count} files but found ${found} from ${path} on`,
    );
  }
  return parts;
}
