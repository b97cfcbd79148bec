/**
 * Cells as array jobs of Slurm. What was submitted stands in a file beside the store: a launcher that ends leaves the jobs
 * alone, and the next one joins them. A job whose node dies is queued again by Slurm and goes on from its checkpoint.
 *
 * @module
 */

import { join } from "@std/path";
import { z } from "zod";
import {
  isFile,
  projectFolder,
  removeQuietly,
  type Schema,
  shellQuoted,
  WorkbenchError,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import { commandLine } from "../core/command_line.ts";
import { nextCells } from "./bundle.ts";
import { cellName, type CellRecord, logPath, recordPath } from "./cell_files.ts";
import type { CellRunner, RunnerOptions } from "./launch.ts";
import type { Cell } from "./plan.ts";

/** What Slurm is told of each job. */
export interface SlurmOptions {
  /** Partition to run in. */
  readonly partition?: string | undefined;
  /** Generic resources, such as `gpu:1`. */
  readonly gres?: string | undefined;
  /** Longest time of a job. */
  readonly time?: string | undefined;
  /** Processors of a job. */
  readonly cpusPerTask: number;
}

/** A task of an array job, with the cells that it makes. */
interface SlurmTask {
  readonly job: string;
  readonly index: number;
  readonly cells: readonly Cell[];
}

const tasksSchema: Schema<readonly SlurmTask[]> = z.array(z.object({
  job: z.string().regex(/^\d+$/),
  index: z.int().min(0),
  cells: z.array(z.object({
    experiment: z.string(),
    kind: z.string(),
    hash: z.string(),
    label: z.string(),
    needs: z.array(z.string()),
  })),
}));

/** Longest time between two looks at the queue, in milliseconds. */
const LONGEST_PAUSE = 15_000;

/** Milliseconds between two looks at the queue: more often at first. */
const lookAfter = (looks: number): number => Math.min(LONGEST_PAUSE, 1000 + 250 * looks);

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Longest that a record may take to be seen through a shared folder, in milliseconds. */
const SEEN_AFTER = 20_000;

const tasksPath = (out: string): string => join(out, "cells", "slurm.json");

/** Runs a program of Slurm; gives what it wrote. */
async function slurm(program: string, ...args: string[]): Promise<string> {
  let ended: Deno.CommandOutput;
  try {
    ended = await new Deno.Command(program, { args, stdin: "null" }).output();
  } catch {
    throw new WorkbenchError(`Cannot run ${program}: Slurm's programs are not on this machine`);
  }
  const { success, stdout, stderr } = ended;
  if (!success) {
    const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new WorkbenchError(`Cannot run ${program}: ${said}`);
  }
  return new TextDecoder().decode(stdout);
}

/** Tasks that this cluster lets an array job have. */
async function longestArray(): Promise<number> {
  const found = /^MaxArraySize\s*=\s*(\d+)/m.exec(await slurm("scontrol", "show", "config"));
  return Math.max(1, Number(found?.[1] ?? 1001));
}

/** Cells in the order in which they are asked for, as the processes that make them: of each level, as many as an array has. */
function arraysOf(
  cells: readonly Cell[],
  records: readonly CellRecord[],
  longest: number,
): Cell[][][] {
  return levelsOf(cells).flatMap((level) => {
    const bundles: Cell[][] = [];
    for (let rest = level; rest.length > 0; rest = rest.slice(bundles.at(-1)!.length)) {
      bundles.push(nextCells(rest, records));
    }
    return Array.from(
      { length: Math.ceil(bundles.length / longest) },
      (_, i) => bundles.slice(i * longest, (i + 1) * longest),
    );
  });
}

/** Cells by how many of each other they wait for. */
function levelsOf(cells: readonly Cell[]): Cell[][] {
  const levels: Cell[][] = [];
  let rest = [...cells];
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ hash }) => hash));
    const ready = rest.filter(({ needs }) => !needs.some((hash) => waiting.has(hash)));
    // Keys cannot name each other in a circle; were it so, all would go at once.
    const level = ready.length > 0 ? ready : rest;
    levels.push(level);
    rest = rest.filter((cell) => !level.includes(cell));
  }
  return levels;
}

