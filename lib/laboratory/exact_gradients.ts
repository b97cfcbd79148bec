/** Exact gradients of the mean rewards over closed lists of answers. @module */

import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  type Policy,
  recordBatch,
  type Trainable,
} from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import { batchProbabilities, promptValues } from "./choice_policy.ts";
import { type Laboratory, type LaboratoryBatch, scoring, varies } from "./laboratory.ts";

/** Mean rewards with their gradients. */
export interface ExactGradients {
  /** `J_i`, `[m]`. */
  readonly values: number[];
  /** `grad J_i`, `[m]` vectors `[n]`; the caller disposes of them. */
  readonly gradients: tf.Tensor1D[];
}

/**
 * Derivatives of the summed rewards of some prompts with respect to the log-probabilities of their tokens: with
 * `dl = 1 / tokens` of the answer or 1, a token has `pi(c) (r_i(c) - J_i(x)) dl / temperature` from every answer c that
 * it belongs to. They are 0 on prompts all of whose answers earn the same. Where answers are a part of all texts, which earn
 * nothing, it has `pi(c) r_i(c)`.
 *
 * @param lab the laboratory
 * @param part the prompts
 * @param probabilities `pi(c | x)`, `[members][answers]`
 * @returns one number a scored token of the batch for every reward, `[m]`
 */
function tokenCoefficients(
  { rewardNames, prompts, temperature, likelihood }: Laboratory,
  { batch, members, tokens }: LaboratoryBatch,
  probabilities: readonly (readonly number[])[],
): Float32Array[] {
  const open = likelihood === "sequence";
  return rewardNames.map((_, i) => {
    const coefficients = new Float32Array(batch.targets.length);
    members.forEach((x, k) => {
      const { rewards } = prompts[x]!;
      if (!open && !varies(rewards, i)) return;
      const mean = open ? 0 : promptValues(probabilities[k]!, rewards)[i]!;
      tokens[k]!.forEach((own, c) => {
        const share = probabilities[k]![c]! * (rewards[c]![i]! - mean) /
          (open ? 1 : temperature * (likelihood === "per_token" ? own.length : 1));
        for (const token of own) coefficients[token]! += share;
      });
    });
    return coefficients;
  });
}

/**
 * Summed rewards of some prompts and their gradients: one forward pass for all rewards, and a backward pass for each
 * that varies on one of the prompts.
 *
 * @param lab the laboratory
 * @param policy the model at the trainable's values
 * @param trainable parameters, made for the laboratory's model
 * @param part the prompts
 * @returns values, `[m]`, and gradients, `[m]`; those undefined that are 0
 */
export function batchGradients(
  lab: Laboratory,
  policy: Policy,
  trainable: Trainable,
  part: LaboratoryBatch,
): { readonly values: number[]; readonly gradients: (tf.Tensor1D | undefined)[] } {
  const { logProbs, tape } = recordBatch(policy, trainable, part.batch, scoring(lab));
  const probabilities = batchProbabilities(lab, part, logProbs);
  const coefficients = tokenCoefficients(lab, part, probabilities);
  const moved = coefficients.filter((own) => own.some((x) => x !== 0));
  const found = backwardEach(policy, trainable, tape, moved, scoring(lab));
  disposeTape(tape);
  const values = lab.rewardNames.map(() => 0);
  part.members.forEach((x, k) =>
    promptValues(probabilities[k]!, lab.prompts[x]!.rewards).forEach((value, i) =>
      values[i]! += value
    )
  );
  return { values, gradients: coefficients.map((own) => found[moved.indexOf(own)]) };
}

/**
 * Mean rewards and their gradients.
 *
 * @param lab the laboratory
 * @param trainable parameters, made for the laboratory's model
 * @returns values and gradients of ascent
 */
export function exactGradients(lab: Laboratory, trainable: Trainable): ExactGradients {
  const count = lab.prompts.length;
  const policy = currentPolicy(lab.model, trainable);
  const values = lab.rewardNames.map(() => 0);
  const sums = lab.rewardNames.map(() => tf.zerosLike(trainable.values));
  for (const part of lab.batches) {
    const own = batchGradients(lab, policy, trainable, part);
    own.values.forEach((value, i) => values[i]! += value / count);
    own.gradients.forEach((gradient, i) => {
      if (gradient === undefined) return;
      const sum = tf.add(sums[i]!, gradient) as tf.Tensor1D;
      tf.dispose([sums[i]!, gradient]);
      sums[i] = sum;
    });
  }
  disposePolicy(policy, trainable);
  const gradients = sums.map((sum) => tf.div(sum, count) as tf.Tensor1D);
  tf.dispose(sums);
  return { values, gradients };
}
