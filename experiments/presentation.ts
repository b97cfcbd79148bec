/**
 * What is shown of an experiment, on disk: `presentation.json` with tables and sections, and one file a figure. From
 * these every figure, table and report is drawn again, byte for byte, without what was measured.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { z } from "zod";
import {
  csvTable,
  drawnSvgs,
  type Figure,
  latexTable,
  markdownTable,
  readFigure,
  renderFigures,
  tableRows,
} from "../lib/figures/mod.ts";
import { isFile, parseConfig, UsageError, writeFileAtomic } from "../lib/runtime/mod.ts";
import type { NamedFigure, NamedTable, Presentation } from "./experiment.ts";
import { renderReport, type ReportSection } from "./report.ts";
import { readResults, type Results, resultsFile } from "./results.ts";

const text = z.string().min(1);
const name = z.string().regex(/^[\w-][\w.-]*$/);
const rows = z.array(
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
);

const presentationSchema = z.strictObject({
  tables: z.array(z.strictObject({ name, caption: z.string(), rows })).describe("The tables"),
  figures: z.array(name).describe("Names of the figures in figures/"),
  sections: z.array(z.strictObject({
    id: text.describe("Anchor in the report"),
    group: text.optional().describe("The experiment that it belongs to"),
    question: text.describe("The question"),
    answer: text.describe("The answer in a sentence"),
    table: rows.optional().describe("The numbers that answer it"),
    tableCaption: z.string().optional().describe("Text above the table"),
    digits: z.int().nonnegative().optional().describe("Decimals in the table"),
    figures: z.array(name).describe("Names of the figures that answer it"),
    method: text.describe("How it was measured"),
    command: text.describe("The command that gives it again"),
  })).describe("Sections of the report"),
});

/** Name of the file. */
export const presentationFile = "presentation.json";

/** Name of the record of what was drawn from what, see {@linkcode renderFigures}; not part of the results. */
export const drawnFile = "drawn.json";

/** Paths inside the results' folder. */
export interface PresentationPaths {
  /** The tables. */
  readonly tables: readonly string[];
  /** The figures. */
  readonly figures: readonly string[];
}

/**
 * Writes tables (CSV, Markdown, LaTeX), figures in every form, and `presentation.json`. Figures whose files are
 * there already, drawn from the same data by the same code, are not drawn again.
 *
 * @param folder The experiment's folder of results.
 * @param shown What is shown. Figures of sections that have no name get their section's.
 * @returns The paths for `results.json`.
 */
export async function writePresentation(
  folder: string,
  shown: Presentation,
): Promise<PresentationPaths> {
  const { tables, figures } = await writeShown(folder, shown, join(folder, drawnFile));
  return { tables, figures };
}

/** Writes what is shown; without a record every figure is drawn. */
async function writeShown(
  folder: string,
  shown: Presentation,
  record?: string,
): Promise<PresentationPaths & { readonly svgs: ReadonlyMap<Figure, string> }> {
  const named: NamedFigure[] = [...shown.figures];
  const nameOf = (figure: Figure, section: ReportSection, index: number) => {
    const known = named.find((other) => other.figure === figure);
    if (known !== undefined) return known.name;
    const added = { name: `${section.id}-${index + 1}`, figure };
    named.push(added);
    return added.name;
  };
  const sections = shown.sections.map(({ table, ...section }) => ({
    ...section,
    ...(table !== undefined && { table: tableRows(table) }),
    figures: section.figures.map((figure, i) => nameOf(figure, section, i)),
  }));
  const rendered = await renderFigures(named, join(folder, "figures"), record);
  const figures = rendered.flatMap(({ paths }) =>
    Object.values(paths).map((path) => `figures/${basename(path)}`)
  );
  const svgs = new Map(named.map(({ figure }, i) => [figure, rendered[i]!.svg]));
  const tables = await writeTables(folder, shown.tables);
  const value = {
    tables: shown.tables.map(({ name, caption, rows }) => ({ name, caption, rows })),
    figures: named.map(({ name }) => name),
    sections,
  };
  const path = join(folder, presentationFile);
  parseConfig(presentationSchema, value, path);
  await writeFileAtomic(path, `${JSON.stringify(value, null, 1)}\n`);
  return { tables, figures, svgs };
}

async function writeTables(folder: string, shown: readonly NamedTable[]): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, caption, rows } of shown) {
    const forms = {
      csv: csvTable(rows),
      md: markdownTable(rows, { caption }),
      tex: latexTable(rows, { caption }),
    };
    for (const [extension, content] of Object.entries(forms)) {
      await writeFileAtomic(join(folder, "tables", `${name}.${extension}`), content);
      paths.push(`tables/${name}.${extension}`);
    }
  }
  return paths;
}

/**
 * Reads what {@linkcode writePresentation} wrote.
 *
 * @throws {UsageError} one line if a file is not there or is not as it must be.
 */
