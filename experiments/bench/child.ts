/**
 * Measures the workloads of one model in a process of its own, so that its peak memory is the model's:
 * `child.ts --json FILE --request JSON`.
 *
 * @module
 */
import { z } from "zod";
import {
  backendFor,
  type BackendInfo,
  parseConfig,
  precisions,
  runCommand,
  startBackend,
  writeFileAtomic,
} from "../../lib/runtime/mod.ts";
import { type BenchmarkName, benchmarks, type Choice } from "./benchmarks.ts";
import type { BenchmarkOptions, Measurements } from "./measure.ts";

/** What the process is asked for. */
export type Request = Choice & BenchmarkOptions;

const requestSchema = z.object({
  benchmark: z.enum(Object.keys(benchmarks) as [BenchmarkName, ...BenchmarkName[]]),
  workloads: z.array(z.string()),
  model: z.string(),
  steps: z.int().min(2),
  precision: z.enum(precisions),
});

/** What the process writes. */
export interface Reply {
  /** What computed. */
  readonly backend: BackendInfo;
  /** What was measured. */
  readonly found: Measurements;
}

const optionsSchema = z.object({
  json: z.string().describe("The file to write"),
  request: z.string().describe("What to measure, as JSON"),
});

if (import.meta.main) {
  const spec = {
    name: "bench",
    summary: "Measures the workloads of one model.",
    schema: optionsSchema,
  };
  await runCommand(spec, Deno.args, async ({ json, request }) => {
    const asked = parseConfig(requestSchema, JSON.parse(request), "the request");
    const backend = await startBackend(backendFor(asked.precision));
    const found = await benchmarks[asked.benchmark].run(
      asked.workloads,
      asked,
      (name) => console.error(`${asked.benchmark}: ${name}`),
    );
    const reply: Reply = { backend, found };
    await writeFileAtomic(json, JSON.stringify(reply));
  });
}
