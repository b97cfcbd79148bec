/**
 * From text to token ids: added tokens, normaliser, pre-tokeniser and merges of a `tokenizer.json`. Merging is done by
 * `@huggingface/tokenizers`, the rest here, since that library does it otherwise than the reference implementation.
 *
 * | key | what happens |
 * | :--- | :--- |
 * | `added_tokens` | `single_word`, `lstrip`, `rstrip`, `normalized` as in tokenizers; an id other than in `model.vocab` is refused |
 * | `normalizer` | Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend, Replace; others are refused |
 * | `pre_tokenizer` | Sequence, Split and Punctuation with every behaviour, ByteLevel, Digits, Whitespace, WhitespaceSplit, CharDelimiterSplit, FixedLength; others are refused |
 * | `model` | BPE with `ignore_merges`; `dropout`, `continuing_subword_prefix`, `end_of_word_suffix`, and `unk_token` where bytes have no token, are refused |
 * | `truncation`, `padding` | not used: texts are encoded whole |
 *
 * @module
 */

import { BPE } from "@huggingface/tokenizers";
import { UsageError, WorkbenchError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";
import { addedTokenSplitter, checkAddedIds, checkNormalForms } from "./added_tokens.ts";
import { byteSymbols } from "./byte_symbols.ts";
import { normalizerOf } from "./normalizers.ts";
import { pretokenizerOf } from "./pretokenizers.ts";
import type { TokenizerDefinition } from "./tokenizer_definition.ts";

/** Keys of the model that would change tokens and are not supported: what each has to be instead. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  dropout: [null, undefined, 0],
  continuing_subword_prefix: [null, undefined, ""],
  end_of_word_suffix: [null, undefined, ""],
};

/** The merges as pairs, by which the library finds what comes first. */
function mergesOf(model: TokenizerDefinition["model"], where: string): BPE {
  for (const [key, allowed] of Object.entries(refused)) {
    if (!allowed.includes(model[key])) {
      throw new UsageError(
        `Expected model.${key} to be null, as others are not supported, but found ${
          JSON.stringify(model[key])
        } in ${where}`,
      );
    }
  }
  try {
    return new BPE(
      {
        ...model,
        unk_token: undefined,
        merges: model.merges.map((merge) => {
          if (typeof merge !== "string") return [merge[0], merge[1]];
          const at = merge.indexOf(" ", 1);
          return [merge.slice(0, at), merge.slice(at + 1)];
        }),
        // Keys that this library does not know do no harm, and those that it needs are checked.
      } as unknown as ConstructorParameters<typeof BPE>[0],
    );
  } catch (error) {
    throw new WorkbenchError(
      `Expected a tokenizer that can be read in ${where} but found: ${
        inMessage((error as Error).message)
      }`,
    );
  }
}

/**
 * Makes what turns text into ids. Special tokens written out in the text are recognised, none are added. Bytes without a
 * token vanish before merging, as in the reference.
 *
 * @param definition contents of a `tokenizer.json`
 * @param where the file's path, for messages
 * @throws UsageError when it asks for what is not supported
 * @throws WorkbenchError when it has no merges that can be used, or an added token has two ids
 */
export function textEncoder(
  definition: TokenizerDefinition,
  where: string,
): (text: string) => number[] {
  const { model, added_tokens: added } = definition;
  checkAddedIds(added, model.vocab, where);
  const normalize = normalizerOf(definition["normalizer"], where);
  checkNormalForms(added, normalize, where);
  const split = addedTokenSplitter(added, normalize);
  const cut = pretokenizerOf(definition.pre_tokenizer, where);
  const merges = mergesOf(model, where);
  const missing = byteSymbols.filter((symbol) => !Object.hasOwn(model.vocab, symbol));
  const unknown = model["unk_token"];
  if (missing.length > 0 && typeof unknown === "string" && Object.hasOwn(model.vocab, unknown)) {
    throw new UsageError(
      `Expected model.unk_token to be null where bytes have no token but found ${
        JSON.stringify(unknown)
      } in ${where}`,
    );
  }
  const vanishing = missing.length === 0 ? undefined : new RegExp(
    `[${missing.map((s) => `\\u{${s.charCodeAt(0).toString(16)}}`).join("")}]`,
    "gu",
  );
  const idsOf = (piece: string): number[] => {
    const known = vanishing === undefined ? piece : piece.replace(vanishing, "");
    return merges.encode([known]).map((token) => model.vocab[token]!);
  };
  return (text) =>
    split(text).flatMap((section) =>
      typeof section === "number" ? [section] : cut(section).flatMap(idsOf)
    );
}
