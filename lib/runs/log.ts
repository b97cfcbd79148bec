/**
 * The log of a training run as it goes: `log.csv` with a row a step, and the same numbers as an event file of
 * TensorBoard.
 *
 * @module
 */

import { join } from "@std/path";
import {
  csvText,
  fileFailure,
  parseCsv,
  readTextSync,
  UsageError,
  WorkbenchError,
  writeFileAtomicSync,
} from "../runtime/mod.ts";
import { type EventFile, openEventFile, type StepLog } from "../training/mod.ts";

/** Name of the file. */
export const logFile = "log.csv";

/** A log that steps are added to. */
export interface RunLog {
  /**
   * Makes the rows those of the steps that the run goes on behind, as its checkpoint has them: what is damaged or missing is
   * written again, without `wall_time` where it is not known.
   */
  readonly resume: (log: readonly StepLog[]) => void;
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
  const text = readTextSync(path);
  if (text === undefined) return { columns: [], rows: [] };
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

/** Rows of a log that may be damaged: what cannot be read is as if it were not there. */
function rowsLeft(path: string): ReturnType<typeof readRows> {
  try {
    return readRows(path);
  } catch (error) {
    if (error instanceof UsageError) return { columns: [], rows: [] };
    throw error;
  }
}

/** Whether a row says what a step logged. */
function saysStep(row: Readonly<Record<string, string>>, step: StepLog): boolean {
  return Object.entries(step).every(([name, value]) => row[name] === String(value)) &&
    Object.entries(row).every(([name, cell]) => cell === "" || name in step || name === WALL_TIME);
}

/** When a step was logged, in seconds since 1970. */
const WALL_TIME = "wall_time";

/** Names of metrics behind `step`, in the order in which they first appear. */
function columnsOf(steps: Iterable<object>): string[] {
  const names = new Set<string>(["step"]);
  for (const step of steps) for (const name of Object.keys(step)) names.add(name);
  return [...names];
}

/** Writes a log anew; a reader never sees half of it, and a link in its place is not followed. */
function writeLog(
  folder: string,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number>>[],
): void {
  const text = csvText([
    [...columns],
    ...rows.map((row) => columns.map((name) => row[name] ?? null)),
  ]);
  writeFileAtomicSync(join(folder, logFile), text);
}

/**
 * Opens the log of a run folder. Columns come in the order in which metrics first appear; a metric that a step lacks is
 * an empty cell. `wall_time` is in seconds since 1970.
 */
export function openRunLog(folder: string): RunLog {
  const path = join(folder, logFile);
  let columns: string[] | undefined;
  let events: EventFile | undefined;

  /** Writes the rows before a step anew, under all columns. */
  function rewrite(before: number, names: readonly string[]): string[] {
    const { columns: old, rows } = before > 1 ? readRows(path) : { columns: [], rows: [] };
    const all = [...new Set([...old, ...names])];
    writeLog(folder, all, rows.filter((row) => Number(row.step) < before));
    return all;
  }

  return {
    resume(log) {
      try {
        const { columns: old, rows } = rowsLeft(path);
        const kept = rows.slice(0, log.length);
        if (kept.length === log.length && log.every((step, i) => saysStep(kept[i]!, step))) return;
        const times = new Map(rows.map((row) => [row.step, row[WALL_TIME]]));
        const steps = log.map((step) => {
          const time = Number(times.get(String(step.step)) || NaN);
          return Number.isFinite(time) ? { ...step, [WALL_TIME]: time } : step;
        });
        const known = columnsOf(log);
        const order = old.filter((name) => known.includes(name) || name === WALL_TIME);
        writeLog(folder, [...new Set([...order, ...known, WALL_TIME])], steps);
      } catch (error) {
        throw fileFailure(error, `write ${path}`);
      }
    },
    add(step) {
      const row: Record<string, number> = { ...step, [WALL_TIME]: Date.now() / 1000 };
      const names = columnsOf([row]);
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
