/**
 * How far a language model moves from its start while one reward is trained, and what becomes of the others: theorem 12
 * of `lib/balance/THEORY.md` on the checkpoints of a run, in stages that the store keeps.
 *
 * @module
 */

import { average, bootstrapInterval, klInverse } from "../../lib/evaluation/mod.ts";
import {
  completeEncoded,
  currentPolicy,
  disposePolicy,
  encodePrompt,
} from "../../lib/model/mod.ts";
import { randomStream } from "../../lib/runtime/mod.ts";
import { capabilities, type Item } from "../../lib/synthesis/mod.ts";
import { heldOut, itemRewards, type Metric } from "../../lib/runs/mod.ts";
import { driftPoint } from "./checks.ts";
import type { DriftConfig } from "./config.ts";
import type { Checkpoints, ModelDrift, ModelDriftPoint, SampledPrompt } from "./findings.ts";
import {
  readTrained,
  reinforced,
  type RewardRule,
  type TrainedSystem,
  trainingKey,
} from "../stages/train.ts";
import { rewardsKey } from "../stages/keys.ts";
import type { Workshop } from "../stages/workshop.ts";
import { START_SEED } from "../stages/tiny_start.ts";

/** Temperature of the policies that are compared: answers are better than at 1, and still vary. */
const TEMPERATURE = 0.5;

/** Samples answers to prompts from a policy and measures rewards and divergence from the start. */
async function samplePolicy(
  workshop: Workshop,
  start: TrainedSystem,
  system: TrainedSystem,
  items: readonly Item[],
  samples: number,
): Promise<SampledPrompt[]> {
  const { model, tokenizer, config, knowledge, encoder } = workshop;
  const before = readTrained(workshop, start);
  const after = readTrained(workshop, system);
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

/**
 * Compares the samples at a checkpoint with those at the start, on the prompts that have the reward.
 *
 * @param start Samples of the start, by prompt.
 * @param now Samples at the checkpoint, to the same prompts.
 * @param reward Which reward, by the order of the capabilities.
 * @param step Optimizer steps from the start.
 * @returns The fall with its bounds; undefined when no prompt has the reward.
 */
export function modelDriftPoint(
  start: readonly SampledPrompt[],
  now: readonly SampledPrompt[],
  reward: number,
  step: number,
): ModelDriftPoint | undefined {
  const used = now.flatMap((row, x) =>
    row.rewards[reward] === null || start[x]!.rewards[reward] === null ? [] : [x]
  );
  if (used.length === 0) return undefined;
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

/** The start, and what training of one reward alone makes of it leg by leg. */
async function trainLegs(
  workshop: Workshop,
  start: TrainedSystem,
  { trained, legs, steps, learningRate }: DriftConfig,
): Promise<TrainedSystem[]> {
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
  return systems;
}

/**
 * Trains one reward alone and follows all of them.
 *
 * @param workshop Data and models.
 * @param start The system at the start of the run.
 * @param drift How the reward is trained and what the checkpoints are measured on.
 * @returns What was sampled and how far every reward fell, seconds of the stages and the hash of the samples.
 */
export async function modelDrift(
  workshop: Workshop,
  start: TrainedSystem,
  drift: DriftConfig,
): Promise<{ found: Checkpoints; seconds: number; hash: string }> {
  const { context, config } = workshop;
  const { steps, prompts, samples } = drift;
  const systems = await trainLegs(workshop, start, drift);
  const items = heldOut(workshop.items, prompts);
  const bar = context.stage("Divergence of the checkpoints");
  const { maxNewTokens, evaluationRows } = config;
  const key = {
    ...trainingKey(workshop),
    systems: systems.map(({ hash }) => hash),
    temperature: TEMPERATURE,
    prompts,
    samples,
    maxNewTokens,
    evaluationRows,
    ...rewardsKey(workshop.inputs, workshop.config),
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
  return {
    found: {
      temperature: TEMPERATURE,
      items: items.map(({ id, family }) => ({ id, family })),
      samples: stage.value.map((prompts, k) => ({ step: k * steps, prompts })),
      drifts: driftsOf(stage.value, steps),
    },
    seconds: systems.slice(1).reduce((sum, { seconds }) => sum + seconds, stage.seconds),
    hash: stage.hash,
  };
}

/** Falls along the run of every reward that some prompt has. */
function driftsOf(samples: readonly SampledPrompt[][], steps: number): ModelDrift[] {
  const [first, ...later] = samples as [SampledPrompt[], ...SampledPrompt[][]];
  return capabilities.map((objective, i) => ({
    objective,
    points: later.map((now, k) => modelDriftPoint(first, now, i, (k + 1) * steps))
      .filter((point) => point !== undefined),
  })).filter(({ points }) => points.length > 0);
}

/**
 * Fall, divergence and what kl inversion allows, for every reward and checkpoint.
 *
 * @param drifts Falls along the run.
 * @param hash Hash of what was sampled.
 * @returns Three metrics for each point.
 */
export function driftMetrics(drifts: readonly ModelDrift[], hash: string): Metric[] {
  return drifts.flatMap(({ objective, points }) =>
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
