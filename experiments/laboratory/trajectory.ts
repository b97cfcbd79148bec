/** What a training run went through, and how much it harmed. @module */

import { z } from "zod";

const numbers = z.array(z.number()).readonly();

/** What is stored of a run. */
export const trajectorySchema = z.object({
  values: z.array(numbers).min(1).readonly().describe(
    "Mean reward of the training prompts at the start and after every step, [steps + 1][m]",
  ),
  heldOut: z.array(z.object({
    step: z.int().min(0).describe("Steps taken"),
    values: numbers.describe("[m]"),
  })).min(1).readonly().describe(
    "The same of the held-out prompts, at some steps, the last among them",
  ),
  weights: z.array(numbers).readonly().describe("Weights of every step, [steps][m]"),
});

/** See {@linkcode trajectorySchema}. */
export type Trajectory = Readonly<z.output<typeof trajectorySchema>>;

/**
 * What two evaluations of a mean reward in single precision may differ by: a fall of no more is rounding. Measured on the
 * tiny model: 1e-8.
 */
export const ROUNDING = 1e-6;

/** Values over the steps of a run, `[steps + 1][m]`. */
type Values = readonly (readonly number[])[];

/**
 * The preferred sum.
 *
 * @param values mean rewards, [m]
 * @param preference weights, [m]
 * @returns `sum_i p_i J_i`
 */
export function preferredSum(values: readonly number[], preference: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + preference[i]! * value, 0);
}

/**
 * The gain of the preferred sum over a run.
 *
 * @param values over the steps
 * @param preference weights, [m]
 * @returns last less first
 */
export function gainOf(values: Values, preference: readonly number[]): number {
  return preferredSum(values.at(-1)!, preference) - preferredSum(values[0]!, preference);
}

/**
 * Largest fall of a reward below its start, at any step.
 *
 * @param values over the steps
 * @returns the fall, at least 0
 */
export function largestFall(values: Values): number {
  const start = values[0]!;
  return Math.max(0, ...values.flatMap((row) => row.map((value, i) => start[i]! - value)));
}

/**
 * All falls from step to step, added up over the rewards.
 *
 * @param values over the steps
 * @returns the sum, at least 0
 */
export function sumOfFalls(values: Values): number {
  return values.slice(1).reduce(
    (sum, row, t) =>
      sum + row.reduce((falls, value, i) => falls + Math.max(0, values[t]![i]! - value), 0),
    0,
  );
}

/**
 * The largest fall of a reward between two steps relative to what the preferred sum gained between them: what Theorem 7b
 * bounds by c / (2 - c), for every reward and every two steps.
 *
 * @param values over the steps
 * @param preference weights, [m]
 * @returns the ratio, 0 where nothing falls beyond {@linkcode ROUNDING}; null where a reward falls while the preferred sum
 * does not rise, which no bound allows
 */
export function fallToGain(values: Values, preference: readonly number[]): number | null {
  const sums = values.map((row) => preferredSum(row, preference));
  let largest = 0;
  for (let s = 0; s < values.length; s++) {
    for (let t = s + 1; t < values.length; t++) {
      const fall = Math.max(...values[s]!.map((value, i) => value - values[t]![i]!)) - ROUNDING;
      if (fall <= 0) continue;
      const gain = sums[t]! - sums[s]!;
      if (gain <= 0) return null;
      largest = Math.max(largest, fall / gain);
    }
  }
  return largest;
}
