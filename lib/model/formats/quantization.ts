/**
 * The number formats of weight files, turned into float32.
 *
 * A block format stores 32 values as small integers `q` with a half-precision scale `d` (and, in the `_1` formats, a
 * half-precision minimum `m`): `w = d * q + m`; the `_K` formats store 256, in sub-blocks with scales of their own. `d * q` is exact in float32, so one rounding remains and the values are
 * the same, bit for bit, in every implementation.
 *
 * @module
 */

/** How one number format is laid out. */
export interface NumberFormat {
  /** Values in one block. */
  readonly blockValues: number;
  /** Bytes of one block. */
  readonly blockBytes: number;
  /** Writes the values of whole blocks: `bytes` holds exactly as many blocks as `out` needs. */
  readonly decode: (bytes: Uint8Array, out: Float32Array) => void;
}

let halfTable: Float32Array | undefined;

/** The float32 value of each of the 65,536 half-precision bit patterns. */
function halves(): Float32Array {
  if (halfTable === undefined) {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    halfTable = Float32Array.from(new Float16Array(bits.buffer));
  }
  return halfTable;
}

function decodeF32(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
}

function decodeF16(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  for (let i = 0, p = 0; i < out.length; i++, p += 2) {
    out[i] = half[bytes[p]! | bytes[p + 1]! << 8]!;
  }
}

function decodeBF16(bytes: Uint8Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0, p = 0; i < bits.length; i++, p += 2) {
    bits[i] = bytes[p]! << 16 | bytes[p + 1]! << 24;
  }
}

function decodeQ8_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let o = 0, p = 0; o < out.length; o += 32, p += 34) {
    const d = half[bytes[p]! | bytes[p + 1]! << 8]!;
    for (let j = 0; j < 32; j++) out[o + j] = d * signed[p + 2 + j]!;
  }
}

/** Q4 and Q5 in one loop: `hasMinimum` for the `_1` formats, `hasFifth` where a fifth bit of each value is apart. */
function decodeNibbles(hasMinimum: boolean, hasFifth: boolean): NumberFormat {
  const header = hasMinimum ? 4 : 2;
  const nibblesAt = header + (hasFifth ? 4 : 0);
  const blockBytes = nibblesAt + 16;
  const zero = hasMinimum ? 0 : hasFifth ? 16 : 8;
  const levels = hasFifth ? 32 : 16;
  const decode = (bytes: Uint8Array, out: Float32Array): void => {
    const half = halves();
    const value = new Float32Array(levels);
    for (let o = 0, p = 0; o < out.length; o += 32, p += blockBytes) {
      const d = half[bytes[p]! | bytes[p + 1]! << 8]!;
      const m = hasMinimum ? half[bytes[p + 2]! | bytes[p + 3]! << 8]! : 0;
      for (let q = 0; q < levels; q++) {
        value[q] = hasMinimum ? d * q + m : d * (q - zero);
      }
      const at = p + nibblesAt;
      if (!hasFifth) {
        for (let j = 0; j < 16; j++) {
          const byte = bytes[at + j]!;
          out[o + j] = value[byte & 15]!;
          out[o + j + 16] = value[byte >> 4]!;
        }
      } else {
        const f = p + header;
        const fifth = bytes[f]! | bytes[f + 1]! << 8 | bytes[f + 2]! << 16 |
          bytes[f + 3]! << 24;
        for (let j = 0; j < 16; j++) {
          const byte = bytes[at + j]!;
          out[o + j] = value[byte & 15 | (fifth >>> j & 1) << 4]!;
          out[o + j + 16] = value[byte >> 4 | (fifth >>> j + 16 & 1) << 4]!;
        }
      }
    }
  };
  return { blockValues: 32, blockBytes, decode };
}

/**
 * Q4_K and Q5_K: 256 values in 8 sub-blocks, each with a 6-bit scale and a 6-bit minimum, `w = d * s * q - m * t`.
 * Scale and minimum of the first four sub-blocks fill the low 6 bits of bytes 0-3 and 4-7; the others' lower four bits
 * are in bytes 8-11, their upper two in what bytes 0-7 leave free.
 */
