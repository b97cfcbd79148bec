/**
 * The log of a training run as it goes: `log.csv` with a row a step, and the same numbers as an event file of
 * TensorBoard.
 *
 * @module
 */

import { parse } from "@std/csv/parse";
import { join } from "@std/path";
import { csvText, fileFailure } from "../runtime/mod.ts";
import { type EventFile, openEventFile, type StepLog } from "../training/mod.ts";

/** Name of the file. */
export const logFile = "log.csv";

/** A log that steps are added to. */
export interface RunLog {
  /** Adds a step; a row of the same or a later step from an earlier start of the run goes. */
  readonly add: (step: StepLog) => void;
  /** Ends the event file. */
  readonly close: () => void;
}

/** Header and rows of a log; a last line that is cut short is left out. */
function readRows(path: string): { columns: string[]; rows: Record<string, string>[] } {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { columns: [], rows: [] };
    throw error;
  }
  const [columns = [], ...rows] = parse(text.slice(0, text.lastIndexOf("\n") + 1));
  return {
    columns,
    rows: rows.map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? ""]))),
  };
}

/**
 * Opens the log of a run folder. Columns come in the order in which metrics first appear; a metric that a step lacks is
 * an empty cell. `wall_time` is in seconds since 1970.
 */
export function openRunLog(folder: string): RunLog {
  const path = join(folder, logFile);
  let columns: string[] | undefined;
  let events: EventFile | undefined;

  /** Writes the rows before a step anew, under all columns; a reader never sees half of it. */
  function rewrite(before: number, names: readonly string[]): string[] {
    const { columns: old, rows } = readRows(path);
    const all = [...new Set([...old, ...names])];
    const kept = rows.filter((row) => Number(row.step) < before);
    const temporary = `${path}.tmp`;
    Deno.writeTextFileSync(
      temporary,
      csvText([all, ...kept.map((row) => all.map((name) => row[name] ?? null))]),
    );
    Deno.renameSync(temporary, path);
    return all;
  }

  return {
    add(step) {
      const row: Record<string, number> = { ...step, wall_time: Date.now() / 1000 };
      const names = ["step", ...Object.keys(row).filter((name) => name !== "step")];
      try {
        if (columns === undefined || names.some((name) => !columns!.includes(name))) {
          columns = rewrite(step.step, names);
        }
        const cells = columns.map((name) => row[name] ?? null);
        Deno.writeTextFileSync(path, csvText([cells]), { append: true });
      } catch (error) {
        throw fileFailure(error, `write ${path}`);
      }
      events ??= openEventFile(folder, step.step);
      const { step: at, ...metrics } = step;
      events.scalars(
        at,
        Object.fromEntries(Object.entries(metrics).map(([name, x]) => [`train/${name}`, x])),
      );
    },
    close: () => events?.close(),
  };
}
