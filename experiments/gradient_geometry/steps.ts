/** What a step of finite size does to every reward, from forward passes alone: theorem 10d of `lib/balance/THEORY.md`. @module */

import { average, bootstrapInterval } from "../../lib/evaluation/mod.ts";
import { packGroups, type Policy, scoreBatch } from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { rewardAdvantages } from "../../lib/training/mod.ts";
import {
  type Adapted,
  type SampledPrompts,
  stepLength,
  withStep,
} from "../stages/gradient_samples.ts";
import type { StepChange } from "./findings.ts";

/** Movements that are aimed at. */
const movements = [0.05, 0.1, 0.2, 0.4, 0.8] as const;

/** Log-probability of every completion, `[prompts][completions]`. */
function answerScores(
  policy: Policy,
  { prompts, completions }: Pick<SampledPrompts, "prompts" | "completions">,
): number[][] {
  return prompts.map((prompt, x) => {
    const group = completions[x]!.map(({ ids }) => ids);
    const tokens = scoreBatch(policy, packGroups([{ prompt, completions: group }]));
    let at = 0;
    return group.map(({ length }) => {
      let sum = 0;
      for (let t = 0; t < length; t++) sum += tokens[at++]!;
      return sum;
    });
  });
}

/**
 * Steps along a direction, longer and longer.
 *
 * @param adapted the model at the start
 * @param direction unit vector, from other prompts
 * @param samples completions of the start with their rewards
 * @param gradients of every reward on each of these prompts
 * @returns what each step changes
 */
export function stepChanges(
  adapted: Adapted,
  direction: tf.Tensor1D,
  samples: SampledPrompts,
  gradients: readonly (readonly tf.Tensor1D[])[],
): StepChange[] {
  const advantages = capabilities.map((_, i) =>
    rewardAdvantages(samples.rewards, i, { multiObjectiveAggregation: "leave_one_out" })
  );
  const slopes = capabilities.map((_, i) =>
    tf.tidy(() =>
      gradients.reduce((sum, row) => sum + tf.dot(row[i]!, direction).dataSync()[0]!, 0) /
      gradients.length
    )
  );
  const still = answerScores(adapted.policy, samples);
  const moved = (size: number): number[][] => {
    const scores = withStep(adapted, direction, size, (policy) => answerScores(policy, samples));
    return scores.map((row, x) => row.map((score, k) => score - still[x]![k]!));
  };
  const movement = (changes: readonly (readonly number[])[]) =>
    average(changes.flat().map(Math.abs));
  let size = 1e-2;
  return movements.map((aim) => {
    size = stepLength((tried) => movement(moved(tried)), aim, size);
    const changes = moved(size);
    return {
      movement: movement(changes),
      predicted: slopes.map((slope) => size * slope),
      realised: advantages.map((own) =>
        bootstrapInterval(
          changes.map((row, x) =>
            row.reduce((sum, change, k) => sum + own[x]![k]! * Math.expm1(change), 0) / row.length
          ),
          { seed: 0 },
        )
      ),
    };
  });
}
