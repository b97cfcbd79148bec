/**
 * Checkpoints of a training run: parameters, both moments of the optimizer, the step, what the run is and what it carries,
 * in one safetensors file written atomically, so that a run killed at any moment resumes from its last whole checkpoint and
 * ends with the same weights. The checkpoint before the last is kept beside it, and serves where the last one is damaged.
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
import {
  fileFailure,
  isFile,
  removeQuietly,
  sha256Hex,
  tf,
  WorkbenchError,
} from "../runtime/mod.ts";
import { type AdamWState, disposeAdamWState } from "./adamw.ts";
import { stepLogFile } from "./step_log.ts";

/** Everything that the next step depends on. */
export interface TrainingState<Extra> {
  /** The parameters. */
  readonly trainable: Trainable;
  /** The optimizer; its step is the number of steps taken. */
  readonly optimizer: AdamWState;
  /** What else a run carries, as JSON: where its log ends, its weights. */
  readonly extra: Extra;
  /** What run it is, as JSON: configuration, hashes of what it reads, what computes. */
  readonly run?: unknown;
}

/** Names of the checkpoints in a run's folder, latest first. */
export const checkpointFiles = [
  "checkpoint.safetensors",
  "checkpoint.previous.safetensors",
] as const;

/** Name of a new checkpoint until it has taken the last one's place. */
const NEXT = "checkpoint.next.safetensors";

const bytesOf = (data: Float32Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Hash over all parts of a checkpoint. */
async function digest(parts: readonly Float32Array[], rest: string): Promise<string> {
  const hashes = await Promise.all(parts.map((part) => sha256Hex(bytesOf(part))));
  return await sha256Hex(hashes.join("") + rest);
}

/**
 * Writes the checkpoint of a folder and keeps the one before. The new one is written aside first: where that fails, as on
 * a full disk, both earlier ones stay.
 *
 * @param folder The run's folder; it is there.
 * @param state What to write.
 * @throws WorkbenchError in one line when the disk is full, read-only or closed to the user.
 */
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
  const run = state.run === undefined ? undefined : JSON.stringify(state.run);
  const [last, previous] = checkpointFiles.map((name) => join(folder, name)) as [string, string];
  const next = join(folder, NEXT);
  await writeSafetensors(
    next,
    new Map(data.map(([name, values]) => [name, { shape: [values.length], data: values }])),
    {
      state: rest,
      hash: await digest(data.map(([, values]) => values), rest + (run ?? "")),
      ...run !== undefined && { run },
    },
  );
  try {
    await Deno.rename(last, previous).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await Deno.rename(next, last);
  } catch (error) {
    throw fileFailure(error, `write ${last}`);
  }
}

/**
 * Removes all checkpoints but the last: a run at its end no longer needs them.
 *
 * @param folder The run's folder.
 */
export async function removeEarlierCheckpoints(folder: string): Promise<void> {
  for (const name of [NEXT, checkpointFiles[1]]) await removeQuietly(join(folder, name));
}

/**
 * Removes all checkpoints and their log: what the run came to is written elsewhere.
 *
 * @param folder The run's folder.
 */
export async function removeCheckpoints(folder: string): Promise<void> {
  for (const name of [NEXT, ...checkpointFiles, stepLogFile]) {
    await removeQuietly(join(folder, name));
  }
}

/** What a checkpoint says that its run is. */
export interface CheckpointRun {
  /** Path of the checkpoint. */
  readonly path: string;
  /** What {@linkcode saveCheckpoint} was given; undefined where it was given nothing. */
  readonly run: unknown;
}

/**
 * What the checkpoints of a folder say that their run is. Of a damaged one nothing is told.
 *
 * @param folder The run's folder.
 * @returns One entry a checkpoint, latest first.
 */
export async function checkpointRuns(folder: string): Promise<CheckpointRun[]> {
  const found: CheckpointRun[] = [];
  for (const name of [NEXT, ...checkpointFiles]) {
    const path = join(folder, name);
    if (!await isFile(path)) continue;
    try {
      using source = openBytes(path);
      const { run } = readSafetensorsHeader(source).metadata;
      found.push({ path, run: run === undefined ? undefined : JSON.parse(run) });
    } catch (error) {
      if (!(error instanceof WorkbenchError || error instanceof SyntaxError)) throw error;
    }
  }
  return found;
}

/** A checkpoint that was found, and what was damaged. */
export interface FoundState<Extra> extends TrainingState<Extra> {
  /** Paths of files of later checkpoints that were damaged. */
  readonly damaged: readonly string[];
}

/**
 * Reads the last whole checkpoint of a folder into a trainable of the same layout.
 *
 * @param folder The run's folder.
 * @param trainable The layout of the parameters; its values are not read.
 * @param complete Reads what else belongs to a checkpoint; one that it fails on counts as damaged.
 * @returns The state and the damaged files that were passed over, or undefined where there is no checkpoint.
 * @throws WorkbenchError when the last one is damaged and there is no whole one before it, or one is of another size.
 */
export async function loadCheckpointState<Extra>(
  folder: string,
  trainable: Trainable,
  complete?: (extra: Extra) => Promise<void>,
): Promise<FoundState<Extra> | undefined> {
  const damaged: string[] = [];
  let failure: WorkbenchError | undefined;
  for (const name of [NEXT, ...checkpointFiles]) {
    const path = join(folder, name);
    let state: TrainingState<Extra> | undefined;
    try {
      state = await readState<Extra>(path, trainable);
      if (state === undefined) continue;
      await complete?.(state.extra);
      return { ...state, damaged };
    } catch (error) {
      if (state !== undefined) disposeState(state);
      if (!(error instanceof WorkbenchError) || error instanceof WrongSize) throw error;
      damaged.push(path);
      failure ??= error;
    }
  }
  if (failure === undefined) return undefined;
  throw new WorkbenchError(
    `${failure.message}; no whole checkpoint is left: remove ${
      damaged.join(" and ")
    }, and the same command begins again with the first step`,
    { cause: failure },
  );
}

function disposeState({ trainable, optimizer }: TrainingState<unknown>): void {
  trainable.values.dispose();
  disposeAdamWState(optimizer);
}

/** A whole checkpoint of something else: the one before it would not help. */
class WrongSize extends WorkbenchError {}

async function readState<Extra>(
  path: string,
  trainable: Trainable,
): Promise<TrainingState<Extra> | undefined> {
  if (!await isFile(path)) return undefined;
  using source = openBytes(path);
  const { tensors, metadata } = readSafetensorsHeader(source);
  const data = ["values", "momentum", "second_moment"].map((name) => {
    const entry = tensors.get(name);
    return entry && readSafetensorsEntry(source, entry).data as Float32Array;
  });
  const rest = metadata.state ?? "";
  if (
    data.some((d) => d === undefined) ||
    await digest(data as Float32Array[], rest + (metadata.run ?? "")) !== metadata.hash
  ) {
    throw new WorkbenchError(
      `Expected a whole checkpoint but found one whose hash does not match: ${path}`,
    );
  }
  if (data.some((d) => d!.length !== trainable.values.size)) {
    throw new WrongSize(
      `Expected a checkpoint of ${trainable.values.size} parameters but found ${
        data[0]!.length
      } in ${path}`,
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
