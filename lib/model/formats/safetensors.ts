/**
 * Reads and writes safetensors: a JSON header of names, types, shapes and offsets, then the data.
 *
 * The header's length is a little-endian 64-bit integer, its data may begin at any byte, and the tensors cover the data
 * from end to end, once each.
 *
 * Files that are written here bear a checksum under the key `crc32` of their metadata: the CRC-32 of the header's JSON
 * without that key and of the data. It is verified whenever a header is read that has one.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import * as z from "zod";
import { parseConfig, WorkbenchError, writeFileAtomic } from "../../runtime/mod.ts";
import { bytesOf, type ByteSource, openBytes } from "./byte_source.ts";
import { encodeFloats, type FloatFormat, numberFormats } from "./quantization.ts";
import type { FloatTensor, StoredTensor } from "./stored_tensor.ts";
import { inMessage, parseJson, textByKey } from "./text.ts";

/** Where a tensor of a safetensors file lies. */
export interface SafetensorsEntry {
  /** Type in the file. */
  readonly dtype: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  /** First byte of the data in the file. */
  readonly start: number;
  /** Bytes of data. */
  readonly bytes: number;
}

/** What a safetensors file says before its data. */
export interface SafetensorsHeader {
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
}

/** Key of the checksum in the metadata. */
const CHECKSUM = "crc32";

/** Longest header that is read, as in the library of the format. */
const MOST_HEADER_BYTES = 100_000_000;

/** Bytes of a value and how to read it. */
const types: Readonly<
  Record<
    string,
    {
      size: number;
      decode: (bytes: Uint8Array<ArrayBuffer>) => StoredTensor["data"];
    }
  >
> = {
  F32: { size: 4, decode: (bytes) => new Float32Array(bytes.buffer) },
  F64: { size: 8, decode: (bytes) => new Float64Array(bytes.buffer) },
  F16: { size: 2, decode: (bytes) => decodeHalf(bytes, "F16") },
  BF16: { size: 2, decode: (bytes) => decodeHalf(bytes, "BF16") },
  I64: {
    size: 8,
    decode: (bytes) => Int32Array.from(new BigInt64Array(bytes.buffer), smallInteger),
  },
  I32: { size: 4, decode: (bytes) => new Int32Array(bytes.buffer) },
  I16: {
    size: 2,
    decode: (bytes) => Int32Array.from(new Int16Array(bytes.buffer)),
  },
  I8: {
    size: 1,
    decode: (bytes) => Int32Array.from(new Int8Array(bytes.buffer)),
  },
  U8: { size: 1, decode: (bytes) => Int32Array.from(bytes) },
  BOOL: { size: 1, decode: (bytes) => Int32Array.from(bytes) },
};

function decodeHalf(bytes: Uint8Array, format: "F16" | "BF16"): Float32Array {
  const values = new Float32Array(bytes.length / 2);
  numberFormats[format].decode(bytes, values);
  return values;
}

function smallInteger(value: bigint): number {
  if (value !== BigInt.asIntN(32, value)) {
    throw new WorkbenchError(
      `Expected 64-bit integers that fit in 32 bits but found ${value}`,
    );
  }
  return Number(value);
}

const entrySchema = z.object({
  dtype: z.enum(Object.keys(types) as [string, ...string[]]),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([
    z.number().int().nonnegative(),
    z.number().int().nonnegative(),
  ]),
});

/**
 * Reads what a safetensors file says before its data.
 *
 * @param source the file
 * @throws WorkbenchError when lengths, offsets or shapes do not fit, a tensor occurs twice, data is left over, or the
 *   checksum, where the file bears one, is not that of its contents
 */
export function readSafetensorsHeader(source: ByteSource): SafetensorsHeader {
  const { where, size } = source;
  const fail = (expected: string, found: unknown): never => {
    throw new WorkbenchError(
      `Expected ${inMessage(expected)} but found ${inMessage(String(found))} in ${where}`,
    );
  };
  if (size < 10) fail("a safetensors file of at least 10 bytes", size);
  const length = Number(
    new DataView(source.read(0, 8).buffer).getBigUint64(0, true),
  );
  const most = Math.min(size - 8, MOST_HEADER_BYTES);
  if (length < 2 || length > most) {
    fail(`a header of 2 to ${most} bytes (the file is cut short or damaged)`, length);
  }
  const raw = parseJson(
    new TextDecoder().decode(source.read(8, length)),
    `the header of ${where}`,
  );
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    fail("a header with tensors by name", typeof raw);
  }
  const { __metadata__: stored, ...entries } = raw as Record<string, unknown>;
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(entries)) {
    const entry = entrySchema.safeParse(value);
    if (!entry.success) {
      return fail(
        `type, shape and offsets of ${name} (types ${Object.keys(types).join(", ")})`,
        JSON.stringify(value),
      );
    }
    const { dtype, shape, data_offsets: [begin, end] } = entry.data;
    const bytes = shape.reduce(
      (product, axis) => product * axis,
      types[dtype]!.size,
    );
    if (end - begin !== bytes) {
      fail(
        `${bytes} bytes for ${name} of type ${dtype} and shape [${shape}]`,
        end - begin,
      );
    }
    tensors.set(name, { dtype, shape, start: 8 + length + begin, bytes });
  }
  let next = 8 + length;
  for (
    const [name, entry] of [...tensors].sort(([, a], [, b]) =>
      a.start - b.start || a.bytes - b.bytes
    )
  ) {
    if (entry.start !== next) {
      fail(
        `${name} at offset ${next} (tensors neither overlap nor leave holes)`,
        entry.start,
      );
    }
    next += entry.bytes;
  }
  if (next !== size) {
    fail(
      `the tensors to end at ${next}, the end of the file (cut short or damaged)`,
      size,
    );
  }
  const { [CHECKSUM]: expected, ...metadata } = parseConfig(textByKey, stored ?? {}, where);
  if (expected !== undefined) {
    const found = checksum({ __metadata__: metadata, ...entries }, source, 8 + length);
    if (found !== expected) {
      fail(`contents with the checksum ${expected} (the file is damaged; make it again)`, found);
    }
  }
  return { metadata, tensors };
}

