/**
 * One optimizer step of GRPO: losses and gradients of the step's parts, one part in memory at a time, and the weights
 * of the steps that follow.
 *
 * @module
 */

import {
  backwardEach,
  currentPolicy,
  disposePolicy,
  disposeTape,
  type Policy,
  recordBatch,
  scoreBatch,
} from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import { type AdvantageOptions, groupAdvantages, rewardAdvantages } from "./advantages.ts";
import type { GeometryMemory } from "./capability_geometry.ts";
import type { GrpoLoss, GrpoLossOptions } from "./grpo_loss.ts";
import type { GrpoOptions } from "./grpo_options.ts";
import type { Run } from "./loop.ts";
import { measuredChange } from "./measured_change.ts";
import { combineHalves, halfGradients, measureGeometry } from "./probe.ts";
import type { Samples } from "./samples.ts";
import { cutRows, type Part, partBounds, partLoss, partsOf, type Rows } from "./step_parts.ts";

/** Log-probabilities that later steps on the same completions compare with, one list of rows a part. */
export interface OldLogProbs {
  /** Under the policy that sampled. */
  readonly policy: readonly (readonly (readonly number[])[])[];
  /** Under the reference; empty where the divergence has no weight. */
  readonly reference: readonly (readonly (readonly number[])[])[];
}

/** What a step is given. */
export interface StepInput {
  /** Options of the training. */
  readonly options: GrpoOptions;
  /** The policy that the divergence is measured from. */
  readonly reference: Policy;
  /** The policy that is trained, with the present parameters. */
  readonly policy: Policy;
  /** The run, whose parameters the step changes. */
  readonly run: Run;
  /** Completions and their rewards. */
  readonly samples: Samples;
  /** Log-probabilities when the completions were sampled; undefined in the first step on them, where the ratio is 1. */
  readonly old: OldLogProbs | undefined;
  /** Weights of the rewards, [rewards]. */
  readonly weights: readonly number[];
  /** Scales of the rewards, [rewards]. */
  readonly scales: readonly number[];
  /** What was measured of the gradients so far; null before the first measurement. */
  readonly geometry: GeometryMemory | null;
}

/** What a step gives. */
export interface StepOutput {
  /** What to log, by metric. */
  readonly metrics: Record<string, number> & { loss: number };
  /** Log-probabilities that later steps on the same completions compare with. */
  readonly old: OldLogProbs;
  /** Weights of the next step, [rewards]. */
  readonly weights: readonly number[];
  /** What is measured of the gradients now. */
  readonly geometry: GeometryMemory | null;
}

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

/**
 * Takes one optimizer step on the samples; frees what it made when it throws, too.
 *
 * @param input Policy, samples and what earlier steps left.
 * @returns What to log and what the next step needs.
 * @throws WorkbenchError when the gradient or the new parameters are not finite.
 */
export function grpoStep(input: StepInput): StepOutput {
  return tf.tidy(() => takeStep(input) as unknown as tf.TensorContainer) as unknown as StepOutput;
}

function takeStep(input: StepInput): StepOutput {
  const { options, run, samples, old, weights } = input;
  const { config, banks } = options;
  const moves = options.aggregator !== undefined || config.weighting !== "static";
  const bounds = partBounds(samples.indices.length, config.microBatches, moves);
  const parts = partsOf(samples, options.prompts, bounds, config.maskTruncatedCompletions);
  const tokens = total(parts.flatMap(({ lengths, counts }) => lengths.filter((_, s) => counts[s])));
  const measures = moves && run.step % config.gramSteps === 0;
  const shared = sharedByParts(input, parts, tokens, measures || banks !== undefined);
  const passes = parts.map((part, p) => passPart(input, shared, part, p));
  const { gradient, ...next } = shared.apart
    ? joinApart(input, parts, passes, measures)
    : { gradient: joinWhole(passes), weights, geometry: input.geometry, metrics: {} };
  const penalty = options.penalty?.(run.trainable.values);
  run.update(penalty === undefined ? gradient : joined(gradient, penalty.gradient));
  const logProbs = passes.map((pass) => pass.logProbs);
  const losses = passes.map(({ loss }) => loss);
  return {
    metrics: {
      loss: total(losses.map(({ loss }) => loss)) + (penalty?.loss ?? 0),
      ...(config.beta !== 0 && {
        kl: total(losses.map(({ klSum }) => klSum)) / Math.max(1, tokens),
      }),
      entropy: total(passes.map(({ entropy }) => entropy)),
      ...(old !== undefined && clipMetrics(losses, tokens, config.importanceSamplingLevel)),
      ...(penalty !== undefined && { penalty: penalty.loss }),
      ...next.metrics,
      ...(config.measureChange && changeMetrics(input, parts, logProbs)),
    },
    old: {
      policy: old?.policy ?? logProbs,
      reference: passes.map(({ reference }) => reference),
    },
    weights: next.weights,
    geometry: next.geometry,
  };
}

