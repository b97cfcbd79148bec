import { assertEquals, assertThrows } from "@std/assert";
import { bytesOf } from "../../lib/model/formats/byte_source.ts";
import { readGgufHeader, readGgufTensor } from "../../lib/model/formats/gguf.ts";
import {
  configFromGguf,
  huggingFaceName,
  unpermuteRows,
} from "../../lib/model/checkpoint/gguf_model.ts";
import { tokenizerFromGguf } from "../../lib/model/checkpoint/gguf_tokenizer.ts";
import { numberFormats } from "../../lib/model/formats/quantization.ts";
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import { buildGguf, floatBytes, tinyGguf } from "./fixtures.ts";

const header = (file: Uint8Array) => readGgufHeader(bytesOf(file, "x.gguf"));

Deno.test("gguf: metadata, shapes and values come back", () => {
  const file = tinyGguf();
  const { metadata, tensors } = header(file);
  assertEquals(metadata.get("llama.embedding_length"), 8);
  assertEquals(metadata.get("tokenizer.ggml.merges"), ["a b"]);
  const down = tensors.get("blk.0.ffn_down.weight")!;
  assertEquals(down.shape, [8, 16]);
  assertEquals(
    readGgufTensor(bytesOf(file, "x.gguf"), down).data,
    Float32Array.from({ length: 128 }, (_, i) => i),
  );
});

Deno.test("gguf: a header longer than the first read is read on", () => {
  const file = buildGguf({
    big: { type: "string", value: "x".repeat(5 << 20) },
  }, [
    { name: "t", dims: [2], type: 0, bytes: floatBytes([1, 2]) },
  ]);
  assertEquals(String(header(file).metadata.get("big")).length, 5 << 20);
});

Deno.test("quantization: each block format gives the values of its formula", () => {
  const half = (
    value: number,
  ): number[] => [...new Uint8Array(Float16Array.of(value).buffer)];
  const nibbles = Array.from({ length: 16 }, (_, i) => i | (15 - i) << 4);
  const q = [
    ...nibbles.map((byte) => byte & 15),
    ...nibbles.map((byte) => byte >> 4),
  ];
  const decode = (
    format: keyof typeof numberFormats,
    bytes: number[],
  ): number[] => {
    const out = new Float32Array(32);
    numberFormats[format].decode(Uint8Array.from(bytes), out);
    return [...out];
  };
  const d = 0.1, m = -0.3;
  const dHalf = Float16Array.of(d)[0]!, mHalf = Float16Array.of(m)[0]!;
  const expected = (f: (q: number, i: number) => number): number[] =>
    q.map((value, i) => Math.fround(f(value, i)));
  assertEquals(
    decode("Q4_0", [...half(d), ...nibbles]),
    expected((v) => dHalf * (v - 8)),
  );
  assertEquals(
    decode("Q4_1", [...half(d), ...half(m), ...nibbles]),
    expected((v) => dHalf * v + mHalf),
  );
  const fifth = [0b10101010, 0, 0xff, 0x80];
  const high = (i: number): number => (fifth[i >> 3]! >> (i & 7) & 1) * 16;
  assertEquals(
    decode("Q5_0", [...half(d), ...fifth, ...nibbles]),
    expected((v, i) => dHalf * (v + high(i) - 16)),
  );
  assertEquals(
    decode("Q5_1", [...half(d), ...half(m), ...fifth, ...nibbles]),
    expected((v, i) => dHalf * (v + high(i)) + mHalf),
  );
  const bytes = Array.from({ length: 32 }, (_, i) => (i * 37) & 255);
  assertEquals(
    decode("Q8_0", [...half(d), ...bytes]),
    bytes.map((b) => Math.fround(dHalf * (b << 24 >> 24))),
  );
});

Deno.test("quantization: the formats with sub-blocks equal the reference reader's values, bit for bit", async () => {
  // Where the upper byte of a scale is, which has to be a usual number; hashes from gguf 0.19.0's dequantize.
  const golden = [
    ["Q2_K", [81, 83], "c2e05f0ff4d5f577c1e8f3b2ecf0334760b52dac2983a6224dea985e7db00bf8"],
    ["Q3_K", [109], "3c19c3d082369e8200199622823a39998ed4ad7ce9a95ad7c9cb9282eac88664"],
    ["Q4_K", [1, 3], "acc85976c07f1b8c13a63c18ae08633d0e203f80e9c1603f23c24154f3081d1d"],
    ["Q5_K", [1, 3], "4c6b8a6e5c75c529463f27cc06b056d1e0a21cb565cff5c3d063b8f5b9d8444b"],
    ["Q6_K", [209], "bada448237edb2c31c8e1e33a03fc71b290d4b45aa6e7c1025108a9ebfaf616e"],
    ["IQ4_NL", [1], "36e7c0c584e5dcd40109b96ef858603c1b35ea7e76e6e1d926c21d67a4d288d3"],
    ["IQ4_XS", [1], "b84efab923f75accfe584553bf8d1b3a0622bf9a477d61e7712c2e8497e79c62"],
    ["MXFP4", [0], "22dd62c03775bf6987c1042d0b85aa8eb1d0bd61212516dedcd5683652b7c012"],
  ] as const;
  // Powers of two of MXFP4: subnormal ones, usual ones, one beyond the largest number.
  const powers = [0, 1, 2, 120, 128, 200, 254, 127];
  for (const [format, scales, sha256] of golden) {
    const { blockBytes, blockValues } = numberFormats[format];
    const blocks = 1024 / blockValues;
    const bytes = Uint8Array.from(
      { length: blocks * blockBytes },
      (_, i) => i * 73 + Math.floor(i / 7) * 29 + 11,
    );
    for (let block = 0; block < blocks; block++) {
      for (const at of scales) {
        bytes[block * blockBytes + at] = format === "MXFP4" ? powers[block % 8]! : 0x2c;
      }
    }
    const out = new Float32Array(1024);
    numberFormats[format].decode(bytes, out);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", out));
    assertEquals(hash.toHex(), sha256, format);
  }
});

