/**
 * Reads GGUF, the container of llama.cpp: metadata and (quantised) tensors in one file.
 *
 * Layout (version 2 and 3, little-endian): `GGUF`, version, number of tensors, number of keys; the keys with their
 * values; name, dimensions (innermost first), type and offset of each tensor; then, from the next multiple of the
 * alignment on, the tensors' data. Nothing is allocated that the file's size does not warrant, so a damaged file ends in
 * a message and not in a crash.
 *
 * The header is not read with `@huggingface/gguf` (0.4.6), which takes the bytes that a cut file lacks for zeros: it
 * accepted 196 of 196 files cut inside the header and 270 of the 1000 damaged files of the fuzz tests that are refused
 * here, threw a RangeError at 2, took up to 38 MB for files of a few kilobytes, and 292 ms for the header of
 * SmolLM2-135M where this takes 55.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import type { ByteSource } from "./byte_source.ts";
import { type FormatName, type NumberFormat, numberFormats } from "./quantization.ts";
import type { FloatTensor } from "./stored_tensor.ts";
import { inMessage } from "./text.ts";

/** A value of GGUF metadata. 64-bit integers beyond 2^53 are rounded. */
export type GgufValue = number | string | boolean | readonly GgufValue[];

/** Where a tensor of a GGUF file lies. */
export interface GgufTensor {
  /** Name in llama.cpp's scheme, such as `blk.0.attn_q.weight`. */
  readonly name: string;
  /** Outermost dimension first (the file lists them the other way round). */
  readonly shape: readonly number[];
  /** Number format, such as `Q4_1`. */
  readonly type: FormatName;
  /** First byte of the data in the file. */
  readonly start: number;
  /** Bytes of data. */
  readonly bytes: number;
}

/** What a GGUF file says before its data. */
export interface GgufHeader {
  /** Version of the container. */
  readonly version: number;
  /** Keys and values. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** Tensors by name, in the file's order. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** Numbers of the tensor types that can be read. */
const typeNames: ReadonlyMap<number, FormatName> = new Map([
  [0, "F32"],
  [1, "F16"],
  [2, "Q4_0"],
  [3, "Q4_1"],
  [6, "Q5_0"],
  [7, "Q5_1"],
  [8, "Q8_0"],
  [10, "Q2_K"],
  [11, "Q3_K"],
  [12, "Q4_K"],
  [13, "Q5_K"],
  [14, "Q6_K"],
  [20, "IQ4_NL"],
  [23, "IQ4_XS"],
  [30, "BF16"],
  [39, "MXFP4"],
]);

/** Bytes of each metadata value type; strings and arrays carry at least a length. */
const valueSizes = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8] as const;

/** Signals that the part of the file read so far ends inside the header. */
class NeedMore extends Error {}

/** Reads little-endian values one after another. */
interface Cursor {
  readonly view: DataView;
  readonly where: string;
  /** Bytes of the whole file, of which `view` is the beginning. */
  readonly fileSize: number;
  offset: number;
}

function advance(cursor: Cursor, bytes: number): number {
  const start = cursor.offset;
  if (bytes > cursor.fileSize - start) {
    throw new WorkbenchError(
      `Expected ${bytes} bytes at offset ${start} but found ${
        cursor.fileSize - start
      } before the end of ${cursor.where}`,
    );
  }
  if (start + bytes > cursor.view.byteLength) throw new NeedMore();
  cursor.offset = start + bytes;
  return start;
}

const u32 = (cursor: Cursor): number => cursor.view.getUint32(advance(cursor, 4), true);
const u64 = (cursor: Cursor): number => Number(cursor.view.getBigUint64(advance(cursor, 8), true));

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function readString(cursor: Cursor): string {
  const length = u64(cursor);
  const start = advance(cursor, length);
  return utf8.decode(
    new Uint8Array(cursor.view.buffer, cursor.view.byteOffset + start, length),
  );
}

