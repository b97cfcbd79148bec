import { assertAlmostEquals, assertEquals } from "@std/assert";
import { grpoSchema, sampleMetrics, type Samples } from "../../lib/training/mod.ts";

const config = grpoSchema.parse({ maxSteps: 1, learningRate: 1, rewardWeights: [1, 2] });
const given = { config, rewardNames: ["facts", "form"] };

/** Completions of the given lengths; those of `ended` ended by themselves. */
const completions = (lengths: number[], ended: boolean[]) =>
  lengths.map((n, k) => ({ ids: new Array<number>(n).fill(7), finished: ended[k]! }));

Deno.test("metrics of a step have TRL's names and leave absent rewards and rows out", () => {
  const samples: Samples = {
    indices: [4, 2],
    completions: [completions([3, 5], [true, false]), completions([1, 7], [true, true])],
    rewards: [[[1, 0.5], [0, null]], [[null, null], [0.5, 1]]],
    resampled: 0,
  };
  const metrics = sampleMetrics(given, samples, [1, 2]);
  // Sums 2, 0 and 2.5; the row without any reward has none.
  const deviation = Math.sqrt((0.5 ** 2 + 1.5 ** 2 + 1) / 2);
  assertEquals(metrics, {
    reward: 1.5,
    reward_std: deviation,
    frac_reward_zero_std: 0.5,
    "rewards/absent": 1,
    "rewards/facts/mean": 0.5,
    "rewards/facts/std": 0.5,
    "rewards/form/mean": 0.75,
    "rewards/form/std": Math.sqrt(0.125),
    "completions/mean_length": 4,
    "completions/min_length": 1,
    "completions/max_length": 7,
    "completions/mean_terminated_length": 11 / 3,
    "completions/min_terminated_length": 1,
    "completions/max_terminated_length": 7,
    "completions/clipped_ratio": 0.25,
  });
});

Deno.test("where no completion ended by itself there are no lengths of ended ones", () => {
  const samples: Samples = {
    indices: [0],
    completions: [completions([4, 4], [false, false])],
    rewards: [[[1, 1], [1, 1]]],
    resampled: 3,
  };
  const metrics = sampleMetrics(
    { ...given, config: { ...config, dynamicSampling: true } },
    samples,
    [1, 1],
  );
  assertEquals(
    Object.keys(metrics).filter((name) => name.includes("terminated")),
    [],
  );
  assertAlmostEquals(metrics["completions/clipped_ratio"]!, 1, 0);
  assertEquals([metrics.frac_reward_zero_std, metrics.resampled], [1, 3]);
  assertEquals("rewards/absent" in metrics, false);
});
