/**
 * One optimizer step of GRPO: losses and gradients of the step's parts, one part in memory at a time, and the weights
 * of the steps that follow.
 *
 * @module
 */

import {
  backwardEach,
  type Batch,
  currentPolicy,
  disposePolicy,
  disposeTape,
  packGroups,
  type Policy,
  recordBatch,
  scoreBatch,
} from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import { adamWMetric } from "./adamw.ts";
import { type AdvantageOptions, groupAdvantages, rewardAdvantages } from "./advantages.ts";
import {
  capabilityGeometry,
  type GeometryMemory,
  type HalfGradients,
} from "./capability_geometry.ts";
import type { GrpoOptions } from "./grpo.ts";
import { type GrpoLoss, grpoLoss, type GrpoLossOptions } from "./grpo_loss.ts";
import type { Run } from "./loop.ts";
import type { Samples } from "./samples.ts";

/** Log-probabilities of a part's tokens, `[sequences][tokens]`. */
type Rows = readonly ArrayLike<number>[];

/** A part of a step: some of its prompts with their completions. */
interface Part {
  readonly batch: Batch;
  /** Index of its first prompt in the step. */
  readonly first: number;
  /** Length of each completion. */
  readonly lengths: readonly number[];
  /** Whether each completion counts in the loss. */
  readonly counts: readonly boolean[];
}

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

/** Cuts one number a token into rows. */
function cut(values: ArrayLike<number>, lengths: readonly number[]): number[][] {
  let next = 0;
  return lengths.map((n) => Array.from({ length: n }, () => values[next++]!));
}

function partsOf({ config, prompts }: GrpoOptions, samples: Samples): Part[] {
  const { indices, completions } = samples;
  const size = Math.ceil(indices.length / config.microBatches);
  const parts: Part[] = [];
  for (let first = 0; first < indices.length; first += size) {
    const members = indices.slice(first, first + size);
    const groups = members.map((i, g) => ({
      prompt: prompts[i]!.ids,
      completions: completions[first + g]!.map(({ ids }) => ids),
    }));
    const flat = completions.slice(first, first + size).flat();
    parts.push({
      batch: packGroups(groups),
      first,
      lengths: flat.map(({ ids }) => ids.length),
      counts: flat.map(({ finished }) => finished || !config.maskTruncatedCompletions),
    });
  }
  return parts;
}

/** Log-probabilities, the advantages of every loss, and the step's totals. */
interface LossInput {
  readonly logProbs: Rows;
  readonly oldLogProbs: Rows | undefined;
  readonly refLogProbs: Rows | undefined;
  readonly advantages: readonly number[];
  readonly clipAdvantages: readonly number[];
  readonly sequences: number;
  readonly tokens: number;
}

/** The loss of a part; completions that do not count have no tokens in it. */
function lossOf(part: Part, input: LossInput, options: GrpoLossOptions): GrpoLoss {
  const counted = (rows: Rows) => rows.map((row, s) => part.counts[s] ? row : []);
  const { oldLogProbs, refLogProbs } = input;
  const loss = grpoLoss({
    logProbs: counted(input.logProbs),
    ...(oldLogProbs !== undefined && { oldLogProbs: counted(oldLogProbs) }),
    ...(options.beta !== 0 && { refLogProbs: counted(refLogProbs!) }),
    advantages: input.advantages,
    clipAdvantages: input.clipAdvantages,
    sequences: input.sequences,
    numItemsInBatch: input.tokens,
  }, options);
  const gradient = part.lengths.map((n, s) =>
    part.counts[s] ? loss.gradient[s]! : new Float64Array(n)
  );
  return { ...loss, gradient };
}

