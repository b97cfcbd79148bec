/**
 * Group Relative Policy Optimization with several rewards: summed (GRPO, arXiv 2402.03300), normalised one by one
 * (GDPO, arXiv 2601.05242), or with capability-aware weights (theory sections 2, 4, 8). On-policy, one inner epoch.
 *
 * @module
 */

import { z } from "zod";
import {
  backward,
  basePolicy,
  type Batch,
  type Completion,
  currentPolicy,
  disposePolicy,
  disposeTape,
  generate,
  packGroups,
  type Policy,
  recordBatch,
  scoreBatch,
  type Tape,
  type Tokenizer,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import { randomStream, tf, UsageError, WorkbenchError } from "../runtime/mod.ts";
import { adamWMetric } from "./adamw.ts";
import {
  groupAdvantages,
  type GroupRewards,
  rewardAdvantages,
  sampleDeviation,
} from "./advantages.ts";
import {
  capabilityGeometry,
  type GeometryMemory,
  type HalfGradients,
} from "./capability_geometry.ts";
import { grpoLoss, grpoLossDefaults, type GrpoLossOptions, lossTypes } from "./grpo_loss.ts";
import {
  loopSchema,
  type OnStep,
  type Run,
  type StepMetrics,
  trainingLoop,
  type TrainingResult,
} from "./loop.ts";

/** Options of GRPO; names and values are TRL's, in camel case, where TRL has them. */
export const grpoSchema = loopSchema.extend({
  promptsPerStep: z.int().min(1).default(8).describe("Prompts in a step"),
  numGenerations: z.int().min(2).default(4).describe("Completions of each prompt"),
  maxCompletionLength: z.int().min(1).default(64).describe("Longest completion, in tokens"),
  temperature: z.number().positive().default(1).describe("Sampling temperature"),
  topP: z.number().gt(0).max(1).default(1).describe("Nucleus of the sampling distribution"),
  topK: z.int().min(0).default(0).describe("Number of tokens to sample from; 0 for all"),
  beta: z.number().min(0).default(0.04).describe(
    "Weight of the divergence from the initial policy",
  ),
  lossType: z.enum(lossTypes).default("dapo").describe("How token losses are averaged"),
  multiObjectiveAggregation: z.enum(["sum_then_normalize", "normalize_then_sum", "leave_one_out"])
    .default("sum_then_normalize").describe("How rewards become one advantage"),
  scaleRewards: z.enum(["group", "batch", "none"]).default("group").describe(
    "What summed rewards are divided by",
  ),
  rewardWeights: z.array(z.number().min(0)).describe("Weight of each reward"),
  weighting: z.enum(["static", "capability_aware"]).default("static").describe(
    "Keep the reward weights, or raise them so that no capability is harmed to first order",
  ),
  gramSteps: z.int().min(1).default(4).describe("Steps between measurements of the Gram matrix"),
  gramDecay: z.number().min(0).lt(1).default(0.5).describe(
    "Share of the earlier Gram matrix that is kept",
  ),
  cap: z.number().min(0).default(4).describe("Largest addition to a weight"),
  ridge: z.number().min(0).default(0.01).describe("Ridge, relative to the Gram matrix's diagonal"),
  minSignalToNoise: z.number().min(0).default(1).describe(
    "A capability whose gradient is noisier than this has no veto",
  ),
  microBatches: z.int().min(1).default(2).describe(
    "Parts in which a step is computed; changes memory, not results",
  ),
});

/** See {@linkcode grpoSchema}. */
export type GrpoConfig = z.infer<typeof grpoSchema>;

/** A prompt to sample from. */
export interface GrpoPrompt {
  /** Token ids, up to where the answer begins. */
  readonly ids: readonly number[];
  /** Every step takes prompts from all strata in turn, so that each half of it holds all capabilities. */
  readonly stratum: string;
}

/** Scores completions of prompts (by index): one row a completion, null where a reward is absent. */
export type RewardFunction = (
  prompts: readonly number[],
  completions: readonly string[],
) => Promise<(number | null)[][]>;

/** What {@linkcode trainGrpo} needs. */
export interface GrpoOptions {
  /** The model. */
  readonly model: Transformer;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Initial parameters; the policy at these values, without adapter for a fresh one, is not the reference: see `reference`. */
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

/** Deviations below this do not scale a reward up further. */
const SMALLEST_SCALE = 0.05;

/** A prompt of every stratum in turn, each stratum in its own shuffled order. */
export function stratifiedBatch(
  prompts: readonly GrpoPrompt[],
  size: number,
  step: number,
  seed: number,
): number[] {
  const strata = [...new Set(prompts.map(({ stratum }) => stratum))].sort();
  const members = strata.map((s) => prompts.flatMap(({ stratum }, i) => stratum === s ? [i] : []));
  return Array.from({ length: size }, (_, i) => {
    const at = step * size + i;
    const stratum = at % strata.length;
    const indices = members[stratum]!;
    const turn = Math.floor(at / strata.length);
    const epoch = Math.floor(turn / indices.length);
    return randomStream(seed, "prompts", strata[stratum]!, epoch).shuffle(
      indices,
    )[turn % indices.length]!;
  });
}

/** Deviation within groups of each reward, pooled over the groups. */
function pooledScales(groups: readonly GroupRewards[], rewards: number): number[] {
  return Array.from({ length: rewards }, (_, i) => {
    const deviations = groups.flatMap((group) => {
      const values = group.flatMap((row) =>
        row[i] === null || row[i] === undefined ? [] : [row[i]!]
      );
      return values.length < 2 ? [] : [sampleDeviation(values)];
    });
    const variance = deviations.reduce((a, d) => a + d * d, 0) / Math.max(1, deviations.length);
    return Math.max(SMALLEST_SCALE, Math.sqrt(variance));
  });
}

/** Trains on rewards; the log has TRL's metrics and, with capability-aware weights, those of the Gram matrix. */
export async function trainGrpo(options: GrpoOptions): Promise<TrainingResult> {
  const { config, model, prompts, trainable } = options;
  checkOptions(options);
  const initial = options.reference === undefined ? currentPolicy(model, trainable) : undefined;
  const reference = options.reference ?? initial ?? basePolicy(model);
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

/** Completions of a step with their rewards. */
interface Samples {
  readonly completions: readonly (readonly Completion[])[];
  readonly rewards: readonly GroupRewards[];
}

async function sample(
  options: GrpoOptions,
  policy: Policy,
  indices: readonly number[],
  step: number,
): Promise<Samples> {
  const { config, tokenizer, prompts, rewardNames } = options;
  const completions = await generate(policy, indices.map((i) => prompts[i]!.ids), {
    numGenerations: config.numGenerations,
    maxNewTokens: config.maxCompletionLength,
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    stopIds: tokenizer.eosIds,
    seed: randomStream(config.seed, "samples", step).seed32(),
  });
  const owners = indices.flatMap((i) => new Array<number>(config.numGenerations).fill(i));
  const texts = completions.flat().map(({ ids }) => tokenizer.decode(ids, { skipSpecial: true }));
  const rows = await options.reward(owners, texts);
  rows.forEach((row) =>
    row.forEach((value, i) => {
      if (value !== null && !Number.isFinite(value)) {
        throw new WorkbenchError(
          `Expected reward ${rewardNames[i]} to be a finite number but found ${value} at step ${
            step + 1
          }`,
        );
      }
    })
  );
  const K = config.numGenerations;
  return { completions, rewards: indices.map((_, g) => rows.slice(g * K, (g + 1) * K)) };
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

const sum = (xs: Iterable<number>): number => {
  let total = 0;
  for (const x of xs) total += x;
  return total;
};

const meanOf = (xs: readonly number[]): number => sum(xs) / Math.max(1, xs.length);

async function takeStep(
  options: GrpoOptions,
  reference: Policy,
  policy: Policy,
  run: Run,
  memory: GrpoMemory,
  indices: readonly number[],
): Promise<{ metrics: StepMetrics; memory: GrpoMemory }> {
  const { config, prompts, rewardNames } = options;
  const samples = await sample(options, policy, indices, run.step);
  const scales = memory.scales ?? pooledScales(samples.rewards, rewardNames.length);
  const aggregation = {
    multiObjectiveAggregation: config.multiObjectiveAggregation,
    scaleRewards: config.scaleRewards,
    rewardWeights: memory.weights,
    rewardScales: scales,
  };
  const advantages = groupAdvantages(samples.rewards, aggregation);
  const lossOptions: GrpoLossOptions = {
    ...grpoLossDefaults,
    lossType: config.lossType,
    beta: config.beta,
    maxCompletionLength: config.maxCompletionLength,
  };
  const tokens = sum(samples.completions.flat().map(({ ids }) => ids.length));
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
    parts.push({ batch, first, refLogProbs, ...recordBatch(policy, batch, score) });
  }

  /** Loss of a part under the given advantages, and its derivative at each token. */
  const lossOf = (part: Part, groupAdvantage: readonly (readonly number[])[], beta: number) => {
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
  const gradientOf = (part: Part, groupAdvantage: readonly (readonly number[])[], beta: number) => {
    const { gradient } = lossOf(part, groupAdvantage, beta);
    const flat = Float32Array.from(gradient.flatMap((row) => [...row]));
    return backward(policy, run.trainable, part.tape, flat, { temperature: config.temperature });
  };

  const totals = parts.map((part) => lossOf(part, advantages, config.beta));
  const measures = config.weighting === "capability_aware" && run.step % config.gramSteps === 0;
  let next: GrpoMemory = { ...memory, scales };
  let geometryMetrics: Record<string, number> = {};
  let gradient: tf.Tensor1D;
  if (measures) {
    const halves = halfGradients(
      parts,
      samples,
      rewardNames.length,
      aggregation,
      config.beta,
      gradientOf,
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
    const gradients = parts.map((part) => gradientOf(part, advantages, config.beta));
    gradient = tf.tidy(() => tf.addN(gradients));
    tf.dispose(gradients);
  }
  parts.forEach(({ tape }) => disposeTape(tape));
  run.update(gradient);
  return {
    metrics: {
      loss: sum(totals.map(({ loss }) => loss)),
      ...sampleMetrics(options, samples, memory.weights),
      kl: sum(totals.map(({ kl }, i) => kl * parts[i]!.logProbs.length)) / Math.max(1, tokens),
      num_tokens: tokens,
      ...Object.fromEntries(rewardNames.map((name, i) => [`weights/${name}`, memory.weights[i]!])),
      ...geometryMetrics,
    },
    memory: next,
  };
}

/** Gradient of each capability's loss on the two halves of the step, and that of the divergence. */
function halfGradients(
  parts: readonly Part[],
  samples: Samples,
  rewards: number,
  aggregation: Parameters<typeof rewardAdvantages>[2],
  beta: number,
  gradientOf: (part: Part, advantages: readonly (readonly number[])[], beta: number) => tf.Tensor1D,
): HalfGradients {
  const addUp = (gradients: tf.Tensor1D[]) => {
    const total = tf.tidy(() => tf.addN(gradients)) as tf.Tensor1D;
    tf.dispose(gradients);
    return total;
  };
  const middle = Math.ceil(parts.length / 2);
  const byReward = Array.from({ length: rewards }, (_, i) => {
    const own = rewardAdvantages(samples.rewards, i, aggregation);
    return [parts.slice(0, middle), parts.slice(middle)].map((half) =>
      addUp(half.map((part) => gradientOf(part, own, 0)))
    );
  });
  const none = samples.rewards.map((group) => group.map(() => 0));
  return {
    a: byReward.map(([a]) => a!),
    b: byReward.map(([, b]) => b!),
    kl: addUp(parts.map((part) => gradientOf(part, none, beta))),
  };
}

/** The weighted sum of the capabilities' gradients and the divergence's. */
function combine({ a, b, kl }: HalfGradients, weights: readonly number[]): tf.Tensor1D {
  return tf.tidy(() =>
    weights.reduce<tf.Tensor>(
      (total, w, i) => tf.add(total, tf.mul(tf.add(a[i]!, b[i]!), w)),
      kl,
    ) as tf.Tensor1D
  );
}

/** TRL's metrics of rewards and completions. */
function sampleMetrics(
  { rewardNames, config }: GrpoOptions,
  { completions, rewards }: Samples,
  weights: readonly number[],
): Record<string, number> {
  const metrics: Record<string, number> = {};
  const sums = rewards.map((group) =>
    group.map((row) => sum(row.map((r, i) => (r ?? 0) * weights[i]!)))
  );
  metrics.reward = meanOf(sums.flat());
  metrics.reward_std = meanOf(sums.map(sampleDeviation));
  metrics.frac_reward_zero_std = meanOf(sums.map((group) => sampleDeviation(group) < 1e-9 ? 1 : 0));
  rewardNames.forEach((name, i) => {
    const values = rewards.flat().flatMap((row) =>
      row[i] === null || row[i] === undefined ? [] : [row[i]!]
    );
    if (values.length === 0) return;
    metrics[`rewards/${name}/mean`] = meanOf(values);
    metrics[`rewards/${name}/std`] = sampleDeviation(values);
  });
  const all = completions.flat();
  metrics["completions/mean_length"] = meanOf(all.map(({ ids }) => ids.length));
  metrics["completions/clipped_ratio"] = meanOf(
    all.map(({ finished, ids }) => !finished && ids.length === config.maxCompletionLength ? 1 : 0),
  );
  return metrics;
}
