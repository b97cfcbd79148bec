/**
 * The contents of a `tokenizer.json` with a byte-level BPE model: checked, or written from what a GGUF file says.
 *
 * @module
 */

import * as z from "zod";
import { parseConfig, WorkbenchError } from "../../runtime/mod.ts";

/** How a text is cut before merging: one step, or a `Sequence` of steps. */
export interface Pretokenizer {
  /** Name of the step, such as `ByteLevel`. */
  readonly type: string;
  /** What else the step needs. */
  readonly [key: string]: unknown;
}

const pretokenizerSchema = z.looseObject({ type: z.string() });

/** Vocabularies are long, so they are checked in plain loops. */
function isVocabulary(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((id) => Number.isSafeInteger(id) && id >= 0);
}

function isMergeList(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((merge) =>
      typeof merge === "string"
        ? merge.includes(" ")
        : Array.isArray(merge) && merge.length === 2 &&
          typeof merge[0] === "string" && typeof merge[1] === "string"
    );
}

const definitionSchema = z.looseObject({
  added_tokens: z.array(
    z.looseObject({
      id: z.number().int().nonnegative(),
      content: z.string(),
      special: z.boolean(),
    }),
  ).default([]),
  pre_tokenizer: pretokenizerSchema,
  decoder: z.looseObject({ type: z.literal("ByteLevel") }),
  model: z.looseObject({
    type: z.literal("BPE"),
    byte_fallback: z.literal(false).nullish(),
    vocab: z.custom<Readonly<Record<string, number>>>(isVocabulary, "ids by token"),
    merges: z.custom<readonly (string | readonly [string, string])[]>(
      isMergeList,
      "pairs of tokens",
    ),
  }),
});

/** A token that is found in a text before anything else is done to it. */
export interface AddedToken {
  /** Its id. */
  readonly id: number;
  /** How it is written in a text. */
  readonly content: string;
  /** Whether it is a control token, which decoding can leave out. */
  readonly special: boolean;
  /** Flags that say how it is found. */
  readonly [flag: string]: unknown;
}

/** The contents of a `tokenizer.json` with a byte-level BPE model; keys not listed are kept as they are. */
export interface TokenizerDefinition {
  /** Special tokens and others that are found before merging. */
  readonly added_tokens: readonly AddedToken[];
  /** How a text is cut before merging. */
  readonly pre_tokenizer: Pretokenizer;
  /** Vocabulary and merges. */
  readonly model: {
    /** Ids by token. */
    readonly vocab: Readonly<Record<string, number>>;
    /** Pairs of tokens that become one, the first first; `"a b"` in older files. */
    readonly merges: readonly (string | readonly [string, string])[];
    /** What else the model says. */
    readonly [key: string]: unknown;
  };
  /** What else the file says. */
  readonly [key: string]: unknown;
}

/**
 * Checks the contents of a `tokenizer.json`.
 *
 * @param definition parsed `tokenizer.json`
 * @param where the file's path, for messages
 * @throws UsageError when it is not a byte-level BPE
 */
export function parseDefinition(definition: unknown, where: string): TokenizerDefinition {
  return parseConfig(definitionSchema, definition, where);
}

/**
 * Checks the steps of a `Sequence`.
 *
 * @param steps what stands at its key `pretokenizers`
 * @throws UsageError when they are not a list of steps
 */
export function parsePretokenizers(steps: unknown): Pretokenizer[] {
  return parseConfig(z.array(pretokenizerSchema), steps, "pre_tokenizer");
}

/**
 * A step that makes every match of a pattern a piece of its own.
 *
 * @param pattern regular expression with Unicode classes
 */
export function isolating(pattern: string): Pretokenizer {
  return {
    type: "Split",
    pattern: { Regex: pattern },
    behavior: "Isolated",
    invert: false,
  };
}

/** How Qwen2 cuts text into words. */
export const qwen2Words =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** Pre-tokenizers by the name that llama.cpp gives them (`tokenizer.ggml.pre`). */
const ggufPretokenizers: Readonly<Record<string, unknown>> = (() => {
  const byteLevel = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  };
  const sequence = (...pretokenizers: unknown[]): unknown => ({
    type: "Sequence",
    pretokenizers,
  });
  const bytes = { ...byteLevel, use_regex: false };
  const llama3 = sequence(isolating(qwen2Words.replace("\\p{N}|", "\\p{N}{1,3}|")), bytes);
  const qwen2 = sequence(isolating(qwen2Words), bytes);
  return {
    "gpt-2": byteLevel,
    smollm: sequence({ type: "Digits", individual_digits: true }, byteLevel),
    qwen2,
    "llama-bpe": llama3,
    default: sequence(
      isolating("[\\p{P}\\$\\+<=>\\^~\\|]+"),
      isolating(
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
      ),
      isolating("\\p{N}+"),
      isolating("[0-9][0-9][0-9]"),
      bytes,
    ),
    // Other names that llama.cpp gives to the same rules.
    "phi-2": byteLevel,
    "deepseek-r1-qwen": qwen2,
    llama3,
    "llama-v3": llama3,
    falcon3: llama3,
    lfm2: llama3,
    pixtral: llama3,
  };
})();

