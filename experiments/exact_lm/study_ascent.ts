/** Study 1: Theorem 7 on a language model. Runs in a fixed metric, and the same on the controls. @module */

import { ascentCell, ascentGeometry, type AscentRun } from "../laboratory/ascent_cell.ts";
import { type Pilot, pilotCell } from "../laboratory/pilot.ts";
import { type Control, controls } from "../laboratory/population.ts";
import type { Preference } from "../laboratory/preferences.ts";
import type { Ground, Replicate } from "../laboratory/replicate.ts";
import { fallToGain, gainOf, largestFall } from "../laboratory/trajectory.ts";
import {
  type AscentRule,
  controlPreference,
  type ExactLmConfig,
  pilotOptions,
  preferenceOf,
} from "./config.ts";
import type { AscentRow } from "./findings.ts";
import type { StudyBar } from "./study_bar.ts";

/** Rules on the controls: the weights of all but the aligned copy are compared with static ones. */
const controlRules: Readonly<Record<Control, readonly AscentRule[]>> = {
  aligned: ["capability_aware"],
  dominant: ["static", "capability_aware"],
  random: ["static", "capability_aware"],
};

/** Largest addition to a weight where labels are random, as in the trainer by default. */
const CAP = 4;

/** One run that a study asks for. */
interface AscentJob {
  readonly ground: Ground;
  readonly pilot: Pilot;
  readonly control: Control | null;
  readonly rule: AscentRule;
  readonly preference: Preference;
}

function rowOf({ ground, control, rule, preference }: AscentJob, run: AscentRun): AscentRow {
  const { values, heldOut, weights, seconds } = run;
  const held = heldOut.map((row) => row.values);
  const { weights: p } = preference;
  return {
    seed: ground.seed,
    control,
    rewardNames: ground.rewardNames,
    rule,
    preference: preference.name,
    values,
    heldOut,
    weights,
    ratio: fallToGain(values, p),
    fall: largestFall(values),
    gain: gainOf(values, p),
    heldOutFall: largestFall(held),
    heldOutGain: gainOf(held, p),
    ...ascentGeometry(run, p),
    seconds,
  };
}

/** The runs of a replicate: rules at preferences, then the controls. */
async function jobsOf(replicate: Replicate, config: ExactLmConfig): Promise<AscentJob[]> {
  const { ascent, dial } = config;
  const ground = await replicate.ground();
  const pilot = await pilotCell(ground, pilotOptions(config));
  const jobs: AscentJob[] = ascent.preferences.flatMap((name) =>
    ascent.rules.map((rule) => ({
      ground,
      pilot,
      control: null,
      rule,
      preference: preferenceOf(name),
    }))
  );
  if (replicate.seed >= ascent.controlReplicates) return jobs;
  for (const control of controls) {
    // The same prompts with mixtures or permutations of the same rewards: metric and smoothness are those of the bench.
    const ground = await replicate.ground({ dial, control });
    const preference = controlPreference(control, ground.rewardNames);
    jobs.push(
      ...controlRules[control].map((rule) => ({ ground, pilot, control, rule, preference })),
    );
  }
  return jobs;
}

/**
 * Runs study 1 in a replicate.
 *
 * @param replicate start and prompts
 * @param config options
 * @param bar told of progress
 * @returns one row a run
 */
export async function ascentStudy(
  replicate: Replicate,
  config: ExactLmConfig,
  bar: StudyBar,
): Promise<AscentRow[]> {
  const { steps, c, heldOutSteps } = config.ascent;
  const jobs = await jobsOf(replicate, config);
  const rows: AscentRow[] = [];
  for (const job of jobs) {
    const { ground, pilot, control, rule, preference } = job;
    const spec = { rule, preference: preference.weights, steps, c };
    const run = await ascentCell(
      ground,
      pilot,
      { ...spec, heldOutSteps, ...(control === "random" && { cap: CAP }) },
      bar.cell(rows.length, jobs.length),
    );
    rows.push(rowOf(job, run));
  }
  return rows;
}
