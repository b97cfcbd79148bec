/** The sets of other programs' numbers, and the comparisons with each. @module */
import { fromFileUrl, join } from "@std/path";
import { type Checkpoint, readCheckpoint, resolveModel } from "../../lib/model/mod.ts";
import { isFile, isFolder, progressBar, startBackend, UsageError } from "../../lib/runtime/mod.ts";
import { aggregatorComparisons } from "./aggregators.ts";
import type { Comparison } from "./comparison.ts";
import { seedComparisons } from "./seed.ts";
import { smollm2Comparisons } from "./smollm2.ts";
import { parseReference, theoryComparisons } from "./theory.ts";

/** Names of the sets that the project holds, quick ones first. */
export const referenceNames = ["theory", "seed0", "seed1", "smollm2"] as const;

/** The folder of a set that the project holds. */
export function referenceFolder(name: typeof referenceNames[number]): string {
  return join(fromFileUrl(new URL("../../tests/parity/references", import.meta.url)), name);
}

/** Backend for the comparisons that compute with tensors. */
async function startTensors(): Promise<void> {
  const { note } = await startBackend();
  if (note) console.error(`note: ${note}`);
}

/** SmolLM2, fetched where it is not in the cache. */
async function loadSmollm2(): Promise<Checkpoint> {
  const bar = progressBar("Loading smollm2:");
  const checkpoint = await readCheckpoint(await resolveModel("smollm2", bar.update), bar.update);
  bar.finish();
  return checkpoint;
}

/**
 * The comparisons that fit what a folder holds.
 *
 * @param folder folder with reference.json; besides model/ and adapter/ (a small model), inputs.json (SmolLM2), or nothing
 *   (weights and statistics)
 * @returns every comparison, whether within its tolerance or not
 * @throws {UsageError} for a folder that is none of these
 * @throws {WorkbenchError} when SmolLM2 cannot be fetched
 */
export async function compareFolder(folder: string): Promise<Comparison[]> {
  const has = (name: string) => isFile(join(folder, name));
  const path = join(folder, "reference.json");
  if (!await isFile(path)) {
    throw new UsageError(`Expected a folder with reference.json but found none in ${folder}`);
  }
  let reference: Record<string, unknown>;
  try {
    reference = parseReference(await Deno.readTextFile(path)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`Expected JSON but found ${(error as Error).message} in ${path}`);
  }
  if ("gram" in reference) return theoryComparisons(reference);
  if (!await has("arrays.safetensors")) {
    throw new UsageError(`Expected arrays.safetensors beside reference.json in ${folder}`);
  }
  if (await isFolder(join(folder, "model")) && await isFolder(join(folder, "adapter"))) {
    await startTensors();
    return [...await seedComparisons(folder), ...aggregatorComparisons(reference)];
  }
  if (await has("inputs.json")) {
    await startTensors();
    return await smollm2Comparisons(folder, await loadSmollm2());
  }
  throw new UsageError(
    `Expected model/ and adapter/, or inputs.json, beside reference.json but found neither in ${folder}`,
  );
}
