/** The prompts of a replicate: conflicts between rewards at a setting of the dial, and the controls made of them. @module */

import {
  alignedCopy,
  type ClosedPrompt,
  conflictPopulation,
  conflictRewards,
  dominantConflict,
  dominantRewards,
  randomLabels,
} from "../../lib/synthesis/mod.ts";
import type { Bench } from "./bench.ts";

/** Populations in which it is known what the weights have to do. */
export const controls = ["aligned", "dominant", "random"] as const;

/**
 * `aligned`: all rewards are the same; `dominant`: one reward against its complement; `random`: rewards drawn at random.
 */
export type Control = typeof controls[number];

/** Which prompts are drawn. */
export interface PopulationSpec {
  /** From 0, rewards that conflict between prompts, to 1, on the same prompts. */
  readonly dial: number;
  /** The control that is made of them; none when left out. */
  readonly control?: Control;
}

/** The prompts of a replicate with the names of their rewards. */
export interface DrawnPopulation {
  /** Names of the rewards, [m]. */
  readonly rewardNames: readonly string[];
  /** Prompts that are trained on. */
  readonly train: readonly ClosedPrompt[];
  /** Prompts that are held out. */
  readonly heldOut: readonly ClosedPrompt[];
}

/**
 * Draws the prompts of a replicate.
 *
 * @param bench the graph, and the number of prompts
 * @param seed the replicate's number
 * @param spec which prompts
 * @returns the prompts, the same for the same numbers
 * @throws {UsageError} when the graph does not give so many prompts
 */
export function drawPopulation(
  { knowledge, config: { promptsPerTask } }: Pick<Bench, "knowledge" | "config">,
  seed: number,
  { dial, control }: PopulationSpec,
): DrawnPopulation {
  const { train, heldOut } = conflictPopulation(knowledge, { promptsPerTask, seed, dial });
  const remade = (
    rewardNames: readonly string[],
    make: (prompts: readonly ClosedPrompt[]) => ClosedPrompt[],
  ) => ({ rewardNames, train: make(train), heldOut: make(heldOut) });
  if (control === undefined) return { rewardNames: conflictRewards, train, heldOut };
  const made: Readonly<Record<Control, () => DrawnPopulation>> = {
    aligned: () => remade(conflictRewards, alignedCopy),
    dominant: () => remade(dominantRewards, dominantConflict),
    random: () => remade(conflictRewards, (prompts) => randomLabels(prompts, seed)),
  };
  return made[control]();
}
