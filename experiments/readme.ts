/**
 * The results part of the README, made from the committed results: the table of the main comparison, and what every
 * experiment answers, with its command, its preset and the commit that its results came with.
 *
 * @module
 */

import { join } from "@std/path";
import { isFolder, UsageError } from "../lib/runtime/mod.ts";
import { readPresentation, resultsFolders } from "./presentation.ts";
import { readResults } from "./results.ts";

const BEGIN = "<!-- results: written by deno task readme -->";
const END = "<!-- end of results -->";

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

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** Folder inside that of the committed results which holds those at the paper preset. */
const PAPER = "paper";

/**
 * The part of the README between its marks: first the results at the paper preset, then the others.
 *
 * @param folder folder of the committed results, relative to the README
 */
export async function resultsPart(folder: string): Promise<string> {
  const lines: string[] = [];
  const rows: string[] = [];
  const paths = [
    ...await isFolder(join(folder, PAPER)) ? await resultsFolders(join(folder, PAPER)) : [],
    ...await resultsFolders(folder),
  ];
  for (const path of paths) {
    const results = await readResults(path);
    const { sections } = await readPresentation(path);
    const first = sections[0]!;
    if (results.experiment === "main-results" && lines.length === 0) {
      const table = await Deno.readTextFile(join(path, "tables", "scores.md"));
      lines.push(`Preset ${results.preset}. ${table.trim()}`, "");
    }
    const minutes = Object.values(results.seconds).reduce((a, b) => a + b, 0) / 60;
    const commit = await commitOf(path);
    rows.push(
      `| [${results.experiment}](${path}), ${results.preset} | ${cell(first.question)} ${
        cell(first.answer)
      } | ${`\`${cell(first.command)}\``} | ${results.seeds.length} | ${
        minutes.toFixed(1)
      } min | ${commit} |`,
    );
  }
  lines.push(
    "| experiment | question and answer | command | seeds | time | commit |",
    "|---|---|---|---|---|---|",
    ...rows,
  );
  return lines.join("\n");
}

/**
 * A README with its results part replaced.
 *
 * @throws UsageError when the marks are not there
 */
export function withResults(readme: string, part: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new UsageError(`Expected the README to hold the lines ${BEGIN} and ${END}`);
  }
  return `${readme.slice(0, begin)}${BEGIN}\n\n${part}\n\n${readme.slice(end)}`;
}
