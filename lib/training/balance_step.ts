/**
 * An optimizer step on several rewards' gradients: the weights are solved from the very gradients that they weigh, in the
 * metric that divides the step, for the whole step (THEORY.md, Theorem 5).
 *
 * @module
 */

import type { Aggregator } from "../balance/mod.ts";
import { tf } from "../runtime/mod.ts";
import { adamWMetric, type OptimizerOrder } from "./adamw.ts";
import { blockHalves, type BlockProducts, blockWeights } from "./block_weights.ts";
import type { BalanceConfig } from "./config.ts";
import { gradientProducts } from "./gradient_products.ts";
import { namedMetrics, type Run } from "./loop.ts";

/** Gradients of the rewards' losses (descent) on each block of prompts; one block means that they are exact. */
export interface RewardGradients {
  /** Normalised by the whole step, so that blocks add up, [blocks][rewards] vectors [n]. */
  readonly rewards: readonly (readonly tf.Tensor1D[])[];
  /** Share of each reward's gradient that each block estimates, [blocks][rewards]; adds up to 1 over the blocks. */
  readonly shares: readonly (readonly number[])[];
  /** Of the divergence with its weight, [blocks] vectors [n]; left out without one. */
  readonly divergence?: readonly tf.Tensor1D[] | undefined;
  /** Share of the divergence's gradient that each block estimates, [blocks]; even when left out. */
  readonly divergenceShares?: readonly number[] | undefined;
  /** Of a further loss of the parameters alone, [n]; left out without one. */
  readonly penalty?: tf.Tensor1D | undefined;
}

/** What a step leaves for the next ones. */
export interface BalanceMemory {
  /** Weights that each half of the blocks gave, for the gradients of the other one, [1 or 2][rewards]. */
  readonly weights: readonly (readonly number[])[];
}

/** What {@linkcode balanceStep} needs. */
export interface BalanceInput {
  /** The run, whose parameters the step changes. */
  readonly run: Run;
  /** The gradients, which the step disposes of. */
  readonly gradients: RewardGradients;
  /** The rule and the preferred weights. */
  readonly config: BalanceConfig;
  /** Names of the rewards, for the log. */
  readonly rewardNames: readonly string[];
  /** A rule of the user's own, in place of `config.weighting`. */
  readonly aggregator?: Aggregator | undefined;
  /** A mask for each reward, [rewards] vectors [n], inside which its gradient moves parameters; weights are solved without. */
  readonly banks?: readonly tf.Tensor1D[] | undefined;
  /** What the step before left; null before the first step. */
  readonly memory: BalanceMemory | null;
}

/** What {@linkcode balanceStep} gives. */
export interface BalancedStep {
  /** Weights that the step was made with, mean over the halves, [rewards]. */
  readonly weights: number[];
  /** The weights of each half by themselves, for the gradients of the other one, [1 or 2][rewards]. */
  readonly halves: readonly (readonly number[])[];
  /** For the next step. */
  readonly memory: BalanceMemory;
  /** What to log: `weights/NAME` and, where weights were solved, `balance/*`. */
  readonly metrics: Record<string, number>;
}

/**
 * Whether the weights follow a rule, rather than staying the preferred ones.
 *
 * @param config The options.
 * @param aggregator A rule of the user's own.
 * @returns True where there is a rule.
 */
export function followsRule(
  { weighting }: Pick<BalanceConfig, "weighting">,
  aggregator: Aggregator | undefined,
): boolean {
  return aggregator !== undefined || weighting !== "static";
}

/**
 * In what order the optimizer uses gradients: as the options say, else as Theorem 5 needs for a rule and as PyTorch does
 * for weights that stay.
 *
 * @param config The options.
 * @param aggregator A rule of the user's own.
 * @returns The order.
 */
export function optimizerOrder(
  config: Pick<BalanceConfig, "weighting" | "secondMoment" | "clip">,
  aggregator: Aggregator | undefined,
): OptimizerOrder {
  const rule = followsRule(config, aggregator);
  return {
    secondMoment: config.secondMoment ?? (rule ? "before" : "after"),
    clip: config.clip ?? (rule ? "step" : "gradient"),
  };
}

/**
 * Solves for the weights where they follow a rule, joins the gradient and takes the optimizer's step.
 *
 * With cross-fitting the weights of each half of the blocks multiply the gradients of the other half, so that they are
 * independent of what they multiply and no gradient is computed twice. `gramSteps` above 1 keeps weights for the steps
 * between (Theorem 7g).
 *
 * @param input Run, gradients, options and what the step before left.
 * @returns The weights, what the next step needs and what to log.
 * @throws WorkbenchError when the gradient or the new parameters are not finite.
 */
