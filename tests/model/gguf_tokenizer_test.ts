/** GGUF files that llama.cpp's own converter and others wrote: tokenizers, ends, positions, parts. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { bytesOf } from "../../lib/model/formats/byte_source.ts";
import { readGgufHeader } from "../../lib/model/formats/gguf.ts";
import { configFromGguf } from "../../lib/model/checkpoint/gguf_model.ts";
import {
  ggufTokenizerNotes,
  tokenizerFromGguf,
} from "../../lib/model/checkpoint/gguf_tokenizer.ts";
import { readCheckpoint, readTokenizer } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeGguf } from "../../lib/model/checkpoint/gguf_export.ts";
import { ggufPretokenizerName } from "../../lib/model/tokenizer/tokenizer_definition.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { buildGguf, inTemporaryFolder, tinyGguf, type TypedValue } from "./fixtures.ts";

const header = (file: Uint8Array) => readGgufHeader(bytesOf(file, "x.gguf"));
const u32 = (value: number): TypedValue => ({ type: "u32", value });
const f32 = (value: number): TypedValue => ({ type: "f32", value });
const string = (value: string): TypedValue => ({ type: "string", value });
const bool = (value: boolean): TypedValue => ({ type: "bool", value });

type Changes = Record<string, TypedValue>;

/** Keys of a tokenizer of these tokens and merges; `pre` is left out where it is undefined. */
const tokenizerKeys = (
  tokens: readonly string[],
  pre: string | undefined,
  changes: Changes = {},
): Changes => ({
  "tokenizer.ggml.tokens": { type: "strings", value: tokens },
  "tokenizer.ggml.token_type": { type: "i32s", value: tokens.map(() => 1) },
  ...(pre === undefined ? {} : { "tokenizer.ggml.pre": string(pre) }),
  ...changes,
});

const tokenizer = (changes: Changes, without?: string) => {
  const { metadata, ...rest } = header(tinyGguf(changes));
  const kept = new Map([...metadata].filter(([key]) => key !== without));
  return tokenizerFromGguf({ ...rest, metadata: kept }, "x.gguf");
};

Deno.test("gguf tokenizer: completions end where llama.cpp ends them", () => {
  const ends = (tokens: readonly string[], changes: Changes = {}) =>
    tokenizer(tokenizerKeys(tokens, "gpt-2", changes)).eosIds;
  const chat = ["<|endoftext|>", "<|im_end|>", "a", "b", "ab"];
  assertEquals(ends(chat), [0, 1]);
  assertEquals(ends(chat, { "tokenizer.ggml.eos_token_id": u32(1) }), [1, 0]);
  assertEquals(ends(["x", "<|eot_id|>", "a", "b", "ab", "<|eom_id|>"]), [0, 1, 5]);
  // An end that only a template names, and one that only a key names.
  const named = { "tokenizer.ggml.eot_token_id": u32(4), "tokenizer.ggml.eom_token_id": u32(2) };
  assertEquals(ends(["x", "y", "a", "b", "ab"], named), [0, 4, 2]);
  // Fillers of code models; of each kind one.
  assertEquals(ends(["x", "<|fim_pad|>", "<|file_sep|>", "a", "b", "ab", "[PAD]"]), [0, 1, 2]);
  // A part's end in a vocabulary of tool calls, a plain </s> beside Gemma's turns.
  assertEquals(ends(["x", "<|end|>", "<|return|>", "<|call|>", "a", "b", "ab"]), [0, 2, 3]);
  assertEquals(ends(["x", "<|end|>", "a", "b", "ab"]), [0, 1]);
  assertEquals(ends(["x", "</s>", "<|tool_response>", "a", "b", "ab"]), [0, 2]);
  // Such tokens are control tokens whatever their type says.
  const read = tokenizer(tokenizerKeys(chat, "gpt-2"));
  assertEquals(read.encode("a<|im_end|>"), [2, 1]);
  assertEquals(read.decode([2, 1], { skipSpecial: true }), "a");
});

const letters = ["<s>", "</s>", "a", "b", "ab"];

Deno.test("gguf tokenizer: the begin token is put before a text where the file or the pre-tokenizer says so", () => {
  const ids = (pre: string, changes: Changes = {}) =>
    tokenizer(tokenizerKeys(letters, pre, {
      "tokenizer.ggml.bos_token_id": u32(0),
      "tokenizer.ggml.eos_token_id": u32(1),
      ...changes,
    })).encode("ab");
  assertEquals(ids("gpt-2"), [4]);
  assertEquals(ids("llama-bpe"), [0, 4]);
  assertEquals(ids("llama-bpe", { "tokenizer.ggml.add_bos_token": bool(false) }), [4]);
  assertEquals(ids("gpt-2", { "tokenizer.ggml.add_bos_token": bool(true) }), [0, 4]);
  assertEquals(ids("qwen2", { "tokenizer.ggml.add_eos_token": bool(true) }), [4, 1]);
});

