/**
 * Group Relative Policy Optimization with several rewards: summed (GRPO, arXiv 2402.03300), normalised one by one
 * (GDPO, arXiv 2601.05242), or with capability-aware weights (theory sections 2, 4, 8). On-policy, one inner epoch.
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
  type Tape,
  type Tokenizer,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import { tf, UsageError } from "../runtime/mod.ts";
import { adamWMetric } from "./adamw.ts";
import { groupAdvantages, pooledScales, rewardAdvantages } from "./advantages.ts";
import {
  capabilityGeometry,
  type GeometryMemory,
  type HalfGradients,
} from "./capability_geometry.ts";
import type { GrpoConfig } from "./grpo_config.ts";
import { type GrpoLoss, grpoLoss, grpoLossDefaults, type GrpoLossOptions } from "./grpo_loss.ts";
import {
  type OnStep,
  type Run,
  type StepMetrics,
  trainingLoop,
  type TrainingResult,
} from "./loop.ts";
import { type RewardFunction, sampleCompletions, sampleMetrics } from "./samples.ts";
import { type GrpoPrompt, stratifiedBatch } from "./strata.ts";

/** What {@linkcode trainGrpo} needs. */
export interface GrpoOptions {
  /** The model. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Initial parameters; they stay the caller's. */
  readonly trainable: Trainable;
  /** The policy that the divergence is measured from; the initial one when left out. */
  readonly reference?: Policy;
  /** Prompts to sample from. */
  readonly prompts: readonly GrpoPrompt[];
  /** Names of the rewards, for the log. */
  readonly rewardNames: readonly string[];
  /** The rewards. */
  readonly reward: RewardFunction;
  /** Options. */
  readonly config: GrpoConfig;
  /** Folder of the checkpoint. */
  readonly folder?: string | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
}

/** What steps carry from one to the next. */
interface GrpoMemory {
  /** Weight of each reward's advantage. */
  readonly weights: readonly number[];
  /** Constant divisor of each reward, from the first step. */
  readonly scales: readonly number[] | null;
  /** The measured Gram matrix. */
  readonly geometry: GeometryMemory | null;
}

/** Trains on rewards; the log has TRL's metrics and, with capability-aware weights, those of the Gram matrix. */
export async function trainGrpo(options: GrpoOptions): Promise<TrainingResult> {
  const { config, model, prompts, trainable } = options;
  checkOptions(options);
  const initial = options.reference === undefined ? currentPolicy(model, trainable) : undefined;
  const reference = options.reference ?? initial!;
  try {
    return await trainingLoop<GrpoMemory>({
      config,
      trainable,
      folder: options.folder,
      memory: { weights: config.rewardWeights, scales: null, geometry: null },
      onStep: options.onStep,
      takeStep: async (run, memory) => {
        const indices = stratifiedBatch(prompts, config.promptsPerStep, run.step, config.seed);
        const policy = currentPolicy(model, run.trainable);
        try {
          return await takeStep(options, reference, policy, run, memory, indices);
        } finally {
          disposePolicy(policy, run.trainable);
        }
      },
    });
  } finally {
    if (initial !== undefined) disposePolicy(initial, trainable);
  }
}

function checkOptions({ config, prompts, rewardNames }: GrpoOptions): void {
  if (prompts.length === 0) throw new UsageError("Expected at least 1 prompt but found 0");
  if (config.rewardWeights.length !== rewardNames.length) {
    throw new UsageError(
      `Expected rewardWeights to have ${rewardNames.length} numbers but found ${config.rewardWeights.length}`,
    );
  }
  if (config.weighting === "capability_aware") {
    if (config.multiObjectiveAggregation !== "leave_one_out") {
      throw new UsageError(
        "Expected multiObjectiveAggregation to be leave_one_out with capability-aware weights " +
          `but found ${config.multiObjectiveAggregation}`,
      );
    }
    if (config.microBatches < 2 || config.promptsPerStep < 2) {
      throw new UsageError(
        "Expected microBatches and promptsPerStep to be at least 2 with capability-aware weights, which compare " +
          `two halves of a step, but found ${config.microBatches} and ${config.promptsPerStep}`,
      );
    }
  }
}

/** A part of the step: its groups, its tape, its reference log-probabilities. */
interface Part {
  readonly batch: Batch;
  readonly tape: Tape;
  readonly logProbs: Float32Array;
  readonly refLogProbs: Float32Array;
  /** Index of the part's first group in the step. */
  readonly first: number;
}

/** Advantage of each completion, `[groups][completions]`. */
type Advantages = readonly (readonly number[])[];

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

