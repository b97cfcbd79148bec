/**
 * The loop that supervised fine-tuning and GRPO share: learning rate, clipping, optimizer step, checkpoints, a clean end
 * where a signal asks for it, and one that names step and parameter where a number is no longer finite.
 *
 * @module
 */

import { type ModelConfig, type Trainable, withValues } from "../model/mod.ts";
import { tf, WorkbenchError } from "../runtime/mod.ts";
import {
  type AdamWState,
  adamWState,
  adamWStep,
  clipNorm,
  disposeAdamWState,
  vectorNorm,
} from "./adamw.ts";
import { loadCheckpointState, removeEarlierCheckpoints, saveCheckpoint } from "./checkpoint.ts";
import type { LoopConfig } from "./config.ts";
import { firstNonFinite, parameterName } from "./finite.ts";
import { learningRateAt } from "./schedule.ts";

/** What every step logs; the names of metrics are TRL's. */
export interface StepLog {
  /** Step, from 1. */
  readonly step: number;
  /** Loss of the step. */
  readonly loss: number;
  /** Norm of the gradient before clipping. */
  readonly grad_norm: number;
  /** Learning rate. */
  readonly learning_rate: number;
  /** Seconds that the step took. */
  readonly step_time: number;
  /** Further metrics by name; `num_tokens` among them is TRL's running total of the run's tokens. */
  readonly [metric: string]: number;
}

/** What a step function adds to the log. */
export type StepMetrics = Readonly<Record<string, number>> & { readonly loss: number };

/** What a step sees of the run, and how it changes it. */
export interface Run {
  /** Index of the step, from 0. */
  readonly step: number;
  /** The present parameters. */
  readonly trainable: Trainable;
  /** The present optimizer state. */
  readonly optimizer: AdamWState;
  /** Takes one optimizer step along `-gradient`, which it disposes of; afterwards the run has the new values. */
  update(gradient: tf.Tensor1D): void;
}

/** What {@linkcode trainingLoop} needs. */
export interface LoopOptions<Memory> {
  /** Options of the optimizer and the loop. */
  readonly config: LoopConfig;
  /** Initial parameters; they stay the caller's. */
  readonly trainable: Trainable;
  /** Sizes of the model, to name a parameter that is no longer finite. */
  readonly model?: ModelConfig | undefined;
  /** Folder of the checkpoint; without one nothing is written. */
  readonly folder?: string | undefined;
  /** Ends the run behind a step: a checkpoint is written and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each damaged checkpoint that the run does not go on from. */
  readonly onDamaged?: OnDamaged | undefined;
  /** What the steps carry from one to the next besides parameters and optimizer, as JSON. */
  readonly memory: Memory;
  /** One step: computes a gradient, calls `run.update` with it. */
  readonly takeStep: (run: Run, memory: Memory) => Promise<TakenStep<Memory>>;
  /** Told after each step. */
  readonly onStep?: OnStep | undefined;
}

/** What a step returns. */
export interface TakenStep<Memory> {
  /** What to log. */
  readonly metrics: StepMetrics;
  /** Tokens that the step adds to the run's `num_tokens`. */
  readonly tokens: number;
  /** What the next step is given. */
  readonly memory: Memory;
}

/** Told after each step. */
export type OnStep = (log: StepLog, maxSteps: number) => void;

/** Told the path of a damaged checkpoint, and the step of the earlier one that the run goes on from in its place. */
export type OnDamaged = (path: string, step: number) => void;

/** The end of a run; the caller disposes of `trainable.values`. */
export interface TrainingResult {
  /** The trained parameters. */
  readonly trainable: Trainable;
  /** What each step logged. */
  readonly log: readonly StepLog[];
}

/**
 * Runs the steps from the last checkpoint, if there is one, to the end. Whatever ends the run early, the tensors that
 * the loop holds are freed and the checkpoints stay.
 *
 * @throws WorkbenchError naming step, parameter and last checkpoint when a loss, a gradient or a parameter is not finite
 * @throws the signal's reason, once a checkpoint is written
 */
