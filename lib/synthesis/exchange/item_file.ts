/** Files of items: those that `synthesize` writes, and questions of one's own. @module */

import { extname } from "@std/path";
import { buildKnowledge, type Knowledge, type OboDocument } from "../../knowledge/mod.ts";
import {
  isObject,
  type OnProgress,
  parseJsonLines,
  readText,
  UsageError,
} from "../../runtime/mod.ts";
import { readBenchmarks } from "../benchmarks.ts";
import { type Item, readItems } from "../item.ts";
import { indexBenchmarks } from "./contamination.ts";
import { importQuestions, type ImportReport } from "./import.ts";

/** Items of a file. */
export interface ItemFile {
  /** The items in the order of the lines. */
  readonly items: readonly Item[];
  /** What became of the lines, where they are questions of one's own. */
  readonly imported?: ImportReport;
}

/** An ontology of nothing. */
const noTerms: OboDocument = {
  where: "",
  header: [],
  terms: new Map(),
  typedefs: new Map(),
  warnings: [],
};

/** A graph of nothing: checks of questions of one's own ask none. */
function emptyGraph(): Knowledge {
  return buildKnowledge({
    diseases: noTerms,
    symptoms: noTerms,
    nodes: [],
    edges: [],
    indications: [],
    warnings: [],
  });
}

/** Whether a text is JSON Lines of items: its first line has what every item has and no question may have. */
function holdsItems(text: string, path: string): boolean {
  if (extname(path).toLowerCase() === ".csv") return false;
  const start = /^\s*\S.*$/m.exec(text);
  if (start === null) return true;
  const first = parseJsonLines(text.slice(0, start.index + start[0].length), path)[0]?.value;
  return !isObject(first) || "id" in first || "family" in first;
}

/**
 * Reads a file of items, or of questions of one's own, which become items of one family: see `importQuestions` for their form.
 * A file that ends with `.csv`, or whose first line has neither `id` nor `family`, holds questions.
 *
 * @param path the file
 * @param passes whether an item's reference passes its own checks, by a graph; asked of questions
 * @param onProgress told of the questions that are read
 * @returns the items, and what was left out of questions
 * @throws {UsageError} one line with file, line and key for the first fault, or when there is no such file
 */
export async function readItemFile(
  path: string,
  passes: (item: Item, knowledge: Knowledge) => boolean,
  onProgress?: OnProgress,
): Promise<ItemFile> {
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`Expected a file of items or questions but found none at ${path}`);
  }
  if (holdsItems(text, path)) return { items: await readItems(path) };
  const graph = emptyGraph();
  const { items, report } = await importQuestions(text, path, {
    benchmarks: indexBenchmarks(await readBenchmarks()),
    verify: (item) => passes(item, graph),
    onProgress,
  });
  return { items, imported: report };
}