export async function readPresentation(folder: string): Promise<Presentation> {
  const path = join(folder, presentationFile);
  let content: string;
  try {
    content = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `Expected ${presentationFile} beside ${resultsFile} but found none at ${path}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new UsageError(`Expected JSON but found something else in ${path}`);
  }
  const stored = parseConfig(presentationSchema, value, path);
  const figures = new Map<string, Figure>();
  for (const name of stored.figures) {
    figures.set(name, await readFigure(join(folder, "figures", `${name}.json`)));
  }
  const sections = stored.sections.map((section): ReportSection => ({
    id: section.id,
    ...(section.group !== undefined && { group: section.group }),
    question: section.question,
    answer: section.answer,
    ...(section.table !== undefined && { table: section.table }),
    ...(section.tableCaption !== undefined && { tableCaption: section.tableCaption }),
    ...(section.digits !== undefined && { digits: section.digits }),
    figures: section.figures.map((name) => {
      const figure = figures.get(name);
      if (figure !== undefined) return figure;
      throw new UsageError(
        `Expected the figures of section ${section.id} to be listed but found ${name} in ${path}`,
      );
    }),
    method: section.method,
    command: section.command,
  }));
  return {
    tables: stored.tables,
    figures: [...figures].map(([name, figure]) => ({ name, figure })),
    sections,
  };
}

/** Results of one experiment with the sections that show them. */
export interface ReportPart {
  /** What was measured. */
  readonly results: Results;
  /** What is shown of it. */
  readonly sections: readonly ReportSection[];
}

/** Name of the report. */
export const reportFile = "report.html";

/**
 * Writes one `report.html` over experiments, the main comparison first and the others by name. Pictures that
 * {@linkcode writePresentation} left in the experiments' folders are not drawn again.
 *
 * @param folder The folder above those of the experiments.
 * @param given The experiments.
 * @param svgs Pictures that are known already.
 * @returns The path.
 */
export async function writeReport(
  folder: string,
  given: readonly ReportPart[],
  svgs: ReadonlyMap<Figure, string> = new Map(),
): Promise<string> {
  const key = ({ results: { experiment } }: ReportPart) =>
    experiment === "main-results" ? "" : experiment;
  const parts = given.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
  const known = new Map(svgs);
  for (const { results, sections } of parts) {
    const inside = join(folder, results.experiment);
    const draw = await drawnSvgs(join(inside, "figures"), join(inside, drawnFile));
    for (const figure of sections.flatMap(({ figures }) => figures)) {
      if (!known.has(figure)) known.set(figure, await draw(figure));
    }
  }
  const path = join(folder, reportFile);
  const report = await renderReport({
    title: "BalancedBio workbench: results",
    summary:
      "Measured by this workbench. What the paper reports stands apart and is not comparable.",
    results: parts.map(({ results }) => results),
    sections: parts.flatMap(({ results, sections }) =>
      sections.map((section) => ({ ...section, group: section.group ?? results.experiment }))
    ),
    svgs: known,
  });
  await writeFileAtomic(path, report);
  return path;
}

/**
 * Folders of experiments' results: the folder itself, or those inside it, by name.
 *
 * @param path A `results.json`, a folder that holds one, or a folder of such folders.
 * @throws {UsageError} if there are none.
 */
export async function resultsFolders(path: string): Promise<string[]> {
  if (basename(path) === resultsFile && await isFile(path)) return [dirname(path)];
  if (await isFile(join(path, resultsFile))) return [path];
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory && await isFile(join(path, name, resultsFile))) found.push(join(path, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw error;
    }
  }
  if (found.length > 0) return found.sort();
  throw new UsageError(
    `Expected ${resultsFile}, its folder or a folder of such folders but found none at ${path}`,
  );
}

/**
 * Draws figures, tables and, for a folder of several experiments, the report again: all of them, whatever is there.
 *
 * @param from See {@linkcode resultsFolders}.
 * @param out Where the files go; the same names inside it.
 * @returns Number of experiments, figures and tables, and the report's path if one was written.
 */
export async function redraw(
  from: string,
  out: string,
): Promise<{ experiments: number; figures: number; tables: number; report?: string }> {
  const folders = await resultsFolders(from);
  const whole = folders[0] !== from && basename(from) !== resultsFile;
  const parts: ReportPart[] = [];
  const svgs = new Map<Figure, string>();
  let [figures, tables] = [0, 0];
  for (const folder of folders) {
    const results = await readResults(folder);
    const shown = await readPresentation(folder);
    const written = await writeShown(whole ? join(out, basename(folder)) : out, shown);
    for (const [figure, svg] of written.svgs) svgs.set(figure, svg);
    parts.push({ results, sections: shown.sections });
    figures += shown.figures.length;
    tables += shown.tables.length;
  }
  const counts = { experiments: folders.length, figures, tables };
  return whole ? { ...counts, report: await writeReport(out, parts, svgs) } : counts;
}
