import { assertEquals, assertThrows } from "@std/assert";
import {
  createTransformer,
  disposeTransformer,
  fullParameters,
  trainedCheckpoint,
} from "../../lib/model/mod.ts";
import { startBackend, tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import { busyAdapter, normals, smallCheckpoint, smallConfig } from "./small_model.ts";

await startBackend();

Deno.test("trained values go back into the weights that they came from, in every architecture", () => {
  for (const architecture of ["llama", "qwen2", "qwen3"] as const) {
    for (const tieWordEmbeddings of [true, false]) {
      const checkpoint = smallCheckpoint({ ...smallConfig(architecture), tieWordEmbeddings });
      const model = createTransformer(checkpoint);
      const trainable = fullParameters(model);
      const same = trainable.values.dataSync() as Float32Array;
      assertEquals(trainedCheckpoint(checkpoint, trainable, same), checkpoint);

      const other = normals(same.length, "trained");
      const again = createTransformer(trainedCheckpoint(checkpoint, trainable, other));
      const read = fullParameters(again);
      assertEquals(read.values.dataSync(), other);
      [model, again].forEach(disposeTransformer);
      tf.dispose([trainable.values, read.values]);
    }
  }
});

Deno.test("a trained adapter is merged, and told of", () => {
  const checkpoint = smallCheckpoint(smallConfig("llama"));
  const model = createTransformer(checkpoint);
  const adapter = busyAdapter(model);
  const values = adapter.values.dataSync() as Float32Array;
  const merged = trainedCheckpoint(checkpoint, adapter, values);
  assertEquals(merged.source.merged?.startsWith("LoRA r 3, alpha 5"), true);
  assertThrows(
    () => trainedCheckpoint(checkpoint, adapter, values.slice(1)),
    WorkbenchError,
    `Expected ${values.length} trained values but found ${values.length - 1}`,
  );
  disposeTransformer(model);
  adapter.values.dispose();
});
