/**
 * The card of a data set, in the form that the Hugging Face Hub reads: a YAML head from which `load_dataset` knows files and
 * columns, then what the items are, how they were made, what they rest on, what is wrong with them and what they are not for.
 *
 * @module
 */

import { codeBlock, markdownRows, markdownText, yamlText } from "../../runtime/mod.ts";
import { type Item, splits } from "../item.ts";
import { type Columns, type ColumnType, tableForms } from "./rows.ts";
import type { SourceUse } from "./sources.ts";

/** Where items come from. */
export type DataOrigin =
  | {
    /** They were generated. */
    readonly kind: "generated";
    /** The count that was asked for. */
    readonly count: number;
    /** The seed. */
    readonly seed: number;
    /** Hash of the graph. */
    readonly knowledge: string;
  }
  | {
    /** They were read from a file. */
    readonly kind: "file";
    /** Its name without its folder. */
    readonly name: string;
    /** Its SHA-256, 64 hexadecimal digits. */
    readonly sha256: string;
    /** What was left out of it, as sentences without a full stop. */
    readonly notes: readonly string[];
  };

/** A file of a data set. */
export interface DataFile {
  /** Path in the folder, with `/`. */
  readonly path: string;
  /** The table, under the name that `load_dataset` takes. */
  readonly table: keyof typeof tableForms;
  /** The split as `load_dataset` names it. */
  readonly split: string;
  /** Number of rows. */
  readonly rows: number;
  /** SHA-256 of the bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What a data card tells. */
export interface DataCard {
  /** Version of the project. */
  readonly version: string;
  /** The items. */
  readonly items: readonly Item[];
  /** Hash of the items, 16 hexadecimal digits. */
  readonly hash: string;
  /** Where they come from. */
  readonly origin: DataOrigin;
  /** What they rest on. */
  readonly sources: {
    readonly used: readonly SourceUse[];
    /** Number of items that rest on something else. */
    readonly unknown: number;
  };
  /** What was found wrong in them, as sentences. */
  readonly faults: readonly string[];
  /** The files. */
  readonly files: readonly DataFile[];
}

/** Rows with the same keys as a table. */
function tableText(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const columns = Object.entries(rows[0]!).map(([name, cell]) => ({
    name,
    numeric: typeof cell === "number",
  }));
  return markdownRows(columns, rows.map((row) => Object.values(row).map(String)));
}

/** A column as the Hub's `dataset_info` describes it. */
function feature(type: ColumnType): Record<string, unknown> {
  if (typeof type === "string") return { dtype: type };
  if ("struct" in type) return { struct: features(type.struct) };
  const { list } = type;
  if (typeof list === "string") return { list };
  return { list: "struct" in list ? features(list.struct) : feature(list) };
}

function features(columns: Columns): Record<string, unknown>[] {
  return Object.entries(columns).map(([name, type]) => ({ name, ...feature(type) }));
}

/** The Hub's class of a number of rows. */
function sizeCategory(n: number): string {
  if (n < 1000) return "n<1K";
  const from = Math.floor(Math.log10(n));
  const word = (power: number): string =>
    power < 6 ? `${10 ** (power - 3)}K` : `${10 ** (power - 6)}M`;
  return `${word(from)}<n<${word(from + 1)}`;
}

/** The tables that have files, in order. */
function tablesOf(files: readonly DataFile[]): DataFile["table"][] {
  return [...new Set(files.map(({ table }) => table))];
}

/** The title: it does not depend on where the files lie. */
function titleOf(origin: DataOrigin): string {
  return origin.kind === "generated"
    ? `BalancedBio items, count ${origin.count}, seed ${origin.seed}`
    : `Items of ${origin.name}`;
}

function cardHead({ items, origin, sources, files }: DataCard): Record<string, unknown> {
  const own = (table: string): DataFile[] => files.filter((file) => file.table === table);
  const licences = new Set([...sources.used.map(({ hub }) => hub), "apache-2.0"]);
  return {
    language: ["en"],
    pretty_name: titleOf(origin),
    license: [...licences, ...sources.unknown > 0 ? ["other"] : []].sort(),
    task_categories: ["text-generation", "question-answering"],
    tags: ["biology", "medical", "synthetic", "research-only", "trl", "balancedbio-workbench"],
    size_categories: [sizeCategory(items.length)],
    configs: tablesOf(files).map((table) => ({
      config_name: table,
      data_files: own(table).map(({ split, path }) => ({ split, path })),
    })),
    dataset_info: tablesOf(files).map((table) => ({
      config_name: table,
      features: features(tableForms[table].columns),
    })),
  };
}

/** A reward function of TRL for the table `grpo`, of what its columns hold. */
const rewardCode = `import json, re

def stated(text, decision):
    """What a completion says where the decision is to be stated: a labelled line, a key of JSON, or anywhere."""
    field = decision["field"]
    if decision["format"] == "line":
        return "\\n".join(re.findall(rf"^\\s*{re.escape(field)}: *(.+)$", text, re.IGNORECASE | re.MULTILINE))
    if decision["format"] == "json":
        try:
            value = json.loads(text)[field]
        except (ValueError, KeyError, TypeError):
            return ""
        return "\\n".join(map(str, value)) if isinstance(value, list) else str(value)
    return text

def is_right(text, decision):
    """Whether the right option is named, and no other; an option inside a longer one is not named by it."""
    options = [option.lower() for option in decision["options"]]
    longest_first = "|".join(map(re.escape, sorted(options, key=len, reverse=True)))
    named = re.findall(rf"(?<!\\w)(?:{longest_first})(?!\\w)", stated(text, decision).lower())
    return set(named) == {options[decision["answer"]]}

def reward(completions, decisions, reference, **columns):
    """Share of an item's decisions that are right; where it asks for none, of the reference's lines that are repeated."""
    def score(text, own, expected):
        if own:
            return sum(is_right(text, decision) for decision in own) / len(own)
        lines = [line.strip().lower() for line in text.splitlines()]
        wanted = [line.strip().lower() for line in expected.splitlines() if line.strip()]
        return sum(line in lines for line in wanted) / len(wanted)
    texts = [completion[0]["content"] for completion in completions]
    return [score(*given) for given in zip(texts, decisions, reference)]`;

/** How other programs load the tables. */
function usage(files: readonly DataFile[]): string {
  const tables = tablesOf(files);
  const lines = [
    "from datasets import load_dataset",
    'data = "PATH"  # of this folder, or owner/name on the Hub',
    ...tables.map((table) => `${table} = load_dataset(data, "${table}")`),
  ];
  const columns = tables.map((table) => ({
    table,
    is: tableForms[table].summary,
    columns: Object.keys(tableForms[table].columns).join(", "),
  }));
  return `${codeBlock("python", lines.join("\n"))}
${tableText(columns)}
\`SFTTrainer(train_dataset=sft["train"], ...)\` takes the loss of the completions alone, as prompt and completion are columns of
their own. For \`GRPOTrainer(train_dataset=grpo["train"], reward_funcs=reward, ...)\` this reward reads the columns; the
workbench's own rules, of which \`checks\` holds the parameters as JSON, are finer and ask the knowledge graph.

${codeBlock("python", rewardCode)}`;
}

function sizes({ items, files }: DataCard): string {
  const present = splits.filter((split) => items.some((item) => item.split === split));
  const rows = [...Map.groupBy(items, ({ capability, family }) => `${family} ${capability}`)]
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, own]) => ({
      family: own[0]!.family,
      capability: own[0]!.capability,
      ...Object.fromEntries(
        present.map((split) => [split, own.filter((item) => item.split === split).length]),
      ),
      all: own.length,
    }));
  const renamed = files.some(({ split }) => split.includes("_"))
    ? "\nIn the names of files and splits a hyphen is an underscore, since `load_dataset` takes none.\n"
    : "";
  return tableText(rows) + renamed;
}

