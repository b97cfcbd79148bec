/** Supervised fine-tuning: cross-entropy on the completions alone. @module */

import {
  backward,
  checkContext,
  currentPolicy,
  disposeTape,
  recordBatch,
  scoreBatch,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import { randomStream, tf, UsageError } from "../runtime/mod.ts";
import type { SftConfig } from "./config.ts";
import {
  type OnDamaged,
  type OnResume,
  type OnStep,
  type StepMetrics,
  trainingLoop,
  type TrainingResult,
} from "./loop.ts";
import { packExamples, type PackingOptions, paddingShare, type SftExample } from "./packing.ts";

/** What {@linkcode trainSft} needs. */
export interface SftOptions {
  /** The model. */
  readonly model: Transformer;
  /** Initial parameters; they stay the caller's. */
  readonly trainable: Trainable;
  /** What is learned. */
  readonly examples: readonly SftExample[];
  /** Held-out examples, for `evalSteps`. */
  readonly validation?: readonly SftExample[] | undefined;
  /** Options. */
  readonly config: SftConfig;
  /** What run it is, as JSON, for its checkpoints. */
  readonly run?: unknown;
  /** Told what the steps logged that the run goes on behind. */
  readonly onResume?: OnResume | undefined;
  /** Folder of the checkpoint. */
  readonly folder?: string | undefined;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
  /** Ends the run behind a step: a checkpoint is written and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each damaged checkpoint that the run does not go on from. */
  readonly onDamaged?: OnDamaged | undefined;
}

/**
 * The examples of a step: each epoch is a new permutation.
 *
 * @param count Number of examples.
 * @param size Examples in a step.
 * @param step Counted from 0; a step may reach over the end of an epoch.
 * @param seed Fixes the permutations.
 * @returns Indices of examples, [size].
 */
export function epochBatch(count: number, size: number, step: number, seed: number): number[] {
  const orders = new Map<number, readonly number[]>();
  const order = (epoch: number) => {
    const known = orders.get(epoch) ??
      randomStream(seed, "order", epoch).shuffle(Array.from({ length: count }, (_, i) => i));
    orders.set(epoch, known);
    return known;
  };
  return Array.from({ length: size }, (_, i) => {
    const at = step * size + i;
    return order(Math.floor(at / count))[at % count]!;
  });
}

const tokensOf = (examples: readonly SftExample[], part: "prompt" | "completion"): number =>
  examples.reduce((n, example) => n + example[part].length, 0);

const packingOf = (config: SftConfig): PackingOptions => ({
  size: config.microBatchSize,
  strategy: config.packing ? config.packingStrategy : undefined,
});

/**
 * Mean cross-entropy over the completions' tokens, in nats; 0 where there is none.
 *
 * @param model The model.
 * @param trainable Its trained parameters.
 * @param examples What is learned.
 * @param packing Micro-batches: they change memory and time, not the loss.
 * @returns The loss, in nats.
 */
export function sftLoss(
  model: Transformer,
  trainable: Trainable,
  examples: readonly SftExample[],
  packing: PackingOptions,
): number {
  return tf.tidy(() => {
    const policy = currentPolicy(model, trainable);
    let sum = 0;
    for (const batch of packExamples(examples, packing)) {
      sum -= scoreBatch(policy, batch).reduce((a, b) => a + b, 0);
    }
    return sum / Math.max(1, tokensOf(examples, "completion"));
  });
}

/** What a step finds; all means are over its completion tokens, and 0 where there is none. */
export interface SftFindings {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Mean entropy of the distribution that a token is predicted from, in nats. */
  readonly entropy: number;
  /** Share of the tokens that are the likeliest in their place. */
  readonly accuracy: number;
  /** Share of padding in the rows that were computed. */
  readonly paddingShare: number;
  /** Gradient of the loss. */
  readonly gradient: tf.Tensor1D;
}

/**
 * The loss of a step with its gradient, which the caller disposes of, and what the same pass tells besides.
 *
 * @param model The model.
 * @param trainable Its trained parameters, n values.
 * @param examples The examples of one step.
 * @param options Micro-batches, and whether layers are computed again in the backward pass.
 * @returns Loss, gradient, [n], and metrics.
 */
export function sftGradient(
  model: Transformer,
  trainable: Trainable,
  examples: readonly SftExample[],
  options: PackingOptions & { readonly gradientCheckpointing?: boolean | undefined },
): SftFindings {
  const tokens = tokensOf(examples, "completion");
  const some = Math.max(1, tokens);
  // Whatever a failing step made is freed, too.
  return tf.tidy(() => {
    const policy = currentPolicy(model, trainable);
    const batches = packExamples(examples, options);
    let gradient: tf.Tensor1D = tf.zeros([trainable.values.size]);
    let [loss, entropy, accuracy] = [0, 0, 0];
    for (const batch of batches) {
      const { logProbs, entropies, predictions, tape } = recordBatch(policy, trainable, batch, {
        gradientCheckpointing: options.gradientCheckpointing,
        predict: true,
      });
      loss -= logProbs.reduce((a, b) => a + b, 0) / some;
      entropy += entropies.reduce((a, b) => a + b, 0) / some;
      accuracy += batch.targets.filter((id, n) => id === predictions![n]).length / some;
      const coefficients = new Float32Array(logProbs.length).fill(-1 / tokens);
      const part = backward(policy, trainable, tape, coefficients);
      disposeTape(tape);
      const sum = tf.add(gradient, part) as tf.Tensor1D;
      tf.dispose([gradient, part]);
      gradient = sum;
    }
    return { loss, entropy, accuracy, paddingShare: paddingShare(batches), gradient };
  });
}

/**
 * Trains on examples; the loss is the mean over the completion tokens of the step. The log has TRL's metrics:
 *
 * - `loss`, `grad_norm`, `learning_rate`, `epoch`, `step_time` and, every `evalSteps`, `eval_loss`.
 * - `mean_token_accuracy`: share of the completion tokens that are the likeliest in their place; the first of several
 *   equally likely ones counts as that.
 * - `entropy`: mean over the completion tokens of the entropy, in nats, of the distribution that each is predicted from.
 * - `num_tokens`: the tokens of prompts and completions that the run has seen so far, without padding. A run that resumes
 *   goes on counting, where TRL begins again at 0.
 *
 * TRL averages the second and the third over micro-batches and logged steps; here each is one mean over the tokens of the
 * step. `padding_share`, which TRL does not log, is the share of padding in the rows that the step computed.
 *
 * @param options Model, examples and options.
 * @returns The trained parameters, whose values the caller disposes of, and the log.
 * @throws UsageError when there are no examples, one is longer than the model was made for, or there is `evalSteps` without
 * validation examples.
 * @throws WorkbenchError when a loss, a gradient or a parameter is not finite, or no checkpoint of the folder is whole.
 * @throws The signal's reason, once a checkpoint is written.
 */
export function trainSft(options: SftOptions): Promise<TrainingResult> {
  const { model, examples, validation, config } = options;
  if (examples.length === 0) {
    throw new UsageError("Expected at least 1 training example but found 0");
  }
  if (config.evalSteps > 0 && !validation?.length) {
    throw new UsageError("Expected at least 1 validation example with evalSteps but found 0");
  }
  const uses = (all: readonly SftExample[], kind: string) =>
    all.map(({ id, prompt, completion }, i) => ({
      name: id === undefined ? `${kind} ${i + 1}` : `item ${id}`,
      tokens: prompt.length + completion.length,
    }));
  checkContext(model.config, uses(examples, "training example"));
  checkContext(model.config, uses(validation ?? [], "validation example"));
  const packing = packingOf(config);
  const size = config.perDeviceTrainBatchSize;
  return trainingLoop<null>({
    ...options,
    model: model.config,
    memory: null,
    // deno-lint-ignore require-await -- the loop awaits steps of either kind
    takeStep: async (run) => {
      const { trainable, step } = run;
      const batch = epochBatch(examples.length, size, step, config.seed).map((i) => examples[i]!);
      const { gradientCheckpointing } = config;
      const { loss, entropy, accuracy, paddingShare, gradient } = sftGradient(
        model,
        trainable,
        batch,
        {
          ...packing,
          gradientCheckpointing,
        },
      );
      run.update(gradient);
      const ends = step + 1 === config.maxSteps || (step + 1) % config.evalSteps === 0;
      const metrics: StepMetrics = {
        loss,
        mean_token_accuracy: accuracy,
        entropy,
        padding_share: paddingShare,
        epoch: (step + 1) * size / examples.length,
        ...(config.evalSteps > 0 && ends && {
          eval_loss: sftLoss(model, run.trainable, validation!, packing),
        }),
      };
      const tokens = tokensOf(batch, "prompt") + tokensOf(batch, "completion");
      return { metrics, tokens, memory: null };
    },
  });
}
