/**
 * Where gradients are measured: sampled completions of a fine-tuned model with their rewards, and a fresh adapter on it.
 *
 * @module
 */

import { z } from "zod";
import {
  createAdapter,
  currentPolicy,
  disposePolicy,
  type LoraConfig,
  type Policy,
  type Projection,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import { randomStream, tf } from "../../lib/runtime/mod.ts";
import { capabilities, type Capability } from "../../lib/synthesis/mod.ts";
import { type LoraTrainable, sampleCompletions, type Samples } from "../../lib/training/mod.ts";
import type { Preset, RunContext } from "../core/experiment.ts";
import { grpoPrompts, rewardFunction } from "../../lib/runs/mod.ts";
import {
  grpoConfig,
  grpoKey,
  readTrained,
  rewardRules,
  supervised,
  type TrainedSystem,
  trainingKey,
} from "./train.ts";
import { openWorkshop, trainingItems, type Workshop } from "./workshop.ts";
import { systemsSchema } from "./config.ts";
import { paperStart, smokeStart, START_SEED, tinyStart } from "./tiny_start.ts";

/** Options of the start, of the adapter on it and of sampling. */
export const gradientSamplesSchema = systemsSchema.pick({
  model: true,
  system: true,
  items: true,
  families: true,
  tuning: true,
  sft: true,
  grpo: true,
  mixing: true,
}).extend({
  rank: z.int().min(1).default(8).describe("Rank of the adapter whose gradients are measured"),
});

type Options = z.input<typeof gradientSamplesSchema> & { readonly pool?: number };

/** Only what concerns sampling is read: there is no step. */
const grpo = { maxSteps: 1, learningRate: 1e-6, beta: 0, numGenerations: 4 } as const;

/** The start and the samples at each preset; `pool` is the number of prompts, where it is not the default. */
export const gradientSamples: Readonly<Record<Preset, Options>> = {
  smoke: {
    ...smokeStart,
    grpo: { ...grpo, maxCompletionLength: 12 },
    pool: 32,
  },
  quick: { ...tinyStart, grpo: { ...grpo, maxCompletionLength: 32 } },
  paper: {
    ...paperStart,
    grpo: { ...grpo, numGenerations: 8, maxCompletionLength: 56 },
    pool: 960,
  },
};

/** The fine-tuned model with a fresh adapter: B is 0, so that it acts as without. */
export interface Adapted {
  readonly model: Transformer;
  readonly trainable: LoraTrainable;
  readonly policy: Policy;
}

/** Lets an adapter of rank `r` on some projections do some work. */
export async function withAdapter<T>(
  workshop: Workshop,
  start: TrainedSystem,
  { r, targetModules }: { readonly r: number; readonly targetModules: readonly Projection[] },
  work: (adapted: Adapted) => Promise<T>,
): Promise<T> {
  const tuned = readTrained(workshop, start);
  const policy = currentPolicy(workshop.model, tuned);
  const lora: LoraConfig = { r, loraAlpha: 2 * r, targetModules, useRslora: false };
  const adapter = createAdapter(workshop.model.config, lora, randomStream(START_SEED, "adapter"));
  try {
    return await work({
      model: { ...policy, layers: policy.layers.map(({ weights }) => weights) },
      trainable: { kind: "lora", ...adapter },
      policy,
    });
  } finally {
    disposePolicy(policy, tuned);
    tf.dispose([tuned.values, adapter.values]);
  }
}

/** Completions of prompts that take turns over the capabilities. */
export interface SampledPrompts extends Pick<Samples, "completions" | "rewards"> {
  /** Tokens of each prompt. */
  readonly prompts: readonly (readonly number[])[];
  /** Capability that each prompt was made for. */
  readonly strata: readonly Capability[];
}

/** Prompts that are sampled from together. */
const CHUNK = 32;

/** Samples completions of `count` prompts at the start and scores them. */
export async function samplePrompts(
  workshop: Workshop,
  start: TrainedSystem,
  count: number,
): Promise<{ value: SampledPrompts; hash: string; seconds: number }> {
  const { config, context, knowledge, encoder, tokenizer } = workshop;
  const grpo = grpoConfig(workshop, {
    ...rewardRules["CA-GRPO"],
    promptsPerStep: Math.min(CHUNK, count),
  }, START_SEED);
  const bar = context.stage("Sampling for gradients");
  const key = { ...trainingKey(workshop), ...grpoKey(workshop, start, grpo), count };
  const stage = await context.store.json("geometry-samples", key, async () => {
    const items = trainingItems(workshop);
    const prompts = grpoPrompts({ tokenizer, system: config.system }, items);
    const tuned = readTrained(workshop, start);
    const policy = currentPolicy(workshop.model, tuned);
    const found: Samples[] = [];
    try {
      for (let step = 0; step * grpo.promptsPerStep < count; step++) {
        bar.update(step * grpo.promptsPerStep, count);
        found.push(
          await sampleCompletions(
            {
              config: grpo,
              tokenizer,
              prompts,
              rewardNames: capabilities,
              reward: rewardFunction(items, { knowledge, encoder, mixing: config.mixing }),
            },
            policy,
            step,
          ),
        );
      }
    } finally {
      disposePolicy(policy, tuned);
      tuned.values.dispose();
    }
    const indices = found.flatMap(({ indices }) => indices).slice(0, count);
    return {
      prompts: indices.map((i) => prompts[i]!.ids),
      strata: indices.map((i) => items[i]!.capability),
      completions: found.flatMap(({ completions }) => completions).slice(0, count),
      rewards: found.flatMap(({ rewards }) => rewards).slice(0, count),
    };
  });
  bar.finish(stage.cached ? "from the store" : `${count} prompts`);
  return stage;
}

/** Lets the policy a step of `size` along a direction away do some work. */
export function withStep<T>(
  { model, trainable }: Pick<Adapted, "model" | "trainable">,
  direction: tf.Tensor1D,
  size: number,
  work: (policy: Policy, trainable: Trainable) => T,
): T {
  const there = withValues(
    trainable,
    tf.tidy(() => tf.add(trainable.values, tf.mul(direction, size))) as tf.Tensor1D,
  );
  const policy = currentPolicy(model, there);
  try {
    return work(policy, there);
  } finally {
    disposePolicy(policy, there);
    there.values.dispose();
  }
}

/** A step moves answers as far as it is to, up to this share. */
const NEAR = 0.1;

/** So much longer or shorter is the next step that is tried at most. */
const LONGER = 4;

/** So many steps are tried at most. */
const TRIES = 30;

/**
 * How long a step has to be to move answers so far. Far from the start movement is no multiple of the step, so lengths are tried until one is
 * near enough: ever longer ones, then between the last two.
 *
 * @param movement how far a step of some length moves answers; not less for a longer one
 * @param aim how far it is to move them
 * @param from the first length that is tried
 * @returns the length; the last one that was tried where no movement is near
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { stepLength } from "./gradient_samples.ts";
 *
 * assertAlmostEquals(stepLength((size) => Math.expm1(100 * size), 0.5, 1e-6), 0.004, 4e-4);
 * ```
 */
export function stepLength(
  movement: (size: number) => number,
  aim: number,
  from: number,
): number {
  let [low, high, size] = [0, Infinity, from];
  for (let i = 0; i < TRIES; i++) {
    const found = movement(size);
    if (Math.abs(found / aim - 1) <= NEAR) return size;
    if (found < aim) low = size;
    else high = size;
    const linear = size * Math.min(LONGER, Math.max(1 / LONGER, aim / found));
    size = low > 0 && high < Infinity ? Math.sqrt(low * high) : linear;
  }
  return size;
}

/** The start, and completions of `pool` prompts there. */
export async function sampledStart(
  context: RunContext,
  config: z.output<typeof gradientSamplesSchema> & { readonly pool: number },
): Promise<{
  workshop: Workshop;
  start: TrainedSystem;
  samples: Awaited<ReturnType<typeof samplePrompts>>;
}> {
  const workshop = await openWorkshop(context, {
    ...config,
    testItems: 1,
    maxNewTokens: 1,
    evaluationRows: 1,
    mmluQuestions: 0,
  });
  const start = await supervised(workshop, START_SEED);
  return { workshop, start, samples: await samplePrompts(workshop, start, config.pool) };
}
