/** What cells leave beside the store: what each took, and what it said. @module */

import { join } from "@std/path";
import { z } from "zod";
import { median } from "../bench/measure.ts";
import { type Schema, writeFileAtomic } from "../../lib/runtime/mod.ts";
import type { Cell } from "./plan.ts";

/** What a cell took. */
export interface CellRecord {
  /** The experiment that asked for it. */
  readonly experiment: string;
  /** The folder of the store. */
  readonly kind: string;
  /** Seconds of the process. */
  readonly seconds: number;
  /** Peak of its memory in MB. */
  readonly peakMegabytes: number;
}

const recordSchema: Schema<CellRecord> = z.strictObject({
  experiment: z.string(),
  kind: z.string(),
  seconds: z.number(),
  peakMegabytes: z.number(),
});

/** Name of a cell on the command line: `EXPERIMENT/KIND/HASH`. */
export const cellName = (
  { experiment, kind, hash }: Pick<Cell, "experiment" | "kind" | "hash">,
): string => `${experiment}/${kind}/${hash}`;

/** Path of what a cell leaves, without an ending. */
const cellPath = (out: string, name: string): string =>
  join(out, "cells", name.replaceAll("/", "-"));

/** Where a cell's output goes. */
export const logPath = (out: string, name: string): string => `${cellPath(out, name)}.log`;

/** Where it stands what a cell took. */
export const recordPath = (out: string, name: string): string => `${cellPath(out, name)}.json`;

/** Writes what a cell took. */
export function writeRecord(out: string, name: string, record: CellRecord): Promise<void> {
  return writeFileAtomic(recordPath(out, name), `${JSON.stringify(record)}\n`);
}

/** What the cells of a folder took; none where there is no such folder. What is no record is passed over. */
export async function readRecords(out: string): Promise<CellRecord[]> {
  const folder = join(out, "cells");
  const names = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const records = names.filter(({ name }) => name.endsWith(".json")).map(async ({ name }) => {
    try {
      return [recordSchema.parse(JSON.parse(await Deno.readTextFile(join(folder, name))))];
    } catch {
      return [];
    }
  });
  return (await Promise.all(records)).flat();
}

/** What a cell is expected to take, from others of its kind: of the same experiment where there are any; undefined without. */
export function expectedOf(
  { experiment, kind }: Pick<Cell, "experiment" | "kind">,
  records: readonly CellRecord[],
): Pick<CellRecord, "seconds" | "peakMegabytes"> | undefined {
  const alike = records.filter((record) => record.kind === kind);
  const own = alike.filter((record) => record.experiment === experiment);
  const known = own.length > 0 ? own : alike;
  return known.length === 0 ? undefined : {
    seconds: median(known.map(({ seconds }) => seconds)),
    peakMegabytes: Math.max(...known.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

/** The last lines of a cell's output. */
export async function lastLines(out: string, name: string, count: number): Promise<string[]> {
  const text = await Deno.readTextFile(logPath(out, name)).catch(() => "");
  return text.trimEnd().split("\n").slice(-count);
}
