import { assert, assertEquals, assertThrows } from "@std/assert";
import { createTokenizer } from "../../lib/model/tokenizer/tokenizer.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { parityPath, readJson } from "./fixtures.ts";

type Model = {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly [string, string][];
};

// What tokenizers 0.23.3 makes of the texts with one rule changed in the base.
const { base, texts, rows }: {
  readonly base: { readonly model: Model };
  readonly texts: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly change: { readonly model?: { readonly without?: string } };
    readonly ids: readonly (readonly number[])[];
  }[];
} = readJson(`${parityPath("tokenizers")}/reference.json`);

/** The base with a change; `without` takes the tokens with a character away. */
function changed(change: typeof rows[number]["change"]): unknown {
  const { without, ...keys } = change.model ?? {};
  const { vocab, merges } = base.model;
  const kept = (token: string) => without === undefined || !token.includes(without);
  return {
    ...base,
    ...change,
    model: {
      ...base.model,
      ...keys,
      vocab: Object.fromEntries(Object.entries(vocab).filter(([token]) => kept(token))),
      merges: merges.filter(([a, b]) => kept(a + b)),
    },
  };
}

for (const { name, change, ids } of rows) {
  Deno.test(`tokenizer.json: ${name} as in tokenizers`, () => {
    const tokenizer = createTokenizer(changed(change), { eosIds: [] }, "t.json");
    assert(texts.length === ids.length);
    for (const [i, text] of texts.entries()) assertEquals(tokenizer.encode(text), ids[i], text);
  });
}

Deno.test("tokenizer.json: what is not supported is refused by name", () => {
  const refuse = (change: Record<string, unknown>, message: string) =>
    assertThrows(
      () => createTokenizer({ ...base, ...change }, { eosIds: [] }, "t.json"),
      UsageError,
      message,
    );
  refuse({ pre_tokenizer: { type: "Metaspace" } }, "Metaspace");
  refuse({ normalizer: { type: "BertNormalizer" } }, "BertNormalizer");
  refuse(
    { pre_tokenizer: { type: "Punctuation", behavior: "Doubled" } },
    "behavior of Punctuation",
  );
  refuse(
    { pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated" } },
    '"("',
  );
  refuse({ pre_tokenizer: { type: "Split", behavior: "Isolated" } }, "pre_tokenizer.pattern");
  refuse({ model: { ...base.model, dropout: 0.1 } }, "model.dropout");
  refuse({ model: { ...base.model, end_of_word_suffix: "</w>" } }, "model.end_of_word_suffix");
  const { ["!"]: mark, ...vocab } = base.model.vocab;
  assertEquals(typeof mark, "number");
  refuse({ model: { ...base.model, vocab, merges: [], unk_token: "a" } }, "model.unk_token");
});

Deno.test("tokenizer.json: an added token with another id in the vocabulary is refused", () => {
  const read = (content: string, id: number) =>
    createTokenizer(
      { ...base, added_tokens: [{ id, content, special: false }] },
      { eosIds: [] },
      "t.json",
    );
  const size = Object.keys(base.model.vocab).length;
  assertEquals(read("<t>", size).encode("<t>"), [size]);
  assertThrows(() => read("ab", size), WorkbenchError, "as in model.vocab, but found");
});
