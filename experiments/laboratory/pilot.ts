/**
 * A pilot from the start with static equal weights. It gives what Theorem 7 needs and a language model does not tell: a
 * metric that stays the same over a run, and how smooth the rewards are in it.
 *
 * @module
 */

import { join } from "@std/path";
import {
  aggregators,
  type AscendOptions,
  effectiveSmoothness,
  type Objectives,
} from "../../lib/balance/mod.ts";
import { exactGradients, type Laboratory, laboratoryObjectives } from "../../lib/laboratory/mod.ts";
import {
  readSafetensors,
  type Trainable,
  withValues,
  writeSafetensors,
} from "../../lib/model/mod.ts";
import { type OnProgress, tf } from "../../lib/runtime/mod.ts";
import {
  adamWDefaults,
  type AdamWState,
  adamWState,
  adamWStep,
  disposeAdamWState,
  gradientProducts,
  passedMetric,
} from "../../lib/training/mod.ts";
import { equalPreference } from "./preferences.ts";
import type { Ground } from "./replicate.ts";

/** Options of a pilot. */
export interface PilotOptions {
  /** Steps of Adam, and of the ascent behind it. */
  readonly steps: number;
  /** Learning rate of Adam. */
  readonly learningRate: number;
  /** Decay of the second moment v. */
  readonly beta2: number;
  /**
   * Added to the root of v, in units of that root's root mean square: a parameter whose gradient the pilot has seen little of
   * would be moved without limit otherwise.
   */
  readonly damping: number;
  /** Steps of the ascent that has to keep to the smoothness. */
  readonly checkSteps: number;
  /** Step size of that ascent in units of 1 / L. */
  readonly c: number;
  /** Factor on the smoothness, which gives the L that is used. */
  readonly safety: number;
}

/** What a pilot found. */
export interface Pilot {
  /** Positive diagonal of the metric, [n]. */
  readonly metric: Float32Array;
  /** `L_i`, an effective smoothness of every reward in the metric with the factor on it, [m]. */
  readonly smoothness: readonly number[];
  /** Hash of the cell. */
  readonly hash: string;
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
}

const METRIC = "metric.safetensors";
const SMOOTHNESS = "smoothness.json";
const DIAGONAL = "diagonal";

/** Where Adam leads. */
interface AdamPilot {
  /** Moments at the end. */
  readonly state: AdamWState;
  /** Change of the parameters in every step, [steps] of [n]. */
  readonly changes: readonly tf.Tensor1D[];
  /** Gradient of the equally weighted sum at the start, [n]. */
  readonly preferred: tf.Tensor1D;
}

/** Takes steps of Adam along the equally weighted sum. */
function adamSteps(
  lab: Laboratory,
  start: Trainable,
  weights: readonly number[],
  { steps, learningRate, beta2 }: PilotOptions,
  onProgress?: OnProgress,
): AdamPilot {
  const options = { ...adamWDefaults, betas: [adamWDefaults.betas[0], beta2] as const };
  const changes: tf.Tensor1D[] = [];
  let preferred: tf.Tensor1D | undefined;
  let state = adamWState(start.values.size);
  let at = tf.clone(start.values) as tf.Tensor1D;
  for (let step = 0; step < steps; step++) {
    onProgress?.(step, 2 * steps);
    const { gradients } = exactGradients(lab, withValues(start, at));
    const ascent = tf.tidy(() =>
      tf.addN(gradients.map((g, i) => tf.mul(g, weights[i]!))) as tf.Tensor1D
    );
    const loss = tf.neg(ascent) as tf.Tensor1D;
    const next = adamWStep(at, loss, state, learningRate, options);
    changes.push(tf.sub(next.values, at) as tf.Tensor1D);
    disposeAdamWState(state);
    tf.dispose([at, loss, ...gradients]);
    if (preferred === undefined) preferred = ascent;
    else ascent.dispose();
    ({ state, values: at } = next);
  }
  at.dispose();
  return { state, changes, preferred: preferred! };
}

