/** Every rule, and every setting of the trainer, on a language model: what one replicate gives. @module */

import { conflictRewards } from "../../lib/synthesis/mod.ts";
import { branches } from "../core/branches.ts";
import { type WeightingRule, weightingRules } from "../exact/rules.ts";
import { adamwOptions } from "../laboratory/adamw_options.ts";
import { ascentCell, ascentGeometry, type AscentSpec } from "../laboratory/ascent_cell.ts";
import { type Pilot, pilotCell } from "../laboratory/pilot.ts";
import {
  EQUAL,
  equalPreference,
  favouring,
  type Preference,
  simplexPreferences,
} from "../laboratory/preferences.ts";
import { keptAscents } from "../laboratory/premise.ts";
import type { Ground, Replicate } from "../laboratory/replicate.ts";
import { trainingCell } from "../laboratory/training_cell.ts";
import type { OnProgress } from "../../lib/runtime/mod.ts";
import type { WeightingConfig } from "./config.ts";
import type { Ground as GroundName } from "./findings.ts";
import type { MeasuredRun } from "./measures.ts";
import { trainerParts } from "./parts.ts";

/** A run that a replicate asks for. */
export interface Job {
  /** Ascent or training. */
  readonly ground: Exclude<GroundName, "tabular">;
  /** Its preference. */
  readonly preference: Preference;
  /** The rule, or the setting of the trainer. */
  readonly system: string;
}

/** What came out of it. */
export interface Done extends Job {
  /** The run. */
  readonly run: MeasuredRun;
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
}

/**
 * The preferences that rules are compared under.
 *
 * @param config options
 * @returns the equal one and the lopsided one
 */
export function comparedPreferences(
  { preferences: { lopsided, least } }: Pick<WeightingConfig, "preferences">,
): Preference[] {
  return [equalPreference(conflictRewards), favouring(conflictRewards, [lopsided], least)];
}

/**
 * The preferences out of which the best static one is chosen in hindsight.
 *
 * @param config options
 * @returns corners, edges where asked for, and the centre
 */
export function hindsightPreferences(
  { preferences: { least, edges } }: Pick<WeightingConfig, "preferences">,
): Preference[] {
  return simplexPreferences(conflictRewards, least)
    .filter(({ name }) => edges || name === EQUAL || conflictRewards.some((own) => own === name));
}

/** All runs of a replicate, each once. */
function jobsOf(config: WeightingConfig): Job[] {
  const compared = comparedPreferences(config);
  const names = new Set(compared.map(({ name }) => name));
  return [
    ...compared.flatMap((preference) =>
      config.rules.map((system): Job => ({ ground: "model", preference, system }))
    ),
    ...hindsightPreferences(config).filter(({ name }) => !names.has(name))
      .map((preference): Job => ({ ground: "model", preference, system: "static" })),
    ...config.trainer.parts.map((system): Job => ({
      ground: "trainer",
      preference: compared[1]!,
      system,
    })),
  ];
}

/** Which ascent a job is. */
function ascentOf({ system, preference }: Job, config: WeightingConfig): AscentSpec {
  const { steps, c, heldOutSteps } = config.ascent;
  const rule: WeightingRule = weightingRules[system as keyof typeof weightingRules];
  return { ...rule, length: "unit", preference: preference.weights, steps, c, heldOutSteps };
}

/** The pilot of a replicate, and by how much its L has to grow for static weights to keep to it. */
interface StepSize {
  readonly pilot: Pilot;
  readonly growth: number;
}

/** Finds the step size of all ascents of a replicate. */
async function stepSizeOf(ground: Ground, config: WeightingConfig): Promise<StepSize> {
  const { steps, c, growths } = config.ascent;
  const pilot = await pilotCell(ground, { ...config.pilot, checkSteps: steps, c });
  // The lopsided preference first: where a run does not keep to L, it is most likely there.
  const specs = comparedPreferences(config).toReversed()
    .map((preference) => ascentOf({ ground: "model", preference, system: "static" }, config));
  const { growth } = await keptAscents(ground, pilot, specs, growths);
  return { pilot, growth };
}

/** One run. */
async function runJob(
  ground: Ground,
  { pilot, growth }: StepSize,
  job: Job,
  config: WeightingConfig,
  onProgress: OnProgress,
): Promise<Done> {
  const { preference, system } = job;
  if (job.ground === "trainer") {
    const { options } = trainerParts[system as keyof typeof trainerParts];
    const { values, heldOut, harmful, seconds } = await trainingCell(ground, {
      options: adamwOptions(config.trainer, preference.weights, options),
      heldOutSteps: config.trainer.heldOutSteps,
    }, onProgress);
    const held = heldOut.map((row) => row.values);
    return { ...job, run: { values, heldOut: held, harmful, smoothness: null }, seconds };
  }
  const spec = { ...ascentOf(job, config), ...growth > 1 && { growth } };
  const found = await ascentCell(ground, pilot, spec, onProgress);
  const { values, seconds } = found;
  const { harmful, smoothness } = ascentGeometry(found, preference.weights);
  const heldOut = found.heldOut.map((row) => row.values);
  return { ...job, run: { values, heldOut, harmful, smoothness }, seconds };
}

/**
 * Runs everything in a replicate.
 *
 * @param replicate start and prompts
 * @param config options
 * @param onProgress told how far it is
 * @returns rules under every preference that is asked for, then settings of the trainer; and the seconds of the pilot
 */
export async function replicateRuns(
  replicate: Replicate,
  config: WeightingConfig,
  onProgress: OnProgress,
): Promise<{ readonly done: readonly Done[]; readonly pilotSeconds: number }> {
  const ground = await replicate.ground();
  const stepSize = await stepSizeOf(ground, config);
  const jobs = jobsOf(config);
  const done = await branches(jobs, (job, k) => {
    const of: OnProgress = (step, steps) => onProgress(k + step / steps, jobs.length);
    return runJob(ground, stepSize, job, config, of);
  });
  return { done, pilotSeconds: stepSize.pilot.seconds };
}
