/**
 * What a trial is, and how its outcome is told.
 *
 * @module
 */
import { WorkbenchError } from "../../lib/runtime/mod.ts";
import type { Task } from "../core/command_line.ts";
import { type Ended, manners, runProject } from "./process.ts";

/** How a trial ended. */
export type Outcome =
  /** The result is the one of an undisturbed run, bit by bit. */
  | "same"
  /** The command said in one line what is wrong, and wrote no result. */
  | "refused"
  /** The machine does not have what the trial needs. */
  | { readonly skipped: string }
  /** A promise was broken: what, and how to see it again. */
  | { readonly fault: string };

/** One attempt to make a command lie, hang or crash. */
export interface Trial {
  /** The group in the table. */
  readonly kind: string;
  /** What is done, in words. */
  readonly name: string;
  /** Does it in a folder of its own. */
  readonly run: (folder: string) => Promise<Outcome>;
}

/** A line of the table. */
export interface Tally {
  readonly kind: string;
  readonly trials: number;
  readonly same: number;
  readonly refused: number;
  readonly skipped: number;
  readonly faults: number;
}

/**
 * Counts outcomes by kind, in the order in which the kinds come.
 *
 * @param outcomes kind and outcome of each trial
 */
export function tally(outcomes: readonly (readonly [kind: string, outcome: Outcome])[]): Tally[] {
  return [...new Set(outcomes.map(([kind]) => kind))].map((kind) => {
    const own = outcomes.filter((one) => one[0] === kind).map(([, outcome]) => outcome);
    const count = (is: (outcome: Outcome) => boolean): number => own.filter(is).length;
    return {
      kind,
      trials: own.length,
      same: count((outcome) => outcome === "same"),
      refused: count((outcome) => outcome === "refused"),
      skipped: count((outcome) => typeof outcome === "object" && "skipped" in outcome),
      faults: count((outcome) => typeof outcome === "object" && "fault" in outcome),
    };
  });
}

/**
 * The outcome of a command that may either give the result or refuse.
 *
 * @param ended how it ended
 * @param isSame whether what it left is the result of an undisturbed run; asked only where it succeeded
 * @param wrong what is said where it succeeded with another result
 */
export async function judge(
  ended: Ended,
  isSame: () => Promise<boolean> | boolean,
  wrong: string,
): Promise<Outcome> {
  const fault = manners(ended);
  if (fault !== undefined) return { fault };
  if (ended.code !== 0) return "refused";
  return await isSame() ? "same" : { fault: wrong };
}

/**
 * Runs what the trials are compared with.
 *
 * @throws WorkbenchError when it fails undisturbed
 */
export async function undisturbed(name: Task, args: readonly string[]): Promise<Ended> {
  const ended = await runProject(name, args);
  if (ended.code === 0) return ended;
  throw new WorkbenchError(
    `Expected ${name} ${args.join(" ")} to succeed undisturbed but found code ${ended.code}: ${
      ended.err.trimEnd().split("\n").at(-1)
    }`,
  );
}

/** Whether two files hold the same bytes; false where one is not there. */
export async function sameFile(a: string, b: string): Promise<boolean> {
  try {
    const [one, other] = await Promise.all([Deno.readFile(a), Deno.readFile(b)]);
    return one.length === other.length && one.every((byte, i) => byte === other[i]);
  } catch {
    return false;
  }
}
