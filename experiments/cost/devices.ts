/**
 * What a step would take on other hardware: the larger of what its arithmetic, its memory and the start of its kernels take. A prediction, so
 * that a reader can judge whether a device is worth its price; nothing of it is measured.
 *
 * @module
 */

import type { CostConfig, TuningName } from "./config.ts";
import type { WorkloadResult } from "./findings.ts";

/** A device as its data sheet has it. */
export type Device = CostConfig["devices"]["list"][number];

/** What a part of a step is predicted to take, in seconds. */
export interface PredictedPart {
  /** What multiplications and additions take. */
  readonly arithmetic: number;
  /** What reading weights and keys and values takes. */
  readonly memory: number;
  /** What starting kernels takes. */
  readonly launches: number;
  /** The time: sums of the largest of the three. */
  readonly seconds: number;
}

/** What a model is to these formulas. */
export type ModelSize = Pick<WorkloadResult, "parameters" | "trained" | "layers" | "kvWidth">;

/** Bytes of a number in bf16. */
const BYTES = 2;

/** Bytes that AdamW reads and writes for a trained number: value, gradient and both moments in float32, all but the gradient twice. */
const ADAMW_BYTES = 28;

/**
 * Multiplications and additions of a step, 2 for each parameter and token; attention, which is small at these lengths, is left out.
 *
 * @param size the model
 * @param work prompts, completions and their lengths; completions share their prompt
 * @param tuning what is trained: a frozen parameter has no gradient of its own
 * @returns of reading the prompts, of one token for each completion, and of a training pass
 */
export function stepFlops(
  { parameters }: Pick<ModelSize, "parameters">,
  { promptsPerStep, numGenerations, promptLength, completionLength }: CostConfig["work"],
  tuning: TuningName,
): { readonly prefill: number; readonly decode: number; readonly training: number } {
  const rows = promptsPerStep * numGenerations;
  const tokens = promptsPerStep * promptLength + rows * completionLength;
  return {
    prefill: 2 * parameters * promptsPerStep * promptLength,
    decode: 2 * parameters * rows,
    training: (tuning === "full" ? 6 : 4) * parameters * tokens,
  };
}

/** Parts that follow each other, each as long as its slowest resource. */
function inTurn(
  parts: readonly (Omit<PredictedPart, "seconds"> & { readonly times: number })[],
): PredictedPart {
  const sum = (of: (part: Omit<PredictedPart, "seconds">) => number) =>
    parts.reduce((total, part) => total + part.times * of(part), 0);
  return {
    arithmetic: sum(({ arithmetic }) => arithmetic),
    memory: sum(({ memory }) => memory),
    launches: sum(({ launches }) => launches),
    seconds: sum(({ arithmetic, memory, launches }) => Math.max(arithmetic, memory, launches)),
  };
}

/**
 * Predicts a step of GRPO.
 *
 * @param size the model
 * @param config the step, and what is assumed of devices
 * @param tuning what is trained
 * @param device where
 * @returns what sampling and training take
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { costPresets, costSchema } from "./config.ts";
 * import { predictStep } from "./devices.ts";
 *
 * const config = costSchema.parse(costPresets.quick);
 * const size = { parameters: 5e8, trained: 5e8, layers: 24, kvWidth: 256 };
 * const slow = { name: "slow", teraflops: 1, terabytesPerSecond: 0.1 };
 * const fast = { name: "fast", teraflops: 100, terabytesPerSecond: 2 };
 * const seconds = (device: typeof slow) => predictStep(size, config, "full", device).training.seconds;
 * assert(seconds(fast) < seconds(slow) / 50);
 * ```
 */
export function predictStep(
  size: ModelSize,
  { work, devices }: Pick<CostConfig, "work" | "devices">,
  tuning: TuningName,
  { teraflops, terabytesPerSecond }: Device,
): { readonly sampling: PredictedPart; readonly training: PredictedPart } {
  const { utilisation, bandwidthShare, launchMicroseconds, launchesPerLayer } = devices;
  const { promptsPerStep, numGenerations, promptLength, completionLength } = work;
  const rate = 1e12 * teraflops * utilisation;
  const bandwidth = 1e12 * terabytesPerSecond * bandwidthShare;
  const launches = 1e-6 * launchMicroseconds * launchesPerLayer * size.layers;
  const flops = stepFlops(size, work, tuning);
  const weights = BYTES * size.parameters;
  // Prompts are read once for their group, completions are half as long on average as in the end.
  const cached = promptsPerStep * (promptLength + numGenerations * completionLength / 2);
  const cache = BYTES * size.layers * size.kvWidth * cached;
  return {
    sampling: inTurn([
      { times: 1, arithmetic: flops.prefill / rate, memory: weights / bandwidth, launches },
      {
        times: completionLength,
        arithmetic: flops.decode / rate,
        memory: (weights + cache) / bandwidth,
        launches,
      },
    ]),
    training: inTurn([
      {
        times: 1,
        arithmetic: flops.training / rate,
        memory: 3 * weights / bandwidth,
        launches: 3 * launches,
      },
      { times: 1, arithmetic: 0, memory: ADAMW_BYTES * size.trained / bandwidth, launches: 0 },
    ]),
  };
}
