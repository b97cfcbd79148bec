/** The prompts of a step: some of every stratum, each in its own shuffled order. @module */

import { randomStream } from "../runtime/mod.ts";

/** A prompt to sample from. */
export interface GrpoPrompt {
  /** Names it in messages. */
  readonly id?: string | undefined;
  /** Token ids, up to where the answer begins. */
  readonly ids: readonly number[];
  /** Every step takes prompts from all strata in turn, so that each half of it holds all capabilities. */
  readonly stratum: string;
}

/**
 * A prompt of every stratum in turn, each stratum in its own shuffled order.
 *
 * @param prompts All prompts.
 * @param size Prompts in a step.
 * @param step Counted from 0: steps follow each other through the shuffled strata.
 * @param seed Fixes the orders.
 * @returns Indices of prompts, [size].
 */
export function stratifiedBatch(
  prompts: readonly GrpoPrompt[],
  size: number,
  step: number,
  seed: number,
): number[] {
  const strata = [...new Set(prompts.map(({ stratum }) => stratum))].sort();
  const members = strata.map((s) => prompts.flatMap(({ stratum }, i) => stratum === s ? [i] : []));
  return Array.from({ length: size }, (_, i) => {
    const at = step * size + i;
    const stratum = at % strata.length;
    const indices = members[stratum]!;
    const turn = Math.floor(at / strata.length);
    const epoch = Math.floor(turn / indices.length);
    return randomStream(seed, "prompts", strata[stratum]!, epoch).shuffle(
      indices,
    )[turn % indices.length]!;
  });
}
