/**
 * Texts as Python's transformers and tokenizers read them: every chat template of the installed TRL rendered with
 * fourteen conversations, and random texts encoded by a real vocabulary under the rules of several families of models.
 * Needs a Python with those packages (`texts.py` does its side); nothing of the templates is kept.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import {
  createTokenizer,
  renderTemplate,
  TemplateError,
  type Tokenizer,
} from "../../lib/model/mod.ts";
import { type RandomStream, randomStream, WorkbenchError } from "../../lib/runtime/mod.ts";
import { type Comparison, comparison } from "./comparison.ts";

/** Number of texts that each tokenizer encodes. */
const textCount = 1500;

const pieces = [
  ..."aeioust bcdrs  \n\t.,;:!?'\"()[]{}<>|_-+=*/\\^~`@#$%&0123456789",
  ...[
    "The",
    " heart",
    "'s",
    "'S",
    "'LL",
    "'re",
    "n't",
    "  ",
    "\n\n",
    "\r\n",
    " \n",
    "12345",
    "3.14",
    "²½",
    "١٢٣",
    "Ⅷ",
  ],
  ...[
    "é",
    "e\u0301",
    "ß",
    "ſ",
    "İ",
    "Σς",
    "ﬁ",
    "Å",
    "Ω",
    "你好",
    "日本語",
    "한국어",
    "हिन्दी",
    "ไทย",
    "עברית",
    "🙂",
    "👩‍👩‍👧",
    "🇬🇧",
  ],
  ...[
    "\u00a0",
    "\u0085",
    "\u2003",
    "\u3000",
    "\ufeff",
    "\u200b",
    "\u200d",
    "\u2028",
    "\x00",
    "\x1c",
    "\x7f",
    "\u00ad",
  ],
  ..."«»—“”…€©™¿",
  ...["<|im_start|>", "<|im_end|>", "<|im_", "<think>", "</think>", "word", " word", "words"],
];

/** Texts of up to 40 pieces in which rules about words, numbers and white space differ. */
function randomTexts(random: RandomStream): string[] {
  return Array.from({ length: textCount }, () => {
    const length = 1 + random.integer(40);
    return Array.from({ length }, () => pieces[random.integer(pieces.length)]!).join("");
  });
}

const words = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const ends = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const short = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

/** Expressions that families of models cut texts by. */
const families: Readonly<Record<string, string>> = {
  llama3: `${short}|${words}|\\p{N}{1,3}|${ends}`,
  qwen2: `${short}|${words}|\\p{N}|${ends}`,
  "letters and marks": `[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+${short}?|\\p{N}{1,3}|${ends}`,
};

/** The tokenizer's definition under other rules, by name. */
function underRules({ definition }: Tokenizer): Readonly<Record<string, Record<string, unknown>>> {
  const bytes = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: false,
  };
  const split = (step: Record<string, unknown>) => ({
    ...definition,
    pre_tokenizer: { type: "Sequence", pretokenizers: [step, bytes] },
  });
  const size = Object.keys(definition.model.vocab).length;
  const flags = {
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: false,
  };
  return {
    own: { ...definition },
    ...Object.fromEntries(
      Object.entries(families).map(([name, Regex]) => [
        name,
        {
          ...split({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false }),
          normalizer: { type: "NFC" },
        },
      ]),
    ),
    punctuation: split({ type: "Punctuation", behavior: "MergedWithNext" }),
    "added tokens": {
      ...definition,
      normalizer: { type: "Lowercase" },
      added_tokens: [
        ...definition.added_tokens,
        { ...flags, id: size, content: "<think>", lstrip: true, rstrip: true },
        { ...flags, id: size + 1, content: "WORDS", single_word: true, normalized: true },
        { ...flags, id: size + 2, content: "</think>", rstrip: true, special: true },
      ],
    },
  };
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** A row of `chats.json`. */
interface Chat {
  readonly template: string;
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What transformers renders; undefined where it refuses. */
  readonly text?: string;
}

/** Whether a chat is rendered, or refused, as by transformers. */
function sameChat({ source, variables, text }: Chat): boolean {
  try {
    return renderTemplate(source, variables) === text;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return text === undefined;
  }
}

/**
 * Compares rendered chats and token ids; the error is the share of texts that differ.
 *
 * @param python path of a Python with transformers, tokenizers and TRL
 * @param tokenizer a real byte-level tokenizer
 * @param folder where to write; empty
 * @returns one comparison for each chat template and each set of rules
 * @throws {WorkbenchError} when Python fails
 */
export async function textComparisons(
  python: string,
  tokenizer: Tokenizer,
  folder: string,
): Promise<Comparison[]> {
  const texts = randomTexts(randomStream(0, "texts"));
  await Deno.writeTextFile(join(folder, "texts.json"), JSON.stringify(texts));
  const rules = underRules(tokenizer);
  for (const [name, definition] of Object.entries(rules)) {
    await Deno.mkdir(join(folder, "tokenizers", name), { recursive: true });
    const path = join(folder, "tokenizers", name, "tokenizer.json");
    await Deno.writeTextFile(path, JSON.stringify(definition));
  }
  const { success, stderr } = await new Deno.Command(python, {
    args: [fromFileUrl(new URL("./texts.py", import.meta.url)), folder],
    env: { HF_HUB_OFFLINE: "1" },
  }).output();
  if (!success) throw new WorkbenchError(new TextDecoder().decode(stderr));
  const chats = await readJson(join(folder, "chats.json")) as Chat[];
  const compared = [...new Set(chats.map(({ template }) => template))].map((template) => {
    const own = chats.filter((chat) => chat.template === template);
    const share = own.filter((chat) => !sameChat(chat)).length / own.length;
    return comparison(`chats ${template}, ${own.length}`, share, 0);
  });
  for (const [name, definition] of Object.entries(rules)) {
    const ids = await readJson(join(folder, "tokenizers", name, "ids.json")) as number[][];
    const ours = createTokenizer(definition, { eosIds: [] }, name);
    const differ = texts.filter((text, i) => ours.encode(text).join() !== ids[i]!.join());
    compared.push(comparison(`tokens ${name}, ${texts.length}`, differ.length / texts.length, 0));
  }
  return compared;
}
