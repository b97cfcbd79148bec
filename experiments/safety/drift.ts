/**
 * How far a language model moves from its start while one reward is trained, and what becomes of the others: theorem 12
 * of `lib/balance/THEORY.md` on the checkpoints of a run, in stages that the store keeps.
 *
 * @module
 */

import { z } from "zod";
import { average, bootstrapInterval, type Interval, klInverse } from "../../lib/evaluation/mod.ts";
import {
  completeEncoded,
  currentPolicy,
  disposePolicy,
  encodePrompt,
} from "../../lib/model/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { capabilities, type Item } from "../../lib/synthesis/mod.ts";
import { itemRewards, type Metric } from "../../lib/runs/mod.ts";
import { type Drift, type DriftPoint, driftPoint } from "./checks.ts";
import {
  readTrained,
  reinforced,
  type RewardRule,
  type TrainedSystem,
  trainingKey,
} from "../stages/train.ts";
import { itemsOf, type Workshop } from "../stages/workshop.ts";
import { START_SEED } from "../stages/tiny_start.ts";

/** How one reward is trained and what the policies on the way are measured on. */
export const driftSchema = z.object({
  trained: z.enum(capabilities).default("instruction").describe("The reward that is trained"),
  legs: z.int().min(1).default(6).describe("Checkpoints; each leg has an optimizer of its own"),
  steps: z.int().min(1).default(2).describe("Steps of a leg"),
  learningRate: z.number().positive().default(1e-5).describe(
    "Learning rate of the first leg; it doubles from leg to leg",
  ),
  prompts: z.int().min(2).default(8).describe("Held-out prompts of each capability"),
  samples: z.int().min(1).default(4).describe("Completions of each"),
}).describe("A run whose divergence from its start is followed");

/** See {@linkcode driftSchema}. */
export type DriftConfig = z.output<typeof driftSchema>;

/** What samples of a policy to one prompt came to. */
export interface SampledPrompt {
  /** Mean over its completions of the divergence of whole answers from the reference, in nats, by Rao-Blackwell. */
  readonly kl: number;
  /** Mean of each reward, null where it does not apply. */
  readonly rewards: readonly (number | null)[];
}

/** Temperature of the policies that are compared: answers are better than at 1, and still vary. */
export const TEMPERATURE = 0.5;

/** Samples answers to prompts from a policy and measures rewards and divergence from the start. */
async function samplePolicy(
  workshop: Workshop,
  start: TrainedSystem,
  system: TrainedSystem,
  items: readonly Item[],
  samples: number,
): Promise<SampledPrompt[]> {
  const { model, tokenizer, config, knowledge, encoder } = workshop;
  const before = readTrained(workshop, start, START_SEED);
  const after = readTrained(workshop, system, START_SEED);
  const reference = currentPolicy(model, before);
  const policy = currentPolicy(model, after);
  try {
    const found = await completeEncoded(
      { tokenizer, policy },
      items.map(({ prompt }) => encodePrompt(tokenizer, prompt, config.system)),
      {
        numGenerations: samples,
        maxNewTokens: config.maxNewTokens,
        temperature: TEMPERATURE,
        seed: randomStream(START_SEED, "drift").seed32(),
        batchRows: config.evaluationRows,
        ...(system !== start && { reference }),
      },
    );
    const scores = await itemRewards({
      items: items.flatMap((item) => new Array<Item>(samples).fill(item)),
      completions: found.flat().map(({ text }) => text),
      knowledge,
      encoder,
      mixing: config.mixing,
    });
    return found.map((group, x) => ({
      kl: average(group.map(({ kl = [] }) => kl.reduce((a, b) => a + b, 0))),
      rewards: capabilities.map((_, c) => {
        const own = scores.slice(x * samples, (x + 1) * samples).map((row) => row[c]!);
        return own.some((r) => r === null) ? null : average(own as number[]);
      }),
    }));
  } finally {
    disposePolicy(reference, before);
    disposePolicy(policy, after);
    before.values.dispose();
    after.values.dispose();
  }
}

/** A checkpoint's fall of one reward. */
export interface ModelDriftPoint extends DriftPoint {
  /** Optimizer steps from the start. */
  readonly step: number;
  /** Prompts that have the reward. */
  readonly prompts: number;
  /** Reward of the start, and at the checkpoint. */
  readonly before: number;
  readonly after: number;
  /** 95 % interval of the fall, paired over prompts. */
  readonly fall: Interval;
  /** 95 % interval of the divergence, over prompts. */
  readonly divergence: Interval;
  /** What kl inversion leaves at the upper limit of the divergence and the lower limit of the reward before. */
  readonly floor: number;
}

