/**
 * What is written about the committed results: three experiments' tables in the README, and RESULTS.md with what every
 * experiment answers, its tables, its command, and the commit that its results came with.
 *
 * @module
 */

import { dirname, join, relative } from "@std/path";
import { markdownTable } from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import { isFolder, markdownText, UsageError } from "../../lib/runtime/mod.ts";
import type { Experiment, Presentation, ReportSection } from "../core/experiment.ts";
import { resultsFolders, viewStored } from "./presentation.ts";

const BEGIN = "<!-- results: written by deno task readme -->";
const END = "<!-- end of results -->";

/** Folder inside that of the committed results which holds those at the paper preset. */
const PAPER = "paper";

/** Stored results of an experiment. */
export interface StoredPart {
  /** Their folder. */
  readonly folder: string;
  /** What was measured. */
  readonly results: Results;
  /** What is shown of it. */
  readonly shown: Presentation;
}

/**
 * Reads the committed results.
 *
 * @param folder folder of experiments' results, with another one for the paper preset inside it
 * @param experiments the experiments that there are
 * @returns those at the paper preset first
 * @throws {UsageError} when there are none, or a file does not fit
 */
export async function storedParts(
  folder: string,
  experiments: readonly Experiment[],
): Promise<StoredPart[]> {
  const paper = join(folder, PAPER);
  const isThere = await isFolder(paper);
  const folders = [...isThere ? await resultsFolders(paper) : [], ...await resultsFolders(folder)];
  const parts: StoredPart[] = [];
  for (const path of folders) {
    parts.push({ folder: path, ...await viewStored(path, experiments) });
  }
  return parts;
}

/** The commit that last changed a path, or a dash where git cannot tell. */
async function commitOf(path: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("git", {
      args: ["log", "-1", "--format=%h", "--", path],
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).trim() || "\u2013";
  } catch {
    return "\u2013";
  }
}

/** Minutes that all stages of a run took. */
function minutesOf({ seconds }: Results): string {
  return (Object.values(seconds).reduce((a, b) => a + b, 0) / 60).toFixed(1);
}

/**
 * Experiments that the README shows, with the table of each; the first section of its report answers its question. Every
 * preset is shown where each has a model of its own, else the largest that there is.
 */
const shownInReadme = [
  { experiment: "exact-lm", table: "hypotheses", everyPreset: true },
  { experiment: "sampled", table: "claims", everyPreset: false },
  { experiment: "main-results", table: "scores", everyPreset: false },
] as const;

/** A table of a run, where it comes from, and its answer. */
function shownPart({ results, shown: { tables, sections } }: StoredPart, table: string): string {
  const { caption, rows } = tables.find(({ name }) => name === table)!;
  const { answer, command } = sections[0]!;
  const { config, preset, seeds, machine } = results;
  return [
    `${markdownText(caption)}; model ${
      markdownText(String(config.model))
    }, preset ${preset}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}, ${
      minutesOf(results)
    } minutes on ${machine.cores} cores: \`${command}\``,
    "",
    markdownTable(rows).trim(),
    "",
    answer,
  ].join("\n");
}

/**
 * The part of the README between its marks: what the weights do with and without sampling, and the main
 * comparison.
 *
 * @param parts stored results, those at the paper preset first
 * @returns Markdown
 * @throws {UsageError} when none of them is among the stored ones
 */
export function readmePart(parts: readonly StoredPart[]): string {
  const texts = shownInReadme.flatMap(({ experiment, table, everyPreset }) => {
    const found = parts.filter(({ results }) => results.experiment === experiment);
    if (found.length === 0) return [];
    return [
      `### ${found[0]!.shown.sections[0]!.question}`,
      ...(everyPreset ? found : found.slice(0, 1)).map((part) => shownPart(part, table)),
    ];
  });
  if (texts.length === 0) {
    const names = shownInReadme.map(({ experiment }) => experiment).join(", ");
    throw new UsageError(`Expected results of ${names} among the stored ones but found none`);
  }
  return texts.join("\n\n");
}

/** A section of RESULTS.md. */
function sectionText({ question, answer, table, tableCaption, method }: ReportSection): string {
  const lines = [`### ${question}`, "", answer, ""];
  if (table !== undefined) {
    lines.push(
      `<details><summary>${markdownText(tableCaption ?? "Numbers")}</summary>`,
      "",
      markdownTable(table).trim(),
      "",
      "</details>",
      "",
    );
  }
  lines.push(`_${method}_`, "");
  return lines.join("\n");
}

/**
 * RESULTS.md: every experiment's questions and answers.
 *
 * @param parts stored results
 * @param file where it will stand, for links
 * @returns Markdown
 */
export async function resultsText(parts: readonly StoredPart[], file: string): Promise<string> {
  const texts: string[] = [
    "# Results",
    "",
    "Written by `deno task readme` from the committed results, sentences included: they say what the numbers say. " +
    "All numbers are this workbench's own; what the BalancedBio abstract reports stands apart and is not comparable.",
    "",
  ];
  for (const { folder, results, shown } of parts) {
    const link = relative(dirname(file), folder);
    texts.push(
      `## ${results.experiment}, ${results.preset}`,
      "",
      `[Files](${link}) of commit ${await commitOf(folder)}; seeds ${results.seeds.join(", ")}; ${
        minutesOf(results)
      } minutes on ${results.machine.cores} cores of ${
        markdownText(results.machine.cpu)
      }, ${results.backend.name} backend.`,
      "",
      "```sh",
      shown.sections[0]!.command,
      "```",
      "",
      ...shown.sections.map(sectionText),
      ...shown.figures.map(({ name, figure }) =>
        `![${
          markdownText(figure.caption.replaceAll(/[\[\]\n]/g, " "))
        }](${link}/figures/${name}.png)\n`
      ),
      ...results.notes.map((note) => `- ${markdownText(note)}`),
      "",
    );
  }
  return texts.join("\n");
}

/**
 * A README with its results part replaced.
 *
 * @param readme its text
 * @param part what comes between the marks
 * @returns the new text
 * @throws {UsageError} when the marks are not there
 */
export function withResults(readme: string, part: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new UsageError(`Expected the README to hold the lines ${BEGIN} and ${END}`);
  }
  return `${readme.slice(0, begin)}${BEGIN}\n\n${part}\n\n${readme.slice(end)}`;
}
