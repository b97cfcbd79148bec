/**
 * The tokenizer files of a Hugging Face folder: `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`.
 *
 * @module
 */

import { join } from "@std/path";
import * as z from "zod";
import { parseConfig, UsageError, writeFileAtomic } from "../../runtime/mod.ts";
import { parseJson, readText } from "../formats/text.ts";
import { createTokenizer, type Tokenizer, type TokenizerRoles } from "./tokenizer.ts";

const tokenName = z.union([z.string(), z.looseObject({ content: z.string() })])
  .nullish();

const tokenizerConfigSchema = z.looseObject({
  bos_token: tokenName,
  eos_token: tokenName,
  pad_token: tokenName,
  chat_template: z.union([
    z.string(),
    z.array(z.object({ name: z.string(), template: z.string() })),
  ]).nullish(),
});

/**
 * Reads the tokenizer of a model folder.
 *
 * Special ids come from the model's configuration; the tokenizer's own end token is added to the end tokens.
 *
 * @param folder the model's folder
 * @param config special ids that the model's configuration names
 * @throws UsageError when there is no `tokenizer.json`
 * @throws WorkbenchError when a file is damaged or the tokenizer is not a byte-level BPE
 */
export async function readTokenizerFolder(
  folder: string,
  config: Pick<TokenizerRoles, "bosId" | "eosIds" | "padId">,
): Promise<Tokenizer> {
  const where = join(folder, "tokenizer.json");
  const text = await readText(where);
  if (text === undefined) {
    throw new UsageError(
      `Expected a model folder with tokenizer.json but found none in ${folder}`,
    );
  }
  const configPath = join(folder, "tokenizer_config.json");
  const names = parseConfig(
    tokenizerConfigSchema,
    parseJson(await readText(configPath) ?? "{}", configPath),
    configPath,
  );
  const { chat_template: listed } = names;
  const template = await readText(join(folder, "chat_template.jinja")) ??
    (Array.isArray(listed)
      ? listed.find((entry) => entry.name === "default")?.template
      : listed ?? undefined);
  const plain = createTokenizer(parseJson(text, where), { eosIds: [] }, where);
  const idOf = (name: z.infer<typeof tokenName>): number | undefined => {
    if (name === null || name === undefined) return undefined;
    const content = typeof name === "string" ? name : name.content;
    return plain.definition.added_tokens.find((token) => token.content === content)?.id ??
      plain.definition.model.vocab[content];
  };
  const bosId = config.bosId ?? idOf(names.bos_token);
  const padId = config.padId ?? idOf(names.pad_token);
  const end = idOf(names.eos_token);
  return {
    ...plain,
    ...(template === undefined ? {} : { chatTemplate: template }),
    ...(bosId === undefined ? {} : { bosId }),
    ...(padId === undefined ? {} : { padId }),
    eosIds: [
      ...new Set([...config.eosIds, ...(end === undefined ? [] : [end])]),
    ],
  };
}

/**
 * Writes the tokenizer files of a model folder.
 *
 * @param folder the model's folder, which is there
 * @param tokenizer the tokenizer
 */
export async function writeTokenizerFolder(
  folder: string,
  tokenizer: Tokenizer,
): Promise<void> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const name = (id: number | undefined): string | null => {
    if (id === undefined) return null;
    return new TextDecoder().decode(tokenizer.tokenBytes(id));
  };
  await writeFileAtomic(
    join(folder, "tokenizer.json"),
    json(tokenizer.definition),
  );
  await writeFileAtomic(
    join(folder, "tokenizer_config.json"),
    json({
      tokenizer_class: "PreTrainedTokenizerFast",
      clean_up_tokenization_spaces: false,
      bos_token: name(tokenizer.bosId),
      eos_token: name(tokenizer.eosIds[0]),
      pad_token: name(tokenizer.padId),
      ...(tokenizer.chatTemplate === undefined ? {} : { chat_template: tokenizer.chatTemplate }),
    }),
  );
}
