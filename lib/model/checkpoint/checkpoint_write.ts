/**
 * Writes a model as a folder in Hugging Face's layout.
 *
 * @module
 */

import { join } from "@std/path";
import { removeQuietly, writeFileAtomic } from "../../runtime/mod.ts";
import { type Checkpoint, mergedKey } from "./checkpoint.ts";
import { configToHuggingFace } from "../core/config.ts";
import { type FloatFormat, numberFormats } from "../formats/quantization.ts";
import { writeSafetensors } from "../formats/safetensors.ts";
import type { FloatTensor } from "../formats/stored_tensor.ts";
import { writeTokenizerFolder } from "../tokenizer/tokenizer_files.ts";
import { checkWeightShapes } from "../core/weights.ts";

/** How {@link writeCheckpoint} stores weights. */
export interface WriteOptions {
  /** Number format of the weights, F32 unless given. */
  readonly format?: FloatFormat;
  /** Most bytes of weights in one file, 5e9 unless given; a single larger weight gets a file of its own. */
  readonly maxShardBytes?: number;
}

const dtypes = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/**
 * Writes a model to a folder in Hugging Face's layout. Weights of an earlier model there are replaced.
 *
 * @param folder where to write; made when it is not there
 * @param checkpoint the model
 * @param options number format and size of files
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  options: WriteOptions = {},
): Promise<void> {
  const { format = "F32", maxShardBytes = 5e9 } = options;
  const { config, weights, tokenizer, source } = checkpoint;
  checkWeightShapes(
    config,
    new Map([...weights].map(([name, { shape }]) => [name, shape])),
    "the model to write",
  );
  await Deno.mkdir(folder, { recursive: true });
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const huggingFace = configToHuggingFace(config, dtypes[format]);
  const { bos_token_id, eos_token_id, pad_token_id } = huggingFace;
  await writeFileAtomic(join(folder, "config.json"), json(huggingFace));
  await writeFileAtomic(
    join(folder, "generation_config.json"),
    json({ bos_token_id, eos_token_id, pad_token_id }),
  );
  await writeTokenizerFolder(folder, tokenizer);

  const size = numberFormats[format].blockBytes;
  const shards = cutIntoShards(weights, size, maxShardBytes);
  const metadata = {
    format: "pt",
    ...(source.merged === undefined ? {} : { [mergedKey]: source.merged }),
  };
  const number = (n: number): string => String(n).padStart(5, "0");
  const names = shards.map((_, i) =>
    shards.length === 1
      ? "model.safetensors"
      : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`
  );
  for (const [i, shard] of shards.entries()) {
    await writeSafetensors(join(folder, names[i]!), shard, metadata, format);
  }
  const index = "model.safetensors.index.json";
  if (shards.length > 1) {
    const weight_map = Object.fromEntries(
      shards.flatMap((shard, i) => [...shard.keys()].map((name) => [name, names[i]])),
    );
    const total_size = size * [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    await writeFileAtomic(join(folder, index), json({ metadata: { total_size }, weight_map }));
    names.push(index);
  }
  for await (const { name } of Deno.readDir(folder)) {
    const written = /^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name);
    if (written && !names.includes(name)) await removeQuietly(join(folder, name));
  }
}

/** Weights in their order, as many together as fit. */
function cutIntoShards(
  weights: ReadonlyMap<string, FloatTensor>,
  valueBytes: number,
  maxBytes: number,
): Map<string, FloatTensor>[] {
  let shard = new Map<string, FloatTensor>();
  const shards = [shard];
  let used = 0;
  for (const [name, stored] of weights) {
    const bytes = valueBytes * stored.data.length;
    if (shard.size > 0 && used + bytes > maxBytes) {
      shards.push(shard = new Map());
      used = 0;
    }
    shard.set(name, stored);
    used += bytes;
  }
  return shards;
}
