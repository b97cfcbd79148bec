/**
 * Group Relative Policy Optimization with several rewards: summed (GRPO, arXiv 2402.03300), normalised one by one
 * (GDPO, arXiv 2601.05242), or with weights that a rule sets from the gradients' Gram matrix, capability-aware ones first
 * of all (CA-GRPO; `lib/balance/THEORY.md`). On-policy with one inner epoch unless `numIterations` says otherwise.
 *
 * A step whose weights follow a rule keeps the gradients of each reward on blocks of its prompts apart, solves for the
 * weights on either half of the blocks in the metric that divides the step, and applies those of one half to the gradients
 * of the other (`balanceStep`). Static weights with `multiObjectiveAggregation: "leave_one_out"`,
 * `secondMoment: "before"` and `clip: "step"` are the control: the same loss and optimizer, other weights.
 *
 * @module
 */

import { checkContext, currentPolicy, disposePolicy, type Policy } from "../model/mod.ts";
import { UsageError } from "../runtime/mod.ts";
import { poolDeviations, type PooledDeviations, scalesOf } from "./advantages.ts";
import { type BalanceMemory, followsRule, optimizerOrder } from "./balance_step.ts";
import { conditionRewards } from "./conditions.ts";
import type { GrpoOptions } from "./grpo_options.ts";
import { grpoStep, type OldLogProbs } from "./grpo_step.ts";
import { type Run, type TakenStep, trainingLoop, type TrainingResult } from "./loop.ts";
import { promptBlocks } from "./prompt_blocks.ts";
import { sampleCompletions, sampledTokens, sampleMetrics, type Samples } from "./samples.ts";

/** What steps carry from one to the next. */
interface GrpoMemory {
  /** The last weights that were solved; null before the first. */
  readonly balance: BalanceMemory | null;
  /** Deviations of the rewards in the steps so far; null before the first. */
  readonly deviations: PooledDeviations | null;
  /** Completions that the next step goes on with, and the scales of their rewards. */
  readonly buffer: {
    readonly samples: Samples;
    readonly scales: readonly number[];
    readonly old: OldLogProbs;
  } | null;
}

/**
 * Trains on rewards; the log has TRL's metrics and, where weights follow a rule, those of the Gram matrix.
 *
 * - `loss`, `grad_norm`, `learning_rate`, `step_time`, `reward`, `reward_std`, `frac_reward_zero_std`,
 *   `rewards/NAME/mean` and `/std`, `completions/*`, `kl` where `beta` is not 0 and `clip_ratio/*` in later inner epochs.
 * - `entropy`: mean over the completion tokens of the entropy, in nats, of the whole distribution that each is predicted
 *   from at the training temperature, without the sampling's `topP`, `topK`, `minP` and `repetitionPenalty`. Tokens of
 *   completions that `maskTruncatedCompletions` leaves out do not count. TRL averages over micro-batches and logged steps;
 *   here it is one mean over the tokens of the step.
 * - `num_tokens`: as TRL counts, each completion and its prompt once more, when they are sampled; inner epochs on the same
 *   completions add none. Completions that dynamic sampling gave up do not count.
 * - `scales/NAME`, with `leave_one_out`: what the reward's advantages are divided by, its deviation within groups pooled over
 *   the steps before (in the first step over its own groups).
 * - `weights/NAME`: the weight that the step was made with, mean over the halves; and in steps that solve for it
 *   `balance/signal_to_noise/NAME` and `balance/cosine/A/B` of the unbiased products of all blocks (left out where they are
 *   not defined; the first may be below 0), `balance/eps` (Theorem 7c, weights of one half judged by the other),
 *   `balance/clipped` (share of the Gram matrix that eigenvalues below 0 were), `balance/shrunk` (mean share of the products
 *   that the gate keeps), `balance/mu/NAME` (harm that is left), and of capability-aware weights `balance/kappa/NAME`,
 *   `balance/price` and `balance/kkt`. All but the first two are means over the halves.
 *
 * @param options Model, prompts, rewards and options.
 * @returns The trained parameters, whose values the caller disposes of, and the log.
 * @throws UsageError when there is no prompt, one is too long for the model with its completion, or weights, conditions and rule do not fit the rewards and each other.
 * @throws WorkbenchError when a reward, a loss, a gradient or a parameter is not finite, or no checkpoint of the folder
 * is whole.
 * @throws The signal's reason, once a checkpoint is written.
 */
