/**
 * The log of a training run as it goes: `log.csv` with a row a step, and the same numbers as an event file of
 * TensorBoard.
 *
 * @module
 */

import { join } from "@std/path";
import { csvText, fileFailure, parseCsv, UsageError, WorkbenchError } from "../runtime/mod.ts";
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
function readRows(path: string): {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
} {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { columns: [], rows: [] };
    throw error;
  }
  const { columns, rows } = parseCsv(text.slice(0, text.lastIndexOf("\n") + 1), path);
  return { columns, rows: rows.map(({ cells }) => cells) };
}

/**
 * Reads the log of a run folder, of a run that goes on too: a last line that is cut short is left out.
 *
 * @param folder the run folder
 * @returns for each step the metrics that it logged, `step` among them, in the order of the columns; none where there is
 *   no log yet
 * @throws {WorkbenchError} when the log cannot be read or is damaged
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readRunLog } from "./log.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/log.csv`, "step,loss,kl\n1,2.5,\n2,2.25,0.01\n3,2.1");
 * assertEquals(readRunLog(folder), [{ step: 1, loss: 2.5 }, { step: 2, loss: 2.25, kl: 0.01 }]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function readRunLog(folder: string): Readonly<Record<string, number>>[] {
  const path = join(folder, logFile);
  let log: ReturnType<typeof readRows>;
  try {
    log = readRows(path);
  } catch (error) {
    if (error instanceof UsageError) throw new WorkbenchError(error.message);
    throw fileFailure(error, `read ${path}`);
  }
  const { columns, rows } = log;
  if (columns.length > 0 && !columns.includes("step")) {
    throw new WorkbenchError(`Expected a column "step" but found none in ${path}`);
  }
  const number = (name: string, cell: string, line: number): number => {
    const value = Number(cell);
    if (cell !== "" && (cell === "NaN" || !Number.isNaN(value))) return value;
    throw new WorkbenchError(
      `Expected ${name} to be a number but found ${JSON.stringify(cell)} in ${path}, line ${line}`,
    );
  };
  return rows.map((row, i) =>
    Object.fromEntries(
      Object.entries(row).filter(([name, cell]) => name === "step" || cell !== "")
        .map(([name, cell]) => [name, number(name, cell, i + 2)]),
    )
  );
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
