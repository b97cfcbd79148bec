/**
 * One optimizer step of GRPO: losses and gradients of the step's parts, one part in memory at a time, and the step on the
 * weights that are solved from them.
 *
 * @module
 */

import { currentPolicy, disposePolicy, type Policy, scoreBatch } from "../model/mod.ts";
import { tf } from "../runtime/mod.ts";
import { type AdvantageOptions, groupAdvantages, rewardAdvantages } from "./advantages.ts";
import { type BalanceMemory, balanceStep, followsRule, meanWeights } from "./balance_step.ts";
import { blockHalves } from "./block_weights.ts";
import type { GrpoLoss } from "./grpo_loss.ts";
import type { GrpoOptions } from "./grpo_options.ts";
import { namedMetrics, type Run } from "./loop.ts";
import { measuredChange } from "./measured_change.ts";
import { type OldRows, type PartPass, passPart, type SharedByParts } from "./part_pass.ts";
import { blockGradients, promptBlocks } from "./prompt_blocks.ts";
import type { Samples } from "./samples.ts";
import { type Bounds, cutRows, evenBounds, type Part, partsOf, type Rows } from "./step_parts.ts";

/** Log-probabilities that later steps on the same completions compare with, [prompts][completions][tokens]. */
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
  /** Scales of the rewards, [rewards]. */
  readonly scales: readonly number[];
  /** The last weights that were solved; null before the first. */
  readonly balance: BalanceMemory | null;
}

/** What a step gives. */
export interface StepOutput {
  /** What to log, by metric. */
  readonly metrics: Record<string, number> & { loss: number };
  /** Log-probabilities that later steps on the same completions compare with. */
  readonly old: OldLogProbs;
  /** Weights that the step was made with, mean over the halves, [rewards]. */
  readonly weights: readonly number[];
  /** For the next step. */
  readonly balance: BalanceMemory | null;
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
  const { options, run, samples, old } = input;
  const { config } = options;
  const plan = stepPlan(input);
  const parts = partsOf(samples, options.prompts, plan.pieces, config.maskTruncatedCompletions);
  const tokens = total(parts.flatMap(({ lengths, counts }) => lengths.filter((_, s) => counts[s])));
  const shared = sharedByParts(input, plan, parts, tokens);
  const pass = (part: Part) => passPart(shared, part, old && oldRows(old, part));
  const passes = parts.flatMap((part) =>
    pass(part) ?? pieceParts(input, part).map((piece) => pass(piece)!)
  );
  const penalty = options.penalty?.(run.trainable.values);
  const taken = plan.apart
    ? stepApart(input, plan, passes, penalty?.gradient)
    : stepWhole(input, passes, penalty?.gradient);
  const logProbs = passes.flatMap((pass) => pass.logProbs);
  const losses = passes.map(({ loss }) => loss);
  return {
    metrics: {
      loss: taken.loss + (penalty?.loss ?? 0),
      ...(config.beta !== 0 && {
        kl: total(losses.map(({ klSum }) => klSum)) / Math.max(1, tokens),
      }),
      entropy: total(passes.map(({ entropy }) => entropy)),
      ...(old !== undefined && clipMetrics(losses, tokens, config.importanceSamplingLevel)),
      ...(penalty !== undefined && { penalty: penalty.loss }),
      ...taken.metrics,
      ...(config.measureChange && changeMetrics(input, parts, logProbs)),
    },
    old: old ?? {
      policy: byPrompt(logProbs, samples),
      reference: byPrompt(passes.flatMap(({ reference }) => reference), samples),
    },
    weights: taken.weights,
    balance: taken.balance,
  };
}

/** Each piece of a part as a part of its own. */
function pieceParts({ options, samples }: StepInput, { pieces }: Part): Part[] {
  const { prompts, config } = options;
  return partsOf(samples, prompts, pieces.map((piece) => [piece]), config.maskTruncatedCompletions);
}

/** Rows of a step by prompt; none stay none. */
function byPrompt<Row>(rows: readonly Row[], { completions }: Samples): Row[][] {
  const K = completions[0]!.length;
  return Array.from({ length: rows.length / K }, (_, g) => rows.slice(g * K, (g + 1) * K));
}

/** What a part needs of the log-probabilities when its completions were sampled. */
function oldRows({ policy, reference }: OldLogProbs, { first, batch }: Part): OldRows {
  const within = <Row>(rows: readonly (readonly Row[])[]) =>
    rows.slice(first, first + batch.groups).flat();
  return { policy: within(policy), reference: within(reference) };
}

/** How a step is cut, and what it is made of. */
interface StepPlan {
  /** Bounds of the blocks of prompts; one where the weights follow no rule. */
  readonly blocks: readonly Bounds[];
  /** What each part holds of the blocks. */
  readonly pieces: readonly (readonly Bounds[])[];
  /** Whether each reward's gradient is needed by itself. */
  readonly apart: boolean;
  /** Weights of each prompt's rewards before the step, [prompts][rewards]. */
  readonly weights: readonly (readonly number[])[];
}

function stepPlan({ options, samples, run, balance }: StepInput): StepPlan {
  const { config, aggregator, banks } = options;
  const prompts = samples.indices.length;
  const follows = followsRule(config, aggregator);
  const solves = follows && run.step % config.gramSteps === 0;
  const blocks = follows ? promptBlocks(config, prompts) : [[0, prompts] as const];
  return {
    blocks,
    pieces: solves
      ? piecesOf(blocks, config.microBatches)
      : evenBounds(0, prompts, config.microBatches).map((part) => [part]),
    apart: banks !== undefined || solves,
    weights: promptWeights(blocks, balance?.weights ?? [config.rewardWeights]),
  };
}