/** Takes one optimizer step on the samples. */
export function grpoStep(input: StepInput): StepOutput {
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
  const parts = partsOf(options, samples);
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
  const measures = options.aggregator !== undefined || config.weighting !== "static"
    ? run.step % config.gramSteps === 0
    : false;
  const apart = measures || banks !== undefined;

  const totals: GrpoLoss[] = [];
  const gradients: tf.Tensor1D[][] = [];
  const logProbs: number[][][] = [];
  const reference: number[][][] = [];
  parts.forEach((part, p) => {
    const recorded = recordBatch(policy, run.trainable, part.batch, {
      ...score,
      gradientCheckpointing: config.gradientCheckpointing,
    });
    const rows = cut(recorded.logProbs, part.lengths);
    const refRows = config.beta === 0
      ? []
      : old?.reference[p] ?? cut(scoreBatch(input.reference, part.batch, score), part.lengths);
    const within = (advantages: readonly (readonly number[])[]) =>
      advantages.slice(part.first, part.first + part.batch.groups).flat();
    const lossWith = (advantages: readonly number[], beta: number) =>
      lossOf(part, {
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
    const halves = halfGradients(gradients, rewardNames.length);
    gradient = combine(halves, weights, banks);
    if (measures) {
      const found = measure(input, halves);
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
      kl: total(totals.map(({ klSum }) => klSum)) / Math.max(1, tokens),
      ...(old !== undefined && clipMetrics(totals, tokens)),
      ...(penalty !== undefined && { penalty: penalty.loss }),
      ...geometryMetrics,
      ...(config.measureChange && changeOf(options, run, parts, logProbs, own)),
    },
    old: logged,
    ...next,
  };
}

/** TRL's shares of clipped tokens. */
function clipMetrics(totals: readonly GrpoLoss[], tokens: number): Record<string, number> {
  const low = total(totals.map(({ clippedLow }) => clippedLow)) / Math.max(1, tokens);
  const high = total(totals.map(({ clippedHigh }) => clippedHigh)) / Math.max(1, tokens);
  return {
    "clip_ratio/low_mean": low,
    "clip_ratio/high_mean": high,
    "clip_ratio/region_mean": low + high,
  };
}

/** The Gram matrix of the halves, and the weights that follow from it. */
function measure(
  { options: { config, rewardNames, aggregator }, run, geometry }: StepInput,
  halves: HalfGradients,
) {
  const metric = adamWMetric(run.optimizer, {
    betas: [config.adamBeta1, config.adamBeta2],
    eps: config.adamEpsilon,
    weightDecay: config.weightDecay,
  });
  const found = capabilityGeometry({
    halves,
    rule: aggregator ?? config.weighting,
    metric: metric.dataSync() as Float32Array,
    momentum: run.optimizer.momentum.dataSync() as Float32Array,
    memory: geometry,
    preference: config.rewardWeights,
    momentumAware: config.momentumAware,
    beta1: config.adamBeta1,
    decay: config.gramDecay,
    cap: config.cap,
    ridge: config.ridge,
    minSignalToNoise: config.minSignalToNoise,
    names: rewardNames,
  });
  metric.dispose();
  return found;
}

/**
 * How far each reward's mean moved with the step, estimated on its own completions with the advantages' scale: to first
 * order, `E[A_i (log pi' - log pi)]`, and in full, `E[A_i (pi' / pi - 1)]` (theory section 4, theorem 10d).
 */
function changeOf(
  { config, model, rewardNames }: GrpoOptions,
  run: Run,
  parts: readonly Part[],
  before: readonly Rows[],
  own: readonly (readonly (readonly number[])[])[],
): Record<string, number> {
  const policy = currentPolicy(model, run.trainable);
  const moved = parts.map((part, p) => {
    const after = cut(
      scoreBatch(policy, part.batch, { temperature: config.temperature }),
      part.lengths,
    );
    return after.map((row, s) => total(row) - total(Array.from(before[p]![s]!)));
  }).flat();
  disposePolicy(policy, run.trainable);
  const metrics: Record<string, number> = {};
  rewardNames.forEach((name, i) => {
    const advantages = own[i]!.flat();
    const mean = (f: (moved: number) => number) =>
      total(advantages.map((a, s) => a * f(moved[s]!))) / advantages.length;
    metrics[`balance/predicted_change/${name}`] = mean((x) => x);
    metrics[`balance/realised_change/${name}`] = mean(Math.expm1);
  });
  return metrics;
}

/**
 * Gradients of the capabilities' losses on the two halves of the step, and of the divergence on all of it (zero where
 * it has no weight), from those of each part: one a capability, then the divergence's. Disposes of what it is given.
 */
function halfGradients(
  parts: readonly (readonly tf.Tensor1D[])[],
  rewards: number,
): HalfGradients {
  const { size } = parts[0]![0]!;
  const addUp = (half: readonly (readonly tf.Tensor1D[])[], i: number) => {
    if (half.length === 0) return tf.zeros([size]) as tf.Tensor1D;
    const gradients = half.map((part) => part[i]!);
    const added = tf.tidy(() => tf.addN(gradients)) as tf.Tensor1D;
    tf.dispose(gradients);
    return added;
  };
  const middle = Math.ceil(parts.length / 2);
  const capabilities = Array.from({ length: rewards }, (_, i) => i);
  const withKl = parts[0]!.length > rewards;
  return {
    a: capabilities.map((i) => addUp(parts.slice(0, middle), i)),
    b: capabilities.map((i) => addUp(parts.slice(middle), i)),
    kl: withKl ? addUp(parts, rewards) : tf.zeros([size]),
  };
}

/** The weighted sum of the capabilities' gradients, each inside its bank, and the divergence's. */
function combine(
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
