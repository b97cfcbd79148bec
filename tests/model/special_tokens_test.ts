/** Which token begins, ends and surrounds a text, where the files of a model say different things. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { readTokenizer } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeTokenizerFolder } from "../../lib/model/tokenizer/tokenizer_files.ts";
import {
  encodeCompletion,
  encodePrompt,
  renderChat,
  splitEncoding,
  type Tokenizer,
} from "../../lib/model/mod.ts";
import { truncateTokenizer } from "../../lib/model/tokenizer/tokenizer.ts";
import { surroundingIds, templateProcessor } from "../../lib/model/tokenizer/post_processor.ts";
import { UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, parityPath, readJson } from "./fixtures.ts";

interface Row {
  readonly files: Record<string, Record<string, unknown>>;
  readonly bos_token: string | null;
  readonly eos_token: string | null;
  readonly pad_token: string | null;
  readonly alone: readonly number[];
  readonly part: readonly number[];
  readonly without_special: string;
}

const reference: { text: string; rows: Row[] } = readJson(parityPath("foreign", "tokens.json"));
const base = readJson(parityPath("foreign", "configs.json")).base;

/** Writes a model's folder without weights and reads its tokenizer. */
async function read(
  folder: string,
  files: Record<string, unknown>,
  config: Record<string, unknown> = {},
): Promise<Tokenizer> {
  const all = { "config.json": { model_type: "llama", ...base, ...config }, ...files };
  for await (const { name } of Deno.readDir(folder)) await Deno.remove(join(folder, name));
  for (const [name, content] of Object.entries(all)) {
    await Deno.writeTextFile(join(folder, name), JSON.stringify(content));
  }
  return await readTokenizer(folder);
}

const text = (tokenizer: Tokenizer, id: number | undefined): string | null =>
  id === undefined ? null : new TextDecoder().decode(tokenizer.tokenBytes(id));

Deno.test("special tokens: names and ids of every combination of files equal transformers'", async () => {
  assert(reference.rows.length >= 30);
  await inTemporaryFolder(async (folder) => {
    for (const { files, alone, part, without_special, ...named } of reference.rows) {
      const label = JSON.stringify(files["tokenizer_config.json"]);
      const tokenizer = await read(folder, files);
      const { bosId, eosId, padId } = tokenizer;
      assertEquals(
        {
          bos_token: text(tokenizer, bosId),
          eos_token: text(tokenizer, eosId),
          pad_token: text(tokenizer, padId),
        },
        named,
        label,
      );
      assertEquals(tokenizer.encode(reference.text), alone, label);
      assertEquals(tokenizer.encode(reference.text, { addSpecial: false }), part, label);
      assertEquals(tokenizer.decode(part, { skipSpecial: true }), without_special, label);
    }
  });
});

/** Tokenizer files with `<s>` 0, `</s>` 1, `<|end|>` 2, `<|endoftext|>` 3 and letters. */
const files = reference.rows[0]!.files;
const withConfig = (changes: Record<string, unknown>) => ({
  ...files,
  "tokenizer_config.json": { ...files["tokenizer_config.json"], ...changes },
});
const turns = (end: string) =>
  `{% for m in messages %}{{ m.content }}${end}{% endfor %}{% if add_generation_prompt %}b{% endif %}`;

Deno.test("special tokens: an answer ends as the chat template ends it, and all ends stop a completion", async () => {
  await inTemporaryFolder(async (folder) => {
    const ends = async (changes: Record<string, unknown>, eos: unknown = [3, 1]) => {
      const tokenizer = await read(folder, withConfig(changes), { eos_token_id: eos });
      return [encodeCompletion(tokenizer, "ab"), tokenizer.eosIds];
    };
    const bare = turns("");
    // The tokenizer's own end, not the first of config.json.
    assertEquals(await ends({ chat_template: bare }), [[7, 2], [2, 3, 1]]);
    assertEquals(await ends({ chat_template: turns("<|end|>\n") }), [[7, 2], [2, 3, 1]]);
    // A template that ends a turn with another token than the tokenizer names.
    assertEquals(await ends({ eos_token: "</s>", chat_template: turns("<|end|>") }, 1), [[7, 2], [
      2,
      1,
    ]]);
    assertEquals(await ends({ chat_template: turns(" {{ eos_token }}") }), [[7, 2], [2, 3, 1]]);
    // No end of its own: the model's.
    assertEquals(await ends({ eos_token: null }), [[7, 3], [3, 1]]);
    // A template that cannot be rendered leaves the tokenizer's end.
    assertEquals(await ends({ chat_template: "{{ raise_exception('no') }}" }), [[7, 2], [2, 3, 1]]);
  });
});