/** The metric of a second moment, damped. */
function dampedMetric(state: AdamWState, { beta2, damping }: PilotOptions): tf.Tensor1D {
  const correction = 1 - beta2 ** state.step;
  const root = tf.tidy(() => Math.sqrt(tf.mean(state.secondMoment).dataSync()[0]! / correction));
  const betas = [adamWDefaults.betas[0], beta2] as const;
  return passedMetric(state, { ...adamWDefaults, betas, eps: damping * root });
}

/** Step size at which a first step along the preferred gradient is as long as Adam's are on average, in the metric. */
function likeAdam({ changes, preferred }: AdamPilot, metric: tf.Tensor1D): number {
  const inverse = tf.reciprocal(metric) as tf.Tensor1D;
  const length = changes.reduce(
    (sum, change) => sum + Math.sqrt(gradientProducts([change], [change], inverse)[0]![0]!),
    0,
  ) / changes.length;
  inverse.dispose();
  return length / Math.sqrt(gradientProducts([preferred], [preferred], metric)[0]![0]!);
}

/** Factor by which the smoothness grows where an ascent does not keep to it, and how often it may. */
const growth = { factor: 4, times: 4 } as const;

/**
 * `L_i` to which an ascent of static weights keeps. Along a gradient rewards are smoother than in other directions, which a
 * few steps do not show: where a step of c / L meets a larger effective smoothness than L, all `L_i` grow.
 */
function keptSmoothness(
  objectives: Objectives,
  measured: readonly number[],
  { checkSteps, c, safety }: PilotOptions,
  ascent: Omit<AscendOptions, "stepSize" | "steps">,
): number[] {
  let limits = measured.map((value) => safety * value);
  for (let k = 0; k < growth.times; k++) {
    const largest = Math.max(...limits);
    const met = effectiveSmoothness(objectives, {
      ...ascent,
      stepSize: c / largest,
      steps: checkSteps,
    });
    if (Math.max(...met) <= largest) break;
    limits = limits.map((value) => growth.factor * value);
  }
  return limits;
}

/**
 * Runs a pilot, or reads it from the store: Adam from the start gives the metric; an ascent in it, again from the start and
 * with steps as long as Adam's, gives the smoothness, and a longer one with steps of c / L has to keep to it.
 *
 * @param ground start and prompts
 * @param options its steps
 * @param onProgress told after each step of Adam and of the first ascent
 * @returns metric and smoothness
 */
export async function pilotCell(
  ground: Ground,
  options: PilotOptions,
  onProgress?: OnProgress,
): Promise<Pilot> {
  const { steps } = options;
  const { path, hash, seconds } = await ground.bench.context.store.files(
    "laboratory-pilot",
    { ...ground.key, pilot: options },
    async (folder) => {
      const { train, start } = await ground.open();
      const { weights: preference } = equalPreference(ground.rewardNames);
      const adam = adamSteps(train, start, preference, options, onProgress);
      const metric = dampedMetric(adam.state, options);
      const data = metric.dataSync() as Float32Array;
      const objectives = laboratoryObjectives(train, start);
      const ascent = {
        rule: aggregators.static,
        preference,
        metric: Float64Array.from(data),
        start: Float64Array.from(start.values.dataSync()),
      };
      const measured = effectiveSmoothness(objectives, {
        ...ascent,
        stepSize: likeAdam(adam, metric),
        steps,
        onStep: (done) => onProgress?.(steps + done, 2 * steps),
      });
      disposeAdamWState(adam.state);
      tf.dispose([metric, adam.preferred, ...adam.changes]);
      const smoothness = keptSmoothness(objectives, measured, options, ascent);
      const tensors = new Map([[DIAGONAL, { shape: [data.length], data }]]);
      await writeSafetensors(join(folder, METRIC), tensors);
      await Deno.writeTextFile(join(folder, SMOOTHNESS), JSON.stringify(smoothness));
    },
  );
  const metric = readSafetensors(join(path, METRIC)).get(DIAGONAL)!.data as Float32Array;
  const smoothness: number[] = JSON.parse(await Deno.readTextFile(join(path, SMOOTHNESS)));
  return { metric, smoothness, hash, seconds };
}
