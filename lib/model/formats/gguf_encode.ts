/**
 * Lays out a GGUF file: the inverse of reading one, for float tensors.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import { encodeFloats } from "./quantization.ts";
import type { FloatTensor } from "./stored_tensor.ts";
import { inMessage } from "./text.ts";

/** A value of GGUF metadata with the type that it is stored in. */
export type GgufEntry =
  | { readonly type: "u32" | "i32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "i32s" | "f32s"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] };

/** A tensor to store: half-precision or float32. */
export interface GgufFloats extends FloatTensor {
  /** Name in llama.cpp's scheme. */
  readonly name: string;
  /** Number format in the file. */
  readonly type: "F16" | "F32";
}

const numberTypes = { u32: 4, i32: 5, f32: 6 } as const;
const alignment = 32;

const aligned = (n: number): number => Math.ceil(n / alignment) * alignment;

/** Collects little-endian values. */
function byteWriter() {
  let bytes = new Uint8Array(1 << 16);
  let length = 0;
  const room = (size: number): DataView => {
    if (length + size > bytes.length) {
      const grown = new Uint8Array(2 * (length + size));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    length += size;
    return new DataView(bytes.buffer, length - size, size);
  };
  const utf8 = new TextEncoder();
  const u32 = (value: number): void => room(4).setUint32(0, value, true);
  const u64 = (value: number): void => room(8).setBigUint64(0, BigInt(value), true);
  const raw = (data: Uint8Array): void => {
    const view = room(data.length);
    bytes.set(data, view.byteOffset);
  };
  const number = (type: "u32" | "i32" | "f32", value: number): void => {
    const view = room(4);
    if (type === "f32") view.setFloat32(0, value, true);
    else if (type === "i32") view.setInt32(0, value, true);
    else view.setUint32(0, value, true);
  };
  const string = (value: string): void => {
    const data = utf8.encode(value);
    u64(data.length);
    raw(data);
  };
  return { u32, u64, raw, number, string, done: () => bytes.subarray(0, length) };
}

function writeEntry(to: ReturnType<typeof byteWriter>, entry: GgufEntry): void {
  switch (entry.type) {
    case "string":
      to.u32(8);
      return to.string(entry.value);
    case "bool":
      to.u32(7);
      return to.raw(Uint8Array.of(entry.value ? 1 : 0));
    case "strings":
      to.u32(9);
      to.u32(8);
      to.u64(entry.value.length);
      return entry.value.forEach(to.string);
    case "i32s":
    case "f32s": {
      const type = entry.type === "i32s" ? "i32" : "f32";
      to.u32(9);
      to.u32(numberTypes[type]);
      to.u64(entry.value.length);
      return entry.value.forEach((value) => to.number(type, value));
    }
    default:
      to.u32(numberTypes[entry.type]);
      return to.number(entry.type, entry.value);
  }
}

/** Fails when a number becomes an infinity. */
function checkRange({ name, data }: GgufFloats, half: Float16Array): void {
  const lost = half.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(data[i]));
  if (lost >= 0) {
    throw new WorkbenchError(
      `Expected values that half precision can hold but found ${data[lost]} in ${inMessage(name)}`,
    );
  }
}

/**
 * The contents of a GGUF file, version 3.
 *
 * @param metadata values by key, in order
 * @param tensors tensors in order, shapes outermost dimension first
 * @throws WorkbenchError when a shape does not fit its data or a value is too large for half precision
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesOf } from "./byte_source.ts";
 * import { readGgufHeader, readGgufTensor } from "./gguf.ts";
 * import { encodeGguf } from "./gguf_encode.ts";
 *
 * const tensor = { name: "t", type: "F16", shape: [2], data: Float32Array.of(1, -0.5) } as const;
 * const source = bytesOf(encodeGguf({ a: { type: "u32", value: 7 } }, [tensor]), "x.gguf");
 * const { metadata, tensors } = readGgufHeader(source);
 * assertEquals(metadata.get("a"), 7);
 * assertEquals(readGgufTensor(source, tensors.get("t")!).data, tensor.data);
 * ```
 */
export function encodeGguf(
  metadata: Readonly<Record<string, GgufEntry>>,
  tensors: readonly GgufFloats[],
): Uint8Array {
  const to = byteWriter();
  to.raw(new TextEncoder().encode("GGUF"));
  to.u32(3);
  to.u64(tensors.length);
  to.u64(Object.keys(metadata).length);
  for (const [key, entry] of Object.entries(metadata)) {
    to.string(key);
    writeEntry(to, entry);
  }
  const starts: number[] = [];
  let end = 0;
  for (const { name, type, shape, data } of tensors) {
    const values = shape.reduce((product, size) => product * size, 1);
    if (values !== data.length) {
      throw new WorkbenchError(
        `Expected ${values} values for ${
          inMessage(name)
        } of shape [${shape}] but found ${data.length}`,
      );
    }
    to.string(name);
    to.u32(shape.length);
    shape.toReversed().forEach(to.u64);
    to.u32(type === "F16" ? 1 : 0);
    to.u64(end);
    starts.push(end);
    end = aligned(end + (type === "F16" ? 2 : 4) * values);
  }
  const header = to.done();
  const dataStart = aligned(header.length);
  const bytes = new Uint8Array(dataStart + end);
  bytes.set(header);
  tensors.forEach((tensor, i) => {
    const stored = encodeFloats(tensor.data, tensor.type);
    if (tensor.type === "F16") checkRange(tensor, new Float16Array(stored.buffer));
    bytes.set(stored, dataStart + starts[i]!);
  });
  return bytes;
}
