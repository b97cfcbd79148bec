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
 * `dl = 1 / tokens` of the answer or 1, a token has `pi(c) (r_i(c) - J_i(x)) dl / temperature` from every answer c that
 * it belongs to.
 *
 * @param lab the laboratory
 * @param part the prompts
 * @param probabilities `pi(c | x)`, `[members][answers]`
 * @returns values of every prompt, `[members][m]`, and coefficients of every reward, `[m]` arrays of the batch's tokens
 */
export function tokenCoefficients(
  { rewardNames, prompts, temperature, likelihood }: Laboratory,
  { batch, members, tokens }: LaboratoryBatch,
  probabilities: readonly (readonly number[])[],
): { readonly values: number[][]; readonly coefficients: Float32Array[] } {
  const coefficients = rewardNames.map(() => new Float32Array(batch.targets.length));
  const values = members.map((x, k) => {
    const { rewards } = prompts[x]!;
    const means = promptValues(probabilities[k]!, rewards);
    tokens[k]!.forEach((own, c) => {
      const slope = probabilities[k]![c]! / temperature /
        (likelihood === "per_token" ? own.length : 1);
      coefficients.forEach((all, i) => {
        const share = slope * (rewards[c]![i]! - means[i]!);
        for (const token of own) all[token]! += share;
      });
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
