/**
 * Reading questions of one's own from JSON Lines or CSV: duplicates and what benchmarks hold is left out and told, anything
 * else that is wrong is an error.
 */
import { basename, extname } from "@std/path";
import {
  canonicalJson,
  type OnProgress,
  parseConfig,
  parseCsv,
  parseJson,
  parseJsonLines,
  UsageError,
} from "../../runtime/mod.ts";
import type { Item } from "../item.ts";
import { normalizeText } from "../overlap.ts";
import { type Contamination, type ContaminationIndex, findContamination } from "./contamination.ts";
import { itemOfQuestion, type OwnQuestion, questionSchema } from "./question.ts";

/** What became of the lines of a file of questions. */
export interface ImportReport {
  /** The file. */
  readonly path: string;
  /** The family that its questions were put into. */
  readonly family: string;
  /** Number of questions in it. */
  readonly read: number;
  /** Number of items made of them. */
  readonly kept: number;
  /** Questions that stand twice, by line. */
  readonly duplicates: readonly { readonly line: number; readonly first: number }[];
  /** Questions that share words with a benchmark, by line. */
  readonly contaminated: readonly (Contamination & { readonly line: number })[];
}

/** What {@linkcode importQuestions} checks against. */
export interface ImportOptions {
  /** The benchmarks that no question may share words with. */
  readonly benchmarks: ContaminationIndex;
  /** Whether an item's reference passes its own checks; an item that fails is an error. */
  readonly verify: (item: Item) => boolean;
  /** Told of the questions that are read. */
  readonly onProgress?: OnProgress | undefined;
}

/** A question with its place. */
interface Placed {
  readonly question: OwnQuestion;
  readonly line: number;
  readonly where: string;
}

const optional = ["options", "capability", "split", "checks"] as const;

/** A row of a table as a question; empty cells are left out. */
function rowValue(cells: Readonly<Record<string, string>>, where: string): Record<string, unknown> {
  const given = Object.entries(cells).filter(([key, cell]) =>
    cell.trim() !== "" || !optional.some((name) => name === key)
  );
  return Object.fromEntries(given.map(([key, cell]) => {
    if (key === "options") return [key, cell.split("|")];
    return [key, key === "checks" ? parseJson(cell, `checks of ${where}`) : cell];
  }));
}

/** The rows of a CSV file with their line numbers. */
function csvValues(text: string, path: string): { value: unknown; line: number; where: string }[] {
  const { columns, rows } = parseCsv(text, path);
  const known = ["prompt", "answer", ...optional];
  const wrong = columns.find((name) => !known.includes(name)) ??
    ["prompt", "answer"].find((name) => !columns.includes(name));
  if (columns.length > 0 && wrong !== undefined) {
    throw new UsageError(
      `Expected the columns prompt and answer, and no others than ${
        optional.join(", ")
      }, but found ${
        columns.includes(wrong) ? JSON.stringify(wrong) : `no ${wrong}`
      } in ${path}, line 1`,
    );
  }
  return rows.map(({ cells, where }) => ({
    value: rowValue(cells, where),
    line: Number(/\d+$/.exec(where)![0]),
    where,
  }));
}

/** What tells questions apart, and what those with the same words and options may not differ in. */
interface Identity {
  /** The words and the options in their order. */
  readonly exact: string;
  /** The words and the set of options. */
  readonly twin: string;
  /** The answer's words. */
  readonly answer: string;
  /** Capability, split and further checks. */
  readonly rest: string;
}

function identityOf({ prompt, options = [], checks }: OwnQuestion, item: Item): Identity {
  const shown = options.map(normalizeText);
  const stem = normalizeText(prompt);
  const [decision] = item.decisions;
  const { capability, split } = item;
  return {
    exact: canonicalJson([stem, shown]),
    twin: canonicalJson([stem, shown.toSorted()]),
    answer: normalizeText(decision?.options[decision.answer] ?? item.reference),
    rest: canonicalJson({ capability, split, checks }),
  };
}

/** Refuses a question that has another answer, capability, split or checks than one with the same words and options. */
function checkAgreement(own: Identity, before: Identity, line: number, where: string): void {
  const what = before.answer !== own.answer
    ? "one answer"
    : before.rest !== own.rest
    ? "one capability, one split and the same checks"
    : undefined;
  if (what === undefined) return;
  throw new UsageError(
    `Expected a question to have ${what} but found another in ${where} than in line ${line}`,
  );
}

