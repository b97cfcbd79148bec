/** Cells in processes of this machine, several at a time. @module */

import { memoryLimit, projectFolder } from "../../lib/runtime/mod.ts";
import { commandLine } from "../core/command_line.ts";
import { cellName, logPath } from "./cell_files.ts";
import type { LaunchOptions, RunnerOptions } from "./launch.ts";
import type { Cell } from "./plan.ts";
import { schedule } from "./schedule.ts";

/** Share of the memory that processes may take together. */
const MEMORY_SHARE = 0.9;

/** Starts a process that makes cells one after another, and ends with whether it went well. */
function start(
  { args, out, jobs }: LaunchOptions,
  cells: readonly Cell[],
): { readonly child: Deno.ChildProcess; readonly ended: Promise<boolean> } {
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
  return { child, ended };
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * Makes cells, as many at a time as there are jobs and memory for.
 *
 * @param cells what is to be made
 * @param options how
 * @returns the cells that failed; those that need one of them are not made either
 */
export function runLocally(
  cells: readonly Cell[],
  options: RunnerOptions,
): Promise<readonly Cell[]> {
  const { jobs, records, more, onChange } = options;
  const children = new Set<Deno.ChildProcess>();
  const endAll = (signal: Deno.Signal) => children.forEach((child) => kill(child, signal));
  const killAll = () => endAll("SIGKILL");
  const stopAll = () => endAll("SIGINT");
  return options.stop.during(async (signal) => {
    globalThis.addEventListener("unload", killAll);
    signal.addEventListener("abort", stopAll);
    try {
      return await schedule(cells, {
        jobs,
        megabytes: MEMORY_SHARE * memoryLimit() / 2 ** 20,
        records,
        more,
        onChange,
        signal,
        start: (some) => {
          const { child, ended } = start(options, some);
          children.add(child);
          return { ended: ended.finally(() => children.delete(child)) };
        },
      });
    } finally {
      killAll();
      signal.removeEventListener("abort", stopAll);
      globalThis.removeEventListener("unload", killAll);
    }
  });
}
