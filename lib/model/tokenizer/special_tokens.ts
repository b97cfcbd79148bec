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
import { isNormalized } from "./added_tokens.ts";
import { normalizerOf } from "./normalizers.ts";
import { classNames, type TokenizerClass } from "./tokenizer_class.ts";
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
  split_special_tokens: z.literal(false).optional(),
  add_prefix_space: off,
});

/** What {@linkcode tokenizerConfigSchema} lets through. */
export type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>;

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
 * @param definition the contents of `tokenizer.json`, with the rules of the class that counts
 * @param files what stands beside it
 * @param rules the class of transformers that counts; undefined where `tokenizer.json` does
 * @param where path of `tokenizer_config.json`, for messages
 * @throws UsageError when a file is not of its form or two of them contradict each other about a token's id
 */
export function specialTokens(
  definition: TokenizerDefinition,
  files: SpecialTokenFiles,
  rules: TokenizerClass | undefined,
  where: string,
): SpecialTokens {
  const config = files.config ?? {};
  const legacy = config.added_tokens_decoder === undefined ||
    config.added_tokens_decoder === null;
  const map = legacy && files.map !== undefined
    ? parseConfig(mapSchema, files.map, where.replace("tokenizer_config", "special_tokens_map"))
    : {};
  const stated = statedTokens(config, map, definition, rules);
  const listed = legacy
    ? legacyTokens(definition, files.added, stated, where)
    : Object.entries(config.added_tokens_decoder!).map(([id, token]) => ({
      ...token,
      id: Number(id),
    }));
  const flags = new Map(listed.map((token) => [token.content, token]));
  const named = new Map(
    [...stated.named].map(([key, token]) => [key, flags.get(token.content) ?? token]),
  );
  const table = addedTokens(definition, rules !== undefined, where);
  const isNamed = new Set([...named.values()].map(({ content }) => content));
  const plain = { special: true, single_word: false, lstrip: false, rstrip: false };
  for (const token of listed.sort((a, b) => a.id - b.id)) {
    const special = token.special === true || isNamed.has(token.content);
    table.add({ normalized: token.special !== true, ...token, special }, token.id);
  }
  for (const token of named.values()) {
    if (!table.has(token.content)) table.add({ ...token, special: true });
  }
  for (const token of stated.extra) if (!table.has(token.content)) table.add(token);
  if (rules === "Qwen2Tokenizer") {
    for (const { content } of [...named.values(), ...stated.extra]) {
      table.add({ content, ...plain });
    }
  }
  const found = (key: string): number | undefined => {
    const name = named.get(key)?.content;
    return name === undefined ? undefined : table.idOf(name);
  };
  const [bosId, eosId, padId] = [found("bos_token"), found("eos_token"), found("pad_token")];
  return { definition: { ...definition, added_tokens: table.tokens() }, bosId, eosId, padId };
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

/** A token as it is named: what stands alone is special. */
function written(token: string | WrittenToken): WrittenToken {
  return typeof token === "string" ? { content: token, special: true } : token;
}

/** Tokens by what they are for, and others that are special. */
interface StatedTokens {
  readonly named: ReadonlyMap<string, WrittenToken>;
  readonly extra: readonly WrittenToken[];
}

function statedTokens(
  config: TokenizerConfig,
  map: z.infer<typeof mapSchema>,
  definition: TokenizerDefinition,
  rules: TokenizerClass | undefined,
): StatedTokens {
  const padding = definition["padding"] as { readonly pad_token?: unknown } | null | undefined;
  const defaults: Readonly<Record<string, unknown>> = rules === undefined
    ? { pad_token: padding?.pad_token }
    : classNames[rules];
  const named = new Map<string, WrittenToken>();
  const name = (key: string, token: unknown): void => {
    const parsed = tokenName.safeParse(token).data ?? undefined;
    if (parsed !== undefined) named.set(key, written(parsed));
  };
  for (const key of namedKeys) {
    const inMap = map[key];
    const said = inMap === undefined
      ? config[key]
      : inMap === null || typeof inMap === "string"
      ? inMap
      : { ...inMap, special: true };
    name(key, said === undefined ? defaults[key] : said);
  }
  // The older name counts where the newer says nothing.
  const more = [config.extra_special_tokens, config.additional_special_tokens]
    .find((list) => Array.isArray(list) ? list.length > 0 : Object.keys(list ?? {}).length > 0);
  const own = Object.entries(config).filter(([key]) =>
    key.endsWith("_token") && !(namedKeys as readonly string[]).includes(key)
  );
  for (const [key, token] of own) name(key, token);
  for (const list of [more, map.extra_special_tokens, config.model_specific_special_tokens]) {
    if (!Array.isArray(list)) {
      for (const [key, token] of Object.entries(list ?? {})) name(key, token);
    }
  }
  const said = "extra_special_tokens" in config || "additional_special_tokens" in config;
  const lists = [more, map.extra_special_tokens, said ? undefined : map.additional_special_tokens];
  return { named, extra: lists.flatMap((list) => Array.isArray(list) ? list.map(written) : []) };
}

/** The tokens of `tokenizer.json` and `added_tokens.json`; of the latter those that have a name are special. */
function legacyTokens(
  { added_tokens }: TokenizerDefinition,
  added: unknown,
  { named, extra }: StatedTokens,
  where: string,
): (WrittenToken & { id: number })[] {
  const ids = added === undefined ? {} : parseConfig(
    z.record(z.string(), z.int().nonnegative()),
    added,
    where.replace("tokenizer_config", "added_tokens"),
  );
  const special = new Set([...named.values(), ...extra].map(({ content }) => content));
  const older = Object.entries(ids).map(([content, id]) => ({
    content,
    id,
    special: special.has(content),
    normalized: !special.has(content),
  }));
  const byId = new Map<number, WrittenToken & { id: number }>();
  for (const token of [...older, ...added_tokens]) byId.set(token.id, token);
  return [...byId.values()];
}

const flagNames = ["single_word", "lstrip", "rstrip", "normalized", "special"];

/** The list of added tokens while more are put into it; `anew` where those of `tokenizer.json` are no beginning. */
function addedTokens(definition: TokenizerDefinition, anew: boolean, where: string): {
  readonly has: (content: string) => boolean;
  readonly idOf: (content: string) => number | undefined;
  readonly add: (token: WrittenToken, id?: number) => void;
  readonly tokens: () => AddedToken[];
} {
  const { model } = definition;
  const first = anew ? [] : definition.added_tokens;
  const byContent = new Map(first.map((token) => [token.content, token]));
  // Once special, a token stays special.
  const special = new Set(first.filter((token) => token.special).map(({ content }) => content));
  const contents = new Map<number, string>([
    ...Object.entries(model.vocab).map(([content, id]) => [id, content] as const),
    ...first.map(({ content, id }) => [id, content] as const),
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
  const normal = normalizerOf(definition["normalizer"], where);
  let next = [...contents.keys()].reduce((most, id) => Math.max(most, id), -1) + 1;
  return {
    has: (content) => byContent.has(content),
    idOf,
    tokens: () =>
      [...byContent.values()].map((token) => ({ ...token, special: special.has(token.content) }))
        .sort((a, b) => a.id - b.id),
    add: (token, wanted) => {
      const { content } = token;
      const id = idOf(content) ?? next;
      if (wanted !== undefined && wanted !== id) {
        const other = contents.get(wanted);
        if (other !== undefined && other !== content) fail(wanted, other, content);
        // A new token gets the next id, whatever the file says.
        fail(wanted, idOf(content) === undefined ? `${id}` : `free (${content} is ${id})`, content);
      }
      const normalized = token["normalized"] ?? token.special !== true;
      const before = byContent.get(content);
      if (
        before !== undefined && isNormalized(before) && !normalized && normal(content) !== content
      ) {
        throw new UsageError(
          `Expected the token ${
            inMessage(content)
          } to be normalized in all files or in none but found it ` +
            `otherwise in ${where}`,
        );
      }
      if (token.special === true) special.add(content);
      contents.set(id, content);
      next = Math.max(next, id + 1);
      const set = Object.fromEntries(flagNames.map((flag) => [flag, token[flag] === true]));
      byContent.set(content, { ...set, content, normalized, special: set["special"]!, id });
    },
  };
}