/** Falls of one reward along a run. */
export interface ModelDrift extends Drift {
  readonly points: ModelDriftPoint[];
}

/** Compares the samples at a checkpoint with those at the start, on the prompts that have the reward. */
export function modelDriftPoint(
  start: readonly SampledPrompt[],
  now: readonly SampledPrompt[],
  reward: number,
  step: number,
): ModelDriftPoint {
  const used = now.flatMap((row, x) =>
    row.rewards[reward] === null || start[x]!.rewards[reward] === null ? [] : [x]
  );
  const at = (rows: readonly SampledPrompt[]) => used.map((x) => rows[x]!.rewards[reward]!);
  const [first, later] = [at(start), at(now)];
  const seed = { seed: START_SEED };
  const kl = bootstrapInterval(used.map((x) => now[x]!.kl), seed);
  const before = bootstrapInterval(first, seed);
  const realised = bootstrapInterval(first.map((r, k) => r - later[k]!), seed);
  return {
    ...driftPoint(before.mean, before.mean - realised.mean, kl.mean),
    step,
    prompts: used.length,
    before: before.mean,
    after: before.mean - realised.mean,
    fall: { low: realised.low, high: realised.high },
    divergence: { low: kl.low, high: kl.high },
    floor: klInverse(before.low, kl.high).lower,
  };
}

/** Trains one reward alone and follows all of them. */
export async function modelDrift(
  workshop: Workshop,
  start: TrainedSystem,
  drift: DriftConfig,
): Promise<{ drifts: ModelDrift[]; seconds: number; hash: string }> {
  const { context, config } = workshop;
  const { trained, legs, steps, learningRate, prompts, samples } = drift;
  const systems = [start];
  for (let leg = 0; leg < legs; leg++) {
    const rule: RewardRule = {
      rewardWeights: capabilities.map((c) => c === trained ? 1 : 0),
      maxSteps: steps,
      learningRate: learningRate * 2 ** leg,
      beta: 0,
    };
    systems.push(await reinforced(workshop, systems.at(-1)!, `Only ${trained}, leg`, rule, leg));
  }
  const items = itemsOf(workshop, "test", prompts);
  const bar = context.stage("Divergence of the checkpoints");
  const { maxNewTokens, evaluationRows, mixing } = config;
  const key = {
    ...trainingKey(workshop),
    systems: systems.map(({ hash }) => hash),
    temperature: TEMPERATURE,
    prompts,
    samples,
    maxNewTokens,
    evaluationRows,
    mixing,
  };
  const stage = await context.store.json("drift", key, async () => {
    const found: SampledPrompt[][] = [];
    for (const [i, system] of systems.entries()) {
      bar.update(i, systems.length);
      found.push(await samplePolicy(workshop, start, system, items, samples));
    }
    return found;
  });
  bar.finish(stage.cached ? "from the store" : `${items.length} prompts`);
  const [first, ...later] = stage.value as [SampledPrompt[], ...SampledPrompt[][]];
  return {
    drifts: capabilities.map((objective, i) => ({
      objective,
      points: later.map((now, k) => modelDriftPoint(first, now, i, (k + 1) * steps)),
    })),
    seconds: systems.slice(1).reduce((sum, { seconds }) => sum + seconds, stage.seconds),
    hash: stage.hash,
  };
}

/** Fall, divergence and what kl inversion allows, for every reward and checkpoint. */
export function driftMetrics(checkpoints: readonly ModelDrift[], hash: string): Metric[] {
  return checkpoints.flatMap(({ objective, points }) =>
    points.flatMap(({ step, prompts, kl, divergence, realised, fall, klInverse }): Metric[] => {
      const common = {
        system: `step ${step}`,
        unit: "value",
        n: prompts,
        seeds: 1,
        invalid_rate: 0,
        prompt_hash: hash,
      } as const;
      return [
        { ...common, capability: `fall of ${objective}`, mean: realised, ...fall },
        {
          ...common,
          capability: `divergence in nats, prompts of ${objective}`,
          mean: kl,
          ...divergence,
        },
        {
          ...common,
          capability: `fall of ${objective} that kl inversion allows`,
          mean: klInverse,
          low: klInverse,
          high: klInverse,
        },
      ];
    })
  );
}