/** Pieces by the pre-tokenizer of a name, with every printable byte, three digits and a word as tokens. */
function pieces(pre: string | undefined, text: string): string[] {
  const bytes = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const tokens = ["<end>", ...bytes, "Ġ", "Ċ", "12", "123", "1234", "Ġa", "..", "!!"];
  const merges = ["1 2", "12 3", "123 4", "Ġ a", ". .", "! !"];
  const read = tokenizer(
    tokenizerKeys(tokens, pre, { "tokenizer.ggml.merges": { type: "strings", value: merges } }),
    pre === undefined ? "tokenizer.ggml.pre" : undefined,
  );
  return read.encode(text, { addSpecial: false }).map((id) => tokens[id]!);
}

Deno.test("gguf tokenizer: texts are cut by the pre-tokenizer that the file names", () => {
  assertEquals(pieces("gpt-2", "1234 a"), ["1234", "Ġa"]);
  assertEquals(pieces("qwen2", "1234 a"), ["1", "2", "3", "4", "Ġa"]);
  assertEquals(pieces("smollm", "1234 a"), ["1", "2", "3", "4", "Ġa"]);
  for (const name of ["llama-bpe", "llama3", "llama-v3"]) {
    assertEquals(pieces(name, "1234 a"), ["123", "4", "Ġa"]);
  }
  for (const name of ["default", undefined]) {
    assertEquals(pieces(name, "1234 a!!"), ["123", "4", "Ġa", "!!"]);
  }
  assertThrows(() => pieces("tekken", "a"), WorkbenchError, 'but found "tekken" in x.gguf');
  assertThrows(() => pieces("__proto__", "a"), WorkbenchError, "tokenizer.ggml.pre");
  assertEquals(ggufTokenizerNotes(new Map()).length, 1);
  assertEquals(ggufTokenizerNotes(new Map([["tokenizer.ggml.pre", "qwen2"]])), []);
});

Deno.test("gguf tokenizer: Llama 3 takes a word that is a token whole, without its merges", () => {
  const tokens = ["<end>", "a", "b", "c", "abc"];
  const read = (pre: string) =>
    tokenizer(
      tokenizerKeys(tokens, pre, { "tokenizer.ggml.merges": { type: "strings", value: [] } }),
    );
  assertEquals(read("llama-bpe").encode("abc abc", { addSpecial: false }).slice(0, 1), [4]);
  assertEquals(read("gpt-2").encode("abc"), [1, 2, 3]);
  for (const pre of ["llama-bpe", "qwen2", "gpt-2", "smollm", "default"]) {
    assertEquals(ggufPretokenizerName(read(pre).definition), pre);
  }
});

Deno.test("gguf tokenizer: SentencePiece is refused by name; missing types are plain tokens", () => {
  const model = { "tokenizer.ggml.model": string("llama") };
  assertThrows(() => tokenizer(model), WorkbenchError, "SentencePiece");
  assertEquals(tokenizer({}, "tokenizer.ggml.token_type").encode("ab"), [4]);
});

const config = (changes: Changes, architecture: "llama" | "qwen2" = "llama") =>
  configFromGguf(header(tinyGguf(changes, architecture)), "x.gguf");

Deno.test("gguf config: a factor without a type is linear, and older files have another key", () => {
  const scaling = (changes: Changes) => config(changes).ropeScaling;
  const linear = { type: "linear", factor: 4 } as const;
  assertEquals(scaling({ "llama.rope.scaling.factor": f32(4) }), linear);
  assertEquals(scaling({ "llama.rope.scale_linear": f32(4) }), linear);
  const both = { "llama.rope.scaling.factor": f32(4), "llama.rope.scale_linear": f32(2) };
  assertEquals(scaling(both), linear);
  assertEquals(scaling({ "llama.rope.scaling.factor": f32(1) }), undefined);
  assertEquals(scaling({ "llama.rope.scaling.factor": f32(0) }), undefined);
  assertEquals(scaling({ ...both, "llama.rope.scaling.type": string("none") }), undefined);
  const yarn = { ...both, "llama.rope.scaling.type": string("yarn") };
  const read = scaling(yarn);
  assert(read?.type === "yarn" && read.factor === 4 && read.originalMaxPositions === 64);
});