/**
 * Whether llama.cpp cuts texts as for Llama 3: a word that is a token is taken whole, and a text gets a begin token where
 * the file does not say.
 *
 * @param pre name of a pre-tokenizer
 */
export function isLlama3Pretokenizer(pre: string): boolean {
  return Object.hasOwn(ggufPretokenizers, pre) &&
    ggufPretokenizers[pre] === ggufPretokenizers["llama-bpe"];
}

/** What a pre-tokenizer does, without the flags that only concern offsets. */
function essence(step: unknown): unknown {
  const { type, ...rest } = step as Pretokenizer;
  if (type === "Sequence") return parsePretokenizers(rest["pretokenizers"]).map(essence);
  if (type === "ByteLevel") {
    return [type, rest["add_prefix_space"] ?? true, rest["use_regex"] ?? true];
  }
  return [type, ...Object.entries(rest).sort(([a], [b]) => a < b ? -1 : 1)];
}

/** What decides the tokens of a text, by key, in a form that can be compared. */
export function rulesOfDefinition(definition: TokenizerDefinition): Record<string, string> {
  const { normalizer, pre_tokenizer, model } = definition;
  return {
    normalizer: JSON.stringify(normalizer ?? null),
    pre_tokenizer: JSON.stringify(essence(pre_tokenizer)),
    "model.ignore_merges": String(model["ignore_merges"] === true),
  };
}

/**
 * The name that llama.cpp gives the pre-tokenizer of a tokenizer: what {@link definitionFromGguf} takes as `pre`.
 *
 * @param definition contents of a `tokenizer.json`
 * @returns undefined when none of the known names means the same
 */
export function ggufPretokenizerName(definition: TokenizerDefinition): string | undefined {
  const own = JSON.stringify(essence(definition.pre_tokenizer));
  const known = Object.entries(ggufPretokenizers)
    .find(([, step]) => JSON.stringify(essence(step)) === own)?.[0];
  const normalizer = definition["normalizer"] as { type?: unknown } | null | undefined;
  const same = (normalizer?.type ?? null) === (known === "qwen2" ? "NFC" : null) &&
    (definition.model["ignore_merges"] === true) === (known === "llama-bpe");
  return same ? known : undefined;
}

/**
 * The `tokenizer.json` that says the same as the tokenizer keys of a GGUF file.
 *
 * @param keys tokens by id, their types (3 is a control token, 4 one that a user added, 5 one
 *   that only fills the vocabulary) and the merges in order
 * @param pre llama.cpp's name of the pre-tokenizer, such as `smollm`, `gpt-2`, `qwen2` or `llama-bpe`
 * @param where the file's path, for messages
 * @throws WorkbenchError when the pre-tokenizer is not known
 */
export function definitionFromGguf(
  keys: {
    readonly tokens: readonly string[];
    readonly types: readonly number[];
    readonly merges: readonly string[];
  },
  pre: string,
  where: string,
): unknown {
  const pretokenizer = Object.hasOwn(ggufPretokenizers, pre) ? ggufPretokenizers[pre] : undefined;
  if (pretokenizer === undefined) {
    throw new WorkbenchError(
      `Expected tokenizer.ggml.pre to be one of ${
        Object.keys(ggufPretokenizers).join(", ")
      } but found ${JSON.stringify(pre)} in ${where}`,
    );
  }
  const flags = {
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  };
  const added = keys.tokens.flatMap((content, id) => {
    const type = keys.types[id];
    return type === 3 || type === 4 ? [{ id, content, ...flags, special: type === 3 }] : [];
  });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: pretokenizer === ggufPretokenizers["qwen2"] ? { type: "NFC" } : null,
    pre_tokenizer: pretokenizer,
    post_processor: null,
    decoder: {
      type: "ByteLevel",
      add_prefix_space: true,
      trim_offsets: true,
      use_regex: true,
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: isLlama3Pretokenizer(pre),
      vocab: Object.fromEntries(
        keys.tokens.flatMap((token, id) => keys.types[id] === 5 ? [] : [[token, id]]),
      ),
      merges: keys.merges.map((merge) => {
        const at = merge.indexOf(" ", 1);
        return [merge.slice(0, at), merge.slice(at + 1)];
      }),
    },
  };
}
