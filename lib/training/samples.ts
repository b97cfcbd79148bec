/** The completions of a GRPO step with their rewards, and the metrics that TRL logs of them. @module */

import { generate, type Policy, type Tokenizer } from "../model/mod.ts";
import { randomStream, UsageError, WorkbenchError } from "../runtime/mod.ts";
import { type GroupRewards, isUnrewarded, presentRewards, sampleDeviation } from "./advantages.ts";
import { conditionRewards } from "./conditions.ts";
import type { GrpoConfig } from "./config.ts";
import { type GrpoPrompt, stratifiedBatch } from "./strata.ts";

/** Scores completions of prompts (by index): one row a completion, null where a reward is absent. */
export type RewardFunction = (
  prompts: readonly number[],
  completions: readonly string[],
) => Promise<(number | null)[][]>;

/** A completion as it is kept from one inner epoch to the next. */
export interface SampledCompletion {
  /** Its tokens, with the end token where it has one. */
  readonly ids: readonly number[];
  /** Whether it ended by itself. */
  readonly finished: boolean;
}

/** Completions of a step with their rewards. */
export interface Samples {
  /** Index of each prompt, `[prompts]`. */
  readonly indices: readonly number[];
  /** `[prompts][numGenerations]` */
  readonly completions: readonly (readonly SampledCompletion[])[];
  /** `[prompts][numGenerations][rewards]`, null where a reward is absent. */
  readonly rewards: readonly GroupRewards[];
  /** Prompts that were given up because all of their completions had the same rewards. */
  readonly resampled: number;
}

/** What sampling needs. */
export interface SamplingInput {
  /** Options. */
  readonly config: GrpoConfig;
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** All prompts. */
  readonly prompts: readonly GrpoPrompt[];
  /** Names of the rewards. */
  readonly rewardNames: readonly string[];
  /** The rewards. */
  readonly reward: RewardFunction;
}

/** Samples and scores completions of the prompts at `indices`; `name` tells draws of one step apart. */
async function sampleGroups(
  { config, tokenizer, prompts, rewardNames, reward }: SamplingInput,
  policy: Policy,
  indices: readonly number[],
  step: number,
  round: number,
): Promise<Pick<Samples, "completions" | "rewards">> {
  const K = config.numGenerations;
  const names = round === 0 ? [step] : [step, round];
  const completions = await generate(policy, indices.map((i) => prompts[i]!.ids), {
    numGenerations: K,
    maxNewTokens: config.maxCompletionLength,
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    minP: config.minP,
    repetitionPenalty: config.repetitionPenalty,
    stopIds: tokenizer.eosIds,
    seed: randomStream(config.seed, "samples", ...names).seed32(),
    batchRows: indices.length * K,
  });
  const owners = indices.flatMap((i) => new Array<number>(K).fill(i));
  const texts = completions.flat().map(({ ids }) => tokenizer.decode(ids, { skipSpecial: true }));
  const rows = await reward(owners, texts);
  const widths = new Set(rows.map((row) => row.length));
  if (rows.length !== owners.length || widths.size !== 1 || !widths.has(rewardNames.length)) {
    throw new UsageError(
      `Expected the reward function to give ${rewardNames.length} rewards for each of ${owners.length} completions ` +
        `but found ${rows.length} rows of ${[...widths].join(" or ")}`,
    );
  }
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
  const counted = conditionRewards(rows, config.conditions, rewardNames);
  return { completions, rewards: indices.map((_, g) => counted.slice(g * K, (g + 1) * K)) };
}

/**
 * Whether no reward tells a group's completions apart.
 *
 * @param group Rewards of one prompt's completions, [completions][rewards].
 * @returns True when all rows are equal.
 */
export function isUniform(group: GroupRewards): boolean {
  return group.every((row) => row.every((r, i) => r === group[0]![i]));
}

/**
 * Samples completions for a step and scores them. With dynamic sampling (DAPO, arXiv 2503.14476) prompts whose
 * completions all have the same rewards give way to further ones of their stratum, for `maxResamples` rounds; no prompt is
 * tried twice in a step.
 *
 * @param input Prompts, rewards and options.
 * @param policy What samples.
 * @param step Index of the rollout, from 0: it chooses the prompts and the random stream.
 * @returns Completions and rewards, [promptsPerStep] groups of `numGenerations`.
 * @throws WorkbenchError with the reward's name when a reward is not a finite number.
 * @throws UsageError when there are not as many rewards as completions and names.
 */
