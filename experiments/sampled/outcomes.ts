/** What becomes of the rewards along a run, from their exact values at some of its steps. @module */

/** Exact values of every prompt's rewards at some steps of a run. */
export interface RunValues {
  /** The judged steps, from 0, the start. */
  readonly steps: readonly number[];
  /** Values on the prompts that are trained on, [judged steps][prompts][rewards]. */
  readonly train: readonly (readonly (readonly number[])[])[];
  /** Values on held-out prompts, likewise. */
  readonly heldOut: readonly (readonly (readonly number[])[])[];
}

/** Prompts on which values are judged. */
export const parts = ["train", "held out"] as const;

/** One of {@linkcode parts}. */
export type Part = typeof parts[number];

/** What is measured of a run, in the order of tables. */
export const outcomeNames = ["largest fall", "gain", "worst off"] as const;

/**
 * `largest fall`: `max_i max_t (J_i(0) - J_i(t))` over the rewards and the judged steps, at least 0. `gain`:
 * `sum_i p_i (J_i(T) - J_i(0))`, at the end. `worst off`: `min_i J_i(T)`, the lowest reward at the end.
 */
export type OutcomeName = typeof outcomeNames[number];

/**
 * The values of a part.
 *
 * @param values exact values along a run
 * @param part which prompts
 * @returns `[judged steps][prompts][rewards]`
 */
export function valuesOn(values: RunValues, part: Part): RunValues["train"] {
  return part === "train" ? values.train : values.heldOut;
}

/**
 * Means over prompts or replicates.
 *
 * @param rows a value for each of them and each reward, [n][rewards]
 * @returns the mean of each reward, [rewards]: `J_i` over prompts
 */
export function meanValues(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

/**
 * What became of the rewards.
 *
 * @param means `J_i` at the judged steps, the start first, [judged steps][rewards]
 * @param preference weight of each reward, [rewards]
 * @returns the outcomes, in the order of {@linkcode outcomeNames}
 */
export function outcomesOf(
  means: readonly ArrayLike<number>[],
  preference: readonly number[],
): number[] {
  const first = means[0]!;
  const last = means.at(-1)!;
  let fall = 0;
  for (const row of means) {
    for (let i = 0; i < preference.length; i++) fall = Math.max(fall, first[i]! - row[i]!);
  }
  const gain = preference.reduce((sum, p, i) => sum + p * (last[i]! - first[i]!), 0);
  return [fall, gain, Math.min(...preference.map((_, i) => last[i]!))];
}
