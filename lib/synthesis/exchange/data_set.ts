/** A list of items as a data set: a folder of tables, one file a split, with a data card. @module */

import { basename, dirname, join, resolve } from "@std/path";
import type { Clinical } from "../../knowledge/mod.ts";
import {
  cardFile,
  checkOwnCard,
  fileFailure,
  hashJson,
  isFolder,
  removeQuietly,
  sealed,
  sha256Hex,
  UsageError,
  writeFileAtomic,
} from "../../runtime/mod.ts";
import project from "../../../deno.json" with { type: "json" };
import { type Item, splits } from "../item.ts";
import type { ContaminationIndex } from "./contamination.ts";
import { dataCard, type DataFile, type DataOrigin } from "./data_card.ts";
import { dataFaults } from "./data_faults.ts";
import { parquetBytes } from "./parquet.ts";
import { type Row, tableForms } from "./rows.ts";
import { sourcesOfItems } from "./sources.ts";

/** The forms of a data set: JSON Lines of messages, or Parquet of them and of the whole items. */
export const dataSetFormats = ["messages", "parquet"] as const;

/** One of {@linkcode dataSetFormats}. */
export type DataSetFormat = typeof dataSetFormats[number];

/** What {@linkcode writeDataSet} needs. */
export interface DataSetOptions {
  /** The folder; made if it is not there. */
  readonly out: string;
  /** The form of its files. */
  readonly format: DataSetFormat;
  /** System message before each prompt; none where it is empty. */
  readonly system: string;
  /** Where the items come from. */
  readonly origin: DataOrigin;
  /** The curated tables, joined with the project's graph: they tell what the items rest on. */
  readonly clinical: Clinical;
  /** The benchmarks: what the items share with them is told on the card. */
  readonly benchmarks: ContaminationIndex;
}

const tables = { messages: ["sft", "grpo"], parquet: ["sft", "grpo", "items"] } as const;

/** Rows as JSON Lines. */
function jsonLines(rows: readonly Row[]): Uint8Array {
  return new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** The files of a data set with their bytes: of each table one a split that has items. */
async function filesOf(
  items: readonly Item[],
  { format, system }: Pick<DataSetOptions, "format" | "system">,
): Promise<(DataFile & { readonly bytes: Uint8Array })[]> {
  const files = [];
  for (const table of tables[format]) {
    const { columns, row } = tableForms[table];
    for (const split of splits) {
      const rows = items.filter((item) => item.split === split).map((item) => row(item, system));
      if (rows.length === 0) continue;
      const bytes = format === "parquet" ? parquetBytes(columns, rows) : jsonLines(rows);
      const name = split.replaceAll("-", "_");
      files.push({
        path: `${table}/${name}.${format === "parquet" ? "parquet" : "jsonl"}`,
        table,
        split: name,
        rows: rows.length,
        sha256: await sha256Hex(bytes),
        bytes,
      });
    }
  }
  return files;
}

/** The names that the files of a data set can have. */
const ownFile = /^(?:README\.md|(?:sft|grpo|items)\/\w+\.(?:jsonl|parquet))$/;

/** The first file in a folder that no data set has. */
async function foreignFile(folder: string, inside = ""): Promise<string | undefined> {
  for (const { name, isDirectory } of await Array.fromAsync(Deno.readDir(join(folder, inside)))) {
    const path = inside === "" ? name : `${inside}/${name}`;
    const found = isDirectory && inside === ""
      ? await foreignFile(folder, path)
      : ownFile.test(path)
      ? undefined
      : path;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Makes sure that a folder can be replaced: it is not there, is empty, or holds a data set whose card nobody has changed.
 *
 * @throws UsageError naming what else is there
 */
async function checkReplaceable(out: string): Promise<void> {
  const info = await Deno.stat(out).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory) {
    throw new UsageError(`Expected --out to be a folder but found a file at ${out}`);
  }
  const own = await checkOwnCard(out, "a data card as synthesize wrote it");
  const [there] = own
    ? [await foreignFile(out)]
    : [...Deno.readDirSync(out)].map(({ name }) => name);
  if (there !== undefined) {
    throw new UsageError(
      `Expected --out to be an empty folder or a data set as synthesize wrote it but found ${there} in ${out}`,
    );
  }
}

/** Puts a folder in the place of another, which may be there. */
async function replaceFolder(made: string, out: string): Promise<void> {
  const old = `${made}.old`;
  try {
    if (await isFolder(out)) await Deno.rename(out, old);
    await Deno.rename(made, out);
    await removeQuietly(old);
  } catch (error) {
    throw fileFailure(error, `write ${out}`);
  }
}

/**
 * Writes items as a data set that `datasets` and TRL's trainers load: a folder for each table, a file in it for each split that
 * has items, and README.md, the data card. It appears whole or not at all, and the same items give the same bytes. An earlier
 * data set in its place is replaced; a folder with anything else is refused.
 *
 * @param items the items, at least one
 * @param options where to and in which form
 * @returns the paths of the files in the folder, the card last
 * @throws UsageError when there is no item, or the folder holds something else
 * @throws WorkbenchError in one line when a file cannot be written
 */
export async function writeDataSet(
  items: readonly Item[],
  options: DataSetOptions,
): Promise<string[]> {
  const { origin, clinical, benchmarks } = options;
  const out = resolve(options.out);
  if (items.length === 0) throw new UsageError("Expected at least 1 item but found none");
  await checkReplaceable(out);
  const files = await filesOf(items, options);
  const card = dataCard({
    version: project.version,
    items,
    hash: await hashJson(items),
    origin,
    sources: sourcesOfItems(items, clinical),
    faults: dataFaults(items, benchmarks),
    files,
  });
  const made = join(dirname(out), `.${basename(out)}.${crypto.randomUUID()}.tmp`);
  try {
    for (const { path, bytes } of files) await writeFileAtomic(join(made, path), bytes);
    await writeFileAtomic(join(made, cardFile), await sealed(card));
    await replaceFolder(made, out);
  } catch (error) {
    await removeQuietly(made).catch(() => {});
    throw error;
  }
  return [...files.map(({ path }) => path), cardFile];
}