export async function sampleCompletions(
  input: SamplingInput,
  policy: Policy,
  step: number,
): Promise<Samples> {
  const { config, prompts } = input;
  const indices = stratifiedBatch(prompts, config.promptsPerStep, step, config.seed);
  const first = await sampleGroups(input, policy, indices, step, 0);
  const completions = [...first.completions];
  const rewards = [...first.rewards];
  let resampled = 0;
  const seen = new Set(indices);
  for (let round = 1; config.dynamicSampling && round <= config.maxResamples; round++) {
    const uniform = rewards.flatMap((group, g) => isUniform(group) ? [g] : []);
    const again = uniform.flatMap((g) => {
      const { stratum } = prompts[indices[g]!]!;
      const others = prompts.flatMap((prompt, i) =>
        prompt.stratum === stratum && !seen.has(i) ? [i] : []
      );
      if (others.length === 0) return [];
      const index = randomStream(config.seed, "resample", step, round, g).pick(others);
      seen.add(index);
      return [{ g, index }];
    });
    if (again.length === 0) break;
    const fresh = await sampleGroups(input, policy, again.map(({ index }) => index), step, round);
    again.forEach(({ g, index }, i) => {
      indices[g] = index;
      completions[g] = fresh.completions[i]!;
      rewards[g] = fresh.rewards[i]!;
    });
    resampled += again.length;
  }
  const kept = completions.map((group) => group.map(({ ids, finished }) => ({ ids, finished })));
  return { indices, completions: kept, rewards, resampled };
}

/**
 * Tokens of all completions, each with its prompt, as TRL counts them.
 *
 * @param input All prompts.
 * @param samples The step's completions.
 * @returns Number of tokens.
 */
export function sampledTokens(
  { prompts }: Pick<SamplingInput, "prompts">,
  { indices, completions }: Samples,
): number {
  return completions.reduce((sum, group, g) => {
    const prompt = prompts[indices[g]!]!.ids.length;
    return sum + group.reduce((n, { ids }) => n + prompt + ids.length, 0);
  }, 0);
}

const meanOf = (xs: readonly number[]): number =>
  xs.reduce((a, b) => a + b, 0) / Math.max(1, xs.length);

/**
 * TRL's metrics of rewards and completions.
 *
 * @param input Options and names of the rewards.
 * @param samples The step's completions with their rewards.
 * @param weights Weight of each reward, [rewards].
 * @returns Numbers by metric; a reward that is absent everywhere has none.
 */
export function sampleMetrics(
  { config, rewardNames }: Pick<SamplingInput, "config" | "rewardNames">,
  { completions, rewards, resampled }: Samples,
  weights: readonly number[],
): Record<string, number> {
  const metrics: Record<string, number> = {};
  const sums = rewards.map((group) =>
    group.filter((row) => !isUnrewarded(row))
      .map((row) => row.reduce<number>((total, r, i) => total + (r ?? 0) * weights[i]!, 0))
  );
  metrics.reward = meanOf(sums.flat());
  metrics.reward_std = sampleDeviation(sums.flat());
  metrics.frac_reward_zero_std = meanOf(sums.map((group) => sampleDeviation(group) < 1e-9 ? 1 : 0));
  const unrewarded = rewards.flat().filter(isUnrewarded).length;
  if (unrewarded > 0) metrics["rewards/absent"] = unrewarded;
  rewardNames.forEach((name, i) => {
    const values = presentRewards(rewards.flat(), i);
    if (values.length === 0) return;
    metrics[`rewards/${name}/mean`] = meanOf(values);
    metrics[`rewards/${name}/std`] = sampleDeviation(values);
  });
  const all = completions.flat();
  const lengths = (of: readonly SampledCompletion[], name: string) => {
    if (of.length === 0) return;
    const found = of.map(({ ids }) => ids.length);
    metrics[`completions/mean_${name}`] = meanOf(found);
    metrics[`completions/min_${name}`] = Math.min(...found);
    metrics[`completions/max_${name}`] = Math.max(...found);
  };
  lengths(all, "length");
  lengths(all.filter(({ finished }) => finished), "terminated_length");
  metrics["completions/clipped_ratio"] = meanOf(all.map(({ finished }) => finished ? 0 : 1));
  if (config.dynamicSampling) metrics.resampled = resampled;
  return metrics;
}
