import { assert, assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "@std/path";
import {
  createTransformer,
  disposeTransformer,
  type Trainable,
  withValues,
} from "../../lib/model/mod.ts";
import { startBackend, tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  adamWState,
  checkpointFiles,
  disposeAdamWState,
  loadCheckpointState,
  removeEarlierCheckpoints,
  saveCheckpoint,
  type TrainingState,
} from "../../lib/training/mod.ts";
import { onSmallDisk } from "../runtime/small_disk.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

type Extra = { log: { loss: number }[]; note: string };

/** A state of an adapter, freed after use. */
async function withState(
  use: (state: TrainingState<Extra>, folder: string) => Promise<void>,
): Promise<void> {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable: Trainable = busyAdapter(model);
  const size = trainable.values.size;
  const optimizer = {
    momentum: tf.tensor1d(normals(size, "m")),
    secondMoment: tf.tensor1d(normals(size, "v")),
    step: 17,
  };
  const extra = { log: [{ loss: 0.1 + 0.2 }], note: 'naïve "text"' };
  await inTemporaryFolder((folder) => use({ trainable, optimizer, extra }, join(folder, "run")));
  trainable.values.dispose();
  disposeAdamWState(optimizer);
  disposeTransformer(model);
}

const filesOf = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Saves a checkpoint of each of the steps. */
async function saveSteps(state: TrainingState<Extra>, folder: string, steps: readonly number[]) {
  for (const step of steps) {
    await saveCheckpoint(folder, { ...state, optimizer: { ...state.optimizer, step } });
  }
}

/** The step that a run would go on from, and the damaged files. */
async function foundStep(state: TrainingState<Extra>, folder: string) {
  const found = await loadCheckpointState<Extra>(folder, state.trainable);
  if (found === undefined) return undefined;
  found.trainable.values.dispose();
  disposeAdamWState(found.optimizer);
  return [found.optimizer.step, found.damaged.map((path) => basename(path))];
}

Deno.test("a checkpoint comes back bit by bit, and the next one replaces it", () =>
  withState(async (state, folder) => {
    assertEquals(await loadCheckpointState(folder, state.trainable), undefined);
    for (const step of [17, 18]) {
      await saveCheckpoint(folder, { ...state, optimizer: { ...state.optimizer, step } });
      const found = (await loadCheckpointState<Extra>(folder, state.trainable))!;
      assertEquals(found.optimizer.step, step);
      assertEquals(found.extra, state.extra);
      for (
        const [ours, theirs] of [
          [found.trainable.values, state.trainable.values],
          [found.optimizer.momentum, state.optimizer.momentum],
          [found.optimizer.secondMoment, state.optimizer.secondMoment],
        ] as const
      ) assertEquals(ours.dataSync(), theirs.dataSync());
      found.trainable.values.dispose();
      disposeAdamWState(found.optimizer);
    }
    assertEquals(filesOf(folder), ["checkpoint.previous.safetensors", "checkpoint.safetensors"]);
    await removeEarlierCheckpoints(folder);
    assertEquals(filesOf(folder), ["checkpoint.safetensors"]);
  }));

Deno.test("a changed byte anywhere, or a missing end, is one clear error", () =>
  withState(async (state, folder) => {
    await saveCheckpoint(folder, state);
    const path = join(folder, "checkpoint.safetensors");
    const whole = await Deno.readFile(path);
    const before = tf.memory().numTensors;
    const positions = Array.from({ length: 60 }, (_, i) => Math.floor(i * whole.length / 60));
    for (const at of [...positions, 9, 20, whole.length - 1]) {
      const broken = whole.slice();
      broken[at]! ^= 0x11;
      await Deno.writeFile(path, broken);
      const error = await assertRejects(
        () => loadCheckpointState(folder, state.trainable),
        WorkbenchError,
      );
      assert(error.message.startsWith("Expected ") && !error.message.includes("\n"), error.message);
      assert(error.message.includes(path), `byte ${at}: ${error.message}`);
    }
    for (const length of [0, 7, 100, whole.length - 4]) {
      await Deno.writeFile(path, whole.subarray(0, length));
      await assertRejects(() => loadCheckpointState(folder, state.trainable), WorkbenchError);
    }
    assertEquals(tf.memory().numTensors, before);
  }));

Deno.test("a checkpoint of another size is refused with both sizes", () =>
  withState(async (state, folder) => {
    await saveCheckpoint(folder, state);
    const size = state.trainable.values.size;
    const values = tf.zeros<tf.Rank.R1>([size + 1]);
    await assertRejects(
      () => loadCheckpointState(folder, withValues(state.trainable, values)),
      WorkbenchError,
      `Expected a checkpoint of ${size + 1} parameters but found ${size}`,
    );
    values.dispose();
  }));

Deno.test("a damaged checkpoint is found by its hash, and the one before it serves", () =>
  withState(async (state, folder) => {
    await saveSteps(state, folder, [10, 20, 30]);
    assertEquals(await foundStep(state, folder), [30, []]);
    const [last, previous] = checkpointFiles.map((name) => join(folder, name)) as [string, string];
    const whole = await Deno.readFile(last);
    const broken = whole.slice();
    broken[whole.length - 5]! ^= 1;
    await Deno.writeFile(last, broken);
    assertEquals(await foundStep(state, folder), [20, ["checkpoint.safetensors"]]);
    // The run goes on from step 20 and saves again: the damaged file must not cost the whole one.
    await saveSteps(state, folder, [21]);
    assertEquals(await foundStep(state, folder), [21, []]);
    await Deno.writeFile(last, broken.subarray(0, 30));
    await assertRejects(() => foundStep(state, folder), WorkbenchError, last);
    await Deno.remove(last);
    await assertRejects(() => foundStep(state, folder), WorkbenchError, previous);
  }));

Deno.test("a run that was killed between two names of a checkpoint finds the newest whole one", () =>
  withState(async (state, folder) => {
    await saveSteps(state, folder, [10, 20]);
    const [last, previous] = checkpointFiles.map((name) => join(folder, name)) as [string, string];
    const next = join(folder, "checkpoint.next.safetensors");
    // Written aside, not yet renamed; then the last one has its new name already.
    await saveSteps(state, join(folder, "aside"), [30]);
    await Deno.rename(join(folder, "aside", "checkpoint.safetensors"), next);
    assertEquals(await foundStep(state, folder), [30, []]);
    await Deno.rename(last, previous);
    assertEquals(await foundStep(state, folder), [30, []]);
    await Deno.remove(next);
    assertEquals(await foundStep(state, folder), [20, []]);
  }));

Deno.test("a full disk loses no earlier checkpoint", (t) =>
  inTemporaryFolder(async (folder) => {
    await onSmallDisk(t, folder, async () => {
      const values = tf.zeros<tf.Rank.R1>([1000]);
      const trainable = { kind: "full", segments: [], layerSize: 1000, values } as const;
      const state = { trainable, optimizer: adamWState(1000), extra: { log: [], note: "" } };
      await saveSteps(state, folder, [10, 20]);
      const other = join(folder, "other");
      await Deno.writeFile(other, new Uint8Array(1 << 16)).catch(() => {});
      const before = filesOf(folder);
      await assertRejects(
        () => saveSteps(state, folder, [30]),
        WorkbenchError,
        "there is no space left on the disk",
      );
      assertEquals(filesOf(folder), before);
      assertEquals(await foundStep(state, folder), [20, []]);
      await Deno.remove(other);
      await saveSteps(state, folder, [30]);
      assertEquals(await foundStep(state, folder), [30, []]);
      values.dispose();
      disposeAdamWState(state.optimizer);
    });
  }));