/** Fails when `count` things of at least `size` bytes cannot be in the rest of the file. */
function checkCount(
  cursor: Cursor,
  what: string,
  count: number,
  size: number,
): void {
  if (count * size > cursor.fileSize - cursor.offset) {
    throw new WorkbenchError(
      `Expected at most ${
        Math.floor((cursor.fileSize - cursor.offset) / size)
      } ${what} but found a count of ${count} at offset ${cursor.offset} of ${cursor.where}`,
    );
  }
}

function readValue(cursor: Cursor, type: number, depth: number): GgufValue {
  const view = cursor.view;
  switch (type) {
    case 0:
      return view.getUint8(advance(cursor, 1));
    case 1:
      return view.getInt8(advance(cursor, 1));
    case 2:
      return view.getUint16(advance(cursor, 2), true);
    case 3:
      return view.getInt16(advance(cursor, 2), true);
    case 4:
      return u32(cursor);
    case 5:
      return view.getInt32(advance(cursor, 4), true);
    case 6:
      return view.getFloat32(advance(cursor, 4), true);
    case 7:
      return view.getUint8(advance(cursor, 1)) !== 0;
    case 8:
      return readString(cursor);
    case 9: {
      const itemType = u32(cursor);
      const count = u64(cursor);
      const size = valueSizes[itemType];
      if (size === undefined || depth >= 4) return failType(cursor, itemType);
      checkCount(cursor, "array items", count, size);
      const items: GgufValue[] = [];
      for (let i = 0; i < count; i++) {
        items.push(readValue(cursor, itemType, depth + 1));
      }
      return items;
    }
    case 10:
      return u64(cursor);
    case 11:
      return Number(view.getBigInt64(advance(cursor, 8), true));
    case 12:
      return view.getFloat64(advance(cursor, 8), true);
    default:
      return failType(cursor, type);
  }
}

function failType(cursor: Cursor, type: number): never {
  throw new WorkbenchError(
    `Expected a metadata value type from 0 to 12 (arrays at most 4 deep) but found ${type} before offset ${cursor.offset} of ${cursor.where}`,
  );
}

/** A tensor as the header lists it: `start` is counted from the data's first byte. */
type ListedTensor = Omit<GgufTensor, "bytes"> & {
  readonly format: NumberFormat;
  readonly values: number;
};

function readTensor(cursor: Cursor): ListedTensor {
  const name = readString(cursor);
  const found = (expected: string, value: unknown): never => {
    throw new WorkbenchError(
      `Expected ${expected} but found ${value} for tensor ${inMessage(name)} in ${cursor.where}`,
    );
  };
  const rank = u32(cursor);
  if (rank < 1 || rank > 4) found("1 to 4 dimensions", rank);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) shape.unshift(u64(cursor));
  const values = shape.reduce((product, size) => product * size, 1);
  if (!(values > 0 && Number.isSafeInteger(values))) {
    found("dimensions greater than 0", `[${shape}]`);
  }
  const typeNumber = u32(cursor);
  const type = typeNames.get(typeNumber);
  const start = u64(cursor);
  if (type === undefined) {
    return found(
      `one of the types ${[...typeNames.values()].join(", ")}`,
      typeNumber,
    );
  }
  const format = numberFormats[type];
  if (shape.at(-1)! % format.blockValues !== 0) {
    found(`rows of whole blocks of ${format.blockValues} values`, shape.at(-1));
  }
  return { name, shape, type, start, format, values };
}

/** Keys with their values, each key once. */
function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = readString(cursor);
    if (metadata.has(key)) {
      throw new WorkbenchError(
        `Expected every key once but found ${inMessage(key)} twice in ${cursor.where}`,
      );
    }
    metadata.set(key, readValue(cursor, u32(cursor), 0));
  }
  return metadata;
}