async function takeStep(
  options: GrpoOptions,
  reference: Policy,
  policy: Policy,
  run: Run,
  memory: GrpoMemory,
  indices: readonly number[],
): Promise<{ metrics: StepMetrics; memory: GrpoMemory }> {
  const { config, prompts, rewardNames } = options;
  const samples = await sampleCompletions(options, policy, indices, run.step);
  const scales = memory.scales ?? pooledScales(samples.rewards, rewardNames.length);
  const aggregation = {
    multiObjectiveAggregation: config.multiObjectiveAggregation,
    scaleRewards: config.scaleRewards,
    rewardWeights: memory.weights,
    rewardScales: scales,
  };
  const advantages = groupAdvantages(samples.rewards, aggregation);
  const noAdvantage = advantages.map((group) => group.map(() => 0));
  const lossOptions: GrpoLossOptions = {
    ...grpoLossDefaults,
    lossType: config.lossType,
    beta: config.beta,
    maxCompletionLength: config.maxCompletionLength,
  };
  const tokens = total(samples.completions.flat().map(({ ids }) => ids.length));
  const sequences = samples.completions.flat().length;

  const size = Math.ceil(indices.length / config.microBatches);
  const parts: Part[] = [];
  for (let first = 0; first < indices.length; first += size) {
    const groups = indices.slice(first, first + size).map((i, g) => ({
      prompt: prompts[i]!.ids,
      completions: samples.completions[first + g]!.map(({ ids }) => ids),
    }));
    const batch = packGroups(groups);
    const score = { temperature: config.temperature };
    const refLogProbs = config.beta === 0
      ? new Float32Array()
      : scoreBatch(reference, batch, score);
    parts.push({ batch, first, refLogProbs, ...recordBatch(policy, run.trainable, batch, score) });
  }

  /** Loss of a part under the given advantages, and its derivative at each token. */
  const lossOf = (part: Part, groupAdvantage: Advantages, beta: number) => {
    const groups = samples.completions.slice(part.first, part.first + part.batch.groups);
    const lengths = groups.flat().map(({ ids }) => ids.length);
    const rows = (values: Float32Array) => {
      let next = 0;
      return lengths.map((n) => values.subarray(next, next += n));
    };
    return grpoLoss({
      logProbs: rows(part.logProbs),
      ...(beta !== 0 && { refLogProbs: rows(part.refLogProbs) }),
      advantages: groupAdvantage.slice(part.first, part.first + part.batch.groups).flat(),
      sequences,
      numItemsInBatch: tokens,
    }, { ...lossOptions, beta });
  };
  const gradientsOf = (part: Part, losses: readonly GrpoLoss[]) =>
    backwardEach(
      policy,
      run.trainable,
      part.tape,
      losses.map(({ gradient }) => Float32Array.from(gradient.flatMap((row) => [...row]))),
      { temperature: config.temperature },
    );

  const totals = parts.map((part) => lossOf(part, advantages, config.beta));
  const measures = config.weighting === "capability_aware" && run.step % config.gramSteps === 0;
  let next: GrpoMemory = { ...memory, scales };
  let geometryMetrics: Record<string, number> = {};
  let gradient: tf.Tensor1D;
  if (measures) {
    const own = rewardNames.map((_, i) => rewardAdvantages(samples.rewards, i, aggregation));
    const lossesOf = (part: Part) => [
      ...own.map((advantage) => lossOf(part, advantage, 0)),
      ...(config.beta === 0 ? [] : [lossOf(part, noAdvantage, config.beta)]),
    ];
    const halves = halfGradients(
      parts.map((part) => gradientsOf(part, lossesOf(part))),
      rewardNames.length,
    );
    gradient = combine(halves, memory.weights);
    const metric = adamWMetric(run.optimizer, {
      betas: [config.adamBeta1, config.adamBeta2],
      eps: config.adamEpsilon,
      weightDecay: config.weightDecay,
    });
    const found = capabilityGeometry({
      halves,
      metric: metric.dataSync() as Float32Array,
      momentum: run.optimizer.momentum.dataSync() as Float32Array,
      memory: memory.geometry,
      preference: config.rewardWeights,
      beta1: config.adamBeta1,
      decay: config.gramDecay,
      cap: config.cap,
      ridge: config.ridge,
      minSignalToNoise: config.minSignalToNoise,
      names: rewardNames,
    });
    metric.dispose();
    tf.dispose([...halves.a, ...halves.b, halves.kl]);
    next = { scales, weights: found.weights, geometry: found.memory };
    geometryMetrics = found.metrics;
  } else {
    const gradients = parts.flatMap((part, i) => gradientsOf(part, [totals[i]!]));
    gradient = tf.tidy(() => tf.addN(gradients));
    tf.dispose(gradients);
  }
  parts.forEach(({ tape }) => disposeTape(tape));
  run.update(gradient);
  return {
    metrics: {
      loss: total(totals.map(({ loss }) => loss)),
      ...sampleMetrics(rewardNames, samples, memory.weights),
      kl: total(totals.map(({ kl }, i) => kl * parts[i]!.logProbs.length)) / Math.max(1, tokens),
      num_tokens: tokens,
      ...Object.fromEntries(rewardNames.map((name, i) => [`weights/${name}`, memory.weights[i]!])),
      ...geometryMetrics,
    },
    memory: next,
  };
}

/**
 * Gradients of the capabilities' losses on the two halves of the step, and of the divergence on all of it (zero where
 * it has no weight), from those of each part: one a capability, then the divergence's. Disposes of what it is given.
 */
function halfGradients(
  parts: readonly (readonly tf.Tensor1D[])[],
  rewards: number,
): HalfGradients {
  const addUp = (half: readonly (readonly tf.Tensor1D[])[], i: number) => {
    const gradients = half.map((part) => part[i]!);
    const added = tf.tidy(() => tf.addN(gradients)) as tf.Tensor1D;
    tf.dispose(gradients);
    return added;
  };
  const middle = Math.ceil(parts.length / 2);
  const { size } = parts[0]![0]!;
  const capabilities = Array.from({ length: rewards }, (_, i) => i);
  return {
    a: capabilities.map((i) => addUp(parts.slice(0, middle), i)),
    b: capabilities.map((i) => addUp(parts.slice(middle), i)),
    kl: parts[0]!.length > rewards ? addUp(parts, rewards) : tf.zeros([size]),
  };
}

/** The weighted sum of the capabilities' gradients and the divergence's. */
function combine({ a, b, kl }: HalfGradients, weights: readonly number[]): tf.Tensor1D {
  return tf.tidy(() =>
    weights.reduce<tf.Tensor>(
      (added, w, i) => tf.add(added, tf.mul(tf.add(a[i]!, b[i]!), w)),
      kl,
    ) as tf.Tensor1D
  );
}
