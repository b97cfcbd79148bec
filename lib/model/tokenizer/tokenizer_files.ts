/**
 * The tokenizer files of a Hugging Face folder: `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`.
 *
 * @module
 */

import { join } from "@std/path";
import { parseConfig, UsageError, writeFileAtomic } from "../../runtime/mod.ts";
import { readJson, readText } from "../formats/text.ts";
import { withAllEnds } from "./chat.ts";
import type { Architecture } from "../core/config.ts";
import { specialTokens, tokenizerConfigSchema } from "./special_tokens.ts";
import { createTokenizer, type Tokenizer, type TokenizerRoles, tokenName } from "./tokenizer.ts";
import { classNotes, tokenizerClass, withClassRules } from "./tokenizer_class.ts";
import { parseDefinition } from "./tokenizer_definition.ts";

/**
 * Reads the tokenizer of a model folder; {@link specialTokens} says which file decides what.
 *
 * @param folder the model's folder
 * @param config ids that the model's configuration names: its end tokens end completions, too, and where there is no
 * `tokenizer_config.json` the others count; its architecture and the class that it names decide which rules count
 * @returns the tokenizer, and what a user should know about it
 * @throws UsageError when there is no `tokenizer.json`, or a file has a key that is not supported
 * @throws WorkbenchError when a file is damaged or the tokenizer is not a byte-level BPE
 */
export async function readTokenizerFolder(
  folder: string,
  config: Pick<TokenizerRoles, "bosId" | "eosIds" | "padId"> & {
    readonly architecture: Architecture;
    readonly tokenizerClass?: string;
  },
): Promise<{ readonly tokenizer: Tokenizer; readonly notes: string[] }> {
  const where = join(folder, "tokenizer.json");
  const json = await readJson(where);
  if (json === undefined) {
    throw new UsageError(
      `Expected a model folder with tokenizer.json but found none in ${folder}`,
    );
  }
  const configPath = join(folder, "tokenizer_config.json");
  const stored = await readJson(configPath);
  const tokenizerConfig = stored === undefined
    ? undefined
    : parseConfig(tokenizerConfigSchema, stored, configPath);
  const file = parseDefinition(json, where);
  const declared = tokenizerConfig?.tokenizer_class ?? config.tokenizerClass;
  const rules = tokenizerClass(config.architecture, declared, configPath);
  if (rules === "GPT2Tokenizer" && tokenizerConfig?.add_prefix_space === null) {
    throw new UsageError(
      `Expected add_prefix_space to be false or absent but found null in ${configPath}`,
    );
  }
  const named = specialTokens(
    withClassRules(file, rules),
    {
      config: tokenizerConfig,
      map: await readJson(join(folder, "special_tokens_map.json")),
      added: await readJson(join(folder, "added_tokens.json")),
    },
    rules,
    configPath,
  );
  const listed = tokenizerConfig?.chat_template;
  const template = await readText(join(folder, "chat_template.jinja")) ??
    (Array.isArray(listed)
      ? listed.find((entry) => entry.name === "default")?.template
      : listed ?? undefined);
  const without = tokenizerConfig === undefined;
  const [eosId, bosId, padId] = [
    named.eosId ?? (without ? config.eosIds[0] : undefined),
    named.bosId ?? (without ? config.bosId : undefined),
    named.padId ?? (without ? config.padId : undefined),
  ];
  const tokenizer = withAllEnds(createTokenizer(named.definition, {
    ...(template === undefined ? {} : { chatTemplate: template }),
    ...(bosId === undefined ? {} : { bosId }),
    ...(eosId === undefined ? {} : { eosId }),
    ...(padId === undefined ? {} : { padId }),
    eosIds: config.eosIds,
  }, where));
  return { tokenizer, notes: classNotes(file, rules, where) };
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
    return id === undefined ? null : tokenName(tokenizer, id);
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
      eos_token: name(tokenizer.eosId),
      pad_token: name(tokenizer.padId),
      ...(tokenizer.chatTemplate === undefined ? {} : { chat_template: tokenizer.chatTemplate }),
    }),
  );
}
