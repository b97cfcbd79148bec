import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createTransformer, disposeTransformer } from "../../lib/model/mod.ts";
import { startBackend, tf, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  grpoSchema,
  lossTypes,
  type RewardFunction,
  type StepLog,
  stratifiedBatch,
  trainGrpo,
  type TrainingResult,
} from "../../lib/training/mod.ts";
import { relativeDifference } from "../parity/comparison.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import {
  busyAdapter,
  letterTokenizer,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";

await startBackend();

const prompts = ["ache", "a fever", "cough", "the rash", "burn", "cut deep", "pain", "cold"]
  .map((text, i) => ({ ids: letterTokenizer.encode(text), stratum: i % 2 === 0 ? "x" : "y" }));

const share = (text: string, letter: string) =>
  text.length === 0 ? 0 : text.split(letter).length / (text.length + 1);

/** How much of a completion is the letter e, and how short it is; the second is absent for prompts of y. */
const cheapReward: RewardFunction = (indices, completions) =>
  Promise.resolve(
    completions.map((text, k) => [
      share(text, "e"),
      prompts[indices[k]!]!.stratum === "y" ? null : 1 - text.length / 16,
    ]),
  );

/** Trains, reads the trained values, frees everything. */
async function train(
  changes: Partial<Parameters<typeof grpoSchema.parse>[0] & object> = {},
  options: {
    folder?: string;
    onStep?: (log: StepLog) => void;
    reward?: RewardFunction;
  } = {},
): Promise<{ values: Float32Array; start: Float32Array; log: TrainingResult["log"] }> {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const trainable = busyAdapter(model);
  const start = trainable.values.dataSync() as Float32Array;
  try {
    const result = await trainGrpo({
      model,
      tokenizer: letterTokenizer,
      trainable,
      prompts,
      rewardNames: ["letters", "brevity"],
      reward: options.reward ?? cheapReward,
      config: grpoSchema.parse({
        maxSteps: 3,
        learningRate: 0.01,
        promptsPerStep: 4,
        numGenerations: 4,
        maxCompletionLength: 8,
        rewardWeights: [1, 0.5],
        microBatches: 2,
        saveSteps: 2,
        ...changes,
      }),
      folder: options.folder,
      onStep: options.onStep,
    });
    const values = result.trainable.values.dataSync() as Float32Array;
    result.trainable.values.dispose();
    return { values, start, log: result.log };
  } finally {
    trainable.values.dispose();
    disposeTransformer(model);
  }
}

const aware = {
  weighting: "capability_aware",
  multiObjectiveAggregation: "leave_one_out",
  gramSteps: 2,
} as const;

const withoutTime = (log: readonly StepLog[]) => log.map((entry) => ({ ...entry, step_time: 0 }));

for (const lossType of lossTypes) {
  Deno.test(`${lossType}: micro-batches change neither loss nor step`, async () => {
    // A large epsilon makes the optimizer's step smooth in the gradient.
    const smooth = {
      maxSteps: 1,
      adamEpsilon: 1,
      maxGradNorm: 1e6,
      promptsPerStep: 8,
      lossType,
      learningRate: 0.1,
    };
    const whole = await train({ ...smooth, microBatches: 1 });
    assert(relativeDifference(whole.start, whole.values) > 1e-5);
    for (const microBatches of [2, 8]) {
      const cut = await train({ ...smooth, microBatches });
      assertAlmostEquals(cut.log[0]!.loss, whole.log[0]!.loss, 1e-6);
      assertAlmostEquals(cut.log[0]!.grad_norm / whole.log[0]!.grad_norm, 1, 1e-4);
      assert(relativeDifference(cut.values, whole.values) < 1e-6);
    }
  });
}

Deno.test("the reward rises", async () => {
  const { log } = await train({
    maxSteps: 40,
    learningRate: 0.03,
    beta: 0,
    promptsPerStep: 8,
    lrSchedulerType: "constant",
    multiObjectiveAggregation: "normalize_then_sum",
  });
  const mean = (from: number, to: number) =>
    log.slice(from, to).reduce((a, e) => a + e["rewards/letters/mean"]!, 0) / (to - from);
  const [first, last] = [mean(0, 5), mean(35, 40)];
  assert(last > 2 * first, `${first} to ${last}`);
});