/** The checksum of a header without one and of the bytes from `start` to the end. */
function checksum(
  header: Readonly<Record<string, unknown>>,
  { size, read }: Pick<ByteSource, "size" | "read">,
  start: number,
): string {
  let sum = crc32(JSON.stringify(header));
  const step = 1 << 22;
  for (let at = start; at < size; at += step) {
    sum = crc32(read(at, Math.min(step, size - at)), sum);
  }
  return sum.toString(16).padStart(8, "0");
}

/**
 * Reads one tensor of a safetensors file.
 *
 * @param source the file
 * @param entry where the tensor lies, from {@link readSafetensorsHeader}
 */
export function readSafetensorsEntry(
  source: ByteSource,
  entry: SafetensorsEntry,
): StoredTensor {
  const { dtype, shape } = entry;
  return {
    dtype,
    shape,
    data: types[dtype]!.decode(source.read(entry.start, entry.bytes)),
  };
}

/**
 * Reads all tensors of a safetensors file.
 *
 * @param from the file's path, or its contents
 * @returns tensors by name, in the header's order
 * @throws WorkbenchError when the file is missing, damaged or of a kind that cannot be read
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSafetensors, readSafetensors } from "./safetensors.ts";
 *
 * const bytes = encodeSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(1, 2) }]]));
 * assertEquals(readSafetensors(bytes).get("w")?.data, Float32Array.of(1, 2));
 * ```
 */
export function readSafetensors(
  from: string | Uint8Array,
): Map<string, StoredTensor> {
  using source = typeof from === "string" ? openBytes(from) : bytesOf(from, "the safetensors data");
  const { tensors } = readSafetensorsHeader(source);
  return new Map(
    [...tensors].map((
      [name, entry],
    ) => [name, readSafetensorsEntry(source, entry)]),
  );
}

/**
 * A stored tensor as one of float32.
 *
 * @param tensor the tensor
 * @param name its name, for messages
 * @param where the file's path, for messages
 * @throws WorkbenchError when the tensor does not hold float32 or half-precision numbers, or one is not finite
 */
export function asFloatTensor(
  tensor: StoredTensor,
  name: string,
  where: string,
): FloatTensor {
  if (!(tensor.data instanceof Float32Array)) {
    throw new WorkbenchError(
      `Expected ${
        inMessage(name)
      } to be of type F32, F16 or BF16 but found ${tensor.dtype} in ${where}`,
    );
  }
  return finiteTensor({ shape: tensor.shape, data: tensor.data }, name, where);
}

/**
 * A tensor of weights as it is.
 *
 * @param tensor the tensor
 * @param name its name, for messages
 * @param where the file's path, for messages
 * @throws WorkbenchError when one of its numbers is NaN or infinite
 */
export function finiteTensor(tensor: FloatTensor, name: string, where: string): FloatTensor {
  const { data } = tensor;
  // Zero times a number is 0 unless the number is not finite.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += 0 * data[i]!;
  if (sum === 0) return tensor;
  const index = data.findIndex((value) => !Number.isFinite(value));
  throw new WorkbenchError(
    `Expected finite weights but found ${data[index]} at index ${index} of ${
      inMessage(name)
    } in ${where}: the file is damaged, or the training that wrote it diverged`,
  );
}

/**
 * The contents of a safetensors file with float tensors.
 *
 * @param tensors weights by name
 * @param metadata free text by key
 * @param format number format of all tensors
 * @throws WorkbenchError when a shape does not fit its data
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>> = { format: "pt" },
  format: FloatFormat = "F32",
): Uint8Array<ArrayBuffer> {
  const entries: Record<string, unknown> = {};
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const values = shape.reduce((product, size) => product * size, 1);
    if (values !== data.length) {
      throw new WorkbenchError(
        `Expected ${values} values for ${
          inMessage(name)
        } of shape [${shape}] but found ${data.length}`,
      );
    }
    entries[name] = {
      dtype: format,
      shape,
      data_offsets: [end, end += numberFormats[format].blockBytes * values],
    };
  }
  const headerWith = (sum: string): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify({ __metadata__: { ...metadata, [CHECKSUM]: sum }, ...entries }),
    );
  const length = Math.ceil(headerWith("00000000").length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 0, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  let at = 8 + length;
  for (const { data } of tensors.values()) {
    const stored = encodeFloats(data, format);
    bytes.set(stored, at);
    at += stored.length;
  }
  const read = (from: number, count: number) => bytes.subarray(from, from + count);
  const source = { size: bytes.length, read };
  bytes.set(headerWith(checksum({ __metadata__: metadata, ...entries }, source, 8 + length)), 8);
  return bytes;
}

/**
 * Writes weights to a safetensors file.
 *
 * @param path where to write; the file appears whole or not at all
 * @param tensors weights by name
 * @param metadata free text by key
 * @param format number format of all tensors, F32 unless given
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata?: Readonly<Record<string, string>>,
  format?: FloatFormat,
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata, format));
}
