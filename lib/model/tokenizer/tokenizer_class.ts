/**
 * The class of transformers 5 that reads a model's tokenizer. Some classes have rules of their own, which count before the
 * normaliser, the pre-tokeniser and the flags of `tokenizer.json`.
 *
 * @module
 */

import { UsageError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import {
  isolating,
  qwen2Words,
  rulesOfDefinition,
  type TokenizerDefinition,
} from "./tokenizer_definition.ts";

/** A class with rules of its own. */
export type TokenizerClass = "Qwen2Tokenizer" | "GPT2Tokenizer";

/** The special tokens that a class takes for granted where `tokenizer_config.json` has no such key. */
export const classNames: Readonly<Record<TokenizerClass, Readonly<Record<string, string>>>> = {
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

/** Classes with rules of their own that are not known here. */
const unknown = [
  ...["Blenderbot", "CLIP", "CodeLlama", "Cohere", "Esmc", "GPTNeoX", "Gemma", "LayoutLMv3"],
  ...["Luke", "MarkupLM", "OpenAIGPT", "Qwen3_5", "Roberta", "Siglip2", "Whisper"],
];

/**
 * The class with rules of its own that transformers reads a byte-level tokenizer with.
 *
 * @param architecture the `model_type` of `config.json`
 * @param declared `tokenizer_class` of `tokenizer_config.json`, if it says one
 * @param where path of `tokenizer_config.json`, for messages
 * @returns undefined where the rules of `tokenizer.json` count
 * @throws UsageError for a class whose rules are not known here
 */
export function tokenizerClass(
  architecture: string,
  declared: string | undefined,
  where: string,
): TokenizerClass | undefined {
  const name = declared?.replace(/Fast$/, "");
  // For this architecture transformers does not believe what the file says.
  if (architecture === "qwen2") return "Qwen2Tokenizer";
  if (name === undefined) return architecture === "qwen3" ? "Qwen2Tokenizer" : undefined;
  if (name === "Qwen2Tokenizer" || name === "GPT2Tokenizer") return name;
  if (unknown.some((prefix) => name === `${prefix}Tokenizer`)) {
    throw new UsageError(
      `Expected tokenizer_class to be PreTrainedTokenizerFast, Qwen2Tokenizer or GPT2Tokenizer but found ${
        inMessage(declared!)
      } in ${where}: write PreTrainedTokenizerFast if the rules of tokenizer.json count`,
    );
  }
  return undefined;
}

const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };

/** The rules of the classes. */
const rules: Readonly<
  Record<TokenizerClass, Pick<TokenizerDefinition, "pre_tokenizer" | "normalizer">>
> = {
  Qwen2Tokenizer: {
    normalizer: { type: "NFC" },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [isolating(qwen2Words), { ...bytes, use_regex: false }],
    },
  },
  GPT2Tokenizer: { normalizer: null, pre_tokenizer: { ...bytes, use_regex: true } },
};

/**
 * A definition with the rules of a class in place of its own.
 *
 * @param definition the contents of `tokenizer.json`
 * @param name the class; undefined leaves the definition as it is
 */
export function withClassRules(
  definition: TokenizerDefinition,
  name: TokenizerClass | undefined,
): TokenizerDefinition {
  if (name === undefined) return definition;
  const { vocab, merges } = definition.model;
  return {
    ...definition,
    ...rules[name],
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: "BPE", dropout: null, unk_token: null, byte_fallback: false, vocab, merges },
  };
}

/**
 * What a user should know where a class counts and `tokenizer.json` says otherwise.
 *
 * @param definition the contents of `tokenizer.json`
 * @param name the class
 * @param where path of `tokenizer.json`
 * @returns sentences, none where both say the same
 */
export function classNotes(
  definition: TokenizerDefinition,
  name: TokenizerClass | undefined,
  where: string,
): string[] {
  const own = rulesOfDefinition(definition);
  const other = rulesOfDefinition(withClassRules(definition, name));
  const keys = Object.keys(own).filter((key) => own[key] !== other[key]);
  return keys.length === 0 ? [] : [
    `the rules of transformers' class ${name} count and ${
      keys.join(", ")
    } of ${where} not, as in transformers 5`,
  ];
}
