/**
 * Random configurations, tokenizer files and templates, as transformers, tokenizers and jinja2 read them: the same numbers
 * and texts, or a refusal in one line. `BALANCEDBIO_FUZZ_FOLDER` names a folder with more of them.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readTokenizer } from "../../lib/model/checkpoint/checkpoint.ts";
import { renderTemplate, TemplateError } from "../../lib/model/tokenizer/jinja/render.ts";
import { tokenName } from "../../lib/model/tokenizer/tokenizer.ts";
import { tokenizerClass } from "../../lib/model/tokenizer/tokenizer_class.ts";
import { startBackend, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import { inTemporaryFolder, parityPath, readJson } from "./fixtures.ts";
import { baseConfig, type ConfigRow, lastLogits } from "./formula_model.ts";

const folder = Deno.env.get("BALANCEDBIO_FUZZ_FOLDER") ?? parityPath("fuzz");
const rowsOf = <Row>(name: string): readonly Row[] => readJson(join(folder, `${name}.json`)).rows;

/** What a refusal is told as; anything else is a fault. */
function assertRefusal(error: unknown, label: string): void {
  const told = [UsageError, WorkbenchError, TemplateError].some((kind) => error instanceof kind);
  assert(told, `${label}: ${error instanceof Error ? error.stack : error}`);
  const { message } = error as Error;
  assert(!/[\r\n]/.test(message) && message.length < 1000, `${label}: ${message}`);
}

/** At least so many of a hundred rows are read, or refusing all would pass. */
function assertShare(read: number, of: number, least: number): void {
  assert(100 * read >= least * of, `${read} of ${of} rows are read`);
}

Deno.test("fuzz: templates make jinja2's texts or are refused", () => {
  const { variables } = readJson(join(parityPath("templates"), "reference.json"));
  const rows = rowsOf<readonly [string, string | null]>("templates");
  const now = new Date(2024, 1, 5, 8, 7, 6);
  let read = 0;
  for (const [template, text] of rows) {
    let found: string;
    try {
      found = renderTemplate(template, variables, now);
    } catch (error) {
      assertRefusal(error, template);
      continue;
    }
    assertEquals(found, text, template);
    read++;
  }
  assertShare(read, rows.length, 62);
});

const notOf = (type: string) => (value: unknown) => value !== null && typeof value !== type;
const notNumber = (value: unknown) => typeof value !== "number" || value < 0 || value > 1;
const notInteger = (value: unknown) => !Number.isInteger(value);

/**
 * Values that transformers refuses by their type alone, of keys that change no number, and of two whose meaning is plain:
 * an integer for a fraction, and null for what is off.
 */
const lenient: Readonly<Record<string, (value: unknown) => boolean>> = {
  attention_dropout: notOf("number"),
  initializer_range: notNumber,
  use_cache: (value) => typeof value !== "boolean",
  max_window_layers: notInteger,
  sliding_window: notInteger,
  num_labels: notInteger,
  pretraining_tp: notInteger,
  id2label: notOf("object"),
  auto_map: (value) => value === null,
  output_attentions: notOf("boolean"),
  output_hidden_states: notOf("boolean"),
  dtype: () => true,
  torch_dtype: () => true,
  _attn_implementation: () => true,
  attn_implementation: () => true,
  experts_implementation: () => true,
  rms_norm_eps: Number.isInteger,
  use_sliding_window: (value) => value === null,
};

Deno.test("fuzz: configurations give transformers' logits or are refused", async () => {
  await startBackend();
  const rows = rowsOf<ConfigRow>("configs");
  let read = 0;
  for (const row of rows) {
    const label = `${row.architecture} ${JSON.stringify(row.change)}`;
    let found: Float32Array;
    try {
      found = lastLogits(row);
    } catch (error) {
      assertRefusal(error, label);
      continue;
    }
    if (row.refused !== undefined) {
      const excused = Object.entries(row.change).some(([key, value]) =>
        value !== "absent" && Object.hasOwn(lenient, key) && lenient[key]!(value)
      );
      assert(excused, `${label}: transformers refuses what is read here`);
      continue;
    }
    row.logits!.forEach((value, i) =>
      assert(Math.abs(found[i]! - value) < 2e-4, `${label}: logit ${i} ${found[i]} for ${value}`)
    );
    read++;
  }
  assertShare(read, rows.length, 38);
});

interface TokenizerRow {
  readonly architecture: string;
  readonly change: { readonly added_tokens: readonly Record<string, unknown>[] };
  readonly model?: Record<string, unknown>;
  readonly files: Readonly<Record<string, Record<string, unknown>>>;
  readonly texts: readonly string[];
  readonly names?: readonly (string | null)[];
  readonly part: readonly number[][];
  readonly alone?: readonly number[][];
  readonly decoded: readonly string[];
  readonly with_special?: readonly string[];
  readonly refused?: string;
}

const off = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };

/** The files of a row. */
function filesOf({ architecture, change, model, files }: TokenizerRow): Record<string, unknown> {
  const { base } = readJson(join(parityPath("tokenizers"), "reference.json"));
  const added_tokens = change.added_tokens.map((token) => ({ ...off, ...token }));
  const vocab_size = Object.keys(base.model.vocab).length + 20;
  return {
    "config.json": { model_type: architecture, ...baseConfig, vocab_size },
    "tokenizer.json": { ...base, ...change, added_tokens, model: { ...base.model, ...model } },
    ...files,
  };
}

/** What is read of a row's files. */
async function outcome(path: string, row: TokenizerRow): Promise<Record<string, unknown>> {
  for await (const { name } of Deno.readDir(path)) await Deno.remove(join(path, name));
  for (const [name, content] of Object.entries(filesOf(row))) {
    await Deno.writeTextFile(join(path, name), JSON.stringify(content));
  }
  const tokenizer = await readTokenizer(path);
  const { bosId, eosId, padId, encode, decode, eosIds } = tokenizer;
  const ends = [row.files["generation_config.json"]?.["eos_token_id"] ?? []].flat() as number[];
  assert(ends.every((id) => eosIds.includes(id)), "all ends of generation_config.json count");
  const part = row.texts.map((text) => encode(text, { addSpecial: false }));
  return {
    names: [bosId, eosId, padId].map((id) => id === undefined ? null : tokenName(tokenizer, id)),
    part,
    alone: row.texts.map((text) => encode(text)),
    decoded: part.map((ids) => decode(ids, { skipSpecial: true })),
    with_special: part.map((ids) => decode(ids)),
  };
}

Deno.test("fuzz: tokenizer files give transformers' names, ids and texts or are refused", async () => {
  const rows = rowsOf<TokenizerRow>("tokenizers");
  let read = 0;
  await inTemporaryFolder(async (path) => {
    for (const row of rows) {
      const { architecture, files } = row;
      const label = JSON.stringify([architecture, row.change, row.model, files]);
      let found: Record<string, unknown>;
      try {
        found = await outcome(path, row);
      } catch (error) {
        assertRefusal(error, label);
        continue;
      }
      if (row.refused !== undefined) {
        // Where a class of transformers has rules of its own those of tokenizer.json are not read, sound or not.
        const declared = files["tokenizer_config.json"]?.["tokenizer_class"] as string | undefined;
        assert(tokenizerClass(architecture, declared, "") !== undefined, `${label}: refused there`);
        assert(row.refused.includes("Exception"), label);
        continue;
      }
      const { names, part, decoded, alone = part, with_special = decoded } = row;
      assertEquals(found, { names, part, alone, decoded, with_special }, label);
      read++;
    }
  });
  assertShare(read, rows.length, 50);
});
