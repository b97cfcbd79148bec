import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  createTransformer,
  disposeTransformer,
  fullParameters,
  type ModelConfig,
  type Trainable,
} from "../../lib/model/mod.ts";
import { startBackend, tf, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  adamWState,
  type LoopOptions,
  loopSchema,
  parameterName,
  saveCheckpoint,
  type StepLog,
  stepLogWriter,
  trainingLoop,
} from "../../lib/training/mod.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

const size = 6;
const model = { layers: 1, vocabSize: 1, hiddenSize: 1 } as ModelConfig;

/** A vector of parameters that belongs to one layer. */
const vector = (): Trainable => ({
  kind: "full",
  segments: [{ name: "qkv", shape: [2, 2] }, { name: "output", shape: [2] }],
  layerSize: size,
  values: tf.tensor1d([1, 2, 3, 4, 5, 6]),
});

/** Descends from the parameters to 0; `change` may break a step. */
async function descend(
  options: Partial<LoopOptions<number>>,
  change: (step: number, gradient: Float32Array) => number = () => 1,
): Promise<{ values: Float32Array; log: readonly StepLog[] }> {
  const trainable = vector();
  try {
    const result = await trainingLoop<number>({
      config: loopSchema.parse({ maxSteps: 6, learningRate: 0.1, saveSteps: 2 }),
      trainable,
      model,
      memory: 0,
      // deno-lint-ignore require-await -- the loop awaits steps of either kind
      takeStep: async (run, memory) => {
        // Inside tidy, as a step may compute.
        const loss = tf.tidy(() => {
          const gradient = run.trainable.values.dataSync().slice() as Float32Array;
          const loss = change(run.step, gradient);
          run.update(tf.tensor1d(gradient));
          return loss;
        });
        return { metrics: { loss, taken: memory }, tokens: run.step + 10, memory: memory + 1 };
      },
      ...options,
    });
    const values = result.trainable.values.dataSync() as Float32Array;
    result.trainable.values.dispose();
    return { values, log: result.log };
  } finally {
    trainable.values.dispose();
  }
}

const timeless = (log: readonly StepLog[]) => log.map((entry) => ({ ...entry, step_time: 0 }));

Deno.test("a number that is not finite stops the run with step, parameter and last checkpoint", () =>
  inTemporaryFolder(async (folder) => {
    await descend({});
    const before = tf.memory().numTensors;
    const cases = [
      [
        0,
        NaN,
        "Expected a finite gradient but found NaN (layers.0.qkv) at step 1; there is no checkpoint",
      ],
      [
        3,
        Infinity,
        "Expected a finite gradient but found Infinity (layers.0.qkv) at step 4; " +
        `the last checkpoint is that of step 2 in ${folder}`,
      ],
    ] as const;
    for (const [at, value, message] of cases) {
      const error = await assertRejects(
        () =>
          descend({ folder }, (step, gradient) => {
            if (step === at) gradient[1] = value;
            return 1;
          }),
        WorkbenchError,
      );
      assertEquals(error.message, message);
    }
    await assertRejects(
      () => descend({ folder }, (step) => step === 4 ? NaN : 1),
      WorkbenchError,
      "Expected a finite loss but found NaN at step 5; the last checkpoint is that of step 4",
    );
    // A rate that no float32 holds makes the parameters infinite.
    const config = loopSchema.parse({ maxSteps: 2, learningRate: 1e39, warmupRatio: 0 });
    await assertRejects(
      () => descend({ config }),
      WorkbenchError,
      "Expected finite parameters but found -Infinity (layers.0.qkv) at step 1",
    );
    assertEquals(tf.memory().numTensors, before);
    // The run goes on from step 4 once the fault is gone.
    const { log } = await descend({ folder });
    assertEquals(log.map(({ taken }) => taken), [0, 1, 2, 3, 4, 5]);
  }));

Deno.test("an expected failure of a step says where the run can go on; others come as they are", () =>
  inTemporaryFolder(async (folder) => {
    const failing = (error: Error) =>
      descend({ folder }, (step) => {
        if (step === 3) throw error;
        return 1;
      });
    const before = tf.memory().numTensors;
    const error = await assertRejects(() => failing(new WorkbenchError("No reward")));
    assertEquals(
      (error as Error).message,
      `No reward; the last checkpoint is that of step 2 in ${folder}`,
    );
    const own = new TypeError("a fault of the program");
    assertEquals(await failing(own).catch((e) => e), own);
    assertEquals(tf.memory().numTensors, before);
  }));