/** What all parts of a step share. */
interface Shared {
  readonly lossOptions: GrpoLossOptions;
  /** Advantages of the weighted rewards, [prompts][completions]. */
  readonly combined: readonly (readonly number[])[];
  /** Advantages of each reward by itself, [rewards][prompts][completions]. */
  readonly own: readonly (readonly (readonly number[])[])[];
  /** Sequences in the step. */
  readonly sequences: number;
  /** Tokens in the step that count. */
  readonly tokens: number;
  /** Whether each reward's gradient is needed by itself. */
  readonly apart: boolean;
}

function sharedByParts(
  { options: { config, rewardNames }, samples: { rewards }, weights, scales }: StepInput,
  parts: readonly Part[],
  tokens: number,
  apart: boolean,
): Shared {
  const aggregation: AdvantageOptions = {
    multiObjectiveAggregation: config.multiObjectiveAggregation,
    scaleRewards: config.scaleRewards,
    rewardWeights: weights,
    rewardScales: scales,
  };
  return {
    lossOptions: {
      lossType: config.lossType,
      beta: config.beta,
      epsilon: config.epsilon,
      epsilonHigh: config.epsilonHigh ?? config.epsilon,
      importanceSamplingLevel: config.importanceSamplingLevel,
      useBiasCorrectionKl: config.useBiasCorrectionKl,
      maxCompletionLength: config.maxCompletionLength,
    },
    combined: groupAdvantages(rewards, aggregation),
    own: rewardNames.map((_, i) => rewardAdvantages(rewards, i, aggregation)),
    sequences: total(parts.map(({ lengths }) => lengths.length)),
    tokens,
    apart,
  };
}

/** What the forward and backward pass of one part gives. */
interface PartPass {
  /** The loss of the weighted rewards with the divergence. */
  readonly loss: GrpoLoss;
  /** One gradient; where they are needed apart one for each reward and one for the divergence, if it has a weight. */
  readonly gradients: readonly tf.Tensor1D[];
  /** Log-probabilities under the policy, [sequences][tokens]. */
  readonly logProbs: readonly (readonly number[])[];
  /** Log-probabilities under the reference, [sequences][tokens]; empty where the divergence has no weight. */
  readonly reference: readonly (readonly number[])[];
  /** The part's share of the mean entropy over all counted tokens, in nats. */
  readonly entropy: number;
}

function passPart(input: StepInput, shared: Shared, part: Part, index: number): PartPass {
  const { options: { config }, policy, run, old } = input;
  const { combined, own, sequences, tokens, apart } = shared;
  const score = { temperature: config.temperature };
  const recorded = recordBatch(policy, run.trainable, part.batch, {
    ...score,
    gradientCheckpointing: config.gradientCheckpointing,
  });
  const logProbs = cutRows(recorded.logProbs, part.lengths);
  const entropies = cutRows(recorded.entropies, part.lengths).filter((_, s) => part.counts[s]);
  const reference = config.beta === 0 ? [] : old?.reference[index] ??
    cutRows(scoreBatch(input.reference, part.batch, score), part.lengths);
  const within = (advantages: readonly (readonly number[])[]) =>
    advantages.slice(part.first, part.first + part.batch.groups).flat();
  const lossWith = (advantages: readonly number[], beta: number) =>
    partLoss(part, {
      logProbs,
      oldLogProbs: old?.policy[index],
      refLogProbs: reference,
      advantages,
      clipAdvantages: within(combined),
      sequences,
      tokens,
    }, { ...shared.lossOptions, beta });
  const loss = lossWith(within(combined), config.beta);
  const losses = apart
    ? [
      ...own.map((advantages) => lossWith(within(advantages), 0)),
      ...(config.beta === 0 ? [] : [lossWith(within(combined).map(() => 0), config.beta)]),
    ]
    : [loss];
  const coefficients = losses.map(({ gradient }) =>
    Float32Array.from(gradient.flatMap((row) => [...row]))
  );
  const gradients = backwardEach(policy, run.trainable, recorded.tape, coefficients, score);
  disposeTape(recorded.tape);
  const entropy = total(entropies.flat()) / Math.max(1, tokens);
  return { loss, gradients, logProbs, reference, entropy };
}