/** Cuts blocks into parts: each into several where there are more parts than blocks, else whole blocks into a part. */
function piecesOf(blocks: readonly Bounds[], parts: number): Bounds[][] {
  if (parts > blocks.length) {
    const each = Math.ceil(parts / blocks.length);
    return blocks.flatMap(([from, to]) => evenBounds(from, to, each).map((part) => [part]));
  }
  return evenBounds(0, blocks.length, parts).map(([from, to]) => blocks.slice(from, to));
}

/** Weights of each prompt's rewards, [prompts][rewards]: those of one half of the blocks are for the other's. */
function promptWeights(
  blocks: readonly Bounds[],
  known: readonly (readonly number[])[],
): (readonly number[])[] {
  return blockHalves(blocks.length, known.length === 2).flatMap((half, h) =>
    half.flatMap((b) => {
      const [from, to] = blocks[b]!;
      return Array.from({ length: to - from }, () => known.at(h - 1)!);
    })
  );
}

function sharedByParts(
  input: StepInput,
  { apart, weights }: StepPlan,
  parts: readonly Part[],
  tokens: number,
): SharedByParts {
  const { options: { config, rewardNames }, samples: { rewards }, scales } = input;
  const aggregation: AdvantageOptions = {
    multiObjectiveAggregation: config.multiObjectiveAggregation,
    scaleRewards: config.scaleRewards,
    rewardWeights: config.rewardWeights,
    rewardScales: scales,
  };
  const own = rewardNames.map((_, i) => rewardAdvantages(rewards, i, aggregation));
  return {
    config,
    policy: input.policy,
    reference: input.reference,
    trainable: input.run.trainable,
    lossOptions: {
      lossType: config.lossType,
      beta: config.beta,
      epsilon: config.epsilon,
      epsilonHigh: config.epsilonHigh ?? config.epsilon,
      importanceSamplingLevel: config.importanceSamplingLevel,
      useBiasCorrectionKl: config.useBiasCorrectionKl,
      maxCompletionLength: config.maxCompletionLength,
    },
    combined: config.multiObjectiveAggregation === "leave_one_out"
      ? rewards.map((group, g) =>
        group.map((_, k) => total(own.map((of, i) => weights[g]![i]! * of[g]![k]!)))
      )
      : groupAdvantages(rewards, aggregation),
    own,
    sequences: total(parts.map(({ lengths }) => lengths.length)),
    tokens,
    apart,
  };
}

/** What the optimizer's step gives. */
interface Taken extends Pick<StepOutput, "weights" | "balance"> {
  /** The loss under the weights of the step. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Steps on the sum of the parts' gradients, by weights that were known before the step. */
function stepWhole(
  { options: { config, rewardNames }, run, balance }: StepInput,
  passes: readonly PartPass[],
  penalty: tf.Tensor1D | undefined,
): Taken {
  const gradients = passes.flatMap(({ pieces }) => pieces.flatMap(({ vectors }) => vectors));
  const all = penalty === undefined ? gradients : [...gradients, penalty];
  const sum = tf.tidy(() => tf.addN(all)) as tf.Tensor1D;
  tf.dispose(all);
  run.update(sum);
  const weights = meanWeights(balance?.weights ?? [config.rewardWeights]);
  return {
    loss: total(passes.map(({ loss }) => loss.loss)),
    metrics: namedMetrics("weights", rewardNames, weights),
    weights,
    balance,
  };
}

/** Steps on the rewards' gradients, by weights that are solved from them where they follow a rule. */
function stepApart(
  { options, run, samples: { rewards }, balance }: StepInput,
  { blocks }: StepPlan,
  passes: readonly PartPass[],
  penalty: tf.Tensor1D | undefined,
): Taken {
  const { config, rewardNames, aggregator, banks } = options;
  const pieces = passes.flatMap((pass) => pass.pieces);
  const taken = balanceStep({
    run,
    gradients: { ...blockGradients(pieces, blocks, rewards, rewardNames.length), penalty },
    config,
    rewardNames,
    aggregator,
    banks,
    memory: balance,
  });
  const weights = promptWeights(blocks, taken.halves);
  // At ratio 1 the loss is linear in the weights.
  const loss = total([
    ...passes.map(({ divergence }) => divergence),
    ...pieces.flatMap(({ first, losses }) => losses.map((x, i) => x * weights[first]![i]!)),
  ]);
  return { loss, metrics: taken.metrics, weights: taken.weights, balance: taken.memory };
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
  before: Rows,
): Record<string, number> {
  const { config, model, rewardNames } = options;
  const policy = currentPolicy(model, run.trainable);
  const after = parts.map(({ batch, lengths }) =>
    cutRows(scoreBatch(policy, batch, { temperature: config.temperature }), lengths)
  );
  disposePolicy(policy, run.trainable);
  const changes = measuredChange({
    rewards: samples.rewards,
    sampled: old?.policy.flat() ?? before,
    before,
    after: after.flat(),
  });
  const metrics: Record<string, number> = {};
  rewardNames.forEach((name, i) => {
    metrics[`balance/predicted_change/${name}`] = changes[i]!.predicted;
    metrics[`balance/realised_change/${name}`] = changes[i]!.realised;
  });
  return metrics;
}
