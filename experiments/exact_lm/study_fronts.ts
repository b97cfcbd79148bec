/** Study 4: where preferences lead, by static, capability-aware and UPGrad weights, and by soups of the static corners. @module */

import { branches } from "../core/branches.ts";
import { adamwOptions } from "../laboratory/adamw_options.ts";
import { cornerShares, simplexPreferences } from "../laboratory/preferences.ts";
import type { Replicate } from "../laboratory/replicate.ts";
import { soupCell, trainingCell } from "../laboratory/training_cell.ts";
import { type ExactLmConfig, frontRules } from "./config.ts";
import type { FrontRow, Fronts, Sweep } from "./findings.ts";
import { ways } from "./study_optimizer.ts";
import { type StudyBar, totalSeconds } from "./study_bar.ts";

/** What each rule sets in the trainer. UPGrad knows of no momentum. */
const frontWays = {
  static: ways.static,
  capability_aware: ways.capability_aware,
  upgrad: { ...ways.static, weighting: "upgrad" },
} as const;

/** What a replicate gives. */
export interface ReplicateFronts {
  /** Ends of trainings and soups. */
  readonly rows: FrontRow[];
  /** The start. */
  readonly start: Fronts["starts"][number];
  /** Rewards of the training prompts, [prompts][answers][m]. */
  readonly rewards: readonly (readonly (readonly number[])[])[];
  /** Seconds that the cells took. */
  readonly seconds: number;
}

/**
 * The preferences of the study.
 *
 * @param rewardNames names of the rewards, [m]
 * @param config options
 * @returns corners, edges where asked for, and the centre
 */
export function frontPreferences(
  rewardNames: readonly string[],
  { fronts }: Pick<ExactLmConfig, "fronts">,
): Fronts["preferences"] {
  const all = simplexPreferences(rewardNames, fronts.least);
  const isEdge = ({ name }: { readonly name: string }) => name.includes(" + ");
  return fronts.edges ? all : all.filter((preference) => !isEdge(preference));
}

/**
 * Runs study 4 in a replicate.
 *
 * @param replicate start and prompts
 * @param config options
 * @param bar told of progress
 * @returns ends of trainings and soups, and the start
 */
export async function frontsStudy(
  replicate: Replicate,
  config: ExactLmConfig,
  bar: StudyBar,
): Promise<ReplicateFronts> {
  const { seed } = replicate;
  const { steps, least } = config.fronts;
  const ground = await replicate.ground();
  const preferences = frontPreferences(ground.rewardNames, config);
  const jobs = frontRules.flatMap((rule) =>
    preferences.map(({ name, weights }) => {
      const isCorner = rule === "static" && ground.rewardNames.includes(name);
      return { rule, name, weights, isCorner };
    })
  );
  const runs = await branches(jobs, ({ rule, weights, isCorner }, k) => {
    const options = adamwOptions({ ...config.optimizer, steps }, weights, frontWays[rule]);
    return trainingCell(
      ground,
      { options, heldOutSteps: steps, keep: isCorner ? [steps] : [] },
      bar.cell(k, jobs.length),
    );
  });
  const corners = runs.filter((_, k) => jobs[k]!.isCorner);
  const soups = await branches(preferences, ({ weights }) => {
    const shares = cornerShares(weights, least).map((share, i) => ({ run: corners[i]!, share }));
    return soupCell(ground, shares.filter(({ share }) => share > 0));
  });
  const rowOf = (
    sweep: Sweep,
    preference: string,
    values: readonly number[],
    heldOut: readonly number[],
  ): FrontRow => ({ seed, sweep, preference, values, heldOut });
  const [first] = runs;
  return {
    rows: [
      ...runs.map(({ values, heldOut }, k) =>
        rowOf(jobs[k]!.rule, jobs[k]!.name, values.at(-1)!, heldOut.at(-1)!.values)
      ),
      ...soups.map(({ train, heldOut }, k) => rowOf("soup", preferences[k]!.name, train, heldOut)),
    ],
    start: { seed, values: first!.values[0]!, heldOut: first!.heldOut[0]!.values },
    rewards: ground.train.map((prompt) => prompt.rewards),
    seconds: totalSeconds([...runs, ...soups]),
  };
}
