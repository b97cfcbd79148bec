/**
 * Checkpoints of a training run: parameters, both moments of the optimizer, the step and the log, in one safetensors
 * file written atomically, so that a run killed at any moment resumes from its last whole checkpoint and ends with
 * the same weights.
 *
 * @module
 */

import { join } from "@std/path";
import {
  openBytes,
  readSafetensorsEntry,
  readSafetensorsHeader,
  type Trainable,
  withValues,
  writeSafetensors,
} from "../model/mod.ts";
import { sha256Hex, tf, WorkbenchError } from "../runtime/mod.ts";
import type { AdamWState } from "./adamw.ts";

/** Everything that the next step depends on. */
export interface TrainingState<Extra> {
  /** The parameters. */
  readonly trainable: Trainable;
  /** The optimizer; its step is the number of steps taken. */
  readonly optimizer: AdamWState;
  /** What else a run carries, as JSON: its log, its weights. */
  readonly extra: Extra;
}

const FILE = "checkpoint.safetensors";

const bytesOf = (data: Float32Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Hash over all parts of a checkpoint. */
async function digest(parts: readonly Float32Array[], rest: string): Promise<string> {
  const hashes = await Promise.all(parts.map((part) => sha256Hex(bytesOf(part))));
  return await sha256Hex(hashes.join("") + rest);
}

/** Writes the checkpoint of a folder; the one before stays whole until the new one is. */
export async function saveCheckpoint<Extra>(
  folder: string,
  state: TrainingState<Extra>,
): Promise<void> {
  const tensors = {
    values: state.trainable.values,
    momentum: state.optimizer.momentum,
    second_moment: state.optimizer.secondMoment,
  };
  const data = Object.entries(tensors).map(([name, tensor]) =>
    [name, tensor.dataSync() as Float32Array] as const
  );
  const rest = JSON.stringify({ step: state.optimizer.step, extra: state.extra });
  await Deno.mkdir(folder, { recursive: true });
  await writeSafetensors(
    join(folder, FILE),
    new Map(data.map(([name, values]) => [name, { shape: [values.length], data: values }])),
    { state: rest, hash: await digest(data.map(([, values]) => values), rest) },
  );
}

/**
 * Reads the checkpoint of a folder into a trainable of the same layout.
 *
 * @returns the state, or undefined where there is no checkpoint
 * @throws WorkbenchError when the file is damaged or of another size
 */
export async function loadCheckpointState<Extra>(
  folder: string,
  trainable: Trainable,
): Promise<TrainingState<Extra> | undefined> {
  const path = join(folder, FILE);
  try {
    await Deno.stat(path);
  } catch {
    return undefined;
  }
  using source = openBytes(path);
  const { tensors, metadata } = readSafetensorsHeader(source);
  const data = ["values", "momentum", "second_moment"].map((name) => {
    const entry = tensors.get(name);
    return entry && readSafetensorsEntry(source, entry).data as Float32Array;
  });
  const rest = metadata.state ?? "";
  if (data.some((d) => d?.length !== trainable.values.size)) {
    throw new WorkbenchError(
      `Expected a checkpoint of ${trainable.values.size} parameters but found ${
        data[0]?.length ?? "none"
      } in ${path}`,
    );
  }
  if (await digest(data as Float32Array[], rest) !== metadata.hash) {
    throw new WorkbenchError(
      `Expected a whole checkpoint but found one whose hash does not match: ${path}`,
    );
  }
  const { step, extra } = JSON.parse(rest) as { step: number; extra: Extra };
  const [values, momentum, secondMoment] = data.map((d) => tf.tensor1d(d!));
  return {
    trainable: withValues(trainable, values!),
    optimizer: { momentum: momentum!, secondMoment: secondMoment!, step },
    extra,
  };
}