Deno.test("steps are AdamW's with the scheduled rate, the clipped gradient and the decay, written out", async () => {
  const config = loopSchema.parse({
    maxSteps: 4,
    learningRate: 0.4,
    warmupSteps: 2,
    maxGradNorm: 3,
    weightDecay: 0.1,
    adamBeta1: 0.8,
    adamBeta2: 0.9,
    adamEpsilon: 0.5, // so that the gradient's size counts
  });
  const { values, log } = await descend({ config });
  const x = [1, 2, 3, 4, 5, 6];
  const [m, v] = [x.map(() => 0), x.map(() => 0)];
  [0.2, 0.4, 0.4, 0.2].forEach((rate, step) => {
    const norm = Math.hypot(...x); // the gradient is x itself
    assertAlmostEquals(log[step]!.grad_norm, norm, 1e-5);
    assertAlmostEquals(log[step]!.learning_rate, rate, 1e-12);
    assert(norm > 3, "clipped");
    x.forEach((value, k) => {
      const g = 3 * value / norm;
      m[k] = 0.8 * m[k]! + 0.2 * g;
      v[k] = 0.9 * v[k]! + 0.1 * g * g;
      const root = Math.sqrt(v[k]! / (1 - 0.9 ** (step + 1))) + 0.5;
      x[k] = value * (1 - 0.1 * rate) - rate * m[k]! / (1 - 0.8 ** (step + 1)) / root;
    });
  });
  values.forEach((value, k) => assertAlmostEquals(value, x[k]!, 1e-5));
});

Deno.test("a signal ends the run behind a step with a checkpoint, and the run ends with the same bits", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await descend({});
    const before = tf.memory().numTensors;
    const aborted = async (stop: number) => {
      const controller = new AbortController();
      const reason = new Error("interrupted");
      const steps: number[] = [];
      const caught = await descend({
        folder: join(folder, `${stop}`),
        signal: controller.signal,
        onStep: ({ step }) => {
          steps.push(step);
          if (step === stop) controller.abort(reason);
        },
      }).then(() => undefined, (error) => error);
      assertEquals(caught, stop < 6 ? reason : undefined, "no step is left behind the last");
      assertEquals(steps.at(-1), stop);
    };
    for (const stop of [1, 3, 4, 6]) {
      await aborted(stop);
      if (stop === 6) continue;
      const steps: number[] = [];
      const rest = await descend({
        folder: join(folder, `${stop}`),
        onStep: ({ step }) => steps.push(step),
      });
      assertEquals(steps[0], stop + 1);
      assertEquals(rest.values, whole.values);
      assertEquals(timeless(rest.log), timeless(whole.log));
    }
    // Without a folder there is nothing to write.
    const signal = AbortSignal.abort(new Error("at once"));
    await assertRejects(() => descend({ signal }), Error, "at once");
    assertEquals(tf.memory().numTensors, before);
  }));

Deno.test("the run tells of a damaged checkpoint, goes on from the one before, and keeps one at its end", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await descend({});
    await assertRejects(() =>
      descend({ folder }, (step) => {
        if (step === 5) throw new Error("stop");
        return 1;
      })
    );
    const last = join(folder, "checkpoint.safetensors");
    const bytes = await Deno.readFile(last);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(last, bytes);
    const damaged: [string, number][] = [];
    const steps: number[] = [];
    const rest = await descend({
      folder,
      onDamaged: (...told) => damaged.push(told),
      onStep: ({ step }) => steps.push(step),
    });
    assertEquals(damaged, [[last, 2]]);
    assertEquals(steps, [3, 4, 5, 6]);
    assertEquals(rest.values, whole.values);
    assertEquals(rest.log.map(({ num_tokens }) => num_tokens), [10, 21, 33, 46, 60, 75]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "checkpoint.log.jsonl",
      "checkpoint.safetensors",
    ]);
  }));

/** A run that stopped at step 5 of 6, with checkpoints of steps 2 and 4. */
const stopAtFive = (folder: string) =>
  assertRejects(() =>
    descend({ folder }, (step) => {
      if (step === 5) throw new Error("stop");
      return step === 1 ? 0.5 : 1;
    })
  );

Deno.test("a log that is damaged or gone costs the steps behind the last whole part, or is told with what to remove", () =>
  inTemporaryFolder(async (folder) => {
    await stopAtFive(folder);
    const path = join(folder, "checkpoint.log.jsonl");
    const text = await Deno.readTextFile(path);
    assertEquals(text.trimEnd().split("\n").length, 4);
    const before = tf.memory().numTensors;
    for (const broken of [text.replace('"loss":0.5', '"loss":0.6'), "", undefined]) {
      if (broken === undefined) await Deno.remove(path);
      else await Deno.writeTextFile(path, broken);
      const error = await assertRejects(() => descend({ folder }), WorkbenchError);
      for (
        const part of [
          path,
          "no whole checkpoint is left",
          `remove ${join(folder, "checkpoint.safetensors")} and`,
        ]
      ) assert(error.message.includes(part), error.message);
    }
    assertEquals(tf.memory().numTensors, before);
    // The last line belongs to the last checkpoint alone.
    await Deno.writeTextFile(path, text.replace('"step":4', '"step":5'));
    const damaged: [string, number][] = [];
    const whole = await descend({});
    const rest = await descend({ folder, onDamaged: (...told) => damaged.push(told) });
    assertEquals(damaged, [[join(folder, "checkpoint.safetensors"), 2]]);
    assertEquals(rest.values, whole.values);
    assertEquals(rest.log.map(({ step }) => step), [1, 2, 3, 4, 5, 6]);
  }));

