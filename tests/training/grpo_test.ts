import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startBackend, tf, UsageError, WorkbenchError } from "../../lib/runtime/mod.ts";
import {
  grpoSchema,
  lossTypes,
  type RewardFunction,
  stratifiedBatch,
} from "../../lib/training/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { inTemporaryFolder } from "../model/fixtures.ts";
import { letterTokenizer } from "../model/small_model.ts";
import { aware, cheapReward, prompts, train, withoutTime } from "./small_grpo.ts";

await startBackend();

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

const inner = { ...aware, numIterations: 3, epsilon: 0.05, gramSteps: 1, beta: 0.02 } as const;

const resumed = {
  static: {},
  "capability-aware": aware,
  "solved every step, clipped before": {
    ...aware,
    gramSteps: 1,
    secondMoment: "before",
    gate: "veto",
  },
  "for the next step": { ...aware, solve: "next_step", clip: "gradient", secondMoment: "after" },
  "inner epochs": inner,
} as const;

for (const [name, changes] of Object.entries(resumed)) {
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

Deno.test("rewards that are not one for each completion and name are refused", async () => {
  for (const wrong of [(rows: (number | null)[][]) => rows.slice(1), () => [[1, 2, 3]]]) {
    const reward: RewardFunction = async (...given) => wrong(await cheapReward(...given));
    await assertRejects(
      () => train({}, { reward }),
      UsageError,
      "Expected the reward function to give 2 rewards for each of 16 completions but found",
    );
  }
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
      [
        { ...aware, promptsPerStep: 5, gate: "shrink" },
        "at least 6 blocks of prompts with crossFit and gate shrink",
      ],
      [
        { ...aware, promptsPerStep: 9, gramBlocks: 3 },
        "at least 4 blocks of prompts with crossFit",
      ],
      [{ weighting: "mgda" }, "to be leave_one_out with mgda weights"],
      [
        { conditions: [{ reward: "length", on: "letters", threshold: 0 }] },
        "Expected conditions to name rewards out of letters, brevity but found length",
      ],
    ] as const
  ) await assertRejects(() => train(changes), UsageError, message);
  const one = { maxSteps: 1, learningRate: 1, rewardWeights: [1], numGenerations: 1 };
  assertEquals(grpoSchema.safeParse({ ...one, numGenerations: 2 }).success, true);
  assertEquals(grpoSchema.safeParse(one).error?.issues.map(({ path }) => path), [[
    "numGenerations",
  ]]);
});

Deno.test("inner epochs go on with the same completions, and later steps are clipped", async () => {
  const asked: number[] = [];
  const reward: RewardFunction = (indices, completions) => {
    asked.push(indices.length);
    return cheapReward(indices, completions);
  };
  const { log } = await train({
    maxSteps: 6,
    numIterations: 3,
    epsilon: 0.001,
    epsilonHigh: 0.002,
    learningRate: 0.05,
    lrSchedulerType: "constant",
    warmupRatio: 0,
  }, { reward });
  assertEquals(asked, [16, 16]);
  assertEquals(log.map((entry) => "clip_ratio/region_mean" in entry), [
    ...[false, true, true],
    ...[false, true, true],
  ]);
  for (const entry of log.filter((entry) => "clip_ratio/region_mean" in entry)) {
    const [low, high] = [entry["clip_ratio/low_mean"]!, entry["clip_ratio/high_mean"]!];
    assert(low > 0 && high > 0);
    assertAlmostEquals(low + high, entry["clip_ratio/region_mean"]!, 1e-12);
  }
  const rewards = log.map(({ reward }) => reward);
  assertEquals([rewards[1], rewards[2], rewards[4]], [rewards[0], rewards[0], rewards[3]]);
});

Deno.test("a reward under a condition is 0 where the other one is too low", async () => {
  const conditions = [{ reward: "brevity", on: "letters", threshold: 0.2 }];
  const rows: (number | null)[][] = [];
  const reward: RewardFunction = async (indices, completions) => {
    const found = await cheapReward(indices, completions);
    rows.push(...found);
    return found;
  };
  const { log } = await train({ maxSteps: 1, conditions }, { reward });
  const present = rows.filter(([, brevity]) => brevity !== null) as [number, number][];
  const counted = present.map(([letters, brevity]) => letters < 0.2 ? 0 : brevity);
  assert(counted.some((x) => x === 0) && present.every(([, brevity]) => brevity > 0));
  const mean = counted.reduce((a, b) => a + b, 0) / counted.length;
  assertAlmostEquals(log[0]!["rewards/brevity/mean"]!, mean, 1e-12);
});