/** The sum of the parts' gradients, which it disposes of. */
function joinWhole(passes: readonly PartPass[]): tf.Tensor1D {
  const gradients = passes.flatMap((pass) => pass.gradients);
  const sum = tf.tidy(() => tf.addN(gradients));
  tf.dispose(gradients);
  return sum;
}

/** The weighted sum of the rewards' gradients and, where they are measured now, the weights of the next steps. */
function joinApart(
  { options, run, samples, weights, geometry }: StepInput,
  parts: readonly Part[],
  passes: readonly PartPass[],
  measures: boolean,
): Pick<StepOutput, "weights" | "geometry"> & {
  readonly gradient: tf.Tensor1D;
  readonly metrics: Readonly<Record<string, number>>;
} {
  const { config, rewardNames, aggregator, banks } = options;
  const gradients = passes.map((pass) => pass.gradients);
  const halves = halfGradients(gradients, parts, samples.indices.length, rewardNames.length);
  const gradient = combineHalves(halves, weights, banks);
  const context = {
    config,
    rewardNames,
    aggregator,
    run,
    memory: geometry,
    rewards: samples.rewards,
  };
  const found = measures
    ? measureGeometry(context, halves)
    : { weights, memory: geometry, metrics: {} };
  tf.dispose([...halves.a, ...halves.b, halves.kl]);
  return { gradient, weights: found.weights, geometry: found.memory, metrics: found.metrics };
}

/** The sum of two gradients, both of which it disposes of. */
function joined(a: tf.Tensor1D, b: tf.Tensor1D): tf.Tensor1D {
  const sum = tf.add(a, b) as tf.Tensor1D;
  tf.dispose([a, b]);
  return sum;
}

/** TRL's shares of clipped tokens, or of clipped sequences where each has one ratio. */
function clipMetrics(
  totals: readonly GrpoLoss[],
  tokens: number,
  level: "token" | "sequence",
): Record<string, number> {
  const lows = totals.flatMap(({ lowShares }) => lowShares);
  const highs = totals.flatMap(({ highShares }) => highShares);
  const mean = (clipped: number, shares: readonly number[]) =>
    level === "token" ? clipped / Math.max(1, tokens) : total(shares) / Math.max(1, shares.length);
  const low = mean(total(totals.map(({ clippedLow }) => clippedLow)), lows);
  const high = mean(total(totals.map(({ clippedHigh }) => clippedHigh)), highs);
  return {
    "clip_ratio/low_mean": low,
    "clip_ratio/low_min": lows.length === 0 ? 0 : Math.min(...lows),
    "clip_ratio/high_mean": high,
    "clip_ratio/high_max": Math.max(0, ...highs),
    "clip_ratio/region_mean": low + high,
  };
}

/** Logs how far the step moved every reward's mean. */
function changeMetrics(
  { options, run, samples, old }: StepInput,
  parts: readonly Part[],
  before: readonly Rows[],
): Record<string, number> {
  const { config, model, rewardNames } = options;
  const policy = currentPolicy(model, run.trainable);
  const after = parts.map(({ batch, lengths }) =>
    cutRows(scoreBatch(policy, batch, { temperature: config.temperature }), lengths)
  );
  disposePolicy(policy, run.trainable);
  const changes = measuredChange({
    rewards: samples.rewards,
    sampled: (old?.policy ?? before).flat(),
    before: before.flat(),
    after: after.flat(),
  });
  const metrics: Record<string, number> = {};
  rewardNames.forEach((name, i) => {
    metrics[`balance/predicted_change/${name}`] = changes[i]!.predicted;
    metrics[`balance/realised_change/${name}`] = changes[i]!.realised;
  });
  return metrics;
}
