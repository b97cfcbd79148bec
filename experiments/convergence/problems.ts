/** The problems that the convergence theorem is checked on, drawn by their number. @module */

import {
  type Problem,
  quadraticForms,
  quadraticProblem,
  rewardTable,
  softmaxProblem,
} from "../../lib/balance/mod.ts";
import type { RandomStream } from "../../lib/runtime/mod.ts";

/** Numbers of objectives that problems have. */
export const objectives = [2, 3, 4] as const;

/** A problem drawn for an instance: quadratics and softmax policies in turn. */
export function drawProblem(kind: "quadratic" | "softmax", seed: number): Problem {
  const m = objectives[seed % objectives.length]!;
  return kind === "quadratic"
    ? quadraticProblem(quadraticForms({ size: 6, objectives: m, seed }))
    : softmaxProblem(rewardTable({ ...tables, rewards: m, seed }));
}

/** Sizes of the reward tables; at a conflict of 1 the gradients would add up to almost nothing. */
export const tables = { prompts: 3, answers: 4, conflict: 0.7 } as const;

/** A preference with sum 1 and no entry below a fifth of the mean. */
export function drawPreference(m: number, random: RandomStream): number[] {
  const raw = Array.from({ length: m }, () => 0.2 + random.next());
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((p) => p / total);
}
