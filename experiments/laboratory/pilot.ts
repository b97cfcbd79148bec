/**
 * A pilot: a few steps of Adam with static equal weights from the start. It gives what Theorem 7 needs and a language
 * model does not tell: a metric that stays the same over a run, and how smooth the rewards are in it.
 *
 * @module
 */

import { join } from "@std/path";
import { exactGradients, exactValues } from "../../lib/laboratory/mod.ts";
import { readSafetensors, withValues, writeSafetensors } from "../../lib/model/mod.ts";
import { type OnProgress, tf } from "../../lib/runtime/mod.ts";
import {
  adamWDefaults,
  adamWMetric,
  adamWState,
  adamWStep,
  disposeAdamWState,
  gradientProducts,
} from "../../lib/training/mod.ts";
import { equalPreference } from "./preferences.ts";
import type { Ground } from "./replicate.ts";

/** Options of a pilot. */
export interface PilotOptions {
  /** Steps of Adam. */
  readonly steps: number;
  /** Their learning rate. */
  readonly learningRate: number;
  /** Decay of the second moment v. */
  readonly beta2: number;
  /**
   * Added to the root of v, in units of that root's root mean square: a parameter whose gradient the pilot has seen little of
   * would be moved without limit otherwise.
   */
  readonly damping: number;
}

/** What a pilot found. */
export interface Pilot {
  /** Positive diagonal of the metric, [n]. */
  readonly metric: Float32Array;
  /** Effective smoothness of every reward in the metric, the largest over the pilot's steps, [m]. */
  readonly smoothness: readonly number[];
  /** Hash of the cell. */
  readonly hash: string;
  /** Seconds that it took, now or when it was made. */
  readonly seconds: number;
}

const METRIC = "metric.safetensors";
const SMOOTHNESS = "smoothness.json";
const DIAGONAL = "diagonal";

/** A step of the pilot. */
interface PilotStep {
  /** The change of the parameters, [n]. */
  readonly change: tf.Tensor1D;
  /** `J_i(x + D) - J_i(x) - g_i'D`, [m]. */
  readonly remainders: readonly number[];
}

/** Steps with Adam, and measures what each step's change does beyond first order. */
async function pilotSteps(
  ground: Ground,
  { steps, learningRate, beta2 }: PilotOptions,
  onProgress?: OnProgress,
): Promise<{ taken: PilotStep[]; state: ReturnType<typeof adamWState> }> {
  const { train, start } = await ground.open();
  const { weights } = equalPreference(ground.rewardNames);
  const options = { ...adamWDefaults, betas: [adamWDefaults.betas[0], beta2] as const };
  const taken: PilotStep[] = [];
  let state = adamWState(start.values.size);
  let at = tf.clone(start.values) as tf.Tensor1D;
  for (let step = 0; step < steps; step++) {
    onProgress?.(step, steps);
    const { values, gradients } = exactGradients(train, withValues(start, at));
    const loss = tf.tidy(() =>
      tf.neg(tf.addN(gradients.map((g, i) => tf.mul(g, weights[i]!)))) as tf.Tensor1D
    );
    const next = adamWStep(at, loss, state, learningRate, options);
    const change = tf.sub(next.values, at) as tf.Tensor1D;
    const rates = gradientProducts(gradients, [change]).map(([rate]) => rate!);
    const after = exactValues(train, withValues(start, next.values));
    taken.push({ change, remainders: after.map((value, i) => value - values[i]! - rates[i]!) });
    disposeAdamWState(state);
    tf.dispose([at, loss, ...gradients]);
    ({ state, values: at } = next);
  }
  at.dispose();
  return { taken, state };
}

/** The metric of a second moment, damped. */
function dampedMetric(
  state: ReturnType<typeof adamWState>,
  { beta2, damping }: PilotOptions,
): tf.Tensor1D {
  const correction = 1 - beta2 ** state.step;
  const root = tf.tidy(() => Math.sqrt(tf.mean(state.secondMoment).dataSync()[0]! / correction));
  return adamWMetric(state, {
    ...adamWDefaults,
    betas: [adamWDefaults.betas[0], beta2],
    eps: damping * root,
  });
}

/**
 * Runs a pilot, or reads it from the store. The effective smoothness of reward i is the largest
 * `2 |J_i(x + D) - J_i(x) - g_i'D| / |D|^2` over its steps D, the norm being that of the metric's inverse.
 *
 * @param ground start and prompts
 * @param options its steps
 * @param onProgress told after each step
 * @returns metric and smoothness
 */
export async function pilotCell(
  ground: Ground,
  { steps, learningRate, beta2, damping }: PilotOptions,
  onProgress?: OnProgress,
): Promise<Pilot> {
  const options = { steps, learningRate, beta2, damping };
  const { path, hash, seconds } = await ground.bench.context.store.files(
    "laboratory-pilot",
    { ...ground.key, pilot: options },
    async (folder) => {
      const { taken, state } = await pilotSteps(ground, options, onProgress);
      const metric = dampedMetric(state, options);
      const inverse = tf.reciprocal(metric) as tf.Tensor1D;
      const lengths = taken.map(({ change }) =>
        gradientProducts([change], [change], inverse)[0]![0]!
      );
      const smoothness = ground.rewardNames.map((_, i) =>
        Math.max(...taken.map(({ remainders }, t) => 2 * Math.abs(remainders[i]!) / lengths[t]!))
      );
      const data = metric.dataSync() as Float32Array;
      await writeSafetensors(
        join(folder, METRIC),
        new Map([[DIAGONAL, { shape: [data.length], data }]]),
      );
      await Deno.writeTextFile(join(folder, SMOOTHNESS), JSON.stringify(smoothness));
      disposeAdamWState(state);
      tf.dispose([metric, inverse, ...taken.map(({ change }) => change)]);
    },
  );
  const metric = readSafetensors(join(path, METRIC)).get(DIAGONAL)!.data as Float32Array;
  const smoothness: number[] = JSON.parse(await Deno.readTextFile(join(path, SMOOTHNESS)));
  return { metric, smoothness, hash, seconds };
}