Deno.test("quantization: F16 and BF16, subnormal numbers and infinities too", () => {
  const halves = Float16Array.of(1.5, 6e-8, -65504, Infinity);
  const out = new Float32Array(4);
  numberFormats.F16.decode(new Uint8Array(halves.buffer), out);
  assertEquals([...out], [...halves]);
  numberFormats.BF16.decode(
    Uint8Array.of(0x80, 0x3f, 0x80, 0xff, 0x00, 0xc0, 0x01, 0x00),
    out,
  );
  assertEquals([...out], [1, -Infinity, -2, 2 ** -133]);
});

Deno.test("gguf model: configuration and tokenizer", () => {
  const read = header(tinyGguf());
  assertEquals(configFromGguf(read, "x.gguf"), {
    architecture: "llama",
    vocabSize: 5,
    hiddenSize: 8,
    intermediateSize: 16,
    layers: 1,
    heads: 2,
    kvHeads: 1,
    headDim: 4,
    ropeTheta: 10000,
    rmsNormEps: 0.5,
    tieWordEmbeddings: true,
    maxPositions: 64,
    attentionBias: false,
    eosIds: [],
  });
  assertEquals(tokenizerFromGguf(read, "x.gguf").encode("ab ba<end>"), [
    4,
    3,
    2,
    1,
    0,
  ]);
});

Deno.test("gguf model: what is not supported is named", () => {
  const config = (changes: Parameters<typeof tinyGguf>[0]) => () =>
    configFromGguf(header(tinyGguf(changes)), "x.gguf");
  assertThrows(
    config({ "general.architecture": { type: "string", value: "mamba" } }),
    WorkbenchError,
    'Expected general.architecture to be one of llama, qwen2, qwen3 but found "mamba" in x.gguf',
  );
  assertThrows(
    config({ "llama.rope.scaling.type": { type: "string", value: "longrope" } }),
    WorkbenchError,
    "llama.rope.scaling.type",
  );
  assertThrows(
    config({ "llama.attention.head_count_kv": { type: "u32", value: 3 } }),
    WorkbenchError,
    "a divisor of 2 heads but found 3",
  );
  assertThrows(
    config({ "llama.block_count": { type: "f32", value: 1.5 } }),
    WorkbenchError,
    "llama.block_count",
  );
  assertThrows(
    () =>
      tokenizerFromGguf(
        header(
          tinyGguf({
            "tokenizer.ggml.pre": { type: "string", value: "?" },
          }),
        ),
        "x.gguf",
      ),
    WorkbenchError,
    "smollm",
  );
});

Deno.test("gguf model: rows of q and k go back to Hugging Face's order", () => {
  const data = Float32Array.from({ length: 16 }, (_, i) => i);
  const result = unpermuteRows({ shape: [8, 2], data }, 4);
  assertEquals([...result.data], [
    0,
    1,
    4,
    5,
    2,
    3,
    6,
    7,
    8,
    9,
    12,
    13,
    10,
    11,
    14,
    15,
  ]);
  assertEquals(
    huggingFaceName("blk.12.attn_k_norm.weight"),
    "model.layers.12.self_attn.k_norm.weight",
  );
  assertEquals(huggingFaceName("rope_freqs.weight"), undefined);
});

Deno.test("gguf: faults are told in one line", () => {
  const file = tinyGguf();
  assertThrows(() => header(file.slice(0, -100)), WorkbenchError, "cut short");
  assertThrows(
    () => header(Uint8Array.from([...file].toSpliced(0, 1, 0))),
    WorkbenchError,
    "begins with",
  );
  assertThrows(
    () => header(Uint8Array.from([...file].toSpliced(4, 4, 0, 0, 0, 3))),
    WorkbenchError,
    "version",
  );
  const tensor = { name: "t", dims: [2], type: 0, bytes: floatBytes([1, 2]) };
  assertThrows(
    () => header(buildGguf({}, [tensor, tensor])),
    WorkbenchError,
    "found t twice",
  );
  assertThrows(
    () => header(buildGguf({}, [{ ...tensor, type: 9 }])),
    WorkbenchError,
    "Q4_1",
  );
  assertThrows(
    () => header(buildGguf({}, [{ ...tensor, type: 3 }])),
    WorkbenchError,
    "whole blocks of 32",
  );
  const short = { ...tensor, dims: [64] };
  assertThrows(
    () =>
      header(
        buildGguf({}, [short, {
          ...tensor,
          name: "u",
          dims: [8],
          bytes: new Uint8Array(400),
        }]),
      ),
    WorkbenchError,
    "overlap",
  );
});
