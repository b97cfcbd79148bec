import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type Adapter,
  basePolicy,
  type Checkpoint,
  createAdapter,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  fromPeftTensors,
  type LoraConfig,
  packGroups,
  readAdapter,
  scoreBatch,
  toPeftTensors,
  type Transformer,
  writeAdapter,
} from "../../lib/model/mod.ts";
import { randomStream, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import { maxDifference } from "../../experiments/parity/comparison.ts";
import { inTemporaryFolder } from "./fixtures.ts";
import { normals, smallCheckpoint, smallConfig, unevenGroups } from "./small_model.ts";

await startBackend();

const batch = packGroups(unevenGroups, 4);
const some: LoraConfig = {
  r: 3,
  loraAlpha: 7,
  targetModules: ["q_proj", "v_proj", "up_proj", "down_proj"],
  useRslora: false,
};

/** An adapter with random factors. */
function randomAdapter(model: Transformer, config: LoraConfig): Adapter {
  const adapter = createAdapter(model.config, config, randomStream(0));
  const size = adapter.values.size;
  adapter.values.dispose();
  return { ...adapter, values: tf.tensor1d(normals(size, "random adapter").map((x) => 0.3 * x)) };
}

function scoreWith(model: Transformer, adapter: Adapter): Float32Array {
  const trainable = { kind: "lora", ...adapter } as const;
  const policy = currentPolicy(model, trainable);
  const logProbs = scoreBatch(policy, batch);
  disposePolicy(policy, trainable);
  return logProbs;
}

/** The checkpoint with W + scale B A in place of W, from PEFT's factors. */
function merged(checkpoint: Checkpoint, adapter: Adapter, scale: number): Checkpoint {
  const weights = new Map(checkpoint.weights);
  const factors = toPeftTensors(
    checkpoint.config,
    adapter,
    adapter.values.dataSync() as Float32Array,
  );
  for (const [name, a] of factors) {
    if (!name.endsWith("lora_A.weight")) continue;
    const b = factors.get(name.replace("lora_A", "lora_B"))!;
    const target = name.replace(".lora_A.weight", ".weight");
    const { shape, data } = weights.get(target)!;
    const [r, inputs] = a.shape as [number, number];
    assertEquals([b.shape[0]!, inputs], [...shape]);
    const updated = data.map((w, at) => {
      const [row, column] = [Math.floor(at / inputs), at % inputs];
      let sum = 0;
      for (let i = 0; i < r; i++) sum += b.data[row * r + i]! * a.data[i * inputs + column]!;
      return w + scale * sum;
    });
    weights.set(target, { shape, data: updated });
  }
  return { ...checkpoint, weights };
}

for (
  const [config, scale] of [
    [some, 7 / 3],
    [{ ...some, useRslora: true }, 7 / Math.sqrt(3)],
    [{ ...some, targetModules: ["k_proj", "o_proj", "gate_proj"] }, 7 / 3],
  ] as const
) {
  Deno.test(
    `adapting ${config.targetModules}${
      config.useRslora ? ", rank-stabilised," : ""
    } equals the merged weights`,
    () => {
      const checkpoint = smallCheckpoint(smallConfig("qwen2"));
      const model = createTransformer(checkpoint);
      const adapter = randomAdapter(model, config);
      const whole = createTransformer(merged(checkpoint, adapter, scale));
      const base = scoreBatch(basePolicy(model), batch);
      const adapted = scoreWith(model, adapter);
      assert(maxDifference(adapted, base) > 1e-2);
      assert(maxDifference(adapted, scoreBatch(basePolicy(whole), batch)) < 2e-4);
      adapter.values.dispose();
      [model, whole].forEach(disposeTransformer);
    },
  );
}

Deno.test("a rank above every dimension that is adapted is refused, whatever memory there is", () => {
  const { config } = smallCheckpoint(smallConfig("llama"));
  const adapter = (r: number) => createAdapter(config, { ...some, r }, randomStream(0));
  assertThrows(() => adapter(1e6), UsageError, "rank r to be at most ");
  adapter(16).values.dispose();
});

Deno.test("a fresh adapter is the base model, and its A is within PEFT's bounds", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const adapter = createAdapter(model.config, some, randomStream(3));
  assertEquals(scoreWith(model, adapter), scoreBatch(basePolicy(model), batch));
  const factors = toPeftTensors(model.config, adapter, adapter.values.dataSync() as Float32Array);
  for (const [name, { shape, data }] of factors) {
    const most = data.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    if (name.endsWith("lora_B.weight")) assertEquals(most, 0, name);
    else {
      const bound = 1 / Math.sqrt(shape[1]!);
      assert(most <= bound && most > 0.8 * bound, `${name}: ${most} of ${bound}`);
      assertAlmostEquals(data.reduce((a, x) => a + x, 0) / data.length, 0, 0.3 * bound);
    }
  }
  assertEquals(
    factors.size,
    model.config.layers * some.targetModules.length * 2,
  );
  adapter.values.dispose();
  disposeTransformer(model);
});

Deno.test("an adapter goes to PEFT's files and back bit by bit", async () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const adapter = randomAdapter(model, some);
  const values = adapter.values.dataSync() as Float32Array;
  await inTemporaryFolder(async (folder) => {
    await writeAdapter(folder, {
      config: some,
      tensors: toPeftTensors(model.config, adapter, values),
    });
    const { config, tensors } = await readAdapter(folder);
    assertEquals(config, some);
    assertEquals(tensors.get("model.layers.1.mlp.down_proj.lora_A.weight")!.shape, [3, 24]);
    const back = fromPeftTensors(model.config, config, tensors);
    assertEquals(back.values.dataSync(), values);
    back.values.dispose();
  });
  adapter.values.dispose();
  disposeTransformer(model);
});

Deno.test("a factor that is missing, left over or of another shape is refused by name", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const adapter = randomAdapter(model, some);
  const tensors = toPeftTensors(model.config, adapter, adapter.values.dataSync() as Float32Array);
  const name = "model.layers.1.self_attn.v_proj.lora_B.weight";
  const without = new Map(tensors);
  without.delete(name);
  assertThrows(
    () => fromPeftTensors(model.config, some, without),
    Error,
    `Expected adapter tensor ${name} of shape [12, 3] but found nothing`,
  );
  without.set(name, { shape: [3, 12], data: new Float32Array(36) });
  assertThrows(() => fromPeftTensors(model.config, some, without), Error, "but found [3, 12]");
  // An adapter of a deeper model, and one with a factor that no projection of this model has.
  const factor = tensors.get("model.layers.1.self_attn.q_proj.lora_A.weight")!;
  for (const other of ["model.layers.2.self_attn.q_proj", "model.visual.blocks.0.attn.q_proj"]) {
    assertThrows(
      () =>
        fromPeftTensors(
          model.config,
          some,
          new Map([...tensors, [`${other}.lora_A.weight`, factor]]),
        ),
      UsageError,
      `Expected factors of the model's 2 layers alone but found ${other}.lora_A.weight in the adapter: it was trained`,
    );
  }
  adapter.values.dispose();
  disposeTransformer(model);
});
