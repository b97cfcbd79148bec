/** A laboratory that opens in seconds, for first tries, examples and notebooks. @module */

import type { Knowledge } from "../knowledge/mod.ts";
import {
  createAdapter,
  createTransformer,
  disposeTransformer,
  loadCheckpoint,
  projections,
  type Trainable,
  type Transformer,
} from "../model/mod.ts";
import { randomStream } from "../runtime/mod.ts";
import { type ClosedPrompt, conflictPopulation, conflictRewards } from "../synthesis/mod.ts";
import { type OnStep, sftSchema } from "../training/mod.ts";
import { formStart } from "./form_start.ts";
import { type Laboratory, openLaboratory } from "./laboratory.ts";

/** What {@linkcode openTinyLaboratory} needs. */
export interface TinyLaboratoryOptions {
  /** Prompts of each of the four conflict tasks, for training and as many held out. */
  readonly promptsPerTask: number;
  /** Share of the prompts that do not say which of two rewards is wanted, in [0, 1]. */
  readonly dial: number;
  /** Draws the prompts and the adapter. */
  readonly seed: number;
  /** Number of last layers that are trained; all when left out. */
  readonly topLayers?: number | undefined;
  /** Told after each step of the start's fine-tuning. */
  readonly onStep?: OnStep | undefined;
}

/** A small language model on prompts in which capabilities are at odds. */
export interface TinyLaboratory {
  /** The model as it is before any training of an adapter, with all its layers. */
  readonly model: Transformer;
  /** Prompts for training. */
  readonly train: Laboratory;
  /** As many others, about other diseases and drugs in other words. */
  readonly heldOut: Laboratory;
  /** An adapter of rank 8 before its first step. */
  readonly start: Trainable;
}

const SYSTEM = "You are a clinical assistant.";

/** Prompts of each task that the start sees. */
const START_PROMPTS = 48;

/** How the start is made. */
const startConfig = sftSchema.parse({
  maxSteps: 40,
  learningRate: 3e-3,
  adamBeta2: 0.99,
  perDeviceTrainBatchSize: 12,
  microBatchSize: 12,
  packing: true,
});

const lora = { r: 8, loraAlpha: 16, targetModules: [...projections], useRslora: false };

/**
 * Opens the tiny model with two million parameters, which are random at first and then fine-tuned for 40 steps on answers
 * drawn at random ({@linkcode formStart}), on prompts of the conflict tasks. The start is the same for all seeds.
 *
 * @param knowledge the graph, which judges every answer
 * @param options number of prompts, dial and seed
 * @returns the model, laboratories on training and held-out prompts, and what is trained; disposeTransformer and
 * disposeLaboratory free them, and the adapter's values are the caller's
 * @throws UsageError when an option is out of range or the graph does not give so many prompts
 */
export async function openTinyLaboratory(
  knowledge: Knowledge,
  options: TinyLaboratoryOptions,
): Promise<TinyLaboratory> {
  const { promptsPerTask, dial, seed, topLayers, onStep } = options;
  const checkpoint = await loadCheckpoint("tiny", { seed: 0 });
  const { tokenizer } = checkpoint;
  const random = createTransformer(checkpoint);
  const seen = conflictPopulation(knowledge, { promptsPerTask: START_PROMPTS, seed: 0, dial });
  const model = await formStart({
    model: random,
    tokenizer,
    system: SYSTEM,
    prompts: seen.train,
    config: startConfig,
    onStep,
  });
  disposeTransformer(random);
  const open = (prompts: readonly ClosedPrompt[]) =>
    openLaboratory({
      model,
      tokenizer,
      system: SYSTEM,
      prompts,
      rewardNames: conflictRewards,
      topLayers,
    });
  const { train, heldOut } = conflictPopulation(knowledge, { promptsPerTask, seed, dial });
  const lab = open(train);
  const adapter = createAdapter(lab.model.config, lora, randomStream(seed, "adapter"));
  return { model, train: lab, heldOut: open(heldOut), start: { kind: "lora", ...adapter } };
}
