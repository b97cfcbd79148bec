/**
 * The benchmarks by name, and which workloads a list of names chooses.
 *
 * @module
 */
import { UsageError } from "../../lib/runtime/mod.ts";
import type { Benchmark } from "./measure.ts";
import { smollm2 } from "./smollm2.ts";
import { tiny } from "./tiny.ts";

/** The models that are measured. */
export const benchmarks = { tiny, smollm2 } as const satisfies Record<string, Benchmark>;

/** Name of a model that is measured. */
export type BenchmarkName = keyof typeof benchmarks;

/** The workloads to run of a model. */
export interface Choice {
  /** The model. */
  readonly benchmark: BenchmarkName;
  /** Its workloads, in the order in which they run. */
  readonly workloads: readonly string[];
}

/**
 * The workloads that a list of names chooses: a model stands for all its workloads, a workload for itself on every
 * model, `model/workload` for one; no names stand for everything.
 */
export function chooseWorkloads(only: readonly string[]): Choice[] {
  const all = (Object.keys(benchmarks) as BenchmarkName[]).map((benchmark) => ({
    benchmark,
    workloads: benchmarks[benchmark].names,
  }));
  const known = new Set(
    all.flatMap(({ benchmark, workloads }) => [
      benchmark,
      ...workloads,
      ...workloads.map((name) => `${benchmark}/${name}`),
    ]),
  );
  const unknown = only.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `Expected only to name models (${Object.keys(benchmarks).join(", ")}), workloads (${
        [...new Set(all.flatMap(({ workloads }) => workloads))].join(", ")
      }) or both as in tiny/sft but found ${JSON.stringify(unknown)} on the command line`,
    );
  }
  if (only.length === 0) return all;
  return all.map(({ benchmark, workloads }) => ({
    benchmark,
    workloads: workloads.filter((name) =>
      [benchmark, name, `${benchmark}/${name}`].some((wanted) => only.includes(wanted))
    ),
  })).filter(({ workloads }) => workloads.length > 0);
}