Deno.test("gguf config: a key that changes what is computed is read or refused", () => {
  const refusals: [Changes, string][] = [
    [{ "llama.expert_count": u32(8) }, "llama.expert_count to be 0"],
    [{ "llama.attention.sliding_window": u32(8) }, "llama.attention.sliding_window to be absent"],
    [
      { "llama.attention.value_length": u32(8) },
      "llama.attention.value_length to be the width of a head, 4",
    ],
    [{ "llama.attention.clamp_kqv": f32(8) }, "clamp_kqv to be 0"],
    [{ "llama.rope.scaling.attn_factor": f32(2) }, "attn_factor to be 1 without YaRN"],
    [{ "llama.rope.dimension_sections": u32(3) }, "rope.dimension_sections"],
    [{ "general.type": string("adapter") }, 'general.type to be "model"'],
    [{ "general.architecture": string("clip") }, "general.architecture"],
  ];
  for (const [changes, message] of refusals) {
    assertThrows(() => config(changes), WorkbenchError, message);
  }
  const harmless = {
    "llama.expert_count": u32(0),
    "llama.rope.scaling.finetuned": bool(true),
    "general.type": string("model"),
    "general.basename": string("x"),
    "qwen2.expert_count": u32(8),
  };
  assertEquals(config(harmless).layers, 1);
});

Deno.test("gguf files: the parts of a split model are read together", async () => {
  await inTemporaryFolder(async (folder) => {
    const whole = join(folder, "whole.gguf");
    await Deno.writeFile(whole, tinyGguf());
    const model = await readCheckpoint(whole);
    const { metadata, tensors } = header(tinyGguf());
    const name = (no: number) => join(folder, `m-0000${no}-of-00002.gguf`);
    const bytes = tinyGguf();
    const part = (no: number, count: number, keep: (i: number) => boolean) =>
      buildGguf(
        {
          ...(no === 0 ? typed(metadata) : {}),
          "split.no": u32(no),
          "split.count": u32(count),
          "split.tensors.count": u32(tensors.size),
        },
        [...tensors.values()].filter((_, i) => keep(i)).map((
          { name, shape, start, bytes: size },
        ) => ({
          name,
          dims: shape.toReversed(),
          type: 0,
          bytes: bytes.slice(start, start + size),
        })),
      );
    await Deno.writeFile(name(1), part(0, 2, (i) => i < 5));
    await assertRejects(() => readCheckpoint(name(1)), WorkbenchError, "m-00002-of-00002");
    await Deno.writeFile(name(2), part(1, 2, (i) => i >= 5));
    const read = await readCheckpoint(name(1));
    assertEquals(new Map([...read.weights].sort()), new Map([...model.weights].sort()));
    assertEquals((await readTokenizer(name(1))).encode("ab"), [4]);
    await assertRejects(() => readCheckpoint(name(2)), UsageError, "Expected the first of 2 files");
    await Deno.copyFile(name(1), join(folder, "renamed.gguf"));
    await assertRejects(
      () => readCheckpoint(join(folder, "renamed.gguf")),
      UsageError,
      "NAME-00001-of-00002.gguf",
    );
    await Deno.writeFile(name(2), part(1, 2, (i) => i >= 6));
    await assertRejects(() => readCheckpoint(name(1)), WorkbenchError, "Expected 11 tensors");
    await Deno.writeFile(name(2), part(1, 2, (i) => i >= 4));
    await assertRejects(() => readCheckpoint(name(1)), WorkbenchError, "but found 12");
  });
});

/** Metadata with the types that the writer of test files knows. */
function typed(metadata: ReadonlyMap<string, unknown>): Changes {
  return Object.fromEntries([...metadata].map(([key, value]): [string, TypedValue] => {
    if (typeof value === "string") return [key, string(value)];
    if (typeof value === "number") return [key, Number.isInteger(value) ? u32(value) : f32(value)];
    const list = value as readonly (string | number)[];
    return typeof list[0] === "number"
      ? [key, { type: "i32s", value: list as number[] }]
      : [key, { type: "strings", value: list as string[] }];
  }));
}

Deno.test("gguf export: end tokens, begin token and Llama 3's rules come back", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.gguf");
    const tokens = ["<s>", "<|eot_id|>", "a", "b", "ab"];
    await Deno.writeFile(
      path,
      tinyGguf(tokenizerKeys(tokens, "llama-bpe", {
        "tokenizer.ggml.bos_token_id": u32(0),
        "tokenizer.ggml.eos_token_id": u32(4),
      })),
    );
    const model = await readCheckpoint(path);
    assertEquals(model.config.eosIds, [4, 1]);
    await writeGguf(path, model);
    const again = await readCheckpoint(path);
    assertEquals(again.tokenizer.encode("ab<|eot_id|>"), [0, 4, 1]);
    const { bosId, eosId, eosIds } = again.tokenizer;
    assertEquals([bosId, eosId, eosIds], [0, 4, [4, 1]]);
    assertEquals(ggufPretokenizerName(again.tokenizer.definition), "llama-bpe");
  });
});
