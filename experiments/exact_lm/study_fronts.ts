/** Study 4: where preferences lead, by static, capability-aware and UPGrad weights, and by soups of the static corners. @module */

import { adamwOptions } from "../laboratory/adamw_options.ts";
import { cornerShares, simplexPreferences } from "../laboratory/preferences.ts";
import type { Replicate } from "../laboratory/replicate.ts";
import { soupCell, trainingCell, type TrainingRun } from "../laboratory/training_cell.ts";
import { type ExactLmConfig, frontRules } from "./config.ts";
import type { FrontRow, Fronts, Sweep } from "./findings.ts";
import { ways } from "./study_optimizer.ts";
import type { StudyBar } from "./study_bar.ts";

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
  const cells = preferences.length * frontRules.length;
  const corners: TrainingRun[] = [];
  const rows: FrontRow[] = [];
  let [seconds, done] = [0, 0];
  let start: ReplicateFronts["start"] | undefined;
  const add = (
    sweep: Sweep,
    preference: string,
    values: readonly number[],
    heldOut: readonly number[],
  ) => rows.push({ seed, sweep, preference, values, heldOut });
  for (const rule of frontRules) {
    for (const { name, weights } of preferences) {
      const options = adamwOptions({ ...config.optimizer, steps }, weights, frontWays[rule]);
      const isCorner = ground.rewardNames.includes(name);
      const run = await trainingCell(
        ground,
        { options, heldOutSteps: steps, keep: rule === "static" && isCorner ? [steps] : [] },
        bar.cell(done++, cells),
      );
      if (rule === "static" && isCorner) corners.push(run);
      start ??= { seed, values: run.values[0]!, heldOut: run.heldOut[0]!.values };
      add(rule, name, run.values.at(-1)!, run.heldOut.at(-1)!.values);
      seconds += run.seconds;
    }
  }
  for (const { name, weights } of preferences) {
    const shares = cornerShares(weights, least).map((share, i) => ({ run: corners[i]!, share }));
    const soup = await soupCell(ground, shares.filter(({ share }) => share > 0));
    add("soup", name, soup.train, soup.heldOut);
    seconds += soup.seconds;
  }
  const rewards = ground.train.map((prompt) => prompt.rewards);
  return { rows, start: start!, rewards, seconds };
}