function decodeSubBlocks(hasFifth: boolean): NumberFormat {
  const nibblesAt = hasFifth ? 48 : 16;
  const blockBytes = nibblesAt + 128;
  const decode = (bytes: Uint8Array, out: Float32Array): void => {
    const half = halves();
    for (let o = 0, p = 0; o < out.length; o += 256, p += blockBytes) {
      const d = half[bytes[p]! | bytes[p + 1]! << 8]!;
      const m = half[bytes[p + 2]! | bytes[p + 3]! << 8]!;
      for (let j = 0; j < 8; j++) {
        const first = bytes[p + 4 + (j & 3)]!;
        const second = bytes[p + 8 + (j & 3)]!;
        const third = bytes[p + 12 + (j & 3)]!;
        const scale = d * (j < 4 ? first & 63 : third & 15 | first >> 6 << 4);
        const minimum = m * (j < 4 ? second & 63 : third >> 4 | second >> 6 << 4);
        const at = p + nibblesAt + 32 * (j >> 1);
        const shift = (j & 1) * 4;
        for (let l = 0; l < 32; l++) {
          const high = hasFifth ? (bytes[p + 16 + l]! >> j & 1) << 4 : 0;
          out[o + 32 * j + l] = scale * (bytes[at + l]! >> shift & 15 | high) - minimum;
        }
      }
    }
  };
  return { blockValues: 256, blockBytes, decode };
}

/** Q6_K: 256 values in 16 sub-blocks with signed 8-bit scales, `w = d * s * (q - 32)`. */
function decodeQ6_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let o = 0, p = 0; o < out.length; o += 256, p += 210) {
    const d = half[bytes[p + 208]! | bytes[p + 209]! << 8]!;
    for (let j = 0; j < 8; j++) {
      const [side, quarter] = [j >> 2, j & 3];
      const low = p + 64 * side + 32 * (quarter & 1);
      const high = p + 128 + 32 * side;
      for (let l = 0; l < 32; l++) {
        const scale = d * signed[p + 192 + 2 * j + (l >> 4)]!;
        const q = bytes[low + l]! >> 4 * (quarter >> 1) & 15 |
          (bytes[high + l]! >> 2 * quarter & 3) << 4;
        out[o + 32 * j + l] = scale * (q - 32);
      }
    }
  }
}

/** Q2_K: 256 values in 16 sub-blocks with a 4-bit scale and a 4-bit minimum each, `w = d * s * q - m * t`. */
function decodeQ2_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  for (let o = 0, p = 0; o < out.length; o += 256, p += 84) {
    const d = half[bytes[p + 80]! | bytes[p + 81]! << 8]!;
    const m = half[bytes[p + 82]! | bytes[p + 83]! << 8]!;
    for (let j = 0; j < 8; j++) {
      const [at, shift] = [p + 16 + 32 * (j >> 2), 2 * (j & 3)];
      for (let l = 0; l < 32; l++) {
        const pair = bytes[p + 2 * j + (l >> 4)]!;
        out[o + 32 * j + l] = d * (pair & 15) * (bytes[at + l]! >> shift & 3) - m * (pair >> 4);
      }
    }
  }
}

/**
 * Q3_K: 256 values in 16 sub-blocks with 6-bit scales, `w = d * (s - 32) * (q - 4)`; the third bit of each q is apart, as are
 * the upper two of each scale.
 */
function decodeQ3_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  for (let o = 0, p = 0; o < out.length; o += 256, p += 110) {
    const d = half[bytes[p + 108]! | bytes[p + 109]! << 8]!;
    for (let j = 0; j < 8; j++) {
      const [at, shift] = [p + 32 + 32 * (j >> 2), 2 * (j & 3)];
      for (let l = 0; l < 32; l++) {
        const sub = 2 * j + (l >> 4);
        const low = bytes[p + 96 + (sub & 7)]! >> 4 * (sub >> 3) & 15;
        const high = bytes[p + 104 + (sub & 3)]! >> 2 * (sub >> 2) & 3;
        const q = bytes[at + l]! >> shift & 3 | (bytes[p + l]! >> j & 1) << 2;
        out[o + 32 * j + l] = d * ((low | high << 4) - 32) * (q - 4);
      }
    }
  }
}

/** The 16 values of the IQ4 formats, denser near 0 than even steps are. */
const unevenLevels = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** The 16 values of MXFP4 (OCP Microscaling, E2M1), doubled. */
const microscaledLevels = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** Writes 32 values of a table from 16 bytes: the lower nibbles first. */
function decodeLevels(
  levels: readonly number[],
  scale: number,
  bytes: Uint8Array,
  at: number,
  out: Float32Array,
  to: number,
): void {
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + j]!;
    out[to + j] = scale * levels[byte & 15]!;
    out[to + j + 16] = scale * levels[byte >> 4]!;
  }
}

