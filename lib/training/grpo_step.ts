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
  readonly options: GrpoOptions;
  readonly reference: Policy;
  readonly policy: Policy;
  readonly run: Run;
  readonly samples: Samples;
  /** Log-probabilities when the completions were sampled; undefined in the first step on them, where the ratio is 1. */
  readonly old: OldLogProbs | undefined;
  readonly weights: readonly number[];
  readonly scales: readonly number[];
  readonly geometry: GeometryMemory | null;
}

/** What a step gives. */
export interface StepOutput {
  readonly metrics: Record<string, number> & { loss: number };
  readonly old: OldLogProbs;
  readonly weights: readonly number[];
  readonly geometry: GeometryMemory | null;
}

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

/** Takes one optimizer step on the samples; frees what it made when it throws, too. */
export function grpoStep(input: StepInput): StepOutput {
  return tf.tidy(() => takeStep(input) as unknown as tf.TensorContainer) as unknown as StepOutput;
}

function takeStep(input: StepInput): StepOutput {
  const { options, policy, run, samples, old, weights } = input;
  const { config, rewardNames, banks } = options;
  const aggregation: AdvantageOptions = {
    multiObjectiveAggregation: config.multiObjectiveAggregation,
    scaleRewards: config.scaleRewards,
    rewardWeights: weights,
    rewardScales: input.scales,
  };
  const combined = groupAdvantages(samples.rewards, aggregation);
  const own = rewardNames.map((_, i) => rewardAdvantages(samples.rewards, i, aggregation));
  const moves = options.aggregator !== undefined || config.weighting !== "static";
  const prompts = samples.indices.length;
  const bounds = partBounds(prompts, config.microBatches, moves);
  const parts = partsOf(samples, options.prompts, bounds, config.maskTruncatedCompletions);
  const lossOptions: GrpoLossOptions = {
    lossType: config.lossType,
    beta: config.beta,
    epsilon: config.epsilon,
    epsilonHigh: config.epsilonHigh ?? config.epsilon,
    importanceSamplingLevel: config.importanceSamplingLevel,
    useBiasCorrectionKl: config.useBiasCorrectionKl,
    maxCompletionLength: config.maxCompletionLength,
  };
  const sequences = total(parts.map(({ lengths }) => lengths.length));
  const tokens = total(parts.flatMap(({ lengths, counts }) => lengths.filter((_, s) => counts[s])));
  const score = { temperature: config.temperature };
  const measures = moves && run.step % config.gramSteps === 0;
  const apart = measures || banks !== undefined;

  const totals: GrpoLoss[] = [];
  const gradients: tf.Tensor1D[][] = [];
  const logProbs: number[][][] = [];
  const reference: number[][][] = [];
  let entropy = 0;
  parts.forEach((part, p) => {
    const recorded = recordBatch(policy, run.trainable, part.batch, {
      ...score,
      gradientCheckpointing: config.gradientCheckpointing,
    });
    const rows = cutRows(recorded.logProbs, part.lengths);
    const counted = cutRows(recorded.entropies, part.lengths).filter((_, s) => part.counts[s]);
    entropy += total(counted.flat()) / Math.max(1, tokens);
    const refRows = config.beta === 0
      ? []
      : old?.reference[p] ?? cutRows(scoreBatch(input.reference, part.batch, score), part.lengths);
    const within = (advantages: readonly (readonly number[])[]) =>
      advantages.slice(part.first, part.first + part.batch.groups).flat();
    const lossWith = (advantages: readonly number[], beta: number) =>
      partLoss(part, {
        logProbs: rows,
        oldLogProbs: old?.policy[p],
        refLogProbs: refRows,
        advantages,
        clipAdvantages: within(combined),
        sequences,
        tokens,
      }, { ...lossOptions, beta });
    const whole = lossWith(within(combined), config.beta);
    const losses = apart
      ? [
        ...own.map((advantages) => lossWith(within(advantages), 0)),
        ...(config.beta === 0 ? [] : [lossWith(within(combined).map(() => 0), config.beta)]),
      ]
      : [whole];
    const coefficients = losses.map(({ gradient }) =>
      Float32Array.from(gradient.flatMap((row) => [...row]))
    );
    gradients.push(backwardEach(policy, run.trainable, recorded.tape, coefficients, score));
    disposeTape(recorded.tape);
    totals.push(whole);
    logProbs.push(rows);
    reference.push(refRows as number[][]);
  });

  let next = { weights, geometry: input.geometry };
  let geometryMetrics: Record<string, number> = {};
  let gradient: tf.Tensor1D;
  if (apart) {
    const halves = halfGradients(gradients, parts, prompts, rewardNames.length);
    gradient = combineHalves(halves, weights, banks);
    if (measures) {
      const found = measureGeometry({
        config,
        rewardNames,
        aggregator: options.aggregator,
        run,
        memory: input.geometry,
        rewards: samples.rewards,
      }, halves);
      next = { weights: found.weights, geometry: found.memory };
      geometryMetrics = found.metrics;
    }
    tf.dispose([...halves.a, ...halves.b, halves.kl]);
  } else {
    gradient = tf.tidy(() => tf.addN(gradients.flat()));
    tf.dispose(gradients);
  }
  const penalty = options.penalty?.(run.trainable.values);
  if (penalty !== undefined) {
    const sum = tf.add(gradient, penalty.gradient) as tf.Tensor1D;
    tf.dispose([gradient, penalty.gradient]);
    gradient = sum;
  }
  run.update(gradient);
  const logged = { policy: old?.policy ?? logProbs, reference };
  return {
    metrics: {
      loss: total(totals.map(({ loss }) => loss)) + (penalty?.loss ?? 0),
      ...(config.beta !== 0 && {
        kl: total(totals.map(({ klSum }) => klSum)) / Math.max(1, tokens),
      }),
      entropy,
      ...(old !== undefined && clipMetrics(totals, tokens, config.importanceSamplingLevel)),
      ...(penalty !== undefined && { penalty: penalty.loss }),
      ...geometryMetrics,
      ...(config.measureChange && changeMetrics(input, parts, logProbs)),
    },
    old: logged,
    ...next,
  };
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
