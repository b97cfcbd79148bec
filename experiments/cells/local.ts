/** Cells in processes of this machine, several at a time. @module */

import { fromFileUrl } from "@std/path";
import { memoryLimit, projectFolder } from "../../lib/runtime/mod.ts";
import { cellName, type CellRecord, expectedOf, logPath } from "./cell_files.ts";
import type { Cell } from "./plan.ts";

/** Share of the memory that cells may take together. */
const MEMORY_SHARE = 0.9;

/** A process that makes a cell. */
interface Running {
  readonly cell: Cell;
  readonly child: Deno.ChildProcess;
  /** MB that it is expected to take. */
  readonly megabytes: number;
  /** Ends with whether it went well. */
  readonly ended: Promise<boolean>;
}

/** What cells are made with. */
export interface LocalOptions {
  /** Arguments of the command that is launched. */
  readonly args: readonly string[];
  /** Folder of results and store. */
  readonly out: string;
  /** Processes at a time. */
  readonly jobs: number;
  /** What earlier cells took. */
  readonly records: readonly CellRecord[];
  /** Ends the processes behind a step. */
  readonly signal: AbortSignal;
  /** Told of each cell that begins or ends. */
  readonly onChange: (running: readonly Cell[], ended?: { cell: Cell; success: boolean }) => void;
}

/** Arguments with which Deno runs the experiments' command line. */
export const experimentsCommand = (args: readonly string[]): string[] => [
  ...["run", "-RWESN", "--allow-ffi", "--allow-run", "--no-prompt", "--quiet"],
  fromFileUrl(new URL("../main.ts", import.meta.url)),
  ...args,
];

function start({ args, out, jobs }: LocalOptions, cell: Cell, megabytes: number): Running {
  const name = cellName(cell);
  const log = Deno.openSync(logPath(out, name), { write: true, create: true, truncate: true });
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / jobs));
  const child = new Deno.Command(Deno.execPath(), {
    args: experimentsCommand([...args, "--cell", name]),
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
  return { cell, child, megabytes, ended };
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
 * @returns the cells that were not made: those that failed, and those that need one of them
 */
export async function runLocally(cells: readonly Cell[], options: LocalOptions): Promise<{
  readonly failed: readonly Cell[];
}> {
  const { jobs, records, signal, onChange } = options;
  const most = MEMORY_SHARE * memoryLimit() / 2 ** 20;
  const waiting = new Set(cells);
  const unmade = new Map(cells.map((cell) => [cell.hash, cell]));
  const running = new Set<Running>();
  const failed: Cell[] = [];
  const endAll = () => running.forEach((one) => kill(one, "SIGKILL"));
  const stop = () => running.forEach((one) => kill(one, "SIGINT"));
  globalThis.addEventListener("unload", endAll);
  signal.addEventListener("abort", stop);
  try {
    for (;;) {
      for (const cell of signal.aborted ? [] : [...waiting]) {
        if (running.size >= jobs) break;
        if (cell.needs.some((hash) => unmade.has(hash))) continue;
        const megabytes = expectedOf(cell, records)?.peakMegabytes ?? most / jobs;
        const taken = [...running].reduce((sum, one) => sum + one.megabytes, 0);
        if (running.size > 0 && taken + megabytes > most) continue;
        waiting.delete(cell);
        running.add(start(options, cell, megabytes));
        onChange([...running].map((one) => one.cell));
      }
      if (running.size === 0) break;
      const { one, success } = await Promise.race(
        [...running].map(async (one) => ({ one, success: await one.ended })),
      );
      running.delete(one);
      if (success) unmade.delete(one.cell.hash);
      else failed.push(one.cell);
      onChange([...running].map((other) => other.cell), { cell: one.cell, success });
    }
  } finally {
    signal.removeEventListener("abort", stop);
    globalThis.removeEventListener("unload", endAll);
  }
  return { failed };
}
