import { assert, assertEquals, assertThrows } from "@std/assert";
import { createTokenizer, truncateTokenizer } from "../../lib/model/tokenizer/tokenizer.ts";
import { definitionFromGguf } from "../../lib/model/tokenizer/tokenizer_definition.ts";
import { renderChat } from "../../lib/model/tokenizer/chat.ts";
import { readTokenizer } from "../../lib/model/checkpoint/checkpoint.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";

const letters = "Ġabcdefghijklmnopqrstuvwxyz!'<>|_0123456789";
const tokens = [
  "<end>",
  "<pad>",
  ...letters,
  "Â",
  "²",
  "!!",
  "ab",
  "Ġa",
  "ĠĠ",
  "<|",
  "abc",
  "12",
  "ĠÂ",
];
const definition = definitionFromGguf(
  {
    tokens,
    types: tokens.map((_, id) => id < 2 ? 3 : 1),
    merges: ["! !", "a b", "Ġ a", "Ġ Ġ", "< |", "ab c", "1 2", "Ġ Â"],
  },
  "smollm",
  "x",
);
const tokenizer = createTokenizer(definition, {
  eosIds: [0],
  padId: 1,
  chatTemplate: "{{ messages[0]['content'] }}",
}, "x");
const pieces = (text: string): string[] => tokenizer.encode(text).map((id) => tokens[id]!);

Deno.test("tokenizer: special tokens in a text are recognised, none are added", () => {
  assertEquals(pieces("abc<end>ab"), ["abc", "<end>", "ab"]);
  assertEquals(pieces("<end"), ["<", "e", "n", "d"]);
  assertEquals(tokenizer.encode(""), []);
  assertEquals(tokenizer.decode([]), "");
  assertEquals(
    tokenizer.decode(tokenizer.encode("ab<end>c"), { skipSpecial: true }),
    "abc",
  );
  assertEquals(tokenizer.decode(tokenizer.encode("ab<end>c")), "ab<end>c");
});

Deno.test("tokenizer: digits stand alone, numeric characters that are not ASCII too", () => {
  assertEquals(pieces("12"), ["1", "2"]);
  // Without the cut before the superscript, its first byte would join the space.
  assertEquals(pieces("ab ²ab"), ["ab", "Ġ", "Â", "²", "ab"]);
});

Deno.test("tokenizer: bytes without a token vanish before merging", () => {
  assertEquals(pieces("!\u0004!"), ["!!"]);
  assertEquals(tokenizer.decode(tokenizer.encode("!\u0004!")), "!!");
});

Deno.test("tokenizer: text is not tidied up", () => {
  assertEquals(
    tokenizer.decode(tokenizer.encode("x != y !")),
    "x != y !".replaceAll("=", ""),
  );
});

Deno.test("tokenizer: white space is Unicode's", () => {
  // U+FEFF is no white space, U+0085 is; their other bytes have no tokens here.
  assertEquals(pieces("  \u0085a"), ["ĠĠ", "Â", "a"]);
  assertEquals(pieces("  \ufeffa"), ["Ġ", "Ġ", "a"]);
});

Deno.test("tokenizer: bytes of tokens; a mark of byte order at the start stays", () => {
  assertEquals(
    tokenizer.tokenBytes(tokens.indexOf("Ġa")),
    Uint8Array.of(0x20, 0x61),
  );
  assertEquals(tokenizer.tokenBytes(9999), new Uint8Array(0));
  assertEquals(tokenizer.decode([9999, tokens.indexOf("b")]), "b");
  const marks = createTokenizer(
    definitionFromGguf(
      { tokens: ["ï", "»", "¿", "x"], types: [1, 1, 1, 1], merges: [] },
      "gpt-2",
      "x",
    ),
    { eosIds: [] },
    "x",
  );
  assertEquals(marks.decode([0, 1, 2, 3]), "\ufeffx");
  assertEquals(marks.decode([0, 1]), "\ufffd");
});

Deno.test("tokenizer: truncation keeps rules, special tokens, bytes and the first merges", () => {
  const small = truncateTokenizer(tokenizer, tokens.length - 6);
  assertEquals(small.vocabSize, tokens.length - 6);
  assertEquals(
    small.encode("abc!! a<end>"),
    tokenizer.encode("ab").concat(
      tokenizer.encode("c!!"),
      tokenizer.encode(" "),
      tokenizer.encode("a<end>"),
    ),
  );
  assertEquals([small.eosIds, small.padId], [[0], 1]);
  assertThrows(
    () => truncateTokenizer(tokenizer, 10),
    WorkbenchError,
    "at least 47 tokens but found 10",
  );
});

Deno.test("tokenizer: truncation renumbers special tokens that stand last", () => {
  const late = createTokenizer(
    definitionFromGguf(
      {
        tokens: ["a", "b", "ab", "ba", "<end>"],
        types: [1, 1, 1, 1, 3],
        merges: ["a b", "b a"],
      },
      "gpt-2",
      "x",
    ),
    { eosIds: [4] },
    "x",
  );
  const small = truncateTokenizer(late, 4);
  assertEquals(small.encode("ab<end>ba"), [3, 0, 2, 1]);
  assertEquals(small.eosIds, [0]);
});

Deno.test("tokenizer: faults are told", () => {
  assertThrows(
    () =>
      createTokenizer(
        { model: { type: "WordPiece" } },
        { eosIds: [] },
        "t.json",
      ),
    UsageError,
    "t.json",
  );
  const twice = structuredClone(definition) as {
    model: { vocab: Record<string, number> };
  };
  twice.model.vocab["zz"] = 5;
  assertThrows(
    () => createTokenizer(twice, { eosIds: [] }, "t.json"),
    WorkbenchError,
    "every token id once",
  );
  twice.model.vocab["zz"] = 1e9;
  assertThrows(
    () => createTokenizer(twice, { eosIds: [] }, "t.json"),
    WorkbenchError,
    "dense token ids",
  );
});

Deno.test("chat: faults of template and conversation are told", () => {
  assertEquals(
    renderChat(tokenizer, [{ role: "user", content: "hi" }], {
      addGenerationPrompt: true,
    }),
    "hi",
  );
  const other = {
    ...tokenizer,
    chatTemplate: "{{ raise_exception('roles must alternate') }}",
  };
  assertThrows(
    () => renderChat(other, [], { addGenerationPrompt: false }),
    WorkbenchError,
    "roles must alternate",
  );
  const { chatTemplate: _, ...none } = tokenizer;
  assertThrows(
    () => renderChat(none, [], { addGenerationPrompt: false }),
    WorkbenchError,
    "chat template",
  );
});

for (const seed of ["seed0", "seed1"]) {
  const folder = parityPath(seed);
  Deno.test(`tokenizer: ids and text equal the reference, ${seed}`, async () => {
    const read = await readTokenizer(`${folder}/model`);
    const rows: { text: string; ids: number[]; decoded: string }[] =
      readJson(`${folder}/reference.json`).tokenizer;
    assert(rows.length >= 5);
    for (const { text, ids, decoded } of rows) {
      assertEquals(read.encode(text), ids);
      assertEquals(read.decode(ids), decoded);
    }
  });
}