function decodeIQ4_NL(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  for (let o = 0, p = 0; o < out.length; o += 32, p += 18) {
    const d = half[bytes[p]! | bytes[p + 1]! << 8]!;
    decodeLevels(unevenLevels, d, bytes, p + 2, out, o);
  }
}

/** IQ4_XS: 256 values in 8 sub-blocks with 6-bit scales, whose upper two bits are apart. */
function decodeIQ4_XS(bytes: Uint8Array, out: Float32Array): void {
  const half = halves();
  for (let o = 0, p = 0; o < out.length; o += 256, p += 136) {
    const d = half[bytes[p]! | bytes[p + 1]! << 8]!;
    const upper = bytes[p + 2]! | bytes[p + 3]! << 8;
    for (let j = 0; j < 8; j++) {
      const scale = bytes[p + 4 + (j >> 1)]! >> 4 * (j & 1) & 15 | (upper >> 2 * j & 3) << 4;
      decodeLevels(unevenLevels, d * (scale - 32), bytes, p + 8 + 16 * j, out, o + 32 * j);
    }
  }
}

/** MXFP4: 32 values with a power of two as scale. */
function decodeMXFP4(bytes: Uint8Array, out: Float32Array): void {
  for (let o = 0, p = 0; o < out.length; o += 32, p += 17) {
    decodeLevels(microscaledLevels, 2 ** (bytes[p]! - 128), bytes, p + 1, out, o);
  }
}

/** Names of the number formats that can be written. */
export type FloatFormat = "F32" | "F16" | "BF16";

/**
 * Values as the bytes of a float format, each rounded to the nearest number that it has (ties to even).
 *
 * @param data values
 * @param format the format
 * @returns for F32 the bytes of `data` itself
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFloats } from "./quantization.ts";
 *
 * assertEquals([...encodeFloats(Float32Array.of(1), "BF16")], [0x80, 0x3f]);
 * ```
 */
export function encodeFloats(data: Float32Array, format: FloatFormat): Uint8Array {
  if (format === "F32") return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (format === "F16") return new Uint8Array(Float16Array.from(data).buffer);
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const upper = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    // A NaN stays one whatever its low bits are.
    upper[i] = Number.isNaN(data[i]!)
      ? value >>> 16 | 0x40
      : value + 0x7fff + (value >>> 16 & 1) >>> 16;
  }
  return new Uint8Array(upper.buffer);
}

/** Names of the number formats that can be read. */
export type FormatName =
  | "F32"
  | "F16"
  | "BF16"
  | "Q8_0"
  | "Q4_0"
  | "Q4_1"
  | "Q5_0"
  | "Q5_1"
  | "IQ4_NL"
  | "IQ4_XS"
  | "MXFP4"
  | "Q2_K"
  | "Q3_K"
  | "Q4_K"
  | "Q5_K"
  | "Q6_K";

/** Number formats by the name that GGUF and safetensors give them. */
export const numberFormats: Readonly<Record<FormatName, NumberFormat>> = {
  F32: { blockValues: 1, blockBytes: 4, decode: decodeF32 },
  F16: { blockValues: 1, blockBytes: 2, decode: decodeF16 },
  BF16: { blockValues: 1, blockBytes: 2, decode: decodeBF16 },
  Q8_0: { blockValues: 32, blockBytes: 34, decode: decodeQ8_0 },
  Q4_0: decodeNibbles(false, false),
  Q4_1: decodeNibbles(true, false),
  Q5_0: decodeNibbles(false, true),
  Q5_1: decodeNibbles(true, true),
  IQ4_NL: { blockValues: 32, blockBytes: 18, decode: decodeIQ4_NL },
  IQ4_XS: { blockValues: 256, blockBytes: 136, decode: decodeIQ4_XS },
  MXFP4: { blockValues: 32, blockBytes: 17, decode: decodeMXFP4 },
  Q2_K: { blockValues: 256, blockBytes: 84, decode: decodeQ2_K },
  Q3_K: { blockValues: 256, blockBytes: 110, decode: decodeQ3_K },
  Q4_K: decodeSubBlocks(false),
  Q5_K: decodeSubBlocks(true),
  Q6_K: { blockValues: 256, blockBytes: 210, decode: decodeQ6_K },
};
