/** Exact gradients of the mean rewards over closed lists of answers. @module */

import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  recordBatch,
  type Trainable,
} from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import { batchProbabilities, promptValues } from "./choice_policy.ts";
import type { Laboratory, LaboratoryBatch } from "./laboratory.ts";

/** Mean rewards with their gradients. */
export interface ExactGradients {
  /** `J_i`, `[m]`. */
  readonly values: number[];
  /** `grad J_i`, `[m]` vectors `[n]`; the caller disposes of them. */
  readonly gradients: tf.Tensor1D[];
}

/**
 * Derivatives of every mean reward of some prompts with respect to the log-probabilities of their tokens: with
 * `dl = 1 / tokens` of the answer or 1, a token of answer c has `pi(c) (r_i(c) - J_i(x)) dl / temperature`.
 *
 * @param lab the laboratory
 * @param part the prompts
 * @param probabilities `pi(c | x)`, `[members][answers]`
 * @returns values of every prompt, `[members][m]`, and coefficients of every reward, `[m]` arrays of the batch's tokens
 */
export function tokenCoefficients(
  { rewardNames, prompts, temperature, likelihood }: Laboratory,
  { members, lengths }: LaboratoryBatch,
  probabilities: readonly (readonly number[])[],
): { readonly values: number[][]; readonly coefficients: Float32Array[] } {
  const tokens = lengths.flat().reduce((sum, length) => sum + length, 0);
  const coefficients = rewardNames.map(() => new Float32Array(tokens));
  let at = 0;
  const values = members.map((x, k) => {
    const { rewards } = prompts[x]!;
    const means = promptValues(probabilities[k]!, rewards);
    lengths[k]!.forEach((length, c) => {
      const slope = probabilities[k]![c]! / temperature / (likelihood === "per_token" ? length : 1);
      coefficients.forEach((own, i) =>
        own.fill(slope * (rewards[c]![i]! - means[i]!), at, at + length)
      );
      at += length;
    });
    return means;
  });
  return { values, coefficients };
}

/**
 * Mean rewards and their gradients: one forward pass for all rewards, and a backward pass for each.
 *
 * @param lab the laboratory
 * @param trainable parameters, made for the laboratory's model
 * @returns values and gradients of ascent
 */
export function exactGradients(lab: Laboratory, trainable: Trainable): ExactGradients {
  const count = lab.prompts.length;
  const policy = currentPolicy(lab.model, trainable);
  const sums = lab.rewardNames.map(() => 0);
  let gradients: tf.Tensor1D[] | undefined;
  for (const part of lab.batches) {
    const { logProbs, tape } = recordBatch(policy, trainable, part.batch);
    const probabilities = batchProbabilities(lab, part, logProbs);
    const { values, coefficients } = tokenCoefficients(lab, part, probabilities);
    values.forEach((ofPrompt) => ofPrompt.forEach((value, i) => sums[i]! += value));
    const mean = coefficients.map((own) => own.map((x) => x / count));
    const own = backwardEach(policy, trainable, tape, mean);
    disposeTape(tape);
    gradients = gradients === undefined ? own : gradients.map((total, i) => {
      const next = tf.add(total, own[i]!) as tf.Tensor1D;
      tf.dispose([total, own[i]!]);
      return next;
    });
  }
  disposePolicy(policy, trainable);
  return { values: sums.map((sum) => sum / count), gradients: gradients! };
}
