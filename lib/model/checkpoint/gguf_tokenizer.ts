/**
 * The tokenizer that a GGUF file describes, with the special tokens that llama.cpp sees in it.
 *
 * | question | decided by |
 * | :--- | :--- |
 * | how a text is cut before merging | `tokenizer.ggml.pre`; `default` where it is missing, as in llama.cpp, with a note |
 * | `bos_token`, `eos_token` of templates and exports | `bos_token_id`, `eos_token_id` |
 * | the token that ends an answer in training | the special token that the chat template writes behind an answer; `eos_token_id` |
 * | the tokens that end a completion | these, `eot_token_id`, `eom_token_id`, and the tokens that llama.cpp knows by their text |
 * | tokens around a text without chat format | `add_bos_token` and `add_eos_token`; without them a begin token for the pre-tokenizer of Llama 3 alone |
 *
 * @module
 */

import type { GgufHeader } from "../formats/gguf.ts";
import { inMessage } from "../formats/text.ts";
import { withAllEnds } from "../tokenizer/chat.ts";
import { templateProcessor } from "../tokenizer/post_processor.ts";
import { createTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { definitionFromGguf, isLlama3Pretokenizer } from "../tokenizer/tokenizer_definition.ts";
import { failKey, type GgufMetadata, integerAt, listAt } from "./gguf_metadata.ts";

/** Tokens at which llama.cpp ends a completion, whatever the metadata say (`llama-vocab.cpp` of August 2026). */
const endTexts: ReadonlySet<string> = new Set([
  "<|eot_id|>",
  "<|im_end|>",
  "<|end|>",
  "<|return|>",
  "<|call|>",
  "<|flush|>",
  "<|calls|>",
  "<end_of_turn>",
  "<|endoftext|>",
  "</s>",
  "<|eom_id|>",
  "<EOT>",
  "_<EOT>",
  "[EOT]",
  "[EOS]",
  "<|end_of_text|>",
  "<end_of_utterance>",
  "<eos>",
  "<turn|>",
  "<|tool_response>",
  "<｜end▁of▁sentence｜>",
  "[e~[",
]);

/** Tokens of code models that end a completion, too: of each list the first that the vocabulary has. */
const fillerTexts: Readonly<Record<string, readonly string[]>> = {
  fim_pad: ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"],
  fim_rep: ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"],
  fim_sep: ["<|file_sep|>"],
};

const controlType = 3;

/**
 * Makes the tokenizer that a GGUF file describes.
 *
 * @param header the file's header
 * @param where its path, for messages
 * @throws WorkbenchError when it is not a byte-level BPE or a key is missing or not supported
 */
export function tokenizerFromGguf(header: GgufHeader, where: string): Tokenizer {
  const { metadata } = header;
  const model = metadata.get("tokenizer.ggml.model");
  if (model !== "gpt2") {
    const found = model === "llama"
      ? `: SentencePiece is not read; convert the model's Hugging Face folder to another tokenizer, or use a model with a byte-level one`
      : "";
    failKey(`tokenizer.ggml.model`, `"gpt2" (byte-level BPE${found})`, model, where);
  }
  const pre = pretokenizerOf(metadata, where);
  const tokens = listAt(metadata, "tokenizer.ggml.tokens", "string", where);
  const ends = endIds(metadata, tokens, where);
  const types = metadata.has("tokenizer.ggml.token_type")
    ? listAt(metadata, "tokenizer.ggml.token_type", "number", where)
    : tokens.map(() => 1);
  const definition = definitionFromGguf(
    {
      tokens,
      types: types.map((type, id) => ends.known.has(id) ? controlType : type),
      merges: listAt(metadata, "tokenizer.ggml.merges", "string", where),
    },
    pre,
    where,
  ) as Record<string, unknown>;
  const id = (name: string) => integerAt(metadata, `tokenizer.ggml.${name}_token_id`, where);
  const [bosId, eosId, padId] = [id("bos"), id("eos"), id("padding")];
  const named = (key: string, id: number | undefined, otherwise: boolean) => {
    const use = metadata.get(`tokenizer.ggml.${key}`) ?? otherwise;
    if (typeof use !== "boolean") failKey(`tokenizer.ggml.${key}`, "true or false", use, where);
    if (!use || id === undefined) return undefined;
    return { id, content: tokens[id] ?? failKey(`${key}'s token`, "in the vocabulary", id, where) };
  };
  const template = metadata.get("tokenizer.chat_template");
  return withAllEnds(createTokenizer({
    ...definition,
    post_processor: templateProcessor(
      named("add_bos_token", bosId, isLlama3Pretokenizer(pre)),
      named("add_eos_token", eosId, false),
    ),
  }, {
    ...(bosId === undefined ? {} : { bosId }),
    ...(eosId === undefined ? {} : { eosId }),
    ...(padId === undefined ? {} : { padId }),
    eosIds: ends.all,
    ...(typeof template === "string" ? { chatTemplate: template } : {}),
  }, where));
}

/**
 * What the reader of a GGUF tokenizer took for granted.
 *
 * @param metadata keys and values
 * @returns sentences for the user, none where nothing was
 */
export function ggufTokenizerNotes(metadata: GgufHeader["metadata"]): string[] {
  return metadata.has("tokenizer.ggml.pre") ? [] : [
    "the file does not name its pre-tokenizer (tokenizer.ggml.pre): llama.cpp's default is taken, which may not be the model's own; convert the model anew to have it right",
  ];
}

function pretokenizerOf(metadata: GgufMetadata, where: string): string {
  const pre = metadata.get("tokenizer.ggml.pre") ?? "default";
  return typeof pre === "string" ? pre : failKey("tokenizer.ggml.pre", "text", pre, where);
}

/** The tokens that end a completion: those that the metadata name, then those known by their text. */
function endIds(
  metadata: GgufMetadata,
  tokens: readonly string[],
  where: string,
): { all: number[]; known: ReadonlySet<number> } {
  const id = (name: string) => integerAt(metadata, `tokenizer.ggml.${name}_token_id`, where);
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const known = new Set(tokens.flatMap((token, id) => endTexts.has(token) ? [id] : []));
  for (const [name, texts] of Object.entries(fillerTexts)) {
    const text = texts.find((text) => idOf.has(text));
    const found = id(name) ?? (text === undefined ? undefined : idOf.get(text));
    if (found !== undefined) known.add(found);
  }
  const has = (text: string): boolean => idOf.has(text);
  const drop = (text: string): void => void known.delete(idOf.get(text) ?? -1);
  // In these vocabularies the tokens end a part of an answer, not the answer.
  if (has("<|call|>") && (has("<|return|>") || has("<|flush|>"))) drop("<|end|>");
  if (has("<|calls|>") && has("<|flush|>")) drop("<|end|>");
  if (has("<|tool_response>") || has("<|plamo:eos|>")) drop("</s>");
  const named = [id("eos"), id("eot"), id("eom")].filter((id) => id !== undefined);
  for (const end of named) {
    if (end >= tokens.length) {
      failKey(
        "an end token",
        `below ${tokens.length}, the number of tokens,`,
        end,
        inMessage(where),
      );
    }
  }
  return { all: [...new Set([...named, ...known])], known };
}
