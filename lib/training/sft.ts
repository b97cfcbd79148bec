/** Supervised fine-tuning: cross-entropy on the completions alone. @module */

import { z } from "zod";
import {
  backward,
  currentPolicy,
  disposePolicy,
  disposeTape,
  packGroups,
  recordBatch,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import { randomStream, tf, UsageError } from "../runtime/mod.ts";
import { loopSchema, type OnStep, trainingLoop, type TrainingResult } from "./loop.ts";

/** Options of supervised fine-tuning. */
export const sftSchema = loopSchema.extend({
  perDeviceTrainBatchSize: z.int().min(1).default(16).describe("Examples in a step"),
  microBatchSize: z.int().min(1).default(8).describe(
    "Examples computed at a time; changes memory, not results",
  ),
});

/** See {@linkcode sftSchema}. */
export type SftConfig = z.infer<typeof sftSchema>;

/** A prompt and the completion to learn, as token ids. */
export interface SftExample {
  /** Given. */
  readonly prompt: readonly number[];
  /** Learned, with its end token. */
  readonly completion: readonly number[];
}

/** The examples of a step: each epoch is a new permutation. */
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

/** Trains on examples; the loss is the mean over the completion tokens of the step. */
export function trainSft(options: {
  readonly model: Transformer;
  readonly trainable: Trainable;
  readonly examples: readonly SftExample[];
  readonly config: SftConfig;
  readonly folder?: string | undefined;
  readonly onStep?: OnStep | undefined;
}): Promise<TrainingResult> {
  const { model, examples, config } = options;
  if (examples.length === 0) {
    throw new UsageError("Expected at least 1 training example but found 0");
  }
  return trainingLoop<null>({
    config,
    trainable: options.trainable,
    folder: options.folder,
    memory: null,
    onStep: options.onStep,
    // deno-lint-ignore require-await -- the loop awaits steps of either kind
    takeStep: async (run) => {
      const { trainable } = run;
      const batch = epochBatch(
        examples.length,
        config.perDeviceTrainBatchSize,
        run.step,
        config.seed,
      )
        .map((i) => examples[i]!)
        .sort((a, b) => a.prompt.length - b.prompt.length);
      const tokens = batch.reduce((n, { completion }) => n + completion.length, 0);
      const policy = currentPolicy(model, trainable);
      let gradient: tf.Tensor1D = tf.zeros([trainable.values.size]);
      let loss = 0;
      for (let start = 0; start < batch.length; start += config.microBatchSize) {
        const groups = batch.slice(start, start + config.microBatchSize)
          .map(({ prompt, completion }) => ({ prompt, completions: [completion] }));
        const { logProbs, tape } = recordBatch(policy, trainable, packGroups(groups), {
          gradientCheckpointing: config.gradientCheckpointing,
        });
        loss -= logProbs.reduce((a, b) => a + b, 0) / Math.max(1, tokens);
        const coefficients = new Float32Array(logProbs.length).fill(-1 / tokens);
        const part = backward(policy, trainable, tape, coefficients);
        disposeTape(tape);
        const sum = tf.add(gradient, part) as tf.Tensor1D;
        tf.dispose([gradient, part]);
        gradient = sum;
      }
      disposePolicy(policy, trainable);
      run.update(gradient);
      return { metrics: { loss, num_tokens: tokens }, memory: null };
    },
  });
}