/** The script of an array job: one case for each task. */
function scriptOf(bundles: readonly (readonly Cell[])[], { args, out }: RunnerOptions): string {
  const cases = bundles.map((cells, index) => {
    const names = cells.map(cellName);
    const words = commandLine("experiments", [...args, "--cell", names.join(",")]);
    return `  ${index}) exec ${words.map(shellQuoted).join(" ")} >> ${
      shellQuoted(logPath(out, names[0]!))
    } 2>&1 ;;`;
  });
  return [
    "#!/bin/bash",
    "export TF_NUM_INTRAOP_THREADS=${SLURM_CPUS_PER_TASK:-1}",
    "case $SLURM_ARRAY_TASK_ID in",
    ...cases,
    "esac",
    "",
  ].join("\n");
}

/** Submits cells, each array behind the one before. */
async function submit(
  cells: readonly Cell[],
  slurmOptions: SlurmOptions,
  options: RunnerOptions,
): Promise<SlurmTask[]> {
  const { out, jobs } = options;
  const records = await options.records();
  const { partition, gres, time, cpusPerTask } = slurmOptions;
  const tasks: SlurmTask[] = [];
  for (const cell of cells) await removeQuietly(recordPath(out, cellName(cell)));
  let before: string | undefined;
  for (const bundles of arraysOf(cells, records, await longestArray())) {
    const script = join(out, "cells", `slurm-${cellName(bundles[0]![0]!).replaceAll("/", "-")}.sh`);
    await writeFileAtomic(script, scriptOf(bundles, options));
    const id = await slurm(
      "sbatch",
      "--parsable",
      `--array=0-${bundles.length - 1}%${jobs}`,
      "--requeue",
      "--job-name=balancedbio",
      `--chdir=${projectFolder()}`,
      `--cpus-per-task=${cpusPerTask}`,
      "--open-mode=append",
      `--output=${join(out, "cells", "slurm-%A.log")}`,
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
      ...(gres === undefined ? [] : [`--gres=${gres}`]),
      ...(time === undefined ? [] : [`--time=${time}`]),
      ...(before === undefined ? [] : [`--dependency=afterany:${before}`]),
      script,
    );
    const job = id.trim().split(";")[0]!;
    before = job;
    tasks.push(...bundles.map((own, index) => ({ job, index, cells: own })));
    // At once, so that a launcher that is killed here is joined.
    await writeFileAtomic(tasksPath(out), JSON.stringify(tasks));
  }
  return tasks;
}

/**
 * State and reason of tasks by `JOB_INDEX`; those that Slurm has forgotten are missing. Undefined where its controller does not
 * answer.
 */
async function statesOf(
  jobs: readonly string[],
): Promise<Map<string, readonly string[]> | undefined> {
  let queue: string;
  try {
    queue = await slurm(
      "squeue",
      ...["--states=all", "--array", "--noheader", "--format=%F_%K %T %r"],
      `--jobs=${jobs.join(",")}`,
    );
  } catch (error) {
    return String(error).includes("Invalid job id") ? new Map() : undefined;
  }
  return new Map(
    queue.trim().split("\n").filter((line) => line !== "")
      .map((line): [string, readonly string[]] => {
        const [task, ...state] = line.trim().split(/\s+/);
        return [task!, state];
      }),
  );
}

const waits = [
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_HOLD",
  "REQUEUE_FED",
  "RESV_DEL_HOLD",
];
const runs = [
  "RUNNING",
  "COMPLETING",
  "SUSPENDED",
  "STOPPED",
  "SIGNALING",
  "STAGE_OUT",
  "RESIZING",
];

