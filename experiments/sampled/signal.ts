/** The exact signal to noise of rewards' gradients: exact gradients against a draw of completions of every prompt. @module */

import { exactGradients, type Laboratory } from "../../lib/laboratory/mod.ts";
import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  packGroups,
  recordBatch,
  type Tokenizer,
  type Trainable,
} from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import {
  gradientProducts,
  type GrpoConfig,
  type GrpoPrompt,
  rewardAdvantages,
  type RewardFunction,
  sampleCompletions,
} from "../../lib/training/mod.ts";

/** What {@linkcode signalToNoise} needs. */
export interface SignalInput {
  /** The prompts with their closed answers. */
  readonly lab: Laboratory;
  /** The same prompts, in their order, as they are sampled from. */
  readonly prompts: readonly GrpoPrompt[];
  /** The model's tokenizer. */
  readonly tokenizer: Tokenizer;
  /** The rewards of sampled text. */
  readonly reward: RewardFunction;
  /** How completions are sampled. */
  readonly config: GrpoConfig;
  /** Where gradients are taken. */
  readonly trainable: Trainable;
  /** Positive diagonal of the metric, [n]. */
  readonly metric: tf.Tensor1D;
}

/** Squared norms of each reward's gradient in the metric, [rewards]. */
function squaredNorms(gradients: readonly tf.Tensor1D[], metric: tf.Tensor1D): number[] {
  return gradients.map((gradient) => gradientProducts([gradient], [gradient], metric)[0]![0]!);
}

/**
 * `|g_i|^2 / C_i` in the metric: g_i the exact gradient of reward i's mean, C_i the variance of the leave-one-out estimate
 * from one prompt, over prompts and their completions. A step with n prompts has n times that.
 *
 * `E |ghat_ix|^2 = |g_i|^2 + C_i`, and the left side is the mean over the prompts with one fresh draw of completions each.
 *
 * @param input Prompts, policy and metric.
 * @returns The ratio of one prompt, [rewards]; 0 where no estimate varies.
 */
export async function signalToNoise(input: SignalInput): Promise<number[]> {
  const { lab, prompts, trainable, metric } = input;
  const names = lab.rewardNames;
  const exact = exactGradients(lab, trainable);
  const signal = squaredNorms(exact.gradients, metric);
  tf.dispose(exact.gradients);
  const policy = currentPolicy(lab.model, trainable);
  const { temperature } = input.config;
  const samples = await sampleCompletions(
    {
      ...input,
      rewardNames: names,
      config: { ...input.config, promptsPerStep: prompts.length, dynamicSampling: false },
    },
    policy,
    0,
  );
  const squares = names.map(() => 0);
  samples.indices.forEach((x, g) => {
    const completions = samples.completions[g]!.map(({ ids }) => ids);
    const batch = packGroups([{ prompt: prompts[x]!.ids, completions }]);
    const { tape } = recordBatch(policy, trainable, batch, { temperature });
    const coefficients = names.map((_, i) => {
      const [advantages] = rewardAdvantages([samples.rewards[g]!], i, {
        multiObjectiveAggregation: "leave_one_out",
      });
      return Float32Array.from(
        completions.flatMap((ids, k) => ids.map(() => advantages![k]! / completions.length)),
      );
    });
    const gradients = backwardEach(policy, trainable, tape, coefficients, { temperature });
    disposeTape(tape);
    squaredNorms(gradients, metric).forEach((square, i) => squares[i]! += square / prompts.length);
    tf.dispose(gradients);
  });
  disposePolicy(policy, trainable);
  return names.map((_, i) => {
    const noise = squares[i]! - signal[i]!;
    return noise > 0 ? signal[i]! / noise : 0;
  });
}
