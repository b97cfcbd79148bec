/**
 * Which tokens are special and which begin, end and fill a text, decided as transformers 5 does it from the files of a
 * model folder.
 *
 * | question | decided by, the first that says it |
 * | :--- | :--- |
 * | `bos_token`, `eos_token`, `pad_token` of templates and exports | `tokenizer_config.json` (a `null` says: none); `special_tokens_map.json` before it where there is no `added_tokens_decoder`; what the tokenizer's class takes for granted; without a `tokenizer_config.json` the ids of `config.json` |
 * | the token that ends an answer in training | the special token that the chat template writes behind an answer; `eos_token`; the first end token of `generation_config.json` or `config.json` |
 * | the tokens that end a completion | all of these, and all end tokens of `generation_config.json` or else `config.json` |
 * | tokens around a text without chat format | the `post_processor` of `tokenizer.json`; `add_bos_token` and `add_eos_token` of `tokenizer_config.json` do not count beside it |
 * | tokens that are found in a text | `added_tokens` of `tokenizer.json`, then `added_tokens_decoder` (or `added_tokens.json`), then the tokens that are named above and in `extra_special_tokens` |
 *
 * @module
 */

import * as z from "zod";
import { parseConfig, UsageError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import type { AddedToken, TokenizerDefinition } from "./tokenizer_definition.ts";

const flags = {
  single_word: z.boolean().optional(),
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
  normalized: z.boolean().optional(),
  special: z.boolean().optional(),
};

const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string(), ...flags })]);
const tokenName = tokenSchema.nullish();
type TokenName = z.infer<typeof tokenName>;

/** A token as a file writes it, with or without its flags. */
interface WrittenToken {
  readonly content: string;
  readonly special?: boolean | undefined;
  readonly [flag: string]: unknown;
}

/** A key that must have the value with which it changes nothing. */
const off = z.literal(false).nullish();

const namedKeys = [
  "bos_token",
  "eos_token",
  "unk_token",
  "sep_token",
  "pad_token",
  "cls_token",
  "mask_token",
] as const;

const names = Object.fromEntries(namedKeys.map((key) => [key, tokenName])) as Record<
  typeof namedKeys[number],
  typeof tokenName
>;

const extraTokens = z.union([z.array(tokenSchema), z.record(z.string(), tokenSchema)]).nullish();

const mapSchema = z.looseObject({
  ...names,
  additional_special_tokens: extraTokens,
  extra_special_tokens: extraTokens,
});

/** What `tokenizer_config.json` says of special tokens; other keys are kept out, see lib/model/README.md. */
export const tokenizerConfigSchema = z.looseObject({
  ...names,
  additional_special_tokens: extraTokens,
  extra_special_tokens: extraTokens,
  model_specific_special_tokens: extraTokens,
  added_tokens_decoder: z.record(
    z.string().regex(/^\d+$/),
    z.looseObject({ content: z.string(), ...flags }),
  ).nullish(),
  tokenizer_class: z.string().nullish(),
  chat_template: z.union([
    z.string(),
    z.array(z.object({ name: z.string(), template: z.string() })),
  ]).nullish(),
  split_special_tokens: off,
  add_prefix_space: off,
});

/** What {@linkcode tokenizerConfigSchema} lets through. */
export type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>;

/** Names that a class of transformers gives to byte-level tokenizers where `tokenizer_config.json` gives none. */
const classDefaults: Readonly<Record<string, Partial<Record<typeof namedKeys[number], string>>>> = {
  Qwen2Tokenizer: {
    eos_token: "<|endoftext|>",
    pad_token: "<|endoftext|>",
    unk_token: "<|endoftext|>",
  },
  GPT2Tokenizer: {
    bos_token: "<|endoftext|>",
    eos_token: "<|endoftext|>",
    unk_token: "<|endoftext|>",
  },
};

