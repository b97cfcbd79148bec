/** The completions of a GRPO step with their rewards, and the metrics that TRL logs of them. @module */

import { type Completion, generate, type Policy, type Tokenizer } from "../model/mod.ts";
import { randomStream, WorkbenchError } from "../runtime/mod.ts";
import { type GroupRewards, presentRewards, sampleDeviation } from "./advantages.ts";
import type { GrpoConfig } from "./grpo_config.ts";
import type { GrpoPrompt } from "./strata.ts";

/** Scores completions of prompts (by index): one row a completion, null where a reward is absent. */
export type RewardFunction = (
  prompts: readonly number[],
  completions: readonly string[],
) => Promise<(number | null)[][]>;

/** Completions of a step with their rewards. */
export interface Samples {
  /** `[prompts][numGenerations]` */
  readonly completions: readonly (readonly Completion[])[];
  /** `[prompts][numGenerations][rewards]`, null where a reward is absent. */
  readonly rewards: readonly GroupRewards[];
  /** Longest completion that was allowed, in tokens. */
  readonly maxCompletionLength: number;
}

/**
 * Samples completions of the prompts at `indices` and scores them.
 *
 * @throws WorkbenchError with the reward's name when a reward is not a finite number
 */
export async function sampleCompletions(
  options: {
    readonly config: GrpoConfig;
    readonly tokenizer: Tokenizer;
    readonly prompts: readonly GrpoPrompt[];
    readonly rewardNames: readonly string[];
    readonly reward: RewardFunction;
  },
  policy: Policy,
  indices: readonly number[],
  step: number,
): Promise<Samples> {
  const { config, tokenizer, prompts, rewardNames } = options;
  const completions = await generate(policy, indices.map((i) => prompts[i]!.ids), {
    numGenerations: config.numGenerations,
    maxNewTokens: config.maxCompletionLength,
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    stopIds: tokenizer.eosIds,
    seed: randomStream(config.seed, "samples", step).seed32(),
    batchRows: indices.length * config.numGenerations,
  });
  const owners = indices.flatMap((i) => new Array<number>(config.numGenerations).fill(i));
  const texts = completions.flat().map(({ ids }) => tokenizer.decode(ids, { skipSpecial: true }));
  const rows = await options.reward(owners, texts);
  rows.forEach((row) =>
    row.forEach((value, i) => {
      if (value !== null && !Number.isFinite(value)) {
        throw new WorkbenchError(
          `Expected reward ${rewardNames[i]} to be a finite number but found ${value} at step ${
            step + 1
          }`,
        );
      }
    })
  );
  const K = config.numGenerations;
  return {
    completions,
    rewards: indices.map((_, g) => rows.slice(g * K, (g + 1) * K)),
    maxCompletionLength: config.maxCompletionLength,
  };
}

const meanOf = (xs: readonly number[]): number =>
  xs.reduce((a, b) => a + b, 0) / Math.max(1, xs.length);

/** TRL's metrics of rewards and completions. */
export function sampleMetrics(
  rewardNames: readonly string[],
  { completions, rewards, maxCompletionLength }: Samples,
  weights: readonly number[],
): Record<string, number> {
  const metrics: Record<string, number> = {};
  const sums = rewards.map((group) =>
    group.map((row) => row.reduce<number>((total, r, i) => total + (r ?? 0) * weights[i]!, 0))
  );
  metrics.reward = meanOf(sums.flat());
  metrics.reward_std = meanOf(sums.map(sampleDeviation));
  metrics.frac_reward_zero_std = meanOf(sums.map((group) => sampleDeviation(group) < 1e-9 ? 1 : 0));
  rewardNames.forEach((name, i) => {
    const values = presentRewards(rewards.flat(), i);
    if (values.length === 0) return;
    metrics[`rewards/${name}/mean`] = meanOf(values);
    metrics[`rewards/${name}/std`] = sampleDeviation(values);
  });
  const all = completions.flat();
  metrics["completions/mean_length"] = meanOf(all.map(({ ids }) => ids.length));
  metrics["completions/clipped_ratio"] = meanOf(
    all.map(({ finished, ids }) => !finished && ids.length === maxCompletionLength ? 1 : 0),
  );
  return metrics;
}
