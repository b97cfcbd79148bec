/** Tabular softmax policies as objectives of the trainer. @module */

import type { SoftmaxProblem } from "../../lib/balance/mod.ts";
import type { Trainable } from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import type { ExactObjective } from "../../lib/training/mod.ts";

/** The mean rewards of a tabular policy, computed in double precision. */
export function tabularObjective(problem: SoftmaxProblem): ExactObjective {
  return {
    rewardNames: Array.from({ length: problem.objectives }, (_, i) => `r${i}`),
    evaluate: ({ values }) => {
      const found = problem.evaluate(Float64Array.from(values.dataSync()));
      return {
        values: found.values,
        gradients: found.gradients.map((g) => tf.tensor1d(Float32Array.from(g))),
      };
    },
  };
}

/** A plain vector of zeros to train; the caller disposes of its values. */
export function plainVector(size: number): Trainable {
  return { kind: "full", segments: [], layerSize: 0, values: tf.zeros([size]) };
}