Deno.test("special tokens: a template's names are the tokenizer's, config.json's ids count without it", async () => {
  await inTemporaryFolder(async (folder) => {
    const chat_template = `{{ bos_token }}[${turns("{{ eos_token }}")}]`;
    const render = (tokenizer: Tokenizer) =>
      renderChat(tokenizer, [{ role: "user", content: "a" }], { addGenerationPrompt: true });
    const config = { bos_token_id: 3, eos_token_id: [1, 2] };
    const none = await read(folder, withConfig({ bos_token: null, chat_template }), config);
    assertEquals(render(none), "[a<|end|>b]");
    assertEquals(none.bosId, undefined);
    const own = await read(folder, withConfig({ chat_template }), config);
    assertEquals(render(own), "<s>[a<|end|>b]");
    const { "tokenizer_config.json": _, ...alone } = files;
    const bare = await read(folder, alone, config);
    assertEquals([bare.bosId, bare.eosId, bare.eosIds], [3, 1, [1, 2]]);
    // What is written for other programs says the same.
    await writeTokenizerFolder(folder, none);
    const { bos_token, eos_token } = readJson(join(folder, "tokenizer_config.json"));
    assertEquals([bos_token, eos_token], [null, "<|end|>"]);
  });
});

Deno.test("special tokens: a text that stands alone gets the tokenizer's own, a chat and parts do not", async () => {
  await inTemporaryFolder(async (folder) => {
    const definition = files["tokenizer.json"]!;
    const post_processor = templateProcessor({ content: "<s>", id: 0 }, { content: "</s>", id: 1 });
    const tokenizer = await read(folder, {
      "tokenizer.json": { ...definition, post_processor },
      "tokenizer_config.json": {
        bos_token: "<s>",
        eos_token: "</s>",
        chat_template: `<s>${turns("</s>")}`,
      },
    });
    assertEquals(tokenizer.encode("ab"), [0, 7, 1]);
    assertEquals(tokenizer.encode(""), [0, 1]);
    assertEquals(encodePrompt(tokenizer, "a"), [0, 4, 1, 5]);
    assertEquals(encodeCompletion(tokenizer, "ab"), [7, 1]);
    const request = { context: "a", continuation: "bc" };
    // The token ab spans the cut, so it is scored.
    assertEquals(splitEncoding(tokenizer, request), { prompt: [0], completion: [7, 8] });
    assertEquals(splitEncoding(tokenizer, { ...request, chat: true }), {
      prompt: [],
      completion: [7, 8],
    });
    const small = truncateTokenizer(tokenizer, 8);
    assertEquals(small.encode("ab"), [0, ...small.encode("ab", { addSpecial: false }), 1]);
  });
});

Deno.test("special tokens: files that contradict each other and unknown forms are refused", async () => {
  await inTemporaryFolder(async (folder) => {
    const flags = { lstrip: false, rstrip: false, normalized: false, single_word: false };
    const decoder = (id: number, content: string) =>
      withConfig({ added_tokens_decoder: { [id]: { content, special: true, ...flags } } });
    await assertRejects(
      () => read(folder, decoder(4, "<|tool|>")),
      UsageError,
      "Expected added_tokens_decoder.4 to be a, as in tokenizer.json, but found <|tool|>",
    );
    await assertRejects(() => read(folder, decoder(9, "<|end|>")), UsageError, "<|end|> is 2");
    await assertRejects(
      () => read(folder, withConfig({ split_special_tokens: true })),
      UsageError,
      "split_special_tokens",
    );
    await assertRejects(
      () => read(folder, withConfig({ pad_token: "<new>" }), { vocab_size: 9 }),
      WorkbenchError,
      "Expected at most 9 tokens",
    );
  });
  assertThrows(() => surroundingIds({ type: "Trim" }, "t.json"), UsageError, "but found Trim");
  const two = { type: "TemplateProcessing", single: [], special_tokens: {} };
  assertThrows(() => surroundingIds(two, "t.json"), UsageError, "the text once");
  const nameless = { ...two, single: [{ SpecialToken: { id: "x" } }, { Sequence: { id: "A" } }] };
  assertThrows(() => surroundingIds(nameless, "t.json"), UsageError, "special_tokens to have x");
});