/** What a question says, without letters before its options. */
function textOf({ prompt, options, answer }: OwnQuestion): string {
  return [prompt, ...options ?? [answer]].join(" ");
}

/**
 * The name of the family of a file: its own name in small letters, with hyphens for what is no letter or digit.
 *
 * @param path Path of the file.
 * @returns The name, `questions` for a file whose name has neither.
 */
export function familyOfFile(path: string): string {
  const name = basename(path, extname(path)).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return name === "" ? "questions" : name;
}

/**
 * Reads questions of one's own as items.
 *
 * A line of JSON Lines is `{"prompt": "...", "answer": "..."}`, with `"options": ["...", ...]`, `"capability"`, `"split"` and
 * `"checks": [...]` where wanted; a table has columns of these names, `|` between options, and JSON in `checks`. See
 * {@linkcode itemOfQuestion} for what becomes of them.
 *
 * @param text What the file holds.
 * @param path Its path; one that ends with `.csv` is a table.
 * @param options Benchmarks, and what verifies an item.
 * @returns Items in the order of the lines, and what was left out: questions that stand twice, and those that share words
 * with a benchmark.
 * @throws UsageError in one line with file, line and key for anything else that is wrong, and when nothing is left.
 */
export async function importQuestions(
  text: string,
  path: string,
  { benchmarks, verify, onProgress }: ImportOptions,
): Promise<{ readonly items: Item[]; readonly report: ImportReport }> {
  const isTable = extname(path).toLowerCase() === ".csv";
  const values = isTable ? csvValues(text, path) : parseJsonLines(text, path);
  const placed = values.map(({ value, line, where }): Placed => ({
    question: parseConfig(questionSchema, value, where),
    line,
    where,
  }));
  const family = familyOfFile(path);
  const items: Item[] = [];
  const duplicates: { line: number; first: number }[] = [];
  const contaminated: (Contamination & { line: number })[] = [];
  const lines = new Map<string, number>();
  const twins = new Map<string, { readonly line: number; readonly identity: Identity }>();
  for (const [done, { question, line, where }] of placed.entries()) {
    onProgress?.(done, placed.length);
    const item = await itemOfQuestion(question, family, where);
    if (!verify(item)) {
      const failed = item.checks.find((check) => !verify({ ...item, checks: [check] }));
      throw new UsageError(
        `Expected answer to pass its checks but found one that fails ${
          failed?.kind ?? "several together"
        } in ${where}`,
      );
    }
    const identity = identityOf(question, item);
    const twin = twins.get(identity.twin);
    if (twin === undefined) twins.set(identity.twin, { line, identity });
    else checkAgreement(identity, twin.identity, twin.line, where);
    const first = lines.get(identity.exact);
    if (first !== undefined) {
      duplicates.push({ line, first });
      continue;
    }
    lines.set(identity.exact, line);
    const found = findContamination(benchmarks, textOf(question));
    if (found === undefined) items.push(item);
    else contaminated.push({ ...found, line });
  }
  const report = {
    path,
    family,
    read: placed.length,
    kept: items.length,
    duplicates,
    contaminated,
  };
  if (items.length === 0) {
    throw new UsageError(
      placed.length === 0
        ? `Expected at least 1 question but found none in ${path}`
        : `Expected questions that no benchmark holds but found none in ${path}: ${
          importNotes(report).slice(1).join("; ")
        }`,
    );
  }
  return { items, report };
}

/**
 * What a user should know about an import, a sentence without a full stop for each fact.
 *
 * @param report What became of the lines.
 * @returns How many questions were read; how many stand twice; how many share words with each benchmark, with an example.
 */
export function importNotes(
  { path, family, read, kept, duplicates, contaminated }: ImportReport,
): string[] {
  const count = (n: number): string => `${n} question${n === 1 ? "" : "s"}`;
  const notes = [`${kept} of ${count(read)} of ${path} make up the family ${family}`];
  const [twice] = duplicates;
  if (twice !== undefined) {
    notes.push(
      `${count(duplicates.length)} left out that stand${
        duplicates.length === 1 ? "s" : ""
      } twice, the first in line ${twice.line}, as in line ${twice.first}`,
    );
  }
  for (const benchmark of new Set(contaminated.map((one) => one.benchmark))) {
    const own = contaminated.filter((one) => one.benchmark === benchmark);
    const { line, id, words } = own[0]!;
    notes.push(
      `${count(own.length)} left out for words of ${benchmark}, the first in line ${line} (${id}: ${
        JSON.stringify(words)
      })`,
    );
  }
  return notes;
}
