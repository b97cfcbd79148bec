/**
 * The log of a run that checkpoints belong to: a file of its own beside them, a line of JSON a step, which only grows.
 * Each checkpoint says how much of it belongs to it, and the hash of that, so that saving costs the new steps alone and
 * what a kill left behind the last checkpoint is cut off.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { join } from "@std/path";
import { fileFailure, readRegular, WorkbenchError } from "../runtime/mod.ts";

/** Name of the file in a run's folder. */
export const stepLogFile = "checkpoint.log.jsonl";

/** The part of the file that belongs to a checkpoint. */
export interface StepLogPart {
  /** Its length in bytes, from the start. */
  readonly bytes: number;
  /** Its SHA-256, in hexadecimal digits. */
  readonly sha256: string;
}

/** The steps of a log: JSON has no numbers that are not finite, so they stand as text. */
const lineOf = (entry: object): string =>
  `${
    JSON.stringify(
      entry,
      (_, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    )
  }\n`;

function stepOf<Step extends object>(line: string): Step {
  const entry = JSON.parse(line) as Record<string, number | string>;
  if (!line.includes(':"')) return entry as Step;
  return Object.fromEntries(Object.entries(entry).map(([key, x]) => [key, Number(x)])) as Step;
}

/**
 * Reads the part of the log that belongs to a checkpoint.
 *
 * @param folder The run's folder.
 * @param part What the checkpoint says of it.
 * @returns What each step logged.
 * @throws WorkbenchError when the file is missing, shorter or of another content.
 */
export async function readStepLog<Step extends object>(
  folder: string,
  { bytes, sha256 }: StepLogPart,
): Promise<Step[]> {
  if (bytes === 0) return [];
  const path = join(folder, stepLogFile);
  const all = await Promise.resolve().then(() => readRegular(path));
  if (all === undefined) {
    throw new WorkbenchError(`Expected the log of the checkpoint but found no file at ${path}`);
  }
  const own = all.subarray(0, bytes);
  if (own.length < bytes || createHash("sha256").update(own).digest("hex") !== sha256) {
    throw new WorkbenchError(
      `Expected the log that the checkpoint was written with but found another one in ${path}`,
    );
  }
  return new TextDecoder().decode(own).trimEnd().split("\n").map((line) => stepOf<Step>(line));
}

/** Adds steps to the file. */
export interface StepLogWriter<Step> {
  /** Writes the steps that are not in it yet, to the disk; tells what now belongs to a checkpoint. */
  readonly save: (log: readonly Step[]) => Promise<StepLogPart>;
}

/**
 * Goes on with the log of a checkpoint; what the file holds behind that is cut off with the first steps that are saved.
 *
 * @param folder The run's folder; made with the first steps.
 * @param log The steps up to the checkpoint, as they were read.
 * @param part What the checkpoint says of them; left out where there is none.
 */
export function stepLogWriter<Step extends object>(
  folder: string,
  log: readonly Step[],
  part: StepLogPart = { bytes: 0, sha256: "" },
): StepLogWriter<Step> {
  const path = join(folder, stepLogFile);
  let { bytes } = part;
  let written = log.length;
  let hash: Hash | undefined;
  return {
    save: async (log) => {
      try {
        await Deno.mkdir(folder, { recursive: true });
        using file = await Deno.open(path, { read: true, write: true, create: true });
        if (hash === undefined) {
          const before = new Uint8Array(bytes);
          for (let at = 0; at < bytes;) {
            const count = await file.read(before.subarray(at));
            if (count === null) throw new WorkbenchError(`Expected ${bytes} bytes in ${path}`);
            at += count;
          }
          hash = createHash("sha256").update(before);
        }
        const added = new TextEncoder().encode(log.slice(written).map(lineOf).join(""));
        await file.truncate(bytes);
        await file.seek(bytes, Deno.SeekMode.Start);
        for (let at = 0; at < added.length;) at += await file.write(added.subarray(at));
        await file.sync();
        hash.update(added);
        bytes += added.length;
        written = log.length;
      } catch (error) {
        throw fileFailure(error, `write ${path}`);
      }
      return { bytes, sha256: hash.copy().digest("hex") };
    },
  };
}
