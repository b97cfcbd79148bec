/**
 * What is shown of experiments, on disk: tables, figures and the report. All of it is drawn from `results.json` and
 * `findings.json` by the experiment's view, when it ran and whenever it is asked for again.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import {
  csvTable,
  drawnSvgs,
  type Figure,
  latexTable,
  markdownTable,
  renderFigures,
} from "../../lib/figures/mod.ts";
import { isFile, UsageError, writeFileAtomic } from "../../lib/runtime/mod.ts";
import type {
  Experiment,
  NamedFigure,
  NamedTable,
  Presentation,
  ReportSection,
} from "../core/experiment.ts";
import { renderReport } from "./report.ts";
import { readFindings, readResults, type Results, resultsFile } from "../../lib/runs/mod.ts";

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
 * Writes tables (CSV, Markdown, LaTeX) and figures in every form. Figures whose files are there already, drawn from
 * the same data by the same code, are not drawn again.
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
  for (const section of shown.sections) {
    section.figures.forEach((figure, i) => {
      if (named.some((other) => other.figure === figure)) return;
      named.push({ name: `${section.id}-${i + 1}`, figure });
    });
  }
  const rendered = await renderFigures(named, join(folder, "figures"), record);
  const figures = rendered.flatMap(({ paths }) =>
    Object.values(paths).map((path) => `figures/${basename(path)}`)
  );
  const svgs = new Map(named.map(({ figure }, i) => [figure, rendered[i]!.svg]));
  const tables = await writeTables(folder, shown.tables);
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
 * What is shown of stored results, by today's view of their experiment.
 *
 * @param folder folder of `results.json` and `findings.json`
 * @param experiments the experiments that there are
 * @returns the results and what is shown of them
 * @throws {UsageError} when a file is not there or does not fit, or the results are those of no experiment
 */
export async function viewStored(
  folder: string,
  experiments: readonly Experiment[],
): Promise<{ readonly results: Results; readonly shown: Presentation }> {
  const results = await readResults(folder);
  const experiment = experiments.find(({ id }) => id === results.experiment);
  if (experiment === undefined) {
    throw new UsageError(
      `Expected results of ${experiments.map(({ id }) => id).join(", ")} but found ${
        JSON.stringify(results.experiment)
      } in ${join(folder, resultsFile)}`,
    );
  }
  return { results, shown: experiment.view(results, await readFindings(folder)) };
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
 * Draws figures, tables and, for a folder of several experiments, the report again, from what was found and by today's
 * code: all of them, whatever is there.
 *
 * @param from See {@linkcode resultsFolders}.
 * @param out Where the files go; the same names inside it.
 * @param experiments The experiments that there are.
 * @returns Number of experiments, figures and tables, and the report's path if one was written.
 */
export async function redraw(
  from: string,
  out: string,
  experiments: readonly Experiment[],
): Promise<{ experiments: number; figures: number; tables: number; report?: string }> {
  const folders = await resultsFolders(from);
  const whole = folders[0] !== from && basename(from) !== resultsFile;
  const parts: ReportPart[] = [];
  const svgs = new Map<Figure, string>();
  let [figures, tables] = [0, 0];
  for (const folder of folders) {
    const { results, shown } = await viewStored(folder, experiments);
    const written = await writeShown(whole ? join(out, basename(folder)) : out, shown);
    for (const [figure, svg] of written.svgs) svgs.set(figure, svg);
    parts.push({ results, sections: shown.sections });
    figures += written.svgs.size;
    tables += shown.tables.length;
  }
  const counts = { experiments: folders.length, figures, tables };
  return whole ? { ...counts, report: await writeReport(out, parts, svgs) } : counts;
}
