/**
 * The loop that supervised fine-tuning and GRPO share: learning rate, clipping, optimizer step, checkpoints, a clean end
 * where a signal asks for it, and one that names step and parameter where a number is no longer finite.
 *
 * @module
 */

import { type ModelConfig, type Trainable, withValues } from "../model/mod.ts";
import { removeTemporaries, tf, WorkbenchError } from "../runtime/mod.ts";
import {
  type AdamWOptions,
  type AdamWState,
  adamWState,
  adamWStep,
  clipNorm,
  disposeAdamWState,
  type OptimizerOrder,
  pytorchOrder,
  vectorNorm,
} from "./adamw.ts";
import { loadCheckpointState, removeEarlierCheckpoints, saveCheckpoint } from "./checkpoint.ts";
import type { LoopConfig } from "./config.ts";
import { firstNonFinite, parameterName } from "./finite.ts";
import { learningRateAt } from "./schedule.ts";
import { readStepLog, type StepLogPart, type StepLogWriter, stepLogWriter } from "./step_log.ts";

/** What every step logs; the names of metrics are TRL's. */
export interface StepLog {
  /** Step, from 1. */
  readonly step: number;
  /** Loss of the step. */
  readonly loss: number;
  /** Norm of the gradient, before anything is clipped. */
  readonly grad_norm: number;
  /** Learning rate. */
  readonly learning_rate: number;
  /** Seconds that the step took. */
  readonly step_time: number;
  /** Further metrics by name; `num_tokens` among them is TRL's running total of the run's tokens. */
  readonly [metric: string]: number;
}

/**
 * Metrics of the rewards as they are logged.
 *
 * @param group What is logged.
 * @param names Names of the rewards.
 * @param values A value for each of them.
 * @returns `group/NAME` of each.
 */
export function namedMetrics(
  group: string,
  names: readonly string[],
  values: readonly number[],
): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [`${group}/${name}`, values[i]!]));
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
  /** How the optimizer steps. */
  readonly adamW: AdamWOptions;
  /**
   * Takes one optimizer step along `-gradient`, which it disposes of; afterwards the run has the new values. `preferred` is
   * the gradient under the preferred weights, where it is another one; it stays the caller's.
   */
  update(gradient: tf.Tensor1D, preferred?: tf.Tensor1D): void;
}