export async function trainGrpo(options: GrpoOptions): Promise<TrainingResult> {
  const { config, model, trainable } = options;
  checkOptions(options);
  const initial = options.reference === undefined ? currentPolicy(model, trainable) : undefined;
  const reference = options.reference ?? initial!;
  try {
    return await trainingLoop<GrpoMemory>({
      config,
      trainable,
      folder: options.folder,
      order: optimizerOrder(config, options.aggregator),
      memory: { balance: null, deviations: null, buffer: null },
      run: options.run,
      onResume: options.onResume,
      onStep: options.onStep,
      signal: options.signal,
      onDamaged: options.onDamaged,
      model: model.config,
      takeStep: (run, memory) => takeStep(options, reference, run, memory),
    });
  } finally {
    if (initial !== undefined) disposePolicy(initial, trainable);
  }
}

/** Samples where nothing is left of the step before, and takes one step on the samples. */
async function takeStep(
  options: GrpoOptions,
  reference: Policy,
  run: Run,
  memory: GrpoMemory,
): Promise<TakenStep<GrpoMemory>> {
  const { config, model, rewardNames } = options;
  const observed = await options.observe?.(run);
  const before = run.trainable;
  const policy = currentPolicy(model, before);
  try {
    const { buffer } = memory;
    const rollout = Math.floor(run.step / config.numIterations);
    const samples = buffer?.samples ?? await sampleCompletions(options, policy, rollout);
    const fresh = poolDeviations(samples.rewards, rewardNames.length);
    const scales = buffer?.scales ?? scalesOf(memory.deviations ?? fresh, fresh);
    const { metrics, old, weights, balance } = grpoStep({
      options,
      reference,
      policy,
      run,
      samples,
      old: buffer?.old,
      scales,
      balance: memory.balance,
    });
    const last = (run.step + 1) % config.numIterations === 0;
    return {
      metrics: {
        ...metrics,
        ...observed?.(),
        ...sampleMetrics(options, samples, weights),
        ...(config.multiObjectiveAggregation === "leave_one_out" &&
          Object.fromEntries(rewardNames.map((name, i) => [`scales/${name}`, scales[i]!]))),
      },
      tokens: buffer === null ? sampledTokens(options, samples) : 0,
      memory: {
        balance,
        deviations: buffer === null
          ? poolDeviations(samples.rewards, rewardNames.length, memory.deviations)
          : memory.deviations,
        buffer: last ? null : { samples, scales, old },
      },
    };
  } finally {
    disposePolicy(policy, before);
  }
}

function checkOptions(options: GrpoOptions): void {
  const { config, model, prompts, rewardNames, aggregator, banks } = options;
  if (prompts.length === 0) throw new UsageError("Expected at least 1 prompt but found 0");
  const { maxCompletionLength } = config;
  checkContext(
    model.config,
    prompts.map(({ id, ids }, i) => ({
      name: `${
        id === undefined ? `prompt ${i + 1}` : `item ${id}`
      } with ${maxCompletionLength} new tokens`,
      tokens: ids.length + maxCompletionLength,
    })),
  );
  if (config.rewardWeights.length !== rewardNames.length) {
    throw new UsageError(
      `Expected rewardWeights to have ${rewardNames.length} numbers but found ${config.rewardWeights.length}`,
    );
  }
  conditionRewards([], config.conditions, rewardNames);
  const follows = followsRule(config, aggregator);
  if (!follows && banks === undefined) return;
  const rule = banks !== undefined
    ? "banks"
    : aggregator !== undefined
    ? "a rule for the weights"
    : `${config.weighting.replaceAll("_", "-")} weights`;
  if (config.multiObjectiveAggregation !== "leave_one_out") {
    throw new UsageError(
      `Expected multiObjectiveAggregation to be leave_one_out with ${rule} but found ${config.multiObjectiveAggregation}`,
    );
  }
  if (follows) promptBlocks(config, config.promptsPerStep);
}