export function balanceStep(input: BalanceInput): BalancedStep {
  const { run, gradients, config, rewardNames, aggregator, memory } = input;
  const { rewards, divergence, penalty } = gradients;
  return tf.tidy(() => {
    const uniform = [config.rewardWeights];
    const sums = halfSums(gradients, config.crossFit);
    const preferred = combine(input, sums, uniform);
    const solves = followsRule(config, aggregator) && run.step % config.gramSteps === 0;
    const solved = solves
      ? blockWeights({
        products: blockProducts(input, preferred),
        shares: gradients.shares,
        divergenceShares: gradients.divergenceShares ?? rewards.map(() => 1 / rewards.length),
        config,
        beta1: run.adamW.betas[0],
        aggregator,
        names: rewardNames,
      })
      : undefined;
    const earlier = memory?.weights ?? uniform;
    const weights = config.solve === "this_step" ? solved?.weights ?? earlier : earlier;
    const gradient = weights === uniform ? tf.clone(preferred) : combine(input, sums, weights);
    tf.dispose([...rewards.flat(), ...divergence ?? [], ...penalty === undefined ? [] : [penalty]]);
    run.update(gradient, preferred);
    const used = meanWeights(weights);
    return {
      weights: used,
      halves: weights,
      memory: { weights: solved?.weights ?? earlier },
      metrics: { ...solved?.metrics, ...namedMetrics("weights", rewardNames, used) },
    } as unknown as tf.TensorContainer;
  }) as unknown as BalancedStep;
}

/**
 * The mean of the halves' weights.
 *
 * @param halves Weights of each half, [1 or 2][rewards].
 * @returns The mean, [rewards].
 */
export function meanWeights(halves: readonly (readonly number[])[]): number[] {
  return halves[0]!.map((_, i) => halves.reduce((sum, half) => sum + half[i]!, 0) / halves.length);
}

/** Inner products of all gradients with each other and with whatever else moves in the step. */
function blockProducts(
  { run, gradients, config }: BalanceInput,
  preferred: tf.Tensor1D,
): BlockProducts {
  const { rewards, divergence = [], penalty } = gradients;
  const { optimizer, trainable, adamW } = run;
  const metric = config.gramMetric === "euclidean"
    ? undefined
    : adamWMetric(optimizer, adamW, preferred);
  const rows = rewards.flat();
  const others = [optimizer.momentum, ...divergence, ...penalty === undefined ? [] : [penalty]];
  const found = gradientProducts(rows, [...rows, ...others], metric);
  metric?.dispose();
  const m = rewards[0]!.length;
  const row = (b: number, i: number) => found[b * m + i]!;
  const capabilities = rewards[0]!.map((_, i) => i);
  /** Products of each block's gradients with the vector in one column. */
  const column = (k: number) => rewards.map((_, b) => capabilities.map((i) => row(b, i)[k]!));
  const first = rows.length;
  const decay = decayScale(run);
  return {
    gram: rewards.map((_, b) =>
      rewards.map((_, c) => capabilities.map((i) => capabilities.map((j) => row(b, i)[c * m + j]!)))
    ),
    momentum: column(first),
    divergence: divergence.length === 0
      ? undefined
      : rewards.map((_, b) =>
        rewards.map((_, c) => capabilities.map((i) => row(b, i)[first + 1 + c]!))
      ),
    penalty: penalty && column(first + 1 + divergence.length),
    decay: decay === 0 ? undefined : chunked(
      gradientProducts(rows, [trainable.values]).map(([x]) => decay * x!),
      m,
    ),
  };
}

/** Decoupled decay, `lr wd x`, in units of the step `lr M z / (1 - b1^t)`: `k' = (1 - b1^t) wd x`, without the metric. */
function decayScale({ adamW: { betas, weightDecay }, optimizer }: Run): number {
  return weightDecay * (1 - betas[0] ** (optimizer.step + 1));
}

const chunked = (xs: readonly number[], size: number): number[][] =>
  Array.from({ length: xs.length / size }, (_, k) => xs.slice(k * size, (k + 1) * size));

/** The rewards' gradients added up over each half of the blocks, [1 or 2][rewards]. */
function halfSums({ rewards }: RewardGradients, crossFit: boolean): tf.Tensor[][] {
  return blockHalves(rewards.length, crossFit).map((half) =>
    rewards[0]!.map((_, i) => tf.addN(half.map((b) => rewards[b]![i]!)))
  );
}

/** The gradient of the step: weights of one half multiply the gradients of the other, each inside its bank. */
function combine(
  { gradients, banks }: BalanceInput,
  sums: readonly (readonly tf.Tensor[])[],
  weights: readonly (readonly number[])[],
): tf.Tensor1D {
  const { divergence = [], penalty } = gradients;
  return tf.tidy(() => {
    const parts = sums[0]!.map((_, i) => {
      const sum = tf.addN(
        sums.map((half, h) => tf.mul(half[i]!, weights.at(h - 1)![i]!)),
      );
      return banks === undefined ? sum : tf.mul(sum, banks[i]!);
    });
    return tf.addN([...parts, ...divergence, ...penalty === undefined ? [] : [penalty]]);
  }) as tf.Tensor1D;
}
