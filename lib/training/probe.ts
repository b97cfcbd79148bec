/**
 * The capabilities' gradients on the two halves of a step: what the step's own gradient and the Gram matrix are made of.
 *
 * @module
 */

import { type Aggregator, crossGram } from "../balance/mod.ts";
import { tf } from "../runtime/mod.ts";
import { adamWMetric } from "./adamw.ts";
import { type GroupRewards, presentRewards } from "./advantages.ts";
import {
  capabilityGeometry,
  type Geometry,
  type GeometryMemory,
  type HalfFolds,
  type HalfGradients,
} from "./capability_geometry.ts";
import type { GrpoConfig } from "./config.ts";
import type { Run } from "./loop.ts";
import { halfOf, type Part } from "./step_parts.ts";

/**
 * Adds up the gradients of each part, one a capability and then the divergence's where it has a weight, over the halves
 * of a step. Disposes of what it is given.
 *
 * @param gradients Of each part, [parts][rewards] or [parts][rewards + 1] vectors [n].
 * @param parts The step's parts; none reaches over the middle of the step.
 * @param prompts Prompts in the step.
 * @param rewards Number of rewards.
 * @returns The sums, for the caller to dispose of.
 */
export function halfGradients(
  gradients: readonly (readonly tf.Tensor1D[])[],
  parts: readonly Part[],
  prompts: number,
  rewards: number,
): HalfGradients {
  const { size } = gradients[0]![0]!;
  const addUp = (half: readonly (readonly tf.Tensor1D[])[], i: number) => {
    if (half.length === 0) return tf.zeros([size]) as tf.Tensor1D;
    const members = half.map((part) => part[i]!);
    const added = tf.tidy(() => tf.addN(members)) as tf.Tensor1D;
    tf.dispose(members);
    return added;
  };
  const inFirst = (_: unknown, p: number) => parts[p]!.first < halfOf(prompts);
  const a = gradients.filter(inFirst);
  const b = gradients.filter((_, p) => !inFirst(_, p));
  const capabilities = Array.from({ length: rewards }, (_, i) => i);
  const folds = firstFold(b, parts.filter((_, p) => !inFirst(_, p)), rewards);
  return {
    a: capabilities.map((i) => addUp(a, i)),
    b: capabilities.map((i) => addUp(b, i)),
    kl: gradients[0]!.length > rewards ? addUp(gradients, rewards) : tf.zeros([size]),
    folds,
  };
}

/** The first of two folds of the parts of a half; undefined where there is only one part. */
function firstFold(
  gradients: readonly (readonly tf.Tensor1D[])[],
  parts: readonly Part[],
  rewards: number,
): HalfFolds | undefined {
  if (parts.length < 2) return undefined;
  const middle = Math.ceil(parts.length / 2);
  return {
    first: Array.from(
      { length: rewards },
      (_, i) =>
        tf.tidy(() =>
          tf.addN(gradients.slice(0, middle).map((part) => part[i]!)).dataSync() as Float32Array
        ),
    ),
    split: parts[middle]!.first,
  };
}

/** The cross Gram matrix of the folds; undefined where a reward has no group in one of them. */
function gramOfFolds(
  { first, split }: HalfFolds,
  second: readonly tf.Tensor1D[],
  rewards: readonly GroupRewards[],
  metric: Float32Array,
): number[][] | undefined {
  const shares = first.map((_, i) => {
    const count = (groups: readonly GroupRewards[]) =>
      groups.filter((group) => presentRewards(group, i).length >= 2).length;
    const all = count(rewards);
    return [
      count(rewards.slice(halfOf(rewards.length), split)) / all,
      count(rewards.slice(split)) / all,
    ];
  });
  if (shares.flat().some((share) => !(share > 0))) return undefined;
  // Each fold's gradient is its share of an estimate of the whole.
  const folds = first.map((gradient, i) => {
    const whole = second[i]!.dataSync() as Float32Array;
    const [one, two] = shares[i] as [number, number];
    return [gradient.map((x) => x / one), whole.map((x, k) => (x - gradient[k]!) / two)] as const;
  });
  return crossGram(folds.map(([one]) => one), folds.map(([, two]) => two), metric);
}

