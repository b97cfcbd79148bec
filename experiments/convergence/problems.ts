/** The problems that the convergence theorem is checked on, drawn by their number. @module */

import {
  capabilityAwareWeights,
  type Gram,
  type Problem,
  quadraticForms,
  quadraticProblem,
  rewardTable,
  softmaxProblem,
} from "../../lib/balance/mod.ts";
import type { RandomStream } from "../../lib/runtime/mod.ts";
import type { ProblemKind } from "./findings.ts";

/** Numbers of objectives that problems have. */
export const objectives = [2, 3, 4] as const;

/**
 * Capability-aware weights without a cap, a ridge or momentum.
 *
 * @param gram Gram matrix of the gradients, [m, m]
 * @param preference preference p, [m]
 * @returns weights, [m]
 */
export function exactWeights(gram: Gram, preference: readonly number[]): number[] {
  return capabilityAwareWeights({ gram, preference }).weights;
}

/**
 * Draws a problem; the number of objectives goes in turn with the number.
 *
 * @param kind quadratic, or a tabular softmax policy
 * @param seed number of the problem
 * @returns the same problem for the same number
 */
export function drawProblem(kind: ProblemKind, seed: number): Problem {
  const m = objectives[seed % objectives.length]!;
  return kind === "quadratic"
    ? quadraticProblem(quadraticForms({ size: 6, objectives: m, seed }))
    : softmaxProblem(rewardTable({ ...tables, rewards: m, seed }));
}

/** Sizes of the reward tables; at a conflict of 1 the gradients would add up to almost nothing. */
const tables = { prompts: 3, answers: 4, conflict: 0.7 } as const;

/**
 * Draws a preference with sum 1 and no entry below a fifth of the mean.
 *
 * @param m number of objectives
 * @param random where it comes from
 * @returns the preference, [m]
 */
export function drawPreference(m: number, random: RandomStream): number[] {
  const raw = Array.from({ length: m }, () => 0.2 + random.next());
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((p) => p / total);
}
