/**
 * Commands of the project in processes of their own, started to be killed, starved and fed with damaged files.
 *
 * @module
 */
import { projectFolder } from "../../lib/runtime/mod.ts";
import { commandLine, type Task } from "../core/command_line.ts";

/** A command still running after so long hangs, in seconds. */
const longest = 180;

/** How a command ended. */
export interface Ended {
  /** Exit code; that of the shell, 128 and more, where a signal ended it. */
  readonly code: number;
  /** What it wrote to standard output. */
  readonly out: string;
  /** What it wrote to standard error. */
  readonly err: string;
  /** Whether it had to be ended because it ran too long. */
  readonly hung: boolean;
  /** Seconds that it ran. */
  readonly seconds: number;
}

/** What is done to a running command. */
export interface Treatment {
  /** Signals, each so many seconds after the start. */
  readonly signals?: readonly { readonly after: number; readonly signal: Deno.Signal }[];
}

/**
 * Runs a command of the project to its end.
 *
 * @param name the task's name
 * @param args its arguments
 * @param treatment what is done to it meanwhile
 */
export async function runProject(
  name: Task,
  args: readonly string[],
  { signals = [] }: Treatment = {},
): Promise<Ended> {
  const [program, ...rest] = commandLine(name, args);
  const begun = performance.now();
  const child = new Deno.Command(program!, {
    args: rest,
    cwd: projectFolder(),
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let hung = false;
  const send = (signal: Deno.Signal): void => {
    try {
      child.kill(signal);
    } catch {
      // It has ended by itself.
    }
  };
  const timers = [
    ...signals.map(({ after, signal }) => setTimeout(() => send(signal), after * 1000)),
    setTimeout(() => {
      hung = true;
      send("SIGKILL");
    }, longest * 1000),
  ];
  const [{ code }, out, err] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  timers.forEach(clearTimeout);
  return { code, out, err, hung, seconds: (performance.now() - begun) / 1000 };
}

/**
 * What is wrong with how a command ended, whatever it was given: it hangs, crashes, writes more than a line about an error, or
 * sends control characters to the terminal.
 *
 * @returns a sentence; undefined where nothing is
 */
export function manners({ code, out, err, hung }: Ended): string | undefined {
  if (hung) return `ran longer than ${longest} s`;
  const lines = err.trimEnd().split("\n");
  const errors = lines.filter((line) => line.startsWith("error: "));
  if (/\(unexpected/.test(err)) return `an unexpected error: ${lines.at(-1)}`;
  if (/^\s+at .*(?:file|npm|ext):\/\//m.test(err)) return `a stack trace: ${lines.at(-1)}`;
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(out + err.replaceAll("\r", ""))) {
    return "control characters in what it wrote";
  }
  if (code !== 0 && code !== 1 && code !== 2) return `exit code ${code}: ${lines.at(-1)}`;
  if (code !== 0 && errors.length !== 1) {
    return `exit code ${code} with ${errors.length} lines of error: ${lines.at(-1)}`;
  }
  return undefined;
}
