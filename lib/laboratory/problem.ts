/** A language model as a problem of the exact laboratory: what ascends and is certified there works on it. @module */

import { type Objectives, type Problem, weighted } from "../balance/mod.ts";
import { type Trainable, withValues } from "../model/mod.ts";
import { tf, UsageError } from "../runtime/mod.ts";
import { exactGradients } from "./exact_gradients.ts";
import type { Laboratory } from "./laboratory.ts";

/**
 * The mean rewards as objectives of the trainable's parameters. A point is rounded to single precision, in which the
 * model computes.
 *
 * @param lab the laboratory
 * @param trainable what is trained, made for the laboratory's model; its values are not read
 * @returns the objectives
 */
export function laboratoryObjectives(lab: Laboratory, trainable: Trainable): Objectives {
  return {
    size: trainable.values.size,
    objectives: lab.rewardNames.length,
    evaluate: (point) => {
      const at = withValues(trainable, tf.tensor1d(Float32Array.from(point)));
      const { values, gradients } = exactGradients(lab, at);
      const host = gradients.map((gradient) => Float64Array.from(gradient.dataSync()));
      tf.dispose([at.values, ...gradients]);
      return { values, gradients: host };
    },
  };
}

/**
 * The mean rewards as a problem, with constants that were measured.
 *
 * @param lab the laboratory
 * @param trainable see {@linkcode laboratoryObjectives}
 * @param smoothness `L_i` in the metric that the problem is used with, `[m]`, a pilot's times a safety factor say
 * ({@linkcode effectiveSmoothness}); the problem gives them for any metric
 * @returns the problem; `best` is what the best answer to every prompt gives, which no parameters may reach
 * @throws UsageError when there are not as many constants as rewards
 */
export function laboratoryProblem(
  lab: Laboratory,
  trainable: Trainable,
  smoothness: readonly number[],
): Problem {
  const m = lab.rewardNames.length;
  if (smoothness.length !== m) {
    throw new UsageError(
      `Expected smoothness to have ${m} numbers but found ${smoothness.length}`,
    );
  }
  return {
    ...laboratoryObjectives(lab, trainable),
    smoothness: () => [...smoothness],
    best: (weights) =>
      lab.prompts.reduce(
        (sum, { rewards }) => sum + Math.max(...rewards.map((row) => weighted(row, weights))),
        0,
      ) / lab.prompts.length,
  };
}
