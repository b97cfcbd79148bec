import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  createTransformer,
  disposeTransformer,
  fullParameters,
  type Trainable,
  type Transformer,
} from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  epochBatch,
  sftSchema,
  type StepLog,
  type TrainingResult,
  trainSft,
} from "../../lib/training/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import {
  busyAdapter,
  smallCheckpoint,
  smallConfig,
  smallExamples as examples,
} from "../model/small_model.ts";

await startBackend();

/** Trains, reads the trained values, frees everything. */
async function train(
  changes: Partial<Parameters<typeof sftSchema.parse>[0] & object>,
  options: {
    folder?: string;
    onStep?: (log: StepLog) => void;
    make?: (model: Transformer) => Trainable;
    examples?: typeof examples;
    validation?: typeof examples;
  } = {},
): Promise<{ values: Float32Array; log: TrainingResult["log"] }> {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable = (options.make ?? busyAdapter)(model);
  try {
    const result = await trainSft({
      model,
      trainable,
      examples: options.examples ?? examples,
      config: sftSchema.parse({
        maxSteps: 4,
        learningRate: 0.02,
        perDeviceTrainBatchSize: 4,
        microBatchSize: 2,
        saveSteps: 2,
        ...changes,
      }),
      validation: options.validation,
      folder: options.folder,
      onStep: options.onStep,
    });
    const values = result.trainable.values.dataSync() as Float32Array;
    result.trainable.values.dispose();
    return { values, log: result.log };
  } finally {
    trainable.values.dispose();
    disposeTransformer(model);
  }
}

const withoutTime = (log: readonly StepLog[]) => log.map((entry) => ({ ...entry, step_time: 0 }));

Deno.test("the loss falls, for an adapter and for all weights", async () => {
  for (const make of [busyAdapter, fullParameters]) {
    const { log } = await train({ maxSteps: 30, perDeviceTrainBatchSize: 6 }, { make });
    const [first, last] = [log[0]!.loss, log.at(-1)!.loss];
    assert(last < 0.5 * first, `${first} to ${last}`);
    assertEquals(log.map(({ step }) => step), Array.from({ length: 30 }, (_, i) => i + 1));
    // Three steps up, then down to 0 at the end of the run.
    log.forEach(({ learning_rate }, step) => {
      const share = step < 3 ? (step + 1) / 3 : (30 - step) / 27;
      assertAlmostEquals(learning_rate, 0.02 * share, 1e-15);
    });
  }
});

Deno.test("micro-batches change neither loss nor step", async () => {
  // A large epsilon makes the optimizer's step smooth in the gradient.
  const smooth = { maxSteps: 1, adamEpsilon: 1, maxGradNorm: 1e6, perDeviceTrainBatchSize: 8 };
  const whole = await train({ ...smooth, microBatchSize: 8 });
  for (const microBatchSize of [1, 2, 5]) {
    const cut = await train({ ...smooth, microBatchSize });
    assertAlmostEquals(cut.log[0]!.loss, whole.log[0]!.loss, 1e-5);
    assertAlmostEquals(cut.log[0]!.grad_norm / whole.log[0]!.grad_norm, 1, 1e-5);
    assert(relativeDifference(cut.values, whole.values) < 1e-6);
  }
});

Deno.test("a run that was stopped ends with the same bits as one that was not", async () => {
  const whole = await train({ maxSteps: 5 });
  assertEquals((await train({ maxSteps: 5 })).values, whole.values);
  for (const stop of [2, 3, 4]) {
    await inTemporaryFolder(async (folder) => {
      await assertRejects(
        () =>
          train({ maxSteps: 5 }, {
            folder,
            onStep: ({ step }) => {
              if (step === stop) throw new Error("stopped");
            },
          }),
        Error,
        "stopped",
      );
      const steps: number[] = [];
      const resumed = await train({ maxSteps: 5 }, {
        folder,
        onStep: ({ step }) => steps.push(step),
      });
      // The last whole checkpoint is that of step 2 or 4, unless the run was stopped before it was written.
      assertEquals(steps[0], stop > 2 ? 3 : 1);
      assertEquals(resumed.values, whole.values);
      assertEquals(withoutTime(resumed.log), withoutTime(whole.log));
    });
  }
});

Deno.test("every epoch sees each example once, in another order", () => {
  const order = Array.from({ length: 6 }, (_, step) => epochBatch(6, 2, step, 3)).flat();
  const [first, second] = [order.slice(0, 6), order.slice(6)];
  assertEquals(first.toSorted(), [0, 1, 2, 3, 4, 5]);
  assertEquals(second.toSorted(), [0, 1, 2, 3, 4, 5]);
  assert(String(first) !== String(second));
  assertEquals(epochBatch(6, 4, 1, 3), order.slice(4, 8));
});

Deno.test("no examples are refused, and examples without tokens give no NaN", async () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable = busyAdapter(model);
  const config = sftSchema.parse({ maxSteps: 1, learningRate: 0.1 });
  assertThrows(
    () => trainSft({ model, trainable, examples: [], config }),
    UsageError,
    "Expected at least 1 training example but found 0",
  );
  trainable.values.dispose();
  disposeTransformer(model);
  const { values, log } = await train({ maxSteps: 1 }, {
    examples: examples.map(({ prompt }) => ({ prompt, completion: [] })),
  });
  assertEquals(log[0]!.loss, 0);
  assert(values.every(Number.isFinite));
});

Deno.test("a gradient that is not finite ends the run with step and parameter, and leaves no tensor", async () => {
  const broken = (make: (model: Transformer) => Trainable, at: number) => (model: Transformer) => {
    const trainable = make(model);
    const values = trainable.values.dataSync() as Float32Array;
    values[at < 0 ? values.length + at : at] = NaN;
    trainable.values.dispose();
    return { ...trainable, values: tf.tensor1d(values) };
  };
  await train({});
  const before = tf.memory().numTensors;
  await assertRejects(
    () => train({}, { make: broken(busyAdapter, 3) }),
    WorkbenchError,
    "Expected a finite gradient but found NaN (layers.0.q_proj.lora_A) at step 1; there is no checkpoint",
  );
  await assertRejects(
    () => train({}, { make: broken(fullParameters, -1) }),
    WorkbenchError,
    "at step 1",
  );
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("validation losses are logged every few steps and at the end, and change nothing", async () => {
  const plain = await train({ maxSteps: 5 });
  const { values, log } = await train({ maxSteps: 5, evalSteps: 2 }, {
    validation: examples.slice(0, 3),
  });
  assertEquals(values, plain.values);
  assertEquals(log.map(({ eval_loss }) => eval_loss !== undefined), [
    false,
    true,
    false,
    true,
    true,
  ]);
  assertEquals(log.map(({ epoch }) => epoch), [1, 2, 3, 4, 5].map((step) => step * 4 / 6));
  // The loss on the training examples after a step is the next step's, where each step takes all of them.
  const whole = { maxSteps: 3, perDeviceTrainBatchSize: 6, evalSteps: 1 };
  const { log: steps } = await train(whole, { validation: examples });
  for (const i of [0, 1]) assertAlmostEquals(steps[i]!.eval_loss!, steps[i + 1]!.loss, 1e-5);
  assert(steps[2]!.eval_loss! < steps[0]!.loss);
  await assertRejects(
    () => train({ evalSteps: 2 }),
    UsageError,
    "Expected at least 1 validation example with evalSteps but found 0",
  );
});

Deno.test("training leaves no tensor behind", async () => {
  await train({});
  const before = tf.memory().numTensors;
  await train({ maxSteps: 6 });
  assertEquals(tf.memory().numTensors, before);
});
