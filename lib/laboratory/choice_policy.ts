/** The policy over closed lists of answers, and the mean rewards under it. @module */

import { currentPolicy, disposePolicy, scoreBatch, type Trainable } from "../model/mod.ts";
import { answerSums, type Laboratory, type LaboratoryBatch, scoring } from "./laboratory.ts";

/**
 * `pi(c | x)` of a batch's prompts.
 *
 * @param lab the laboratory
 * @param part the prompts
 * @param logProbs log-probabilities of the batch's tokens, `[n]`
 * @returns probabilities, `[members][answers]`
 */
export function batchProbabilities(
  { temperature, likelihood }: Laboratory,
  part: LaboratoryBatch,
  logProbs: Float32Array,
): number[][] {
  return answerSums(part, logProbs).map((sums, x) => {
    if (likelihood === "sequence") return sums.map(Math.exp);
    const scores = sums.map((sum, c) =>
      (sum - part.starts[x]![c]!) / (likelihood === "per_token" ? part.tokens[x]![c]!.length : 1) /
      temperature
    );
    const largest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  });
}

/** Mean rewards of one prompt under its policy, `[m]`. */
export function promptValues(
  probabilities: readonly number[],
  rewards: readonly (readonly number[])[],
): number[] {
  return rewards[0]!.map((_, i) =>
    probabilities.reduce((sum, p, c) => sum + p * rewards[c]![i]!, 0)
  );
}

/**
 * The policy over the answers.
 *
 * @param lab the laboratory
 * @param trainable parameters, made for the laboratory's model
 * @returns `pi(c | x)`, `[prompts][answers]`
 */
export function choiceProbabilities(lab: Laboratory, trainable: Trainable): number[][] {
  const policy = currentPolicy(lab.model, trainable);
  const found: number[][] = new Array(lab.prompts.length);
  for (const part of lab.batches) {
    const probabilities = batchProbabilities(
      lab,
      part,
      scoreBatch(policy, part.batch, scoring(lab)),
    );
    part.members.forEach((x, k) => found[x] = probabilities[k]!);
  }
  disposePolicy(policy, trainable);
  return found;
}

/**
 * The mean of every reward under the policy over the answers, by a forward pass.
 *
 * @param lab the laboratory
 * @param trainable parameters, made for the laboratory's model
 * @returns `J_i`, `[m]`
 */
export function exactValues(lab: Laboratory, trainable: Trainable): number[] {
  const values = lab.rewardNames.map(() => 0);
  choiceProbabilities(lab, trainable).forEach((probabilities, x) =>
    promptValues(probabilities, lab.prompts[x]!.rewards).forEach((value, i) =>
      values[i]! += value / lab.prompts.length
    )
  );
  return values;
}