/** States and reasons of tasks that ended for no fault of theirs; Slurm queues most of them again after a while. */
const losses = ["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "REVOKED", "JobLaunchFailure", "NodeDown"];

/** Milliseconds after which a lost task that is not queued again has ended. */
const QUEUED_AGAIN_AFTER = 30_000;

/** Whether a cell has been made; a shared folder may show its record late. */
async function isMade(out: string, cell: Cell, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience;;) {
    if (await isFile(recordPath(out, cellName(cell)))) return true;
    if (Date.now() >= end) return false;
    await pause(500);
  }
}

/** Waits until tasks have ended; gives the cells that failed, not those that were lost with their node. */
async function follow(
  tasks: readonly SlurmTask[],
  { out, onChange }: Pick<RunnerOptions, "out" | "onChange">,
): Promise<Cell[]> {
  const open = new Set(tasks);
  const lostSince = new Map<SlurmTask, number>();
  const failed: Cell[] = [];
  let made = 0;
  let isSilent = false;
  /** Counts what an ended task has made; what comes behind a cell that failed was not tried. */
  const end = async (task: SlurmTask, state: string | undefined, isLost: boolean) => {
    open.delete(task);
    const patience = state === undefined || state === "COMPLETED" ? SEEN_AFTER : 0;
    for (const cell of task.cells) {
      if (state === "COMPLETED" || await isMade(out, cell, patience)) made++;
      else {
        if (!isLost) failed.push(cell);
        break;
      }
    }
  };
  for (let looks = 0; open.size > 0; looks++) {
    const states = await statesOf([...new Set([...open].map(({ job }) => job))]);
    if (states === undefined) {
      if (!isSilent) console.error("note: Slurm's controller does not answer; waiting for it");
      isSilent = true;
      await pause(LONGEST_PAUSE);
      continue;
    }
    isSilent = false;
    const stateOf = ({ job, index }: SlurmTask) => states.get(`${job}_${index}`) ?? [];
    const isRunning = (task: SlurmTask) => runs.includes(stateOf(task)[0] ?? "");
    for (const task of [...open]) {
      const [state, reason] = stateOf(task);
      if (waits.includes(state ?? "") || isRunning(task)) {
        lostSince.delete(task);
        continue;
      }
      const isLost = [state, reason].some((word) => losses.includes(word ?? ""));
      const since = lostSince.get(task) ?? Date.now();
      lostSince.set(task, since);
      if (isLost && Date.now() - since < QUEUED_AGAIN_AFTER) continue;
      await end(task, state, isLost);
    }
    const running = [...open].filter(isRunning).flatMap(({ cells }) => cells);
    onChange(running, made, failed.length);
    if (open.size > 0) await pause(lookAfter(looks));
  }
  return failed;
}

/** What was submitted and may still run; undefined without. */
async function submitted(out: string): Promise<readonly SlurmTask[] | undefined> {
  const text = await Deno.readTextFile(tasksPath(out)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return tasksSchema.parse(JSON.parse(text)) as readonly SlurmTask[];
  } catch {
    throw new WorkbenchError(
      `Expected tasks of Slurm in ${tasksPath(out)} but found something else`,
    );
  }
}

/**
 * Makes cells as jobs of Slurm.
 *
 * @param slurmOptions what Slurm is told
 * @returns what makes cells; where a launcher left jobs behind, it first waits for those
 */
export function slurmRunner(slurmOptions: SlurmOptions): CellRunner {
  return async (cells, options) => {
    const earlier = await submitted(options.out);
    const tasks = earlier ?? await submit(cells, slurmOptions, options);
    const failed = await follow(tasks, options);
    await removeQuietly(tasksPath(options.out));
    return failed;
  };
}

/**
 * Ends the jobs that a launcher left behind.
 *
 * @param out folder of results and store
 * @returns how many jobs there were
 */
export async function cancelJobs(out: string): Promise<number> {
  const tasks = await submitted(out);
  if (tasks === undefined) return 0;
  const jobs = [...new Set(tasks.map(({ job }) => job))];
  await slurm("scancel", ...jobs);
  await removeQuietly(tasksPath(out));
  return jobs.length;
}
