/** What the experiments' command line does with cells: show them, and make one. @module */

import { join } from "@std/path";
import { plainTable, type Row } from "../../lib/figures/mod.ts";
import {
  formatSeconds,
  peakMegabytes,
  UsageError,
  WorkbenchError,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import type { RunContext } from "../core/experiment.ts";
import { counted } from "../stages/verdicts.ts";
import { cellName, expectedOf, readRecords, writeRecord } from "./cell_files.ts";
import { type CellContext, makeCells, planCells, type PlannedRun } from "./plan.ts";

/**
 * Shows the cells that can be made now.
 *
 * @param runs experiments with their options
 * @param context what they run with
 * @param out folder of results and store
 * @param json file to write the plan to
 */
export async function showPlan(
  runs: readonly PlannedRun[],
  context: CellContext,
  out: string,
  json: string | undefined,
): Promise<void> {
  const cells = await planCells(runs, context, join(out, "store"));
  if (json !== undefined) await writeFileAtomic(json, `${JSON.stringify(cells, null, 1)}\n`);
  if (cells.length === 0) {
    const isTimed = runs.some(({ experiment }) => experiment.timed.length > 0);
    console.log(`Everything${isTimed ? " but what may be left to time" : ""} is in the store.`);
    return;
  }
  const records = await readRecords(out);
  const rows = cells.map(({ needs, ...cell }): Row => {
    const expected = expectedOf(cell, records);
    return {
      experiment: cell.experiment,
      cell: `${cell.kind}/${cell.hash}`,
      what: cell.label,
      needs: needs.join(", "),
      expected: expected === undefined ? "" : formatSeconds(expected.seconds),
      "memory (MB)": expected === undefined ? null : Math.round(expected.peakMegabytes),
    };
  });
  console.log(plainTable(rows));
  console.log(
    `${counted(cells.length, "cell")} of ${
      runs.length === 1 ? runs[0]!.experiment.id : `${runs.length} experiments`
    } can be made now; what lies behind them is asked for when they are there.`,
  );
}

/**
 * Makes cells of one experiment.
 *
 * @param runs experiments with their options, the cells' among them
 * @param names `EXPERIMENT/KIND/HASH` of each, as the plan has it
 * @param context what they run with
 * @param out folder of results and store
 * @throws {UsageError} when no experiment has that name, or they are of several
 * @throws {WorkbenchError} when the experiment does not ask for one
 */
export async function makeNamed(
  runs: readonly PlannedRun[],
  names: readonly string[],
  context: CellContext & Pick<RunContext, "stage">,
  out: string,
): Promise<void> {
  const cells = names.map((name) => {
    const [experiment, kind, hash] = name.split("/") as [string, string?, string?];
    if (kind === undefined || hash === undefined) {
      throw new UsageError(`Expected --cell to be EXPERIMENT/KIND/HASH but found ${name}`);
    }
    return { experiment, kind, hash };
  });
  const { experiment: id } = cells[0]!;
  const stray = cells.findIndex(({ experiment }) => experiment !== id);
  const run = runs.find(({ experiment }) => experiment.id === id);
  if (run === undefined || stray >= 0) {
    throw new UsageError(
      `Expected --cell to be of ${run === undefined ? "a chosen experiment" : id} but found ${
        names[Math.max(0, stray)]
      }`,
    );
  }
  const unmade = await makeCells(
    run,
    context,
    join(out, "store"),
    cells.map(({ hash }) => hash),
    async (made, seconds) => {
      const cell = cells.find(({ hash }) => hash === made)!;
      const { kind } = cell;
      const record = { experiment: id, kind, seconds, peakMegabytes: peakMegabytes() };
      await writeRecord(out, cellName(cell), record);
    },
  );
  if (unmade.length > 0) {
    throw new WorkbenchError(
      `Expected ${id} to ask for ${
        unmade.join(", ")
      } but it does not: what they depend on is not there, or they are of other options`,
    );
  }
}