Deno.test("a number of the log that is not finite is the same behind a stop", () =>
  inTemporaryFolder(async (folder) => {
    const stop = new AbortController();
    const takeStep: LoopOptions<number>["takeStep"] = (run, memory) => {
      run.update(tf.clone(run.trainable.values) as tf.Tensor1D);
      const metrics = { loss: 1, ratio: NaN, most: -Infinity };
      return Promise.resolve({ metrics, tokens: 1, memory });
    };
    const onStep = ({ step }: StepLog) => step === 3 && stop.abort(new Error("stop"));
    await assertRejects(() => descend({ takeStep, folder, onStep, signal: stop.signal }));
    const { log } = await descend({ takeStep, folder });
    assertEquals(log.map(({ ratio }) => ratio), Array(6).fill(NaN));
    assertEquals(log.map(({ most }) => most), Array(6).fill(-Infinity));
  }));

Deno.test("what kills left of files that were being written is swept when the run goes on", () =>
  inTemporaryFolder(async (folder) => {
    await stopAtFive(folder);
    const left = `.checkpoint.next.safetensors.${crypto.randomUUID()}.tmp`;
    for (const name of [left, ".mine.tmp", "notes.tmp"]) {
      await Deno.writeTextFile(join(folder, name), "half");
    }
    await descend({ folder });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      ".mine.tmp",
      "checkpoint.log.jsonl",
      "checkpoint.safetensors",
      "notes.tmp",
    ]);
  }));

Deno.test("a run of a hundred thousand steps goes on", () =>
  inTemporaryFolder(async (folder) => {
    const steps = 100_000;
    const metrics = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`rewards/number-${i}/mean`, 0.1 + i / 7]),
    );
    const log = Array.from({ length: steps }, (_, i): StepLog => ({
      ...{ step: i + 1, loss: 1 / 3, grad_norm: 1, learning_rate: 1e-4, step_time: 0.5 },
      num_tokens: i,
      ...metrics,
    }));
    const trainable = vector();
    const part = await stepLogWriter<StepLog>(folder, []).save(log);
    const optimizer = { ...adamWState(size), step: steps };
    const extra = { log: part, memory: 7 };
    await saveCheckpoint(folder, { trainable, optimizer, extra });
    trainable.values.dispose();
    tf.dispose([optimizer.momentum, optimizer.secondMoment]);
    const config = loopSchema.parse({ maxSteps: steps + 2, learningRate: 0.1, saveSteps: 1 });
    const taken: number[] = [];
    const rest = await descend({ folder, config, onStep: ({ step }) => taken.push(step) });
    assertEquals(taken, [steps + 1, steps + 2]);
    assertEquals([rest.log.length, rest.log[0], rest.log[steps - 1]], [
      steps + 2,
      log[0]!,
      log[steps - 1]!,
    ]);
    assertEquals(rest.log.at(-1)!.taken, 8);
  }));

Deno.test("every parameter has the name of the tensor that it stands in", () => {
  const config = smallConfig("llama");
  const transformer = createTransformer(smallCheckpoint(config));
  const names = (trainable: Trainable) => {
    const counts = new Map<string, number>();
    for (let i = 0; i < trainable.values.size; i++) {
      const name = parameterName(config, trainable, i);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };
  const adapter = busyAdapter(transformer);
  const found = names(adapter);
  assertEquals(found.size, 2 * 7 * 2);
  assertEquals(found.get("layers.1.q_proj.lora_A"), 16 * 3);
  assertEquals(found.get("layers.0.k_proj.lora_A"), 16 * 3);
  assertEquals(found.get("layers.0.q_proj.lora_B"), 3 * 24);
  assertEquals(found.get("layers.1.down_proj.lora_B"), 3 * 16);
  const full = fullParameters(transformer);
  const whole = names(full);
  assertEquals(whole.get("layers.1.gateUp"), 16 * 48);
  assertEquals(whole.get("embedding"), config.vocabSize * 16);
  assertEquals(whole.get("norm"), 16);
  assert(!whole.has("head"), "the head is the embedding");
  for (const trainable of [adapter, full]) trainable.values.dispose();
  disposeTransformer(transformer);
});
