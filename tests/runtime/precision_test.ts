/** Products in bfloat16: which ones, and what it costs in accuracy. */
import { assert, assertEquals } from "@std/assert";
import {
  backward,
  basePolicy,
  type Checkpoint,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTape,
  disposeTransformer,
  fullParameters,
  generate,
  type ModelConfig,
  packGroups,
  recordBatch,
  scoreBatch,
  type Trainable,
  type Transformer,
} from "../../lib/model/mod.ts";
import { withBfloat16 } from "../../lib/runtime/bfloat16.ts";
import {
  backendFor,
  disposeGraphs,
  isInstalled,
  matmulPrecision,
  multipliesBfloat16,
  randomStream,
  startBackend,
  tf,
} from "../../lib/runtime/mod.ts";
import { sftSchema, trainSft } from "../../lib/training/mod.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "../model/small_model.ts";

const native = await isInstalled("cpu");

Deno.test("large products are rounded, each factor once; small ones and what lies between are not", () => {
  const shapes: Record<string, number[]> = {
    x: [256, 128],
    w: [128, 256],
    v: [128, 2],
    y: [256, 256],
    relu: [256, 256],
    z: [256, 256],
    small: [256, 2],
  };
  const node = (name: string, op: string, ...inputs: string[]) => ({
    name,
    op,
    inputs,
    attributes: { T: { kind: "type", value: 1 } as const },
  });
  const rewritten = withBfloat16(
    [
      node("y", "MatMul", "x", "w"),
      node("relu", "Relu", "y"),
      node("z", "MatMul", "x", "w"),
      node("small", "MatMul", "x", "v"),
    ],
    (name) => ({ dtype: "float32", shape: shapes[name]! }),
    "bf16",
  );
  assertEquals(rewritten.map(({ name, op, inputs }) => [name, op, ...inputs]), [
    ["x_bf16", "Cast", "x"],
    ["w_bf16", "Cast", "w"],
    ["y_product", "MatMul", "x_bf16", "w_bf16"],
    ["y", "Cast", "y_product"],
    ["relu", "Relu", "y"],
    ["z_product", "MatMul", "x_bf16", "w_bf16"],
    ["z", "Cast", "z_product"],
    ["small", "MatMul", "x", "v"],
  ]);
  assertEquals(rewritten[2]!.attributes.T, { kind: "type", value: 14 });
  assertEquals(
    withBfloat16([node("y", "MatMul", "x", "w")], (name) => ({
      dtype: name === "w" ? "int32" : "float32",
      shape: shapes[name]!,
    }), "bf16").length,
    1,
  );
});

Deno.test("auto takes bfloat16 where the processor multiplies it", () => {
  assertEquals(backendFor("float32"), undefined);
  assertEquals(backendFor("bf16"), "native-bf16");
  assertEquals(backendFor("auto"), multipliesBfloat16() ? "native-bf16" : undefined);
});

/** A model whose products are large enough. */
const config = smallConfig("llama", {
  hiddenSize: 128,
  intermediateSize: 384,
  layers: 4,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
});

/** Its weights, of the size that a model's have: products keep the length of what goes in. */
function checkpoint(of: ModelConfig): Checkpoint {
  const small = smallCheckpoint(of);
  const scale = 1 / (0.3 * Math.sqrt(of.hiddenSize));
  for (const { shape, data } of small.weights.values()) {
    if (shape.length === 2) data.forEach((value, i) => data[i] = scale * value);
  }
  return small;
}

const stream = randomStream(0, "precision");
const ids = (count: number) =>
  Array.from({ length: count }, () => stream.integer(config.vocabSize));
const sequences = Array.from({ length: 32 }, () => ({ prompt: ids(8), completion: ids(8) }));

/** An adapter whose updates are small against the weights. */
function smallAdapter(model: Transformer): Trainable {
  const busy = busyAdapter(model);
  const values = tf.mul(busy.values, 0.3) as tf.Tensor1D;
  busy.values.dispose();
  return { ...busy, values };
}

/** Log-probabilities, a gradient and the losses of ten steps. */
async function measured(make: (model: Transformer) => Trainable) {
  const model = createTransformer(checkpoint(config));
  const trainable = make(model);
  const policy = currentPolicy(model, trainable);
  const batch = packGroups(
    sequences.map(({ prompt, completion }) => ({ prompt, completions: [completion] })),
  );
  const logProbs = scoreBatch(policy, batch);
  const { tape } = recordBatch(policy, trainable, batch);
  const vector = backward(policy, trainable, tape, new Float32Array(logProbs.length).fill(1));
  const gradient = vector.dataSync() as Float32Array;
  vector.dispose();
  disposeTape(tape);
  disposePolicy(policy, trainable);
  const trained = await trainSft({
    model,
    trainable,
    examples: sequences,
    config: sftSchema.parse({
      maxSteps: 10,
      learningRate: 3e-3,
      perDeviceTrainBatchSize: 32,
      microBatchSize: 32,
    }),
  });
  const losses = trained.log.map(({ loss }) => loss);
  trained.trainable.values.dispose();
  trainable.values.dispose();
  disposeTransformer(model);
  disposeGraphs();
  return { logProbs, gradient, losses };
}

/** Length of a difference as a share of the second vector's. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, length] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    length += b[i]! ** 2;
  }
  return Math.sqrt(difference / length);
}

for (const [kind, make] of [["LoRA", smallAdapter], ["all weights", fullParameters]] as const) {
  Deno.test({
    name: `bfloat16 against float32: log-probabilities, gradient, ten steps; ${kind}`,
    ignore: !native,
    fn: async () => {
      await startBackend("native");
      const exact = await measured(make);
      const { name } = await startBackend("native-bf16");
      assertEquals([name, matmulPrecision()], ["native-bf16", "bf16"]);
      // Whoever needs a backend and has no wish takes the one that runs.
      assertEquals((await startBackend()).name, "native-bf16");
      try {
        const rounded = await measured(make);
        const errors = {
          logProbs: distance(rounded.logProbs, exact.logProbs),
          gradient: distance(rounded.gradient, exact.gradient),
          losses: distance(rounded.losses, exact.losses),
        };
        const limits = { logProbs: 0.01, gradient: 0.03, losses: 0.01 };
        for (const [what, limit] of Object.entries(limits) as [keyof typeof limits, number][]) {
          // An error of 0 would say that nothing was rounded.
          assert(errors[what] > 1e-6 && errors[what] < limit, JSON.stringify(errors));
        }
      } finally {
        await startBackend("native");
      }
    },
  });
}

Deno.test({
  name:
    "completions with packed weights: log-probabilities near those in float32, nothing left behind",
  ignore: !native,
  fn: async () => {
    const wide = { ...config, layers: 2, hiddenSize: 512, intermediateSize: 1024 };
    const model = createTransformer(checkpoint(wide));
    const prompts = sequences.slice(0, 8).map(({ prompt }) => prompt);
    const sample = async () =>
      (await generate(basePolicy(model), prompts, {
        maxNewTokens: 3,
        stopIds: [],
        seed: 0,
        temperature: 0,
        logProbs: true,
      })).map(([completion]) => completion!.logProbs![0]!);
    await startBackend("native");
    const exact = await sample();
    await startBackend("native-bf16");
    try {
      const before = tf.memory().numTensors;
      const error = distance(await sample(), exact);
      assertEquals(tf.memory().numTensors, before);
      assert(error > 1e-6 && error < 0.02, String(error));
    } finally {
      await startBackend("native");
    }
    disposeTransformer(model);
    disposeGraphs();
  },
});
