/**
 * Byte-level BPE tokenizers, from a Hugging Face `tokenizer.json` or from what a GGUF file says of one.
 *
 * Encoding follows the library tokenizers of Hugging Face (see `textEncoder`). For decoding a token's bytes are joined
 * and read as UTF-8.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import { parseDefinition, type TokenizerDefinition } from "./tokenizer_definition.ts";
import { inMessage } from "../formats/text.ts";
import { symbolBytes } from "./byte_symbols.ts";
import { isNormalized } from "./added_tokens.ts";
import { normalizerOf } from "./normalizers.ts";
import { textEncoder } from "./encode.ts";
import { surroundingIds, templateProcessor } from "./post_processor.ts";

/** Which tokens begin, end and fill a text, and the model's chat template. */
export interface TokenizerRoles {
  /** Jinja source of the chat template. */
  readonly chatTemplate?: string;
  /** Token that begins a text: a template's `bos_token`. */
  readonly bosId?: number;
  /** Token that ends a text, as the tokenizer names it: a template's `eos_token`. */
  readonly eosId?: number;
  /** Tokens that end a completion; the first is the one that ends an answer in training. */
  readonly eosIds: readonly number[];
  /** Token that fills a batch; it may equal an end token. */
  readonly padId?: number;
}

/** The ids of a tokenizer that a model's configuration names, too. */
export function rolesOf(
  { bosId, eosIds, padId }: TokenizerRoles,
): Pick<TokenizerRoles, "bosId" | "eosIds" | "padId"> {
  return {
    eosIds,
    ...(bosId === undefined ? {} : { bosId }),
    ...(padId === undefined ? {} : { padId }),
  };
}

/** Turns text into token ids and back. */
export interface Tokenizer extends TokenizerRoles {
  /** One more than the largest id; a model's embedding may have more rows. */
  readonly vocabSize: number;
  /** The `tokenizer.json` that describes this tokenizer. */
  readonly definition: TokenizerDefinition;
  /**
   * Ids of `text`. Special tokens written out in it are recognised; those that the tokenizer puts around a text that
   * stands alone are added unless `addSpecial` is false, as it has to be for a rendered chat and for a part of a text.
   */
  readonly encode: (text: string, options?: { readonly addSpecial?: boolean }) => number[];
  /** Ids that `encode` puts before a text that stands alone; none where this is not there. */
  readonly prefixIds?: readonly number[];
  /** Text of `ids`; bytes that are not UTF-8 become U+FFFD, ids without a token are left out. */
  readonly decode: (
    ids: readonly number[],
    options?: { readonly skipSpecial?: boolean },
  ) => string;
  /** Bytes that a token stands for; none for an id without a token. */
  readonly tokenBytes: (id: number) => Uint8Array;
  /** Whether a token is special: a control token such as the end of a turn. */
  readonly isSpecial: (id: number) => boolean;
}

/**
 * Makes a tokenizer from the contents of a `tokenizer.json`.
 *
 * @param definition parsed `tokenizer.json`
 * @param roles special ids and chat template, which other files hold
 * @param where the file's path, for messages
 * @throws UsageError when the definition is not a byte-level BPE
 * @throws WorkbenchError when two tokens share an id or the model has no merges that it can use
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenizer } from "./tokenizer.ts";
 *
 * const tokenizer = createTokenizer({
 *   added_tokens: [{ id: 0, content: "<end>", special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }],
 *   pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
 *   decoder: { type: "ByteLevel" },
 *   model: { type: "BPE", vocab: { "<end>": 0, a: 1, b: 2, ab: 3 }, merges: [["a", "b"]] },
 * }, { eosIds: [0] }, "tokenizer.json");
 * assertEquals(tokenizer.encode("abba<end>"), [3, 2, 1, 0]);
 * assertEquals(tokenizer.decode([3, 2, 1, 0], { skipSpecial: true }), "abba");
 * ```
 */
export function createTokenizer(
  definition: unknown,
  roles: TokenizerRoles,
  where: string,
): Tokenizer {
  const checked = parseDefinition(definition, where);
  const tokens = tokenList(checked, where);
  const { before, after } = surroundingIds(checked["post_processor"], where);
  const special = new Set(
    checked.added_tokens.filter((token) => token.special).map((token) => token.id),
  );
  const idsOf = textEncoder(checked, where);
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const bytes: (Uint8Array | undefined)[] = [];
  // A token that is looked for in normalised text is decoded to its normalised form, and no special one if that is another.
  const normalize = normalizerOf(checked["normalizer"], where);
  const changed = new Map(
    checked.added_tokens.filter(isNormalized).map((token) =>
      [token, normalize(token.content)] as const
    )
      .filter(([{ content }, normal]) => normal !== content)
      .map(([{ id }, normal]) => [id, normal] as const),
  );
  const tokenBytes = (id: number): Uint8Array =>
    bytes[id] ??= bytesOfToken(changed.get(id) ?? tokens[id] ?? "");
  const leftOut = (id: number): boolean => special.has(id) && !changed.has(id);
  return {
    ...roles,
    vocabSize: tokens.length,
    definition: checked,
    prefixIds: before,
    encode: (text, options) => {
      const ids = idsOf(text);
      return options?.addSpecial === false ? ids : [...before, ...ids, ...after];
    },
    decode: (ids, options) => {
      const parts = ids.filter((id) => !(options?.skipSpecial && leftOut(id))).map(tokenBytes);
      const joined = new Uint8Array(
        parts.reduce((sum, part) => sum + part.length, 0),
      );
      let at = 0;
      for (const part of parts) {
        joined.set(part, at);
        at += part.length;
      }
      return utf8.decode(joined);
    },
    tokenBytes: (id) => tokenBytes(id).slice(),
    isSpecial: (id) => special.has(id),
  };
}