export async function trainingLoop<Memory>(
  options: LoopOptions<Memory>,
): Promise<TrainingResult> {
  const { config, folder, signal } = options;
  const adamW = {
    betas: [config.adamBeta1, config.adamBeta2] as const,
    eps: config.adamEpsilon,
    weightDecay: config.weightDecay,
  };
  type Extra = { log: StepLog[]; memory: Memory };
  const saved = folder === undefined
    ? undefined
    : await loadCheckpointState<Extra>(folder, options.trainable);
  saved?.damaged.forEach((path) => options.onDamaged?.(path, saved.optimizer.step));
  const state = saved ?? {
    trainable: withValues(options.trainable, tf.clone(options.trainable.values)),
    optimizer: adamWState(options.trainable.values.size),
    extra: { log: [], memory: options.memory },
  };
  let { trainable, optimizer } = state;
  let { log, memory } = state.extra;
  let savedStep = saved?.optimizer.step ?? 0;
  const save = async (): Promise<void> => {
    if (folder === undefined || optimizer.step === savedStep) return;
    await saveCheckpoint<Extra>(folder, { trainable, optimizer, extra: { log, memory } });
    savedStep = optimizer.step;
  };
  /** Says in an expected failure where the run can go on from. */
  const withCheckpoint = (error: unknown): unknown =>
    error instanceof WorkbenchError
      ? new WorkbenchError(
        `${error.message}; ${
          savedStep === 0
            ? "there is no checkpoint"
            : `the last checkpoint is that of step ${savedStep} in ${folder}`
        }`,
        { cause: error },
      )
      : error;
  /** The failure that a norm, or a loss, which is not finite stands for. */
  const checkFinite = (expected: string, norm: number, step: number, vector?: tf.Tensor1D) => {
    if (Number.isFinite(norm)) return undefined;
    const at = vector && firstNonFinite(vector);
    const place = at === undefined
      ? ""
      : options.model === undefined
      ? ` (parameter ${at.index})`
      : ` (${parameterName(options.model, trainable, at.index)})`;
    return new WorkbenchError(
      `Expected ${expected} but found ${at?.value ?? norm}${place} at step ${step + 1}`,
    );
  };
  try {
    for (let step = optimizer.step; step < config.maxSteps; step++) {
      const started = performance.now();
      const learningRate = learningRateAt(config, step, config.maxSteps);
      let gradNorm = 0;
      const run: Run = {
        step,
        get trainable() {
          return trainable;
        },
        get optimizer() {
          return optimizer;
        },
        update(gradient) {
          const { gradient: clipped, norm } = clipNorm(gradient, config.maxGradNorm);
          const fault = checkFinite("a finite gradient", norm, step, gradient);
          gradient.dispose();
          if (fault !== undefined) {
            clipped.dispose();
            throw fault;
          }
          const next = adamWStep(trainable.values, clipped, optimizer, learningRate, adamW);
          clipped.dispose();
          trainable.values.dispose();
          disposeAdamWState(optimizer);
          // A step may compute inside tf.tidy.
          tf.keep(next.values);
          tf.keep(next.state.momentum);
          tf.keep(next.state.secondMoment);
          trainable = withValues(trainable, next.values);
          optimizer = next.state;
          gradNorm = norm;
          const size = vectorNorm(next.values);
          const broken = checkFinite("finite parameters", size, step, next.values);
          if (broken !== undefined) throw broken;
        },
      };
      const taken = await options.takeStep(run, memory).catch((error) => {
        throw withCheckpoint(error);
      });
      const fault = checkFinite("a finite loss", taken.metrics.loss, step);
      if (fault !== undefined) throw withCheckpoint(fault);
      memory = taken.memory;
      const entry: StepLog = {
        step: step + 1,
        grad_norm: gradNorm,
        learning_rate: learningRate,
        step_time: (performance.now() - started) / 1000,
        num_tokens: (log.at(-1)?.num_tokens ?? 0) + taken.tokens,
        ...taken.metrics,
      };
      log = [...log, entry];
      options.onStep?.(entry, config.maxSteps);
      // Lets others run: a signal of the system is heard here.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (step + 1 < config.maxSteps) {
        if (signal?.aborted || (step + 1) % config.saveSteps === 0) await save();
        signal?.throwIfAborted();
      }
    }
    if (folder !== undefined) await removeEarlierCheckpoints(folder);
  } catch (error) {
    trainable.values.dispose();
    throw error;
  } finally {
    disposeAdamWState(optimizer);
  }
  return { trainable, log };
}