/** What the files beside a `tokenizer.json` say of special tokens. */
export interface SpecialTokenFiles {
  /** `tokenizer_config.json`, checked; undefined where there is none. */
  readonly config: TokenizerConfig | undefined;
  /** Parsed `special_tokens_map.json`, where there is one. */
  readonly map: unknown;
  /** Parsed `added_tokens.json`, where there is one. */
  readonly added: unknown;
}

/** The special tokens by name, and the tokenizer's definition with all of them in it. */
export interface SpecialTokens {
  /** The definition with every added token. */
  readonly definition: TokenizerDefinition;
  /** Token that begins a text, if the tokenizer has one. */
  readonly bosId: number | undefined;
  /** Token that ends a text, if the tokenizer has one. */
  readonly eosId: number | undefined;
  /** Token that fills a batch, if the tokenizer has one. */
  readonly padId: number | undefined;
}

/**
 * Decides the special tokens of a model folder.
 *
 * @param definition the contents of `tokenizer.json`
 * @param files what stands beside it
 * @param where path of `tokenizer_config.json`, for messages
 * @throws UsageError when a file is not of its form or two of them contradict each other about a token's id
 */
export function specialTokens(
  definition: TokenizerDefinition,
  files: SpecialTokenFiles,
  where: string,
): SpecialTokens {
  const config = files.config ?? {};
  const legacy = config.added_tokens_decoder === undefined ||
    config.added_tokens_decoder === null;
  const map = legacy && files.map !== undefined
    ? parseConfig(mapSchema, files.map, where.replace("tokenizer_config", "special_tokens_map"))
    : {};
  const named = namedTokens(config, map, definition);
  const extra = [
    // The older name counts where the newer is not there.
    config.extra_special_tokens ?? config.additional_special_tokens ??
      map.additional_special_tokens,
    map.extra_special_tokens,
    config.model_specific_special_tokens,
    Object.entries(config).filter(([key, value]) => key.endsWith("_token") && isToken(value))
      .map(([, value]) => value as TokenName),
  ].flatMap((list) => Object.values(list ?? {}) as (string | WrittenToken)[]);
  const listed = legacy
    ? legacyTokens(files.added, named, where)
    : Object.entries(config.added_tokens_decoder!).map(([id, token]) => ({
      ...token,
      id: Number(id),
    }));
  const table = addedTokens(definition, where);
  for (const token of listed.sort((a, b) => a.id - b.id)) table.add(token, token.id);
  for (const name of [...Object.values(named), ...extra]) {
    if (name === null || name === undefined) continue;
    const token = typeof name === "string" ? { content: name } : name;
    if (!table.has(token.content)) table.add({ ...token, special: true });
  }
  const found = (key: typeof namedKeys[number]): number | undefined => {
    const name = contentOf(named[key]);
    return name === undefined ? undefined : table.idOf(name);
  };
  const [bosId, eosId, padId] = [found("bos_token"), found("eos_token"), found("pad_token")];
  return { definition: { ...definition, added_tokens: table.tokens() }, bosId, eosId, padId };
}

/** Whether a value is a token, as a model's own names such as `image_token` have. */
function isToken(value: unknown): boolean {
  return typeof value === "string" ||
    typeof value === "object" && value !== null && "content" in value;
}

/** Keys of `tokenizer_config.json` that change no ids here: lengths, sides, decoding, names, classes. */
const harmless = new Set([
  "add_bos_token",
  "add_eos_token",
  "auto_map",
  "backend",
  "chat_template",
  "clean_up_tokenization_spaces",
  "device_map",
  "errors",
  "is_local",
  "legacy",
  "local_files_only",
  "max_len",
  "max_length",
  "model_input_names",
  "model_max_length",
  "name_or_path",
  "pad_to_multiple_of",
  "pad_token_type_id",
  "padding_side",
  "processor_class",
  "return_token_type_ids",
  "sp_model_kwargs",
  "spaces_between_special_tokens",
  "special_tokens_map_file",
  "stride",
  "tokenizer_file",
  "trim_offsets",
  "truncation",
  "truncation_side",
  "truncation_strategy",
  "unk_id",
  "use_default_system_prompt",
  "use_fast",
  "vocab_file",
  "vocab_size",
]);