/** What {@linkcode trainingLoop} needs. */
export interface LoopOptions<Memory> {
  /** Options of the optimizer and the loop. */
  readonly config: LoopConfig;
  /** In what order the optimizer uses gradients; PyTorch's when left out. */
  readonly order?: OptimizerOrder | undefined;
  /** Initial parameters; they stay the caller's. */
  readonly trainable: Trainable;
  /** Sizes of the model, to name a parameter that is no longer finite. */
  readonly model?: ModelConfig | undefined;
  /** Folder of the checkpoint; without one nothing is written. */
  readonly folder?: string | undefined;
  /** What run it is, as JSON: it stands in every checkpoint, see `checkpointRuns`. */
  readonly run?: unknown;
  /** Told the steps up to the checkpoint that the run goes on from, before the next one. */
  readonly onResume?: OnResume | undefined;
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

/** Told what the steps logged that the run goes on behind. */
export type OnResume = (log: readonly StepLog[]) => void;

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
 * @param options The step, where it starts and where its checkpoints lie.
 * @returns The trained parameters, whose values the caller disposes of, and the log of all steps, those before a stop
 * too.
 * @throws WorkbenchError naming step, parameter and last checkpoint when a loss, a gradient or a parameter is not
 * finite.
 * @throws The signal's reason, once a checkpoint is written.
 */
export async function trainingLoop<Memory>(
  options: LoopOptions<Memory>,
): Promise<TrainingResult> {
  const { config, folder, signal } = options;
  const begun = await begin(options);
  const { at, log } = begun;
  let { memory } = begun;
  let savedStep = at.optimizer.step;
  const save = async (): Promise<void> => {
    const { trainable, optimizer } = at;
    if (folder === undefined || optimizer.step === savedStep) return;
    const extra = { log: await begun.steps!.save(log), memory };
    await saveCheckpoint<Extra<Memory>>(folder, { trainable, optimizer, extra, run: options.run });
    savedStep = optimizer.step;
  };
  try {
    for (let step = at.optimizer.step; step < config.maxSteps; step++) {
      const started = performance.now();
      const learningRate = learningRateAt(config, step, config.maxSteps);
      at.gradNorm = 0;
      const run = runAt(at, step, learningRate, options);
      const taken = await options.takeStep(run, memory).catch((error) => {
        throw withCheckpoint(error, savedStep, folder);
      });
      const fault = nonFinite("a finite loss", taken.metrics.loss, step);
      if (fault !== undefined) throw withCheckpoint(fault, savedStep, folder);
      memory = taken.memory;
      const entry: StepLog = {
        step: step + 1,
        grad_norm: at.gradNorm,
        learning_rate: learningRate,
        step_time: (performance.now() - started) / 1000,
        num_tokens: (log.at(-1)?.num_tokens ?? 0) + taken.tokens,
        ...taken.metrics,
      };
      log.push(entry);
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
    at.trainable.values.dispose();
    throw error;
  } finally {
    disposeAdamWState(at.optimizer);
  }
  return { trainable: at.trainable, log };
}

/** What a checkpoint holds besides parameters and optimizer. */
interface Extra<Memory> {
  readonly log: StepLogPart;
  readonly memory: Memory;
}

/** Where a run begins: at its last whole checkpoint, or at the first step. */
async function begin<Memory>(
  { folder, trainable, memory, onDamaged, onResume }: LoopOptions<Memory>,
): Promise<{
  readonly at: Position;
  readonly log: StepLog[];
  readonly memory: Memory;
  /** The log that is saved; undefined without a folder. */
  readonly steps: StepLogWriter<StepLog> | undefined;
}> {
  let log: StepLog[] = [];
  if (folder !== undefined) await removeTemporaries(folder);
  const saved = folder === undefined
    ? undefined
    : await loadCheckpointState<Extra<Memory>>(folder, trainable, async (extra) => {
      log = await readStepLog<StepLog>(folder, extra.log);
    });
  if (saved === undefined) {
    return {
      at: {
        trainable: withValues(trainable, tf.clone(trainable.values)),
        optimizer: adamWState(trainable.values.size),
        gradNorm: 0,
      },
      log,
      memory,
      steps: folder === undefined ? undefined : stepLogWriter(folder, log),
    };
  }
  saved.damaged.forEach((path) => onDamaged?.(path, saved.optimizer.step));
  onResume?.(log);
  return {
    at: { trainable: saved.trainable, optimizer: saved.optimizer, gradNorm: 0 },
    log,
    memory: saved.extra.memory,
    steps: stepLogWriter(folder!, log, saved.extra.log),
  };
}

/** Where the loop is: every update replaces parameters and optimizer state. */
interface Position {
  trainable: Trainable;
  optimizer: AdamWState;
  /** Norm of the last gradient before clipping. */
  gradNorm: number;
}

/** The run as one step sees it; its updates move the position. */
function runAt(
  at: Position,
  step: number,
  learningRate: number,
  { config, model, order = pytorchOrder }: Pick<LoopOptions<unknown>, "config" | "model" | "order">,
): Run {
  const check = (expected: string, norm: number, vector: tf.Tensor1D) =>
    nonFinite(expected, norm, step, { vector, model, trainable: at.trainable });
  const adamW: AdamWOptions = {
    betas: [config.adamBeta1, config.adamBeta2],
    eps: config.adamEpsilon,
    weightDecay: config.weightDecay,
    secondMoment: order.secondMoment,
    ...(order.clip === "step" && { maxStepNorm: config.maxGradNorm }),
  };
  return {
    step,
    adamW,
    get trainable() {
      return at.trainable;
    },
    get optimizer() {
      return at.optimizer;
    },
    update(gradient, preferred = gradient) {
      const { gradient: clipped, norm } = order.clip === "gradient"
        ? clipNorm(gradient, config.maxGradNorm)
        : { gradient: tf.clone(gradient), norm: vectorNorm(gradient) };
      const fault = check("a finite gradient", norm, gradient);
      if (fault !== undefined) {
        tf.dispose([gradient, clipped]);
        throw fault;
      }
      const { values } = at.trainable;
      const next = adamWStep(values, clipped, at.optimizer, learningRate, adamW, preferred);
      tf.dispose([gradient, clipped]);
      at.trainable.values.dispose();
      disposeAdamWState(at.optimizer);
      // A step may compute inside tf.tidy.
      tf.keep(next.values);
      tf.keep(next.state.momentum);
      tf.keep(next.state.secondMoment);
      at.trainable = withValues(at.trainable, next.values);
      at.optimizer = next.state;
      at.gradNorm = norm;
      const broken = check("finite parameters", vectorNorm(next.values), next.values);
      if (broken !== undefined) throw broken;
    },
  };
}

/** The failure that a loss, or the norm of a vector, which is not finite stands for; it names the first such entry. */
function nonFinite(
  expected: string,
  norm: number,
  step: number,
  of?: { vector: tf.Tensor1D; model: ModelConfig | undefined; trainable: Trainable },
): WorkbenchError | undefined {
  if (Number.isFinite(norm)) return undefined;
  const first = of && firstNonFinite(of.vector);
  const place = first === undefined
    ? ""
    : of?.model === undefined
    ? ` (parameter ${first.index})`
    : ` (${parameterName(of.model, of.trainable, first.index)})`;
  return new WorkbenchError(
    `Expected ${expected} but found ${first?.value ?? norm}${place} at step ${step + 1}`,
  );
}

/** Says in an expected failure where the run can go on from. */
function withCheckpoint(error: unknown, savedStep: number, folder: string | undefined): unknown {
  if (!(error instanceof WorkbenchError)) return error;
  const checkpoint = savedStep === 0
    ? "there is no checkpoint"
    : `the last checkpoint is that of step ${savedStep} in ${folder}`;
  return new WorkbenchError(`${error.message}; ${checkpoint}`, { cause: error });
}