Deno.test("completions without an end token stay out of the loss where it says so", async () => {
  // With a few letters as further end tokens, some completions end by themselves.
  const eosIds = [0, ...letterTokenizer.encode("abc")];
  const short = {
    maxSteps: 1,
    maxCompletionLength: 4,
    beta: 0,
    promptsPerStep: 8,
    scaleRewards: "none",
  } as const;
  const [all, masked] = await Promise.all([false, true].map(async (maskTruncatedCompletions) => {
    const decoded: (readonly number[])[] = [];
    const { log, ...rest } = await train({ ...short, maskTruncatedCompletions }, {
      tokenizer: {
        ...letterTokenizer,
        eosIds,
        decode: (ids, options) => {
          decoded.push(ids);
          return letterTokenizer.decode(ids, options);
        },
      },
      reward: (_, completions) => Promise.resolve(completions.map((_, k) => [k % 7, 0])),
    });
    // On-policy the ratio is 1: the loss is minus the mean advantage of the tokens that count.
    let [loss, tokens, finished] = [0, 0, 0];
    decoded.forEach((ids, k) => {
      const first = k - k % 4;
      const mean = [0, 1, 2, 3].reduce((sum, i) => sum + (first + i) % 7, 0) / 4;
      const ended = eosIds.includes(ids.at(-1)!);
      if (ended) finished++;
      if (maskTruncatedCompletions && !ended) return;
      loss -= (k % 7 - mean) * ids.length;
      tokens += ids.length;
    });
    assertEquals(decoded.length, 32);
    assert(finished > 0 && finished < 32, `${finished}`);
    assertAlmostEquals(log[0]!["completions/clipped_ratio"]!, 1 - finished / 32, 1e-12);
    assertAlmostEquals(log[0]!.loss, loss / tokens, 1e-9);
    return { log, ...rest };
  }));
  assert(Math.abs(all!.log[0]!.loss - masked!.log[0]!.loss) > 1e-2);
  assert(relativeDifference(all!.values, masked!.values) > 1e-4);
  // Where none ends by itself nothing is learnt.
  const endless = { tokenizer: { ...letterTokenizer, eosIds: [] } };
  assert((await train(short, endless)).log[0]!.grad_norm > 0);
  const none = await train({ ...short, maskTruncatedCompletions: true }, endless);
  assertEquals(none.log[0]!["completions/clipped_ratio"], 1);
  assertEquals([none.log[0]!.loss, none.log[0]!.grad_norm, none.log[0]!.entropy], [0, 0, 0]);
  assertEquals(none.values, none.start);
});

Deno.test("prompts whose completions all score the same give way to others of their stratum", async () => {
  const dull = new Set([0, 1]);
  const asked: number[][] = [];
  const reward: RewardFunction = async (indices, completions) => {
    asked.push([...new Set(indices)]);
    const rows = await cheapReward(indices, completions);
    return rows.map((row, k) => dull.has(indices[k]!) ? [0, 0] : row);
  };
  const { log } = await train({
    maxSteps: 4,
    promptsPerStep: 6,
    dynamicSampling: true,
    learningRate: 1e-9,
  }, { reward });
  const resampled = log.reduce((n, entry) => n + entry.resampled!, 0);
  assert(resampled > 0);
  assertEquals(asked.length > 4, true);
  const again = asked.findIndex((indices) => indices.length < 6);
  const [first, second] = [asked[again - 1]!, asked[again]!];
  assert(first.some((i) => dull.has(i)));
  assert(second.every((i) => !first.includes(i)), `${first} ${second}`);
  // Where everything is dull, every prompt of the step's strata is tried once and no more.
  const tried: number[] = [];
  const flat = await train({ maxSteps: 1, dynamicSampling: true, maxResamples: 9 }, {
    reward: (indices, completions) => {
      tried.push(...new Set(indices));
      return Promise.resolve(completions.map(() => [1, 1]));
    },
  });
  assertEquals(tried.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assertEquals(flat.log[0]!.resampled, 4);
});

Deno.test("a bank keeps a reward's gradient inside it; a penalty adds its own", async () => {
  const settings = { multiObjectiveAggregation: "leave_one_out", beta: 0, maxSteps: 1 } as const;
  const n = (await train(settings)).start.length;
  const half = Float32Array.from({ length: n }, (_, k) => k < n / 2 ? 1 : 0);
  const masks = [half, half.map((x) => 1 - x)].map((x) => tf.tensor1d(x));
  const reward: RewardFunction = async (indices, completions) =>
    (await cheapReward(indices, completions)).map(([letters]) => [letters!, null]);
  const banked = await train(settings, { banks: masks, reward });
  tf.dispose(masks);
  const moved = [...banked.values].map((x, k) => x !== banked.start[k]);
  assert(moved.slice(0, n / 2).some(Boolean));
  assert(!moved.slice(Math.ceil(n / 2)).some(Boolean));
  const pulled = await train(settings, {
    reward: (_, completions) => Promise.resolve(completions.map(() => [0, 0])),
    penalty: (values) => ({ loss: 7, gradient: tf.mul(values, 3) as tf.Tensor1D }),
  });
  assertEquals([pulled.log[0]!.loss, pulled.log[0]!.penalty], [7, 7]);
  const norm = Math.hypot(...pulled.start);
  assertAlmostEquals(pulled.log[0]!.grad_norm / (3 * norm), 1, 1e-5);
});

Deno.test("training leaves no tensor behind", async () => {
  for (const changes of [{}, aware, inner, { measureChange: true, dynamicSampling: true }]) {
    await train({ ...changes, maxSteps: 3 });
    const before = tf.memory().numTensors;
    await train({ ...changes, maxSteps: 3 });
    assertEquals(tf.memory().numTensors, before);
    // A rule of the weights that fails, in the middle of a step, leaves none either.
    if (!("weighting" in changes)) continue;
    const aggregator = () => {
      throw new WorkbenchError("no weights");
    };
    await assertRejects(() => train(changes, { aggregator }), WorkbenchError, "no weights");
    assertEquals(tf.memory().numTensors, before);
  }
});
