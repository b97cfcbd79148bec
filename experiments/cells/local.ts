/** Cells in processes of this machine, several at a time. @module */

import { memoryLimit, projectFolder } from "../../lib/runtime/mod.ts";
import { commandLine } from "../core/command_line.ts";
import { nextCells } from "./bundle.ts";
import { cellName, type CellRecord, expectedOf, logPath } from "./cell_files.ts";
import type { RunnerOptions } from "./launch.ts";
import type { Cell } from "./plan.ts";

/** Share of the memory that processes may take together. */
const MEMORY_SHARE = 0.9;

/** A process that makes cells one after another. */
interface Running {
  readonly cells: readonly Cell[];
  readonly child: Deno.ChildProcess;
  /** MB that it is expected to take. */
  readonly megabytes: number;
  /** Ends with whether it went well. */
  readonly ended: Promise<boolean>;
}

function start({ args, out, jobs, records }: RunnerOptions, cells: readonly Cell[]): Running {
  const names = cells.map(cellName);
  const path = logPath(out, names[0]!);
  const log = Deno.openSync(path, { write: true, create: true, truncate: true });
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / jobs));
  const [program, ...rest] = commandLine("experiments", [...args, "--cell", names.join(",")]);
  const child = new Deno.Command(program!, {
    args: rest,
    cwd: projectFolder(),
    env: { TF_NUM_INTRAOP_THREADS: String(threads) },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A signal of the terminal is for the launcher, which tells its cells.
    detached: true,
  }).spawn();
  const copy = async (from: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const chunk of from) log.writeSync(chunk);
  };
  const ended = (async () => {
    const [{ success }] = await Promise.all([child.status, copy(child.stdout), copy(child.stderr)]);
    log.close();
    return success;
  })();
  return { cells, child, megabytes: megabytesOf(cells, records, jobs), ended };
}

/** MB that cells may take. */
const memory = (): number => MEMORY_SHARE * memoryLimit() / 2 ** 20;

/** MB that a process is expected to take; its share of all where nothing is known. */
function megabytesOf(
  cells: readonly Cell[],
  records: readonly CellRecord[],
  jobs: number,
): number {
  const known = cells.map((cell) => expectedOf(cell, records)?.peakMegabytes);
  return Math.max(...known.map((one) => one ?? memory() / jobs));
}

function kill({ child }: Running, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * Makes cells, as many at a time as there are jobs and memory for, each when those are there that it needs.
 *
 * @param cells what is to be made
 * @param options how
 * @returns the cells that failed; those that need one of them are not made either
 */
export function runLocally(
  cells: readonly Cell[],
  options: RunnerOptions,
): Promise<readonly Cell[]> {
  return options.stop.during((signal) => runUntil(signal, cells, options));
}

async function runUntil(
  signal: AbortSignal,
  cells: readonly Cell[],
  options: RunnerOptions,
): Promise<readonly Cell[]> {
  const { jobs, records, onChange } = options;
  const waiting = new Set(cells);
  const unmade = new Set(cells.map(({ hash }) => hash));
  const alone = new Set<Cell>();
  const running = new Set<Running>();
  const failed: Cell[] = [];
  const endAll = () => running.forEach((one) => kill(one, "SIGKILL"));
  const stop = () => running.forEach((one) => kill(one, "SIGINT"));
  const tell = () =>
    onChange(
      [...running].flatMap((one) => one.cells),
      cells.length - unmade.size,
      failed.length,
    );
  globalThis.addEventListener("unload", endAll);
  signal.addEventListener("abort", stop);
  try {
    for (;;) {
      while (running.size < jobs && !signal.aborted) {
        const ready = [...waiting].filter(({ needs }) => !needs.some((hash) => unmade.has(hash)));
        const next = nextCells(ready, records, alone);
        const taken = [...running].reduce((sum, { megabytes }) => sum + megabytes, 0);
        const fits = taken + megabytesOf(next, records, jobs) <= memory();
        if (next.length === 0 || running.size > 0 && !fits) break;
        next.forEach((cell) => waiting.delete(cell));
        running.add(start(options, next));
        tell();
      }
      if (running.size === 0) break;
      const { one, success } = await Promise.race(
        [...running].map(async (one) => ({ one, success: await one.ended })),
      );
      running.delete(one);
      if (success) one.cells.forEach(({ hash }) => unmade.delete(hash));
      else if (one.cells.length === 1) failed.push(one.cells[0]!);
      else {
        for (const cell of one.cells) {
          alone.add(cell);
          waiting.add(cell);
        }
      }
      tell();
    }
  } finally {
    signal.removeEventListener("abort", stop);
    globalThis.removeEventListener("unload", endAll);
  }
  return failed;
}