/** Tensors by name with their places in the file, behind the header that the cursor has read; they may not overlap. */
function placeTensors(
  { offset, fileSize, where }: Cursor,
  alignment: number,
  listed: readonly ListedTensor[],
): Map<string, GgufTensor> {
  const dataStart = Math.ceil(offset / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, type, start, format, values } of listed) {
    if (tensors.has(name)) {
      throw new WorkbenchError(
        `Expected every tensor once but found ${inMessage(name)} twice in ${where}`,
      );
    }
    if (start % alignment !== 0) {
      throw new WorkbenchError(
        `Expected offsets in steps of ${alignment} but found ${start} for ${
          inMessage(name)
        } in ${where}`,
      );
    }
    const bytes = values / format.blockValues * format.blockBytes;
    if (dataStart + start + bytes > fileSize) {
      throw new WorkbenchError(
        `Expected ${bytes} bytes of ${inMessage(name)} at offset ${
          dataStart + start
        } but found the end of the file at ${fileSize} in ${where}: the file is cut short or damaged`,
      );
    }
    tensors.set(name, { name, shape, type, start: dataStart + start, bytes });
  }
  const inOrder = [...tensors.values()].sort((a, b) => a.start - b.start);
  for (const [i, next] of inOrder.slice(1).entries()) {
    const previous = inOrder[i]!;
    if (previous.start + previous.bytes > next.start) {
      throw new WorkbenchError(
        `Expected tensors apart but found ${inMessage(previous.name)} and ${
          inMessage(next.name)
        } overlap in ${where}`,
      );
    }
  }
  return tensors;
}

function parseHeader(
  view: DataView,
  fileSize: number,
  where: string,
): GgufHeader {
  const cursor: Cursor = { view, where, fileSize, offset: 0 };
  const magic = u32(cursor);
  if (magic !== 0x46554747) {
    throw new WorkbenchError(
      `Expected a GGUF file, which begins with "GGUF", but found other bytes in ${where}`,
    );
  }
  const version = u32(cursor);
  if (version !== 2 && version !== 3) {
    throw new WorkbenchError(
      `Expected version 2 or 3 of GGUF, little-endian, but found ${version} in ${where}`,
    );
  }
  const tensorCount = u64(cursor);
  const keyCount = u64(cursor);
  checkCount(cursor, "keys", keyCount, 13);
  checkCount(cursor, "tensors", tensorCount, 32);
  const metadata = readMetadata(cursor, keyCount);
  const alignment = metadata.get("general.alignment") ?? 32;
  if (
    typeof alignment !== "number" || !(alignment > 0) || alignment % 8 !== 0
  ) {
    throw new WorkbenchError(
      `Expected general.alignment to be a multiple of 8 but found ${
        inMessage(String(alignment))
      } in ${where}`,
    );
  }
  const listed = Array.from({ length: tensorCount }, () => readTensor(cursor));
  const tensors = placeTensors(cursor, alignment, listed);
  return { version, metadata, tensors };
}

/**
 * Reads what a GGUF file says before its data.
 *
 * @param source the file
 * @throws WorkbenchError when the file is damaged, cut short, or of a kind that cannot be read
 */
export function readGgufHeader(source: ByteSource): GgufHeader {
  for (let length = 4 << 20;; length *= 2) {
    const bytes = source.read(0, Math.min(length, source.size));
    try {
      return parseHeader(new DataView(bytes.buffer), source.size, source.where);
    } catch (error) {
      if (!(error instanceof NeedMore)) throw error;
    }
  }
}

/**
 * Reads one tensor of a GGUF file as float32.
 *
 * @param source the file
 * @param tensor where the tensor lies, from {@link readGgufHeader}
 * @returns shape and values in row-major order
 */
export function readGgufTensor(
  source: ByteSource,
  tensor: GgufTensor,
): FloatTensor {
  const data = new Float32Array(
    tensor.shape.reduce((product, size) => product * size, 1),
  );
  numberFormats[tensor.type].decode(
    source.read(tensor.start, tensor.bytes),
    data,
  );
  return { shape: tensor.shape, data };
}
