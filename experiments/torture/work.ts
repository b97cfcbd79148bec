/**
 * The work that is disturbed: small runs of every kind with the tiny model, and how their results are compared.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join, relative } from "@std/path";
import type { Task } from "../core/command_line.ts";
import { sameFile, undisturbed } from "./trial.ts";

/** A command that writes into a folder, and the files by which its result is judged. */
export interface Work {
  /** Name in the table. */
  readonly name: string;
  /** The task. */
  readonly task: Task;
  /** Its arguments, given the folder. */
  readonly args: (folder: string) => string[];
  /** Whether two folders hold the same result. */
  readonly same: (folder: string, other: string) => Promise<boolean>;
}

/** A work's result without disturbance. */
export interface Whole {
  /** Its folder. */
  readonly folder: string;
  /** Seconds that it took. */
  readonly seconds: number;
}

/**
 * Runs each work once undisturbed, when it is first asked for.
 *
 * @param base where the folders are made
 */
export function wholeRuns(base: string): (work: Work) => Promise<Whole> {
  const runs = new Map<Work, Promise<Whole>>();
  const make = async (work: Work): Promise<Whole> => {
    const folder = join(base, work.name.replaceAll(" ", "-"));
    const { seconds } = await undisturbed(work.task, work.args(folder));
    return { folder, seconds };
  };
  return (work) => {
    const run = runs.get(work) ?? make(work);
    runs.set(work, run);
    return run;
  };
}

/** Whether a folder holds all of these files of another one, with the same bytes. */
const files = (...names: string[]): Work["same"] => async (folder, other) => {
  const same = await Promise.all(
    names.map((name) => sameFile(join(folder, name), join(other, name))),
  );
  return same.every(Boolean);
};

/** Findings, tables and figures, without what was timed. */
async function sameReport(folder: string, other: string): Promise<boolean> {
  const entries = await readdir(other, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => /^findings\.json$|\.(?:csv|svg|md)$/.test(entry.name))
    .map((entry) => relative(other, join(entry.parentPath, entry.name)));
  return names.length > 0 && await files(...names)(folder, other);
}

const tiny = ["--model", "tiny", "--data-count", "40"];

/** Supervised fine-tuning. */
export const sft: Work = {
  name: "train sft",
  task: "train",
  args: (folder) => [
    ...[
      "--method",
      "sft",
      ...tiny,
      "--per-device-train-batch-size",
      "4",
      "--learning-rate",
      "0.02",
    ],
    ...["--max-steps", "8", "--save-steps", "2", "--out", folder],
  ],
  same: files("parameters.safetensors"),
};

/** GRPO with capability-aware weights. */
export const grpo: Work = {
  name: "train grpo",
  task: "train",
  args: (folder) => [
    ...["--method", "grpo", ...tiny, "--rewards-mixing", "1", "--max-completion-length", "8"],
    ...["--prompts-per-step", "4", "--max-steps", "4", "--save-steps", "1", "--out", folder],
  ],
  same: files("parameters.safetensors"),
};

/** Exact gradients on closed lists of answers. */
export const laboratory: Work = {
  name: "laboratory",
  task: "laboratory",
  args: (folder) => [
    ...["--data", "tests/examples/own_laboratory.jsonl", "--model", "tiny", "--steps", "6"],
    ...["--save-steps", "2", "--out", folder],
  ],
  same: files("results.json"),
};

/** Items. */
export const synthesize: Work = {
  name: "synthesize",
  task: "synthesize",
  args: (folder) => ["--count", "400", "--seed", "3", "--out", join(folder, "items.jsonl")],
  same: files("items.jsonl"),
};

/** An experiment with stages in the store. */
export const experiments: Work = {
  name: "experiments",
  task: "experiments",
  args: (folder) => ["convergence", "--preset", "smoke", "--out", folder],
  same: sameReport,
};
