/** Study 1: Theorem 7 on a language model. Runs in a fixed metric, and the same on the controls. @module */

import { branches } from "../core/branches.ts";
import {
  ascentCell,
  ascentGeometry,
  type AscentRun,
  type AscentSpec,
} from "../laboratory/ascent_cell.ts";
import { pilotCell } from "../laboratory/pilot.ts";
import { type Control, controls } from "../laboratory/population.ts";
import type { Preference } from "../laboratory/preferences.ts";
import { keptAscents } from "../laboratory/premise.ts";
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

/** Rules at preferences, the lopsided one first: where a run does not keep to L, it is most likely there. */
function mainJobs(ground: Ground, { ascent }: ExactLmConfig): AscentJob[] {
  const { lopsided } = ascent;
  const names = ascent.preferences.toSorted((a, b) =>
    Number(b === lopsided) - Number(a === lopsided)
  );
  return names.flatMap((name) =>
    ascent.rules.map((rule) => ({ ground, control: null, rule, preference: preferenceOf(name) }))
  );
}

/** Rules on the controls: the same prompts with mixtures or permutations of the same rewards. */
async function controlJobs(replicate: Replicate, config: ExactLmConfig): Promise<AscentJob[]> {
  if (replicate.seed >= config.ascent.controlReplicates) return [];
  const jobs: AscentJob[] = [];
  for (const control of controls) {
    const ground = await replicate.ground({ dial: config.dial, control });
    const preference = controlPreference(control, ground.rewardNames);
    jobs.push(...controlRules[control].map((rule) => ({ ground, control, rule, preference })));
  }
  return jobs;
}

/**
 * Runs study 1 in a replicate, at an L that its runs keep to. The controls take metric and L over.
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
  const { steps, c, heldOutSteps, growths } = config.ascent;
  const ground = await replicate.ground();
  const pilot = await pilotCell(ground, pilotOptions(config));
  const [jobs, further] = [mainJobs(ground, config), await controlJobs(replicate, config)];
  const specOf = ({ rule, preference, control }: AscentJob): AscentSpec => ({
    ...{ rule, preference: preference.weights, steps, c, heldOutSteps },
    ...(control === "random" && { cap: CAP }),
  });
  const all = jobs.length + further.length;
  const { growth, runs } = await keptAscents(
    ground,
    pilot,
    jobs.map(specOf),
    growths,
    (run) => bar.cell(run, all),
  );
  const furtherRows = await branches(further, async (job, k) => {
    const spec = { ...specOf(job), ...(growth > 1 && { growth }) };
    return rowOf(job, await ascentCell(job.ground, pilot, spec, bar.cell(jobs.length + k, all)));
  });
  return [...jobs.map((job, k) => rowOf(job, runs[k]!)), ...furtherRows];
}
