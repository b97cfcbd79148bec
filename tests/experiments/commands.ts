/** Commands of the project in processes of their own, for tests of whole runs with the tiny model. @module */
import { fromFileUrl } from "@std/path";
import { commandLine, type Task } from "../../experiments/core/command_line.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The process of a command, in the project's root, with more variables in its environment. */
export function commandProcess(
  name: Task,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: commandLine(name, args).slice(1),
    cwd: root,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a command to its end. */
export async function command(name: Task, ...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await commandProcess(name, args).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Options of a short run of supervised fine-tuning of the tiny model. */
export const shortRun: readonly string[] = [
  "--method",
  "sft",
  "--model",
  "tiny",
  "--data-count",
  "40",
  "--per-device-train-batch-size",
  "4",
  "--learning-rate",
  "0.02",
];
