/**
 * Time by operation: what native TensorFlow is asked for, call by call.
 *
 * @module
 */
import { isNative, setRecording, startBackend, tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import { waitFor } from "./matmul.ts";
import { short, textTable } from "./table.ts";

/** All calls of an operation. */
export interface OperationTime {
  /** TensorFlow's name of it. */
  readonly name: string;
  /** Number of calls. */
  readonly calls: number;
  /** Seconds in them. */
  readonly seconds: number;
  /** Multiplications and additions in matrix products; 0 for other operations. */
  readonly flops: number;
}

/** Where the time of some work went. */
export interface OperationProfile {
  /** Seconds of the whole work. */
  readonly seconds: number;
  /** Its operations, the one that took longest first. */
  readonly operations: readonly OperationTime[];
}

/** The functions of the native backend that everything goes through. */
interface NativeBackend {
  executeSingleOutput(name: string, attributes: unknown[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: unknown[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  readSync(id: unknown): unknown;
}

/** Name under which values that are copied to the host are listed. */
const READ = "(read)";

/** Multiplications and additions of a matrix product or of a batch of them, from the sizes of its tensors. */
function productFlops(name: string, [a, b]: readonly tf.Tensor[], output: tf.Tensor): number {
  if (!/^(Batch)?MatMul/.test(name) || output.size === 0) return 0;
  const products = a!.shape.slice(0, -2).reduce((n, size) => n * size, 1);
  // With products of n x k and k x m, the three sizes multiply to products^3 (n k m)^2.
  return 2 * Math.sqrt(a!.size * b!.size * output.size / products);
}

/**
 * Runs the work operation by operation, without recorded graphs, and times each one; on a graphics card each is waited
 * for.
 */
export async function profileOperations(
  work: () => void | Promise<void>,
): Promise<OperationProfile> {
  const { name: backendName } = await startBackend();
  if (!isNative()) {
    throw new WorkbenchError(
      `Expected native TensorFlow for times by operation but found the ${backendName} backend`,
    );
  }
  const backend = tf.backend() as unknown as NativeBackend;
  const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;
  const found = new Map<string, { calls: number; seconds: number; flops: number }>();
  let waiting = false;
  const timed = <T>(name: string, inputs: readonly tf.Tensor[], run: () => T): T => {
    if (waiting) return run();
    const start = performance.now();
    const result = run();
    const output = Array.isArray(result) ? result[0] : result;
    if (backendName === "gpu" && output instanceof tf.Tensor) {
      waiting = true;
      waitFor(output);
      waiting = false;
    }
    const entry = found.get(name) ?? { calls: 0, seconds: 0, flops: 0 };
    entry.calls++;
    entry.seconds += (performance.now() - start) / 1000;
    if (output instanceof tf.Tensor) entry.flops += productFlops(name, inputs, output);
    found.set(name, entry);
    return result;
  };
  const recording = setRecording(false);
  backend.executeSingleOutput = (name, attributes, inputs) =>
    timed(name, inputs, () => executeSingleOutput.call(backend, name, attributes, inputs));
  backend.executeMultipleOutputs = (name, attributes, inputs, outputs) =>
    timed(
      name,
      inputs,
      () => executeMultipleOutputs.call(backend, name, attributes, inputs, outputs),
    );
  backend.readSync = (id) => timed(READ, [], () => readSync.call(backend, id));
  const start = performance.now();
  try {
    await work();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync });
    setRecording(recording);
  }
  return {
    seconds: (performance.now() - start) / 1000,
    operations: [...found]
      .map(([name, entry]) => ({ name, ...entry }))
      .sort((a, b) => b.seconds - a.seconds),
  };
}

/** What one of `count` repetitions takes that `longer` has more than `shorter`. */
export function profileDifference(
  longer: OperationProfile,
  shorter: OperationProfile,
  count: number,
): OperationProfile {
  return {
    seconds: (longer.seconds - shorter.seconds) / count,
    operations: longer.operations.map(({ name, calls, seconds, flops }) => {
      const less = shorter.operations.find((operation) => operation.name === name);
      return {
        name,
        calls: (calls - (less?.calls ?? 0)) / count,
        seconds: (seconds - (less?.seconds ?? 0)) / count,
        flops: (flops - (less?.flops ?? 0)) / count,
      };
    }).filter(({ calls }) => calls > 0).sort((a, b) => b.seconds - a.seconds),
  };
}

/** Operations that have a row of their own in a table. */
const MOST_ROWS = 15;

/** A profile as a table: operation, calls, milliseconds, share of the whole, speed of matrix products. */
export function operationTable(title: string, { seconds, operations }: OperationProfile): string {
  const sum = (of: readonly OperationTime[], key: "calls" | "seconds"): number =>
    of.reduce((n, operation) => n + operation[key], 0);
  const row = (name: string, calls: number | undefined, time: number, flops = 0) => [
    name,
    calls === undefined ? "" : String(Math.round(calls * 10) / 10),
    short(time * 1000),
    `${(100 * time / seconds).toFixed(1)} %`,
    flops > 0 ? short(flops / time / 1e9) : "",
  ];
  const others = operations.slice(MOST_ROWS);
  return textTable([
    [title, "calls", "ms", "share", "GFLOP/s"],
    ...operations.slice(0, MOST_ROWS).map((o) => row(o.name, o.calls, o.seconds, o.flops)),
    ...(others.length === 0
      ? []
      : [row(`${others.length} others`, sum(others, "calls"), sum(others, "seconds"))]),
    row("outside operations", undefined, seconds - sum(operations, "seconds")),
    row("all", sum(operations, "calls"), seconds),
  ]);
}
