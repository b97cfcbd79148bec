/**
 * The file `results.json` that every experiment writes: what ran, where, and what came out.
 *
 * @module
 */
import { join } from "@std/path";
import { z } from "zod";
import { parseConfig, UsageError, writeFileAtomic } from "../runtime/mod.ts";

const text = z.string().min(1);
const count = z.int().nonnegative();
const relativePath = text.refine(
  (path) =>
    !path.startsWith("/") && !path.includes("\\") &&
    !path.split("/").includes(".."),
  "a path inside the results' folder, with /",
);

const metricSchema = z.strictObject({
  system: text.describe("The system that was measured, such as CA-GRPO"),
  capability: text.describe("What was measured, such as domain"),
  unit: z.enum(["share", "value"]).default("share").describe(
    "share: from 0 to 1, shown in per cent; value: any number",
  ),
  n: z.int().positive().describe("Number of items"),
  mean: z.number().describe("The score"),
  low: z.number().describe("Lower end of its 95 % interval"),
  high: z.number().describe("Upper end of its 95 % interval"),
  seeds: z.int().positive().describe("Number of runs with different seeds"),
  invalid_rate: z.number().min(0).max(1).describe(
    "Share of answers that could not be read",
  ),
  prompt_hash: text.describe("Hash of the prompts"),
}).refine(
  (m) => m.low <= m.mean && m.mean <= m.high,
  "low <= mean <= high",
).refine(
  (m) => m.unit === "value" || (m.low >= 0 && m.high <= 1),
  "a share from 0 to 1",
);

const comparisonSchema = z.strictObject({
  system: text.describe("The system"),
  baseline: text.describe(
    "The system that it is compared with, on the same items",
  ),
  capability: text.describe("What was measured"),
  n: z.int().positive().describe("Number of pairs"),
  difference: z.number().describe("Mean of system minus baseline"),
  low: z.number().describe("Lower end of its 95 % interval"),
  high: z.number().describe("Upper end of its 95 % interval"),
  p: z.number().min(0).max(1).describe("Two-sided p value of the paired test"),
}).refine(
  (c) => c.low <= c.difference && c.difference <= c.high,
  "low <= difference <= high",
);

/** The schema of `results.json`. */
export const resultsSchema = z.strictObject({
  version: text.describe("Version of the project"),
  experiment: text.describe("Name of the experiment, such as main-results"),
  preset: text.describe("smoke, quick, paper or a name of one's own"),
  date: z.iso.datetime().describe("When the run ended, in UTC"),
  machine: z.strictObject({
    os: text,
    arch: text,
    cpu: text,
    cores: z.int().positive(),
    memory_gb: z.number().positive(),
  }).describe("The machine"),
  backend: z.strictObject({
    name: text.describe("native, gpu, wasm or cpu"),
    versions: z.record(z.string(), text),
    note: text.optional(),
  }).describe("The backend of TensorFlow.js"),
  config: z.record(z.string(), z.unknown()).describe(
    "The configuration that ran",
  ),
  config_hash: z.string().regex(/^[0-9a-f]{16}$/).describe(
    "Hash of the configuration",
  ),
  seeds: z.array(count).min(1).describe("The seeds"),
  seconds: z.record(z.string(), z.number().nonnegative()).describe(
    "Time of each stage",
  ),
  metrics: z.array(metricSchema).describe("Scores: systems x capabilities"),
  comparisons: z.array(comparisonSchema).describe("Paired differences"),
  tables: z.array(relativePath).describe("Paths of the tables"),
  figures: z.array(relativePath).describe("Paths of the figures"),
  notes: z.array(text).describe("What a reader should know"),
}).superRefine((results, context) => {
  const seen = new Set<string>();
  results.metrics.forEach(({ system, capability }, index) => {
    const key = `${system} on ${capability}`;
    if (seen.has(key)) {
      const message = `${key} only once`;
      context.addIssue({ code: "custom", path: ["metrics", index], message });
    }
    seen.add(key);
  });
});

/** What one experiment found, as it stands in `results.json`. */
export type Results = z.output<typeof resultsSchema>;

/** One score in {@linkcode Results}. */
export type Metric = Results["metrics"][number];

/** Name of the file. */
export const resultsFile = "results.json";

/**
 * Writes `results.json` into a folder, whole or not at all.
 *
 * @param folder Where it goes; made if it is not there.
 * @param results What is written; the unit of a metric may be left out.
 * @returns The path.
 * @throws {UsageError} one line if the results do not fit the schema: nothing is written.
 */
export async function writeResults(
  folder: string,
  results: z.input<typeof resultsSchema>,
): Promise<string> {
  const path = join(folder, resultsFile);
  const checked = parseConfig(
    resultsSchema,
    results,
    `the results for ${path}`,
  );
  await writeFileAtomic(path, `${JSON.stringify(checked, null, 2)}\n`);
  return path;
}

/**
 * Reads `results.json`.
 *
 * @param path The file, or the folder that holds it.
 * @throws {UsageError} one line if there is no such file, or it is not JSON, or a value is not as it must be.
 */
export async function readResults(path: string): Promise<Results> {
  const file = path.endsWith(".json") ? path : join(path, resultsFile);
  let content: string;
  try {
    content = await Deno.readTextFile(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `Expected a file with results but found none at ${file}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new UsageError(`Expected JSON but found something else in ${file}`);
  }
  return parseConfig(resultsSchema, value, file);
}
