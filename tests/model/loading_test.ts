import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { openCheckpoint, readCheckpoint } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeCheckpoint } from "../../lib/model/checkpoint/checkpoint_write.ts";
import { loadTransformer } from "../../lib/model/checkpoint/resolve.ts";
import type { ModelConfig } from "../../lib/model/core/config.ts";
import { currentPolicy } from "../../lib/model/core/trainable.ts";
import {
  createTransformer,
  disposeTransformer,
  type Transformer,
} from "../../lib/model/core/transformer.ts";
import { parameterCount, weightShapes } from "../../lib/model/core/weights.ts";
import { createAdapter, projections } from "../../lib/model/core/lora.ts";
import type { FloatTensor } from "../../lib/model/formats/stored_tensor.ts";
import {
  isInstalled,
  randomStream,
  startBackend,
  tf,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { run } from "../runtime/process.ts";
import { inTemporaryFolder, tinyGguf } from "./fixtures.ts";

/** Weights that are all 0.01. */
function equalWeights(config: ModelConfig): Map<string, FloatTensor> {
  return new Map([...weightShapes(config)].map(([name, shape]) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    return [name, { shape, data: new Float32Array(size).fill(0.01) }];
  }));
}

/** A model with the tokenizer of the fixture and all weights 0.01, about 46 M of them. */
async function writeLarge(folder: string): Promise<number> {
  const gguf = join(folder, "small.gguf");
  await Deno.writeFile(gguf, tinyGguf());
  const small = await readCheckpoint(gguf);
  const config = {
    ...small.config,
    hiddenSize: 1024,
    intermediateSize: 4096,
    layers: 3,
    heads: 16,
    kvHeads: 4,
    headDim: 64,
  };
  const weights = equalWeights(config);
  await writeCheckpoint(join(folder, "large"), { ...small, config, weights });
  return parameterCount(config);
}

const values = (model: Transformer): Float32Array[] =>
  [model.embedding, model.norm, model.projection, ...model.layers.flatMap((l) => Object.values(l))]
    .map((t) => (t as tf.Tensor).dataSync() as Float32Array);

for (const format of ["gguf", "folder"] as const) {
  Deno.test(`a ${format}'s weights are read one by one, when they are asked for`, async () => {
    await startBackend();
    await inTemporaryFolder(async (folder) => {
      const gguf = join(folder, "model.gguf");
      await Deno.writeFile(gguf, tinyGguf());
      const path = format === "gguf" ? gguf : join(folder, "model");
      if (format === "folder") await writeCheckpoint(path, await readCheckpoint(gguf));
      const seen: string[] = [];
      const all = await readCheckpoint(path);
      const open = await openCheckpoint(path, (_done, _all, name) => seen.push(name!));
      assertEquals(seen, []);
      assertEquals(open.weights.names, [...all.weights.keys()]);
      for (const [name, tensor] of all.weights) assertEquals(open.weights.get(name), tensor);
      assertEquals(seen, [...all.weights.keys()]);
      assertEquals(open.weights.get("none"), undefined);
      open[Symbol.dispose]();
      assertThrows(() => open.weights.get(seen[0]!));

      const before = tf.memory().numTensors;
      const expected = createTransformer(all);
      const read: string[] = [];
      const { model } = await loadTransformer(path, {
        onProgress: (_done, _all, name) => read.push(name!),
      });
      assertEquals(read.toSorted(), [...all.weights.keys()].toSorted());
      assertEquals(values(model), values(expected));
      [model, expected].forEach(disposeTransformer);
      assertEquals(tf.memory().numTensors, before);
    });
  });
}

Deno.test("a weight that is not finite fails the loading, which leaves no tensor", async () => {
  await startBackend();
  await inTemporaryFolder(async (folder) => {
    const gguf = join(folder, "model.gguf");
    await Deno.writeFile(gguf, tinyGguf());
    const model = await readCheckpoint(gguf);
    const last = "model.norm.weight";
    const weights = new Map(model.weights);
    const { shape, data } = weights.get(last)!;
    weights.set(last, { shape, data: data.map(() => NaN) });
    await writeCheckpoint(join(folder, "bad"), { ...model, weights });
    const before = tf.memory().numTensors;
    const error = await loadTransformer(join(folder, "bad")).catch((error) => error);
    assert(error instanceof WorkbenchError && error.message.includes(last), String(error));
    assertEquals(tf.memory().numTensors, before);
  });
});

Deno.test("an adapter is merged with the products of one layer in memory", async () => {
  await startBackend();
  await inTemporaryFolder(async (folder) => {
    const gguf = join(folder, "model.gguf");
    await Deno.writeFile(gguf, tinyGguf());
    const small = await readCheckpoint(gguf);
    const config = {
      ...small.config,
      layers: 12,
      hiddenSize: 64,
      intermediateSize: 128,
      headDim: 16,
    };
    const model = createTransformer({ config, weights: equalWeights(config) });
    const lora = { r: 4, loraAlpha: 8, targetModules: [...projections], useRslora: false };
    const adapter = createAdapter(config, lora, randomStream(0, "adapter"));
    const before = tf.memory().numBytes;
    const { peakBytes, newBytes } = await tf.profile(() => {
      const { layers } = currentPolicy(model, { kind: "lora", ...adapter });
      return layers.flatMap(({ weights }) => Object.values(weights)) as unknown as tf.Tensor;
    });
    assert(
      newBytes > 0 && peakBytes - before < 1.5 * newBytes,
      `${peakBytes - before} of ${newBytes}`,
    );
  });
});

Deno.test({
  name: "a model that was loaded takes the memory of its tensors",
  ignore: Deno.build.os !== "linux" || !await isInstalled("cpu"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const megabytes = 4 * await writeLarge(folder) / 2 ** 20;
      const { code, out, err } = await run(
        `
        import { startBackend, tf } from "./lib/runtime/mod.ts";
        import { loadTransformer } from "./lib/model/mod.ts";
        const status = (key) => Number(new RegExp(key + ":\\\\s*(\\\\d+)").exec(Deno.readTextFileSync("/proc/self/status"))[1]) / 1024;
        await startBackend("native");
        tf.tidy(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync());
        const before = status("VmRSS");
        const { model } = await loadTransformer(Deno.args[0]);
        console.log(JSON.stringify({ now: status("VmRSS") - before, peak: status("VmHWM") - before, layers: model.layers.length }));
      `,
        [join(folder, "large")],
      );
      assertEquals([code, err], [0, ""]);
      const { now, peak } = JSON.parse(out);
      assert(now > 0.9 * megabytes && now < 1.4 * megabytes, `${now} MB of ${megabytes} now`);
      assert(peak < 1.9 * megabytes, `${peak} MB of ${megabytes} at the peak`);
    }),
});
