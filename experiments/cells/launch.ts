/**
 * Launches the cells of experiments: asks for them, makes them, and asks again for what lies behind, until everything is in the
 * store. What asks and what makes are processes of their own; the launcher itself computes nothing.
 *
 * @module
 */

import { join } from "@std/path";
import { progressBar, projectFolder, WorkbenchError } from "../../lib/runtime/mod.ts";
import { childJson } from "../core/child_json.ts";
import { commandLine } from "../core/command_line.ts";
import type { Stop } from "../core/stop.ts";
import { cellName, type CellRecord, lastLines, logPath, readRecords } from "./cell_files.ts";
import { counted } from "../stages/verdicts.ts";
import type { Cell } from "./plan.ts";

/** Times that a cell is tried that is lost with its machine. */
const TRIES = 3;

/** Lines of a failed cell's output that are shown. */
const SHOWN_LINES = 4;

/** What is launched. */
export interface LaunchOptions {
  /** Arguments of the command. */
  readonly args: readonly string[];
  /** Folder of results and store. */
  readonly out: string;
  /** Processes at a time. */
  readonly jobs: number;
}

/** What cells are made with. */
export interface RunnerOptions extends LaunchOptions {
  /** What the cells took that are there by now. */
  readonly records: () => Promise<readonly CellRecord[]>;
  /** Asks for cells that can be made now that others are there; none that were given before. */
  readonly more: () => Promise<readonly Cell[]>;
  /** Asks them to end. */
  readonly stop: Stop;
  /** Told of the cells that are being made, how many are made, and how many failed. */
  readonly onChange: (running: readonly Cell[], made: number, failed: number) => void;
}

/**
 * Makes cells, each when those are there that it needs; gives those that failed. Others that are not made were lost with the machine
 * that they ran on, or not tried.
 */
export type CellRunner = (
  cells: readonly Cell[],
  options: RunnerOptions,
) => Promise<readonly Cell[]>;

/** Asks for the cells in a process of its own, whose memory is free again afterwards. */
async function askForCells(args: readonly string[]): Promise<Cell[]> {
  const command = commandLine("experiments", [...args, "--plan"]);
  return await childJson(command, "plan", { cwd: projectFolder() }) as Cell[];
}

/**
 * Makes all cells.
 *
 * @param options what is launched
 * @param runner makes them
 * @param stop ends them
 * @throws {WorkbenchError} when cells failed; the others are made
 */
export async function launch(
  options: LaunchOptions,
  runner: CellRunner,
  stop: Stop,
): Promise<void> {
  const { args, out } = options;
  await Deno.mkdir(join(out, "cells"), { recursive: true });
  const bar = progressBar("Cells");
  const failed = new Map<string, Cell>();
  const tries = new Map<string, number>();
  let made = 0;
  for (;;) {
    bar.update(made, 0, "planning");
    const before = made;
    const given = new Set<string>();
    /** The cells that can be made, but those that were given in this round, failed, or were lost too often. */
    const ask = async (): Promise<Cell[]> => {
      const planned = (await askForCells(args)).filter(({ hash }) => !given.has(hash));
      for (const cell of planned) {
        if ((tries.get(cell.hash) ?? 0) >= TRIES) failed.set(cell.hash, cell);
        tries.set(cell.hash, 1 + (tries.get(cell.hash) ?? 0));
        given.add(cell.hash);
      }
      return planned.filter(({ hash, needs }) =>
        !failed.has(hash) && !needs.some((need) => failed.has(need))
      );
    };
    const cells = await ask();
    if (cells.length === 0 || stop.signal.aborted) break;
    const found = await runner(cells, {
      ...options,
      stop,
      records: () => readRecords(out),
      more: ask,
      onChange: (running, now, lost) => {
        made = before + now;
        const parts = [
          `${made} of ${before + given.size} made`,
          `${running.length} running`,
          ...(failed.size + lost > 0 ? [`${failed.size + lost} failed`] : []),
        ];
        const labels = running.map(({ label }) => label).join("; ");
        bar.update(made, before + given.size, `${parts.join(", ")}${labels && `: ${labels}`}`);
      },
    });
    stop.signal.throwIfAborted();
    for (const cell of found) failed.set(cell.hash, cell);
  }
  bar.finish(`${made} made${failed.size > 0 ? `, ${failed.size} failed` : ""}`);
  stop.signal.throwIfAborted();
  if (failed.size === 0) return;
  for (const cell of failed.values()) console.error(await failureOf(out, cell));
  throw new WorkbenchError(`${counted(failed.size, "cell")} failed; the same command tries again`);
}

/** What a failed cell said last, and where the rest stands. */
async function failureOf(out: string, cell: Cell): Promise<string> {
  const name = cellName(cell);
  const lines = await lastLines(out, name, SHOWN_LINES);
  return [`${cell.label} failed (${logPath(out, name)}):`, ...lines.map((line) => `  ${line}`)]
    .join("\n");
}
