/** Short cells that share a process, which takes some seconds to begin. @module */

import { type CellRecord, expectedOf } from "./cell_files.ts";
import type { Cell } from "./plan.ts";

/** Seconds of work up to which cells share a process. */
const SHARED_SECONDS = 60;

/**
 * The first cells that one process makes: one, or several of an experiment that are known to be short.
 *
 * @param ready cells that can be made now
 * @param records what earlier cells took
 * @param alone cells that share no process
 * @returns some of the first ones; none where there are none
 */
export function nextCells(
  ready: readonly Cell[],
  records: readonly CellRecord[],
  alone: ReadonlySet<Cell> = new Set(),
): Cell[] {
  const chosen: Cell[] = [];
  let seconds = 0;
  for (const cell of ready) {
    const expected = expectedOf(cell, records)?.seconds ?? SHARED_SECONDS;
    const fits = !alone.has(cell) && seconds + expected <= SHARED_SECONDS;
    if (chosen.length > 0 && (!fits || chosen[0]!.experiment !== cell.experiment)) break;
    chosen.push(cell);
    seconds += expected;
    if (!fits) break;
  }
  return chosen;
}
