import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  createTransformer,
  disposeTransformer,
  type Trainable,
  withValues,
} from "../../lib/model/mod.ts";
import { startBackend, tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  disposeAdamWState,
  loadCheckpointState,
  saveCheckpoint,
  type TrainingState,
} from "../../lib/training/mod.ts";
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
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(files, ["checkpoint.safetensors"]);
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
