/**
 * Group Relative Policy Optimization with several rewards: summed (GRPO, arXiv 2402.03300), normalised one by one
 * (GDPO, arXiv 2601.05242), or with weights that a rule sets from the gradients' Gram matrix, capability-aware ones first
 * of all (theory sections 2, 4, 8). On-policy with one inner epoch unless `numIterations` says otherwise.
 *
 * @module
 */

import { currentPolicy, disposePolicy } from "../model/mod.ts";
import { UsageError } from "../runtime/mod.ts";
import { pooledScales } from "./advantages.ts";
import type { GeometryMemory } from "./capability_geometry.ts";
import { conditionRewards } from "./conditions.ts";
import type { GrpoOptions } from "./grpo_options.ts";
import { grpoStep, type OldLogProbs } from "./grpo_step.ts";
import { trainingLoop, type TrainingResult } from "./loop.ts";
import { sampleCompletions, sampledTokens, sampleMetrics, type Samples } from "./samples.ts";

/** What steps carry from one to the next. */
interface GrpoMemory {
  /** Weight of each reward's advantage. */
  readonly weights: readonly number[];
  /** Constant divisor of each reward, from the first step. */
  readonly scales: readonly number[] | null;
  /** The measured Gram matrix. */
  readonly geometry: GeometryMemory | null;
  /** Completions that the next step goes on with. */
  readonly buffer: { readonly samples: Samples; readonly old: OldLogProbs } | null;
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
 *
 * @param options Model, prompts, rewards and options.
 * @returns The trained parameters, whose values the caller disposes of, and the log.
 * @throws UsageError when there is no prompt, or weights, conditions and rule do not fit the rewards and each other.
 * @throws WorkbenchError when a reward, a loss, a gradient or a parameter is not finite, or no checkpoint of the folder
 * is whole.
 * @throws The signal's reason, once a checkpoint is written.
 */
export async function trainGrpo(options: GrpoOptions): Promise<TrainingResult> {
  const { config, model, trainable, rewardNames } = options;
  checkOptions(options);
  const initial = options.reference === undefined ? currentPolicy(model, trainable) : undefined;
  const reference = options.reference ?? initial!;
  try {
    return await trainingLoop<GrpoMemory>({
      config,
      trainable,
      folder: options.folder,
      memory: { weights: config.rewardWeights, scales: null, geometry: null, buffer: null },
      onStep: options.onStep,
      signal: options.signal,
      onDamaged: options.onDamaged,
      model: model.config,
      takeStep: async (run, memory) => {
        const before = run.trainable;
        const policy = currentPolicy(model, before);
        try {
          const { weights, buffer } = memory;
          const rollout = Math.floor(run.step / config.numIterations);
          const samples = buffer?.samples ?? await sampleCompletions(options, policy, rollout);
          const scales = memory.scales ?? pooledScales(samples.rewards, rewardNames.length);
          const { metrics, old, ...next } = grpoStep({
            options,
            reference,
            policy,
            run,
            samples,
            old: buffer?.old,
            weights,
            scales,
            geometry: memory.geometry,
          });
          const last = (run.step + 1) % config.numIterations === 0;
          return {
            metrics: {
              ...metrics,
              ...sampleMetrics(options, samples, weights),
              ...Object.fromEntries(rewardNames.map((name, i) => [`weights/${name}`, weights[i]!])),
            },
            tokens: buffer === null ? sampledTokens(options, samples) : 0,
            memory: { ...next, scales, buffer: last ? null : { samples, old } },
          };
        } finally {
          disposePolicy(policy, before);
        }
      },
    });
  } finally {
    if (initial !== undefined) disposePolicy(initial, trainable);
  }
}

function checkOptions(options: GrpoOptions): void {
  const { config, prompts, rewardNames, aggregator, banks } = options;
  if (prompts.length === 0) throw new UsageError("Expected at least 1 prompt but found 0");
  if (config.rewardWeights.length !== rewardNames.length) {
    throw new UsageError(
      `Expected rewardWeights to have ${rewardNames.length} numbers but found ${config.rewardWeights.length}`,
    );
  }
  conditionRewards([], config.conditions, rewardNames);
  const moves = aggregator !== undefined || config.weighting !== "static";
  if (!moves && banks === undefined) return;
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
  if (moves && (config.microBatches < 2 || config.promptsPerStep < 2)) {
    throw new UsageError(
      `Expected microBatches and promptsPerStep to be at least 2 with ${rule}, which compare two halves of a step, ` +
        `but found ${config.microBatches} and ${config.promptsPerStep}`,
    );
  }
}