function making({ items, hash, origin, version }: DataCard): string {
  const made = origin.kind === "generated"
    ? `Generated by \`deno task synthesize --count ${origin.count} --seed ${origin.seed}\` from the knowledge graph with the ` +
      `hash ${origin.knowledge}: prompts and references are written from templates, each statement is checked against the ` +
      "graph, and the same count and seed give the same items."
    : `Read from ${markdownText(origin.name)} (SHA-256 ${origin.sha256}).${
      origin.notes.map((note) => ` ${markdownText(note)}.`).join("")
    }`;
  return `${made} BalancedBio workbench ${version}; ${items.length} items with the hash ${hash}. No patient's data are in what ` +
    "the workbench generates.\n";
}

function licences({ sources: { used, unknown }, items }: DataCard): string {
  const table = used.length === 0 ? "" : `${
    tableText(
      used.map(({ source, licence, credit, items }) => ({ source, licence, credit, items })),
    )
  }\n`;
  const own = unknown === 0
    ? ""
    : ` ${unknown} of ${items.length} items state nothing that the project's graph knows: who publishes this data set states their origin and licence here.`;
  return `${table}The wording of generated items is the project's, under Apache-2.0.${own}\n`;
}

/**
 * The text of a data set's README.md.
 *
 * @param card what it tells
 * @returns the text, which depends on nothing else
 */
export function dataCard(card: DataCard): string {
  const { items, origin, faults, files } = card;
  return [
    `---\n${yamlText(cardHead(card))}---\n`,
    `# ${markdownText(titleOf(origin))}\n`,
    `${items.length} questions and tasks of biomedicine with reference answers and verifiable checks, in the forms that TRL ` +
    "trains on.\n",
    "**For research only. No clinician has reviewed it. Not for clinical use, diagnosis or advice.**\n",
    `## How to load it\n\n${usage(files)}`,
    `## How many\n\n${sizes(card)}`,
    `## How it was made\n\n${making(card)}`,
    `## What it rests on\n\n${licences(card)}`,
    `## Known faults\n\nCounted in these items:\n\n${faults.map((fault) => `- ${fault}\n`).join("")}
Of the way they are made:

- Generated items are written from templates: a model can learn their form without medicine. \`deno task audit\` measures how
  far forms alone lead.
- The sources have gaps and dates: what is not stated can be true, and what is stated can be out of date.
- English only. No measurement was made of bias between groups of people.
`,
    `## What it must not be used for

- Anything with patients: decisions, diagnosis, triage, drug choice or dosing, or advice.
- As a source of medical facts, or as evidence that a model is fit for use in medicine: scores on it say nothing of that.
- As a benchmark of medical knowledge beside MMLU or PubMedQA: its test sets measure what its training sets teach.
`,
    `## Files\n\n${tableText(files.map(({ path, rows, sha256 }) => ({ path, rows, sha256 })))}`,
  ].join("\n");
}