/**
 * How an added token is written in a text, which is not what it is decoded to where all its letters stand for bytes.
 *
 * @param tokenizer the tokenizer
 * @param id the token's id
 */
export function tokenName({ definition, tokenBytes }: Tokenizer, id: number): string {
  const added = definition.added_tokens?.find((token) => token.id === id);
  return added?.content ?? new TextDecoder().decode(tokenBytes(id));
}

function bytesOfToken(token: string): Uint8Array {
  const bytes = Array.from(token, (symbol) => symbolBytes.get(symbol));
  return bytes.every((byte) => byte !== undefined)
    ? Uint8Array.from(bytes as number[])
    : new TextEncoder().encode(token);
}

/** Tokens by id; an id may have none. */
function tokenList(
  definition: TokenizerDefinition,
  where: string,
): (string | undefined)[] {
  const named: [string, number][] = [
    ...Object.entries(definition.model.vocab),
    ...definition.added_tokens.map((
      token,
    ): [string, number] => [token.content, token.id]),
  ];
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of named) {
    if (id > 2 * named.length + 65536) {
      throw new WorkbenchError(
        `Expected dense token ids but found ${id} for "${inMessage(token)}" in ${where}`,
      );
    }
    if (tokens[id] !== undefined && tokens[id] !== token) {
      throw new WorkbenchError(
        `Expected every token id once but found ${id} for "${inMessage(tokens[id])}" and "${
          inMessage(token)
        }" in ${where}`,
      );
    }
    tokens[id] = token;
  }
  return tokens;
}

/**
 * A tokenizer with the same rules and a smaller vocabulary: special tokens, bytes and the first merges, in this order.
 *
 * @param tokenizer the tokenizer to take from
 * @param size number of tokens to keep
 * @throws WorkbenchError when `size` leaves no room for the special tokens and bytes
 */
export function truncateTokenizer(
  tokenizer: Tokenizer,
  size: number,
): Tokenizer {
  const { definition } = tokenizer;
  const added = [...definition.added_tokens].sort((a, b) => a.id - b.id);
  const isAdded = new Set(added.map((token) => token.content));
  const bytes = Object.keys(definition.model.vocab)
    .filter((token) => symbolBytes.has(token) && !isAdded.has(token))
    .sort((a, b) => definition.model.vocab[a]! - definition.model.vocab[b]!);
  const kept = new Map([...isAdded, ...bytes].map((token, id) => [token, id]));
  if (kept.size > size) {
    throw new WorkbenchError(
      `Expected a vocabulary of at least ${kept.size} tokens but found ${size}`,
    );
  }
  const merges: (readonly [string, string])[] = [];
  for (const merge of definition.model.merges) {
    const [left, right] = typeof merge === "string" ? merge.split(" ") as [string, string] : merge;
    const result = left + right;
    if (!kept.has(left) || !kept.has(right)) continue;
    if (!kept.has(result)) {
      if (kept.size === size) continue;
      kept.set(result, kept.size);
    }
    merges.push([left, right]);
  }
  const oldTokens = tokenList(definition, "the tokenizer");
  const newId = (id: number): number | undefined => kept.get(oldTokens[id] ?? "");
  const [bosId, eosId, padId] = [tokenizer.bosId, tokenizer.eosId, tokenizer.padId].map((id) =>
    id === undefined ? undefined : newId(id)
  );
  const { before, after } = surroundingIds(definition["post_processor"], "the tokenizer");
  const [first, last] = [before, after].map(([id]) => {
    const content = id === undefined ? undefined : oldTokens[id];
    return content === undefined ? undefined : { content, id: kept.get(content)! };
  });
  return createTokenizer({
    ...definition,
    post_processor: templateProcessor(first, last),
    added_tokens: added.map((token) => ({
      ...token,
      id: kept.get(token.content)!,
    })),
    model: { ...definition.model, vocab: Object.fromEntries(kept), merges },
  }, {
    ...(tokenizer.chatTemplate === undefined ? {} : { chatTemplate: tokenizer.chatTemplate }),
    ...(bosId === undefined ? {} : { bosId }),
    ...(eosId === undefined ? {} : { eosId }),
    ...(padId === undefined ? {} : { padId }),
    eosIds: tokenizer.eosIds.map(newId).filter((id) => id !== undefined),
  }, "the truncated tokenizer");
}
