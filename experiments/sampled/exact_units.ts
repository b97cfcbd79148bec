/**
 * Exact gradients in the units of GRPO's: `leave_one_out` divides each reward by its deviation within the groups of
 * completions, and the loss `dr_grpo` the sum over tokens by the longest completion.
 *
 * @module
 */

import {
  choiceProbabilities,
  exactGradients,
  type Laboratory,
  promptValues,
} from "../../lib/laboratory/mod.ts";
import type { Trainable } from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import { type GrpoConfig, scalesOf } from "../../lib/training/mod.ts";

/**
 * The divisors of the rewards, at the policy itself in place of a sample: the root of the mean over the prompts of the
 * variance of a completion's reward.
 *
 * @param lab prompts whose texts outside the closed answers earn nothing
 * @param trainable where
 * @returns a divisor for each reward, [m]
 */
export function exactScales(lab: Laboratory, trainable: Trainable): number[] {
  const probabilities = choiceProbabilities(lab, trainable);
  const variances = lab.rewardNames.map(() => 0);
  probabilities.forEach((own, x) => {
    const { rewards } = lab.prompts[x]!;
    const squares = rewards.map((row) => row.map((r) => r * r));
    const means = promptValues(own, rewards);
    promptValues(own, squares).forEach((square, i) => variances[i]! += square - means[i]! ** 2);
  });
  return scalesOf({ variances, groups: variances.map(() => probabilities.length) });
}

/**
 * Exact gradients as GRPO would estimate them.
 *
 * @param lab the trained prompts
 * @param trainable where
 * @param config longest completion
 * @returns gradients of ascent, [m] vectors [n], which the caller disposes of
 */
export function gradientsInUnits(
  lab: Laboratory,
  trainable: Trainable,
  { maxCompletionLength }: Pick<GrpoConfig, "maxCompletionLength">,
): tf.Tensor1D[] {
  const scales = exactScales(lab, trainable);
  const { gradients } = exactGradients(lab, trainable);
  return tf.tidy(() => {
    const scaled = gradients.map((g, i) => tf.div(g, scales[i]! * maxCompletionLength));
    tf.dispose(gradients);
    return scaled as tf.Tensor1D[];
  });
}
