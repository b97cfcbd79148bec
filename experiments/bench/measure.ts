/**
 * How workloads are measured: medians after a warm-up, and the process's peak memory.
 *
 * @module
 */
import { peakMegabytes, type Precision, UsageError } from "../../lib/runtime/mod.ts";
import type { GrpoRun } from "./grpo_run.ts";

/** What a workload found, by name; the end of a name is its unit: `_tok_s`, `_gflops`, `_s`, `_us`, `_mb`. */
export type Measurements = Readonly<Record<string, number>>;

/** A part of a benchmark that can be chosen by name. */
export interface Workload<Subject> {
  /** Name on the command line. */
  readonly name: string;
  /** Runs it. */
  readonly run: (subject: Subject) => Measurements | Promise<Measurements>;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) {
    throw new UsageError("Expected at least 1 value for a median but found 0");
  }
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Median time of `runs` runs in seconds, after one that does not count.
 *
 * @param now Tells the time in milliseconds.
 */
export async function medianSeconds(
  work: () => void | Promise<void>,
  runs: number,
  now: () => number = () => performance.now(),
): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i <= runs; i++) {
    const start = now();
    await work();
    if (i > 0) seconds.push((now() - start) / 1000);
  }
  return median(seconds);
}

/** What a benchmark is run with. */
export interface BenchmarkOptions {
  /** SmolLM2-135M-Instruct: `smollm2`, or the path of a model. */
  readonly model: string;
  /** Steps of each run of GRPO. */
  readonly steps: number;
  /** What large matrix products are computed in. */
  readonly precision: Precision;
}

/** A model with its workloads. */
export interface Benchmark {
  /** Loads the model and a run of GRPO with an adapter, the one that the workload `grpo` times. */
  readonly grpoRun: (options: BenchmarkOptions) => Promise<GrpoRun>;
  /** Names of the workloads, in the order in which they run. */
  readonly names: readonly string[];
  /** Runs the chosen ones; `onWorkload` is told the name of each before it starts. */
  readonly run: (
    chosen: readonly string[],
    options: BenchmarkOptions,
    onWorkload?: (name: string) => void,
  ) => Promise<Measurements>;
}

/** Name of the workload that needs no model. */
const ARITHMETIC = "matmul";

/** Joins what a benchmark consists of; the model is loaded when the first workload needs it. */
export function defineBenchmark<Subject>(parts: {
  readonly grpoRun: (subject: Subject) => GrpoRun;
  readonly arithmetic: () => Promise<Measurements>;
  readonly load: (
    options: BenchmarkOptions,
  ) => Promise<{ subject: Subject; found: Measurements }>;
  readonly workloads: readonly Workload<Subject>[];
}): Benchmark {
  const { arithmetic, grpoRun, load, workloads } = parts;
  return {
    names: [ARITHMETIC, ...workloads.map(({ name }) => name)],
    grpoRun: async (options) => grpoRun((await load(options)).subject),
    run: async (chosen, options, onWorkload) => {
      let found: Measurements = {};
      if (chosen.includes(ARITHMETIC)) {
        onWorkload?.(ARITHMETIC);
        found = await arithmetic();
      }
      const rest = workloads.filter(({ name }) => chosen.includes(name));
      if (rest.length > 0) {
        const loaded = await load(options);
        found = { ...found, ...loaded.found };
        for (const { name, run } of rest) {
          onWorkload?.(name);
          found = { ...found, ...await run(loaded.subject) };
        }
      }
      return { ...found, peak_rss_mb: peakMegabytes() };
    },
  };
}
