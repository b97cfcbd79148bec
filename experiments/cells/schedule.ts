/** Which cells run when, where a few processes share cores and memory. @module */

import { nextCells } from "./bundle.ts";
import { type CellRecord, expectedOf } from "./cell_files.ts";
import type { Cell } from "./plan.ts";

/** A process that makes cells one after another. */
export interface Process {
  /** Ends with whether it went well. */
  readonly ended: Promise<boolean>;
}

/** What a schedule works with. */
export interface ScheduleOptions {
  /** Processes at a time. */
  readonly jobs: number;
  /** MB that processes may take together; one alone may take more. */
  readonly megabytes: number;
  /** What the cells took that are there by now. */
  readonly records: () => Promise<readonly CellRecord[]>;
  /** Asks for cells that can be made now that others are there; none that were given before. */
  readonly more: () => Promise<readonly Cell[]>;
  /** Starts a process. */
  readonly start: (cells: readonly Cell[]) => Process;
  /** Told of the cells that are being made, how many are made, and how many failed. */
  readonly onChange: (running: readonly Cell[], made: number, failed: number) => void;
  /** Nothing is started any more when it is aborted. */
  readonly signal: AbortSignal;
}

/** A process with what it makes. */
interface Running extends Process {
  readonly cells: readonly Cell[];
  /** MB that it is expected to take. */
  readonly megabytes: number;
}

/**
 * Makes cells, each when those are there that it needs. While a process is free and others run, what lies behind the cells that are
 * there is asked for, so that a long cell holds up nothing but what needs it. Cells that failed together are tried alone.
 *
 * @param cells what is to be made
 * @param options how
 * @returns the cells that failed; those that need one of them are not made either
 * @throws whatever asking for more throws; processes go on then
 */
export async function schedule(
  cells: readonly Cell[],
  options: ScheduleOptions,
): Promise<readonly Cell[]> {
  const { jobs, onChange, signal } = options;
  const waiting = new Set(cells);
  const unmade = new Set(cells.map(({ hash }) => hash));
  const alone = new Set<Cell>();
  const running = new Set<Running>();
  const failed: Cell[] = [];
  let records = await options.records();
  let made = 0;
  /** How many cells were there when more were asked for. */
  let asked = 0;
  let asking: Promise<readonly Cell[]> | undefined;
  const tell = () => onChange([...running].flatMap((one) => one.cells), made, failed.length);
  /** MB that a process is expected to take; its share of all where nothing is known. */
  const megabytesOf = (some: readonly Cell[]): number =>
    Math.max(
      ...some.map((cell) => expectedOf(cell, records)?.peakMegabytes ?? options.megabytes / jobs),
    );
  /** Begins what can begin; gives whether a process is free then. */
  const begin = (): boolean => {
    while (running.size < jobs && !signal.aborted) {
      const ready = [...waiting].filter(({ needs }) => !needs.some((hash) => unmade.has(hash)));
      const next = nextCells(ready, records, alone);
      if (next.length === 0) return true;
      const megabytes = megabytesOf(next);
      const taken = [...running].reduce((sum, one) => sum + one.megabytes, 0);
      if (running.size > 0 && taken + megabytes > options.megabytes) return false;
      next.forEach((cell) => waiting.delete(cell));
      running.add({ ...options.start(next), cells: next, megabytes });
      tell();
    }
    return false;
  };
  const end = async (one: Running, success: boolean): Promise<void> => {
    running.delete(one);
    records = await options.records();
    if (success) {
      one.cells.forEach(({ hash }) => unmade.delete(hash));
      made += one.cells.length;
    } else if (one.cells.length === 1) failed.push(one.cells[0]!);
    else {
      for (const cell of one.cells) {
        alone.add(cell);
        waiting.add(cell);
      }
    }
    tell();
  };
  for (;;) {
    if (begin() && running.size > 0 && made > asked && asking === undefined) {
      asked = made;
      asking = options.more();
    }
    if (running.size === 0 && asking === undefined) return failed;
    const next = await Promise.race([
      ...[...running].map(async (one) => ({ one, success: await one.ended })),
      ...(asking === undefined ? [] : [asking]),
    ]);
    if ("one" in next) await end(next.one, next.success);
    else {
      asking = undefined;
      for (const cell of next) {
        waiting.add(cell);
        unmade.add(cell.hash);
      }
    }
  }
}