/**
 * The weighted sum of the capabilities' gradients, each inside its bank, and the divergence's.
 *
 * @param halves Gradients of the halves, which stay the caller's.
 * @param weights Weight of each reward, [rewards].
 * @param banks A mask for each reward, [rewards] vectors [n]; undefined for none.
 * @returns The gradient, [n], for the caller to dispose of.
 */
export function combineHalves(
  { a, b, kl }: HalfGradients,
  weights: readonly number[],
  banks: readonly tf.Tensor1D[] | undefined,
): tf.Tensor1D {
  return tf.tidy(() =>
    weights.reduce<tf.Tensor>((added, w, i) => {
      const gradient = tf.mul(tf.add(a[i]!, b[i]!), w);
      return tf.add(added, banks === undefined ? gradient : tf.mul(gradient, banks[i]!));
    }, kl) as tf.Tensor1D
  );
}

/**
 * Share of the groups that have a reward, out of those of the step, that lie in its first half. The reward's gradient on
 * that half is this share of an estimate of the whole gradient; undefined where one of the halves has none of them.
 *
 * @param rewards Rewards of the step, [prompts][completions][rewards].
 * @param reward Index of the reward.
 * @returns The share, in (0, 1), or undefined.
 */
export function firstHalfShare(
  rewards: readonly GroupRewards[],
  reward: number,
): number | undefined {
  const count = (groups: readonly GroupRewards[]) =>
    groups.filter((group) => presentRewards(group, reward).length >= 2).length;
  const [first, all] = [count(rewards.slice(0, halfOf(rewards.length))), count(rewards)];
  return first === 0 || first === all ? undefined : first / all;
}

/** What {@linkcode measureGeometry} needs. */
export interface ProbeInput {
  /** Options. */
  readonly config: GrpoConfig;
  /** Names of the rewards, for the log. */
  readonly rewardNames: readonly string[];
  /** A rule of the user's own. */
  readonly aggregator: Aggregator | undefined;
  /** Parameters and optimizer before the step. */
  readonly run: Run;
  /** Earlier measurements. */
  readonly memory: GeometryMemory | null;
  /** The step's rewards. */
  readonly rewards: readonly GroupRewards[];
}

/**
 * The Gram matrix of the halves, and the weights that follow from it. Each half estimates half of a capability's
 * gradient: where more of the groups that have its reward lie in one of them, both are scaled for that.
 *
 * @param input Options, optimizer state, rewards and earlier measurements.
 * @param halves Gradients of the halves, which stay the caller's.
 * @returns Weights of the next steps, the mean over the measurements, and what to log.
 */
export function measureGeometry(input: ProbeInput, halves: HalfGradients): Geometry {
  const { config, rewardNames, aggregator, run, memory, rewards } = input;
  const even = (gradients: readonly tf.Tensor1D[], first: boolean) =>
    gradients.map((gradient, i) => {
      const share = firstHalfShare(rewards, i) ?? 0.5;
      return tf.mul(gradient, 0.5 / (first ? share : 1 - share)) as tf.Tensor1D;
    });
  const scaled = { a: even(halves.a, true), b: even(halves.b, false), kl: halves.kl };
  const metric = adamWMetric(run.optimizer, {
    betas: [config.adamBeta1, config.adamBeta2],
    eps: config.adamEpsilon,
    weightDecay: config.weightDecay,
  });
  const diagonal = metric.dataSync() as Float32Array;
  const found = capabilityGeometry({
    halves: scaled,
    rule: aggregator ?? config.weighting,
    foldGram: halves.folds && gramOfFolds(halves.folds, halves.b, rewards, diagonal),
    metric: diagonal,
    momentum: run.optimizer.momentum.dataSync() as Float32Array,
    memory,
    preference: config.rewardWeights,
    momentumAware: config.momentumAware,
    beta1: config.adamBeta1,
    decay: 0.9,
    cap: config.cap,
    ridge: config.ridge,
    minSignalToNoise: 1,
    names: rewardNames,
  });
  tf.dispose([metric, ...scaled.a, ...scaled.b]);
  return found;
}