for (const [name, changes] of [["static", {}], ["capability-aware", aware]] as const) {
  Deno.test(`${name}: a run that was stopped ends with the same bits as one that was not`, async () => {
    const whole = await train({ ...changes, maxSteps: 5 });
    await inTemporaryFolder(async (folder) => {
      await assertRejects(
        () =>
          train({ ...changes, maxSteps: 5 }, {
            folder,
            onStep: ({ step }) => {
              if (step === 4) throw new Error("stopped");
            },
          }),
        Error,
        "stopped",
      );
      const steps: number[] = [];
      const resumed = await train({ ...changes, maxSteps: 5 }, {
        folder,
        onStep: ({ step }) => steps.push(step),
      });
      assertEquals(steps, [3, 4, 5]);
      assertEquals(resumed.values, whole.values);
      assertEquals(withoutTime(resumed.log), withoutTime(whole.log));
    });
  });
}

Deno.test("capability-aware weights are measured, logged, and never below the preference", async () => {
  const { log } = await train({ ...aware, maxSteps: 4, promptsPerStep: 8 });
  for (const entry of log) {
    for (const [key, value] of Object.entries(entry)) assert(Number.isFinite(value), key);
    assert(entry["weights/letters"]! >= 1 - 1e-9);
    assert(entry["weights/brevity"]! >= 0.5 - 1e-9);
  }
  assertEquals(log.map((entry) => "balance/kkt" in entry), [true, false, true, false]);
  const cosine = log[0]!["balance/cosine/letters/brevity"]!;
  assert(Math.abs(cosine) <= 1 + 1e-9, `${cosine}`);
});

Deno.test("a reward that is not a number stops the run with its name and step", async () => {
  const reward: RewardFunction = async (indices, completions) => {
    const rows = await cheapReward(indices, completions);
    return rows.map(([letters], k) => [letters!, k === 5 ? NaN : 0]);
  };
  await assertRejects(
    () => train({}, { reward }),
    WorkbenchError,
    "Expected reward brevity to be a finite number but found NaN at step 1",
  );
});

Deno.test("rewards that are all absent or all equal change nothing without a divergence", async () => {
  for (const value of [null, 0.5]) {
    const reward: RewardFunction = (_, completions) =>
      Promise.resolve(completions.map(() => [value, value]));
    const { values, start, log } = await train({ beta: 0 }, { reward });
    assertEquals(values, start);
    for (const entry of log) {
      assertEquals([entry.loss, entry.grad_norm, entry.frac_reward_zero_std], [0, 0, 1]);
      assertEquals("rewards/letters/mean" in entry, value !== null);
      for (const [key, x] of Object.entries(entry)) assert(Number.isFinite(x), key);
    }
  }
});

Deno.test("on-policy the divergence from the initial policy starts at 0 and then grows", async () => {
  const { log } = await train({ maxSteps: 3, learningRate: 0.05 });
  assertAlmostEquals(log[0]!.kl!, 0, 1e-9);
  assert(log[2]!.kl! > 1e-5, `${log[2]!.kl}`);
});

Deno.test("completions are rewarded under the prompt they answer", async () => {
  const seen: number[] = [];
  const reward: RewardFunction = (indices, completions) => {
    seen.push(...indices);
    assertEquals(indices.length, completions.length);
    return Promise.resolve(completions.map(() => [0, 0]));
  };
  await train({ maxSteps: 1, promptsPerStep: 3, numGenerations: 2 }, { reward });
  const expected = stratifiedBatch(prompts, 3, 0, 0).flatMap((i) => [i, i]);
  assertEquals(seen, expected);
});

Deno.test("every step takes its prompts from all strata in turn, each prompt once an epoch", () => {
  const strata = (indices: number[]) => indices.map((i) => prompts[i]!.stratum);
  const steps = Array.from({ length: 4 }, (_, step) => stratifiedBatch(prompts, 4, step, 9));
  for (const step of steps) assertEquals(strata(step), ["x", "y", "x", "y"]);
  const [first, second] = [steps.slice(0, 2).flat(), steps.slice(2).flat()];
  assertEquals(first.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assertEquals(second.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert(String(first) !== String(second));
});

Deno.test("settings that do not fit together are refused", async () => {
  for (
    const [changes, message] of [
      [{ rewardWeights: [1] }, "Expected rewardWeights to have 2 numbers but found 1"],
      [{ ...aware, multiObjectiveAggregation: "sum_then_normalize" }, "to be leave_one_out"],
      [{ ...aware, microBatches: 1 }, "to be at least 2"],
    ] as const
  ) await assertRejects(() => train(changes), UsageError, message);
  assertThrows(() => grpoSchema.parse({ maxSteps: 1, learningRate: 1, numGenerations: 1 }));
});

Deno.test("training leaves no tensor behind", async () => {
  for (const changes of [{}, aware]) {
    await train({ ...changes, maxSteps: 3 });
    const before = tf.memory().numTensors;
    await train({ ...changes, maxSteps: 3 });
    assertEquals(tf.memory().numTensors, before);
  }
});
