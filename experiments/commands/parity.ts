/**
 * `deno task parity DIR`: compares this project with the numbers that other programs wrote into a folder.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { readCheckpoint, resolveModel } from "../../lib/model/mod.ts";
import {
  isFile,
  progressBar,
  runCommand,
  startBackend,
  UsageError,
} from "../../lib/runtime/mod.ts";
import { aggregatorComparisons } from "../../tests/parity/aggregators.ts";
import type { Comparison } from "../../tests/parity/comparison.ts";
import { seedComparisons } from "../../tests/parity/seed.ts";
import { smollm2Comparisons } from "../../tests/parity/smollm2.ts";
import { parseReference, theoryComparisons } from "../../tests/parity/theory.ts";

const schema = z.object({
  folder: z.string().min(1).describe(
    "Folder with reference.json, and arrays.safetensors for models",
  ),
});

/** Backend for the comparisons that compute with tensors. */
async function startTensors(): Promise<void> {
  const { note } = await startBackend();
  if (note) console.error(`note: ${note}`);
}

/** The comparisons that fit what the folder holds. */
async function compareFolder(folder: string): Promise<Comparison[]> {
  const has = (name: string) => isFile(join(folder, name));
  if (!await has("reference.json")) {
    if (await has("reference.jsonl")) {
      throw new UsageError(
        `Expected a folder with reference.json but found reference.jsonl, which has no comparison yet, in ${folder}`,
      );
    }
    throw new UsageError(`Expected a folder with reference.json but found none in ${folder}`);
  }
  const path = join(folder, "reference.json");
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
  if (await has("model") && await has("adapter")) {
    await startTensors();
    return [...await seedComparisons(folder), ...aggregatorComparisons(reference)];
  }
  if (await has("inputs.json")) {
    await startTensors();
    const bar = progressBar("Loading smollm2:");
    const checkpoint = await readCheckpoint(await resolveModel("smollm2", bar.update), bar.update);
    bar.finish();
    return await smollm2Comparisons(folder, checkpoint);
  }
  throw new UsageError(
    `Expected model/ and adapter/, or inputs.json, beside reference.json but found neither in ${folder}`,
  );
}

await runCommand(
  {
    name: "parity",
    summary: "Compares with the numbers of other programs; code 1 if one is beyond its tolerance.",
    schema,
    positional: ["folder"],
    examples: ["../shared/parity/seed0"],
  },
  Deno.args,
  async ({ folder }) => {
    const comparisons = await compareFolder(folder);
    const width = Math.max(...comparisons.map(({ name }) => name.length));
    console.log(`${"comparison".padEnd(width)}  ${"error".padStart(8)}  tolerance`);
    for (const { name, error, tolerance, ok } of comparisons) {
      const cells = [error, tolerance].map((x) => x.toExponential(1).padStart(8));
      console.log(`${name.padEnd(width)}  ${cells.join("  ")}   ${ok ? "ok" : "FAIL"}`);
    }
    const failed = comparisons.filter(({ ok }) => !ok).length;
    console.log(`${comparisons.length - failed} of ${comparisons.length} within tolerance`);
    if (failed > 0) Deno.exit(1);
  },
);