/**
 * What a user should know about a `tokenizer_config.json`.
 *
 * @param config its contents
 * @param where its path
 * @returns sentences, none where every key is known
 */
export function tokenizerConfigNotes(
  config: Readonly<Record<string, unknown>>,
  where: string,
): string[] {
  const unknown = Object.keys(config).filter((key) =>
    !harmless.has(key) && !Object.hasOwn(tokenizerConfigSchema.shape, key) &&
    !key.endsWith("_token")
  );
  return unknown.length === 0
    ? []
    : [`keys that nothing here reads: ${inMessage(unknown.join(", "))} in ${where}`];
}

function contentOf(name: TokenName): string | undefined {
  return typeof name === "string" ? name : name?.content;
}

function namedTokens(
  config: TokenizerConfig,
  map: z.infer<typeof mapSchema>,
  { model, added_tokens }: TokenizerDefinition,
): Partial<Record<typeof namedKeys[number], TokenName>> {
  const defaults = classDefaults[(config.tokenizer_class ?? "").replace(/Fast$/, "")] ?? {};
  const known = (name: string | undefined): string | undefined =>
    name !== undefined &&
      (Object.hasOwn(model.vocab, name) || added_tokens.some(({ content }) => content === name))
      ? name
      : undefined;
  return Object.fromEntries(namedKeys.map((key) => {
    const said = map[key] !== undefined ? map[key] : config[key];
    return [key, said === undefined ? known(defaults[key]) : said];
  }));
}

/** The tokens of `added_tokens.json`; those that have a name are special. */
function legacyTokens(
  added: unknown,
  named: Partial<Record<string, TokenName>>,
  where: string,
): (WrittenToken & { id: number })[] {
  if (added === undefined) return [];
  const ids = parseConfig(
    z.record(z.string(), z.int().nonnegative()),
    added,
    where.replace("tokenizer_config", "added_tokens"),
  );
  const special = new Set(Object.values(named).map(contentOf));
  return Object.entries(ids).map(([content, id]) => ({
    content,
    id,
    special: special.has(content),
    normalized: !special.has(content),
  }));
}

/** The list of added tokens while more are put into it. */
function addedTokens({ model, added_tokens }: TokenizerDefinition, where: string): {
  readonly has: (content: string) => boolean;
  readonly idOf: (content: string) => number | undefined;
  readonly add: (token: WrittenToken, id?: number) => void;
  readonly tokens: () => AddedToken[];
} {
  const byContent = new Map(added_tokens.map((token) => [token.content, token]));
  const contents = new Map<number, string>([
    ...Object.entries(model.vocab).map(([content, id]) => [id, content] as const),
    ...added_tokens.map(({ content, id }) => [id, content] as const),
  ]);
  const idOf = (content: string): number | undefined =>
    byContent.get(content)?.id ??
      (Object.hasOwn(model.vocab, content) ? model.vocab[content] : undefined);
  const fail = (id: number, expected: string, found: string): never => {
    throw new UsageError(
      `Expected added_tokens_decoder.${id} to be ${
        inMessage(expected)
      }, as in tokenizer.json, but found ${
        inMessage(found)
      } in ${where}: take both files from the same version of the model`,
    );
  };
  let next = Math.max(-1, ...contents.keys()) + 1;
  return {
    has: (content) => byContent.has(content),
    idOf,
    tokens: () => [...byContent.values()].sort((a, b) => a.id - b.id),
    add: (token, wanted) => {
      const { content } = token;
      const id = idOf(content) ?? wanted ?? next;
      const other = contents.get(wanted ?? id);
      if (other !== undefined && other !== content) fail(wanted!, other, content);
      if (wanted !== undefined && wanted !== id) {
        fail(wanted, `free (${content} is ${id})`, content);
      }
      contents.set(id, content);
      next = Math.max(next, id + 1);
      byContent.set(content, {
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: token.special !== true,
        ...token,
        special: token.special ?? byContent.get(content)?.special ?? false,
        id,
      });
    },
  };
}
