/**
 * A step of GRPO taken apart, as `trainGrpo` takes it: generation, scoring under the reference, scoring under the
 * policy with what the gradient needs, the gradient, the optimizer.
 *
 * @module
 */
import {
  backward,
  basePolicy,
  type Batch,
  currentPolicy,
  disposePolicy,
  disposeTape,
  generate,
  packGroups,
  type Policy,
  recordBatch,
  scoreBatch,
  withValues,
} from "../../lib/model/mod.ts";
import { tf } from "../../lib/runtime/mod.ts";
import {
  adamWDefaults,
  type AdamWState,
  adamWState,
  adamWStep,
  clipNorm,
  disposeAdamWState,
  grpoLoss,
  grpoLossDefaults,
} from "../../lib/training/mod.ts";
import { GENERATIONS, type GrpoRun } from "./grpo_run.ts";
import { waitFor } from "./matmul.ts";
import { median } from "./measure.ts";

/** The parts, in their order. */
export const grpoParts = [
  "merge adapter",
  "generate",
  "score reference",
  "record",
  "backward",
  "optimizer",
] as const;

/** Name of a part. */
export type GrpoPart = typeof grpoParts[number];

/** Seconds by part. */
export type PartTimes = Record<GrpoPart, number>;

/** Parts of a step that are computed one after the other. */
const MICRO_BATCHES = 2;

/** What steps change. */
export interface Learner {
  /** The model and its prompts. */
  readonly run: GrpoRun;
  /** The present parameters. */
  trainable: GrpoRun["trainable"];
  /** The present state of the optimizer. */
  optimizer: AdamWState;
}

/** A learner before its first step; the run's parameters become its own. */
export function createLearner(run: GrpoRun): Learner {
  return { run, trainable: run.trainable, optimizer: adamWState(run.trainable.values.size) };
}

/** Frees a learner's parameters and optimizer. */
export function disposeLearner({ trainable, optimizer }: Learner): void {
  trainable.values.dispose();
  disposeAdamWState(optimizer);
}

/** Samples `newTokens` tokens of each completion of a step's prompts and packs them to micro-batches. */
export async function sampleBatches(
  { run: { prompts, promptsPerStep } }: Learner,
  policy: Policy,
  newTokens: number,
): Promise<Batch[]> {
  const chosen = prompts.slice(0, promptsPerStep);
  const completions = await generate(policy, chosen, {
    numGenerations: GENERATIONS,
    maxNewTokens: newTokens,
    temperature: 1,
    stopIds: [],
    seed: 0,
    batchRows: chosen.length * GENERATIONS,
  });
  const groups = chosen.map((prompt, g) => ({
    prompt,
    completions: completions[g]!.map(({ ids }) => ids),
  }));
  const size = Math.ceil(groups.length / MICRO_BATCHES);
  const batches: Batch[] = [];
  for (let first = 0; first < groups.length; first += size) {
    batches.push(packGroups(groups.slice(first, first + size)));
  }
  return batches;
}

/** Derivative of the loss at each token of a batch, under advantages of 1 and -1 in turn. */
function derivative(
  batch: Batch,
  logProbs: Float32Array,
  refLogProbs: Float32Array,
  newTokens: number,
): Float32Array {
  const sequences = batch.groups * batch.completions;
  const rows = (values: Float32Array) =>
    Array.from(
      { length: sequences },
      (_, s) => values.subarray(s * newTokens, (s + 1) * newTokens),
    );
  const { gradient } = grpoLoss({
    logProbs: rows(logProbs),
    refLogProbs: rows(refLogProbs),
    advantages: Array.from({ length: sequences }, (_, s) => s % 2 === 0 ? 1 : -1),
  }, { ...grpoLossDefaults, beta: 0.04, maxCompletionLength: newTokens });
  return Float32Array.from(gradient.flatMap((row) => [...row]));
}

/** Learns from sampled batches; `clock` is told of each part of the work and runs it. */
export function learn(
  learner: Learner,
  policy: Policy,
  batches: readonly Batch[],
  clock: <T>(part: GrpoPart, work: () => T) => T = (_, work) => work(),
): void {
  const { run, trainable, optimizer } = learner;
  const reference = basePolicy(run.model);
  const gradients = batches.map((batch) => {
    const refLogProbs = clock("score reference", () => scoreBatch(reference, batch));
    const { logProbs, tape } = clock("record", () => recordBatch(policy, trainable, batch));
    const coefficients = derivative(batch, logProbs, refLogProbs, run.newTokens);
    const gradient = clock("backward", () => {
      const found = backward(policy, trainable, tape, coefficients);
      waitFor(found);
      return found;
    });
    disposeTape(tape);
    return gradient;
  });
  const gradient = tf.tidy(() => tf.addN(gradients)) as tf.Tensor1D;
  tf.dispose(gradients);
  clock("optimizer", () => {
    const clipped = clipNorm(gradient, 1).gradient;
    const next = adamWStep(trainable.values, clipped, optimizer, 1e-5, adamWDefaults);
    waitFor(next.values);
    tf.dispose([gradient, clipped, trainable.values]);
    disposeAdamWState(optimizer);
    learner.trainable = withValues(trainable, next.values);
    learner.optimizer = next.state;
  });
}

/** One step; returns the seconds of each part. */
async function timeStep(learner: Learner): Promise<PartTimes> {
  const times = Object.fromEntries(grpoParts.map((part) => [part, 0])) as PartTimes;
  const clock = <T>(part: GrpoPart, work: () => T): T => {
    const start = performance.now();
    const result = work();
    times[part] += (performance.now() - start) / 1000;
    return result;
  };
  const { trainable, run } = learner;
  const policy = clock("merge adapter", () => {
    const merged = currentPolicy(run.model, trainable);
    waitFor(merged.layers.at(-1)!.weights.down);
    return merged;
  });
  const start = performance.now();
  const batches = await sampleBatches(learner, policy, run.newTokens);
  times.generate = (performance.now() - start) / 1000;
  learn(learner, policy, batches, clock);
  disposePolicy(policy, trainable);
  return times;
}

/** Median seconds of each part over `steps` steps, at least 2; the first one warms up and does not count. */
export async function timeParts(learner: Learner, steps: number): Promise<PartTimes> {
  const found: PartTimes[] = [];
  for (let i = 0; i < steps; i++) found.push(await timeStep(learner));
  return Object.fromEntries(
    grpoParts.map((part) => [part, median(found.slice(1).map((times) => times[part]))]),
  ) as PartTimes;
}
