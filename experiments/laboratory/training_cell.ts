/**
 * A cell: one training of a rule at a preference in a replicate, by the trainer on exact gradients, and kept in the store
 * under everything that it depends on.
 *
 * @module
 */

import { join } from "@std/path";
import { z } from "zod";
import { exactGradients, exactValues } from "../../lib/laboratory/mod.ts";
import {
  readSafetensors,
  type Trainable,
  withValues,
  writeSafetensors,
} from "../../lib/model/mod.ts";
import { type OnProgress, tf } from "../../lib/runtime/mod.ts";
import { exactSchema, harmfulSteps, trainExact } from "../../lib/training/mod.ts";
import type { Ground } from "./replicate.ts";
import { trajectorySchema } from "./trajectory.ts";

/** Options of a training: those of the trainer on exact gradients, whose seed nothing reads. */
export const trainingSchema = exactSchema.omit({ seed: true });

/** See {@linkcode trainingSchema}. */
export type TrainingOptions = z.input<typeof trainingSchema>;

/** Which training a cell is. */
export interface TrainingSpec {
  /** Options of the trainer: rule, preference (`rewardWeights`), steps and optimizer. */
  readonly options: TrainingOptions;
  /** Steps from one measurement on the held-out prompts to the next; the start and the end are measured too. */
  readonly heldOutSteps: number;
  /** Numbers of steps after which the parameters are kept; none when left out. */
  readonly keep?: readonly number[];
}

const runSchema = trajectorySchema.extend({
  cosines: z.array(z.array(z.number()).readonly()).readonly().describe(
    "Cosine of every step with every reward's gradient, in the metric of the step, [steps][m]",
  ),
  steps: z.int().min(1),
  harmful: z.int().min(0).describe("Steps that harm a reward to first order"),
  worst_cosine: z.number().describe("Least of the cosines"),
});

/** What a training went through, and where its parameters are. */
export type TrainingRun = Readonly<z.output<typeof runSchema>> & {
  /** Folder with what was kept. */
  readonly folder: string;
  /** Hash of the cell. */
  readonly hash: string;
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
};

/** Name of the log inside a cell. */
const RUN = "run.json";

/** File of the parameters after some steps. */
const keptFile = (step: number): string => `step-${step}.safetensors`;

/** The one tensor of that file. */
const VALUES = "values";

/** Trains, and writes what happened into a folder. */
async function train(
  ground: Ground,
  { options, heldOutSteps, keep = [] }: TrainingSpec,
  folder: string,
  onProgress?: OnProgress,
): Promise<void> {
  const { train, heldOut, start } = await ground.open();
  const { rewardNames } = ground;
  const config = exactSchema.parse(options);
  const held: { step: number; values: number[] }[] = [];
  const kept: { step: number; data: Float32Array }[] = [];
  let steps = 0;
  /** What is done with the parameters after some steps, besides training. */
  const visit = (trainable: Trainable): void => {
    if (steps % heldOutSteps === 0 || steps === config.maxSteps) {
      held.push({ step: steps, values: exactValues(heldOut(), trainable) });
    }
    if (keep.includes(steps)) {
      kept.push({ step: steps, data: trainable.values.dataSync() as Float32Array });
    }
    steps++;
  };
  const { trainable, log } = await trainExact({
    objective: {
      rewardNames,
      evaluate: (trainable) => {
        visit(trainable);
        return exactGradients(train, trainable);
      },
    },
    trainable: start,
    config,
    onStep: ({ step }, maxSteps) => onProgress?.(step, maxSteps),
  });
  visit(trainable);
  const column = (group: string) =>
    log.map((entry) => rewardNames.map((n) => entry[`${group}/${n}`]!));
  const run: z.output<typeof runSchema> = {
    values: [...column("objective"), exactValues(train, trainable)],
    heldOut: held,
    weights: column("weights"),
    cosines: column("step_cosine"),
    ...harmfulSteps(log, rewardNames),
  };
  trainable.values.dispose();
  for (const { step, data } of kept) {
    const tensors = new Map([[VALUES, { shape: [data.length], data }]]);
    await writeSafetensors(join(folder, keptFile(step)), tensors);
  }
  await Deno.writeTextFile(join(folder, RUN), JSON.stringify(run));
}

/**
 * Trains, or reads the training from the store.
 *
 * @param ground start and prompts
 * @param spec rule, preference and optimizer
 * @param onProgress told after each step
 * @returns what happened
 * @throws {UsageError} when an option does not fit
 * @throws {WorkbenchError} when a number is no longer finite
 */
export async function trainingCell(
  ground: Ground,
  spec: TrainingSpec,
  onProgress?: OnProgress,
): Promise<TrainingRun> {
  const key = {
    ...ground.key,
    options: trainingSchema.parse(spec.options),
    heldOutSteps: spec.heldOutSteps,
    keep: spec.keep ?? [],
  };
  const { path, hash, seconds } = await ground.bench.context.store.files(
    "laboratory-training",
    key,
    (folder) => train(ground, spec, folder, onProgress),
  );
  const run = runSchema.parse(JSON.parse(await Deno.readTextFile(join(path, RUN))));
  return { ...run, folder: path, hash, seconds };
}

/**
 * The parameters that a cell kept.
 *
 * @param ground where it was trained
 * @param run the cell
 * @param step number of steps
 * @returns the parameters, whose values the caller disposes of
 */
export async function keptParameters(
  ground: Ground,
  { folder }: Pick<TrainingRun, "folder">,
  step: number,
): Promise<Trainable> {
  const { start } = await ground.open();
  const { data } = readSafetensors(join(folder, keptFile(step))).get(VALUES)!;
  return withValues(start, tf.tensor1d(data as Float32Array));
}

/** A training and its share in a mean of parameters. */
export interface SoupShare {
  /** A cell that kept its last parameters. */
  readonly run: TrainingRun;
  /** Its share; the shares of a soup sum to 1. */
  readonly share: number;
}

/**
 * Mean rewards under the mean of trained parameters, `sum_k share_k theta_k` (rewarded soups, arXiv 2306.04488). Adapters
 * are averaged factor by factor.
 *
 * @param ground where they were trained
 * @param shares the trainings, all of as many steps
 * @returns values of training and held-out prompts, [m], and the seconds that they took
 */
export async function soupCell(
  ground: Ground,
  shares: readonly SoupShare[],
): Promise<{ train: readonly number[]; heldOut: readonly number[]; seconds: number }> {
  const key = { ...ground.key, soup: shares.map(({ run, share }) => [run.hash, share]) };
  const stage = await ground.bench.context.store.json("laboratory-soup", key, async () => {
    const { train, heldOut } = await ground.open();
    const parts: Trainable[] = [];
    for (const { run } of shares) parts.push(await keptParameters(ground, run, run.steps));
    const values = tf.tidy(() =>
      tf.addN(parts.map(({ values }, k) => tf.mul(values, shares[k]!.share))) as tf.Tensor1D
    );
    const mixed = withValues(parts[0]!, values);
    const found = { train: exactValues(train, mixed), heldOut: exactValues(heldOut(), mixed) };
    tf.dispose([values, ...parts.map((part) => part.values)]);
    return found;
  });
  return { ...stage.value, seconds: stage.seconds };
}
