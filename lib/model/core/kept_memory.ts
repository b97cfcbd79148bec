/**
 * How much of the memory the layers that a forward pass keeps for the backward pass may take. It depends on the model and
 * on the memory that the process may use, not on what is free at the moment, so that a run that goes on computes as it
 * began.
 *
 * @module
 */

import { memoryLimit } from "../../runtime/mod.ts";
import type { ModelConfig } from "./config.ts";
import { parameterCount } from "./weights.ts";

/** Share of the memory that kept layers may take. */
const KEPT_SHARE = 0.25;

const GIB = 2 ** 30;

/** Bytes of the program and TensorFlow with a model of 2 M parameters, at most, while it trains. */
const PROGRAM_BYTES = 0.7 * GIB;

/** Bytes at most for each byte of a model's weights, while it is loaded and trains: SmolLM2-135M takes 3.2 GiB in all. */
const COPIES = 5;

/** Bytes that a training step takes at most besides the layers that it keeps. */
function stepBytes(config: ModelConfig): number {
  return PROGRAM_BYTES + 4 * COPIES * parameterCount(config);
}

/**
 * Bytes that kept layers may take: a quarter of the memory that the process may use, less where a step needs the rest.
 *
 * @param config the model's sizes
 * @param gradientCheckpointing whether layers are computed again: all, none, or those that do not fit
 * @param limit bytes that the process may use
 */
export function keptRoom(
  config: ModelConfig,
  gradientCheckpointing: boolean | undefined,
  limit: number = memoryLimit(),
): number {
  if (gradientCheckpointing !== undefined) return gradientCheckpointing ? 0 : Infinity;
  return Math.max(0, Math.min(KEPT_SHARE * limit, limit - stepBytes(config)));
}

/**
 * What a user should know before a training that memory is short for.
 *
 * @param config the model's sizes
 * @param gradientCheckpointing whether layers are computed again; the memory decides when left out
 * @param limit bytes that the process may use
 * @returns a sentence without a full stop, or undefined where there is enough
 */
export function memoryNote(
  config: ModelConfig,
  gradientCheckpointing: boolean | undefined,
  limit: number = memoryLimit(),
): string | undefined {
  const needed = stepBytes(config);
  if (limit - needed >= KEPT_SHARE * limit) return undefined;
  const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  const numbers = `this process may use ${gb(limit)} of memory (its control group's limit or the ` +
    `machine's memory), and a training step of this model takes about ${gb(needed)}`;
  if (limit < needed) {
    return `${numbers}: it may be killed; more memory or a smaller model helps`;
  }
  if (gradientCheckpointing === true) return undefined;
  return gradientCheckpointing === false
    ? `${numbers} besides the layers that it keeps: it may be killed; it keeps what fits without --no-gradient-checkpointing`
    : `${numbers}: layers that do not fit into the rest are computed again in the backward pass, as with --gradient-checkpointing`;
}
