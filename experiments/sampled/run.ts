/**
 * Does CA-GRPO as users run it, on sampled answers, keep rewards from falling where static weights let one fall, and at what
 * price? Arms that differ in the weights, judged by exact values and gradients. PROTOCOL.md holds sizes, tests and rules of
 * decision.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { exactGradients } from "../../lib/laboratory/mod.ts";
import { hashFiles, hashJson, tf, UsageError } from "../../lib/runtime/mod.ts";
import { gradientProducts } from "../../lib/training/mod.ts";
import { branches } from "../core/branches.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import { openBench } from "../laboratory/bench.ts";
import type { LaboratoryConfig } from "../laboratory/config.ts";
import { type Ground, withReplicate } from "../laboratory/replicate.ts";
import { RESAMPLES } from "../stages/statistics.ts";
import { AWARE, CONTROL } from "./arms.ts";
import { preferenceOf, type SampledConfig } from "./config.ts";
import type { Condition, SampledFindings } from "./findings.ts";
import { comparisonsOf, metricsOf } from "./metrics.ts";
import { meanValues } from "./outcomes.ts";
import { conditionFindings, type ReplicateTrials, statisticsOf } from "./summary.ts";
import { sampledTrial } from "./trial.ts";

/** Where the protocol lies. */
const PROTOCOL = fromFileUrl(new URL("./PROTOCOL.md", import.meta.url));

/** Raised when the start is measured otherwise, so that stored measurements are not mixed. */
const START_VERSION = 1;

/**
 * What runs in every replicate, preference by preference: the control and capability-aware weights, the further arms, and
 * the noisy pair at the last preference.
 *
 * @param config options
 * @returns the conditions
 * @throws {UsageError} when the noisy pair has no fewer prompts a step than the others
 */
export function conditionsOf(config: SampledConfig): Condition[] {
  const { prompts, noisyPrompts } = config;
  if (noisyPrompts >= prompts) {
    throw new UsageError(
      `Expected noisyPrompts to be below prompts, ${prompts}, but found ${noisyPrompts}`,
    );
  }
  const pair = [CONTROL, AWARE] as const;
  const full = config.preferences.flatMap((preference) =>
    [...pair, ...config.furtherArms].map((arm) => ({ arm, preference, prompts }))
  );
  const preference = config.preferences.at(-1)!;
  return [
    ...full,
    ...pair.map((arm) => ({ arm, preference, prompts: noisyPrompts })),
  ];
}

/** The laboratory that judges free text. */
const laboratoryOf = (config: SampledConfig): LaboratoryConfig => ({
  ...config,
  startPerReplicate: true,
  topLayers: undefined,
  likelihood: "sequence",
  temperature: config.grpo.temperature,
});

/** Cosines between the exact gradients at the start, [m][m], and the seconds of the start with them. */
async function startCosines(
  ground: Ground,
): Promise<{ readonly cosines: number[][]; readonly startSeconds: number }> {
  const key = { ...ground.key, version: START_VERSION };
  const { value, seconds } = await ground.bench.context.store.json(
    "sampled-start",
    key,
    async () => {
      const { train, start } = await ground.open();
      const { gradients } = exactGradients(train, start);
      const gram = gradientProducts(gradients, gradients);
      tf.dispose(gradients);
      return gram.map((row, i) =>
        row.map((x, j) => {
          const norm = Math.sqrt(gram[i]![i]! * gram[j]![j]!);
          return norm > 0 ? x / norm : 0;
        })
      );
    },
  );
  return { cosines: value, startSeconds: seconds };
}

/** Trains and judges all conditions of a replicate. */
async function measure(
  ground: Ground,
  config: SampledConfig,
  conditions: readonly Condition[],
): Promise<ReplicateTrials> {
  const start = await startCosines(ground);
  const trials = await branches(conditions, (condition) => {
    const { arm, preference, prompts } = condition;
    const measured = arm === AWARE && preference === config.preferences.at(-1) &&
      prompts === config.prompts;
    return sampledTrial(ground, {
      condition,
      weights: preferenceOf(preference).weights,
      seed: ground.seed,
      signalSteps: measured ? config.signalSteps : [],
    }, config);
  });
  return { ...start, trials };
}

/**
 * Trains and judges every arm in every replicate.
 *
 * @param context store, backend, seeds and bars; each seed is a replicate
 * @param config options
 * @returns metrics, comparisons and the findings
 * @throws {UsageError} when the model is not there, the graph does not give so many prompts, or the noisy pair has no fewer
 * a step
 */
export async function runSampled(
  context: RunContext,
  config: SampledConfig,
): Promise<RunOutput<SampledFindings>> {
  const conditions = conditionsOf(config);
  const bench = await openBench(context, laboratoryOf(config));
  let drawn: Ground | undefined;
  const replicates = await branches(
    context.seeds,
    (seed) =>
      withReplicate(bench, seed, async ({ ground }) => {
        drawn = await ground();
        return await measure(drawn, config, conditions);
      }),
  );
  const { rewardNames: rewards, train, heldOut } = drawn!;
  const bar = context.stage("Estimating");
  const key = {
    version: 1,
    resamples: RESAMPLES,
    conditions,
    prompts: config.prompts,
    values: await hashJson(replicates.map(({ trials }) => trials.map(({ values }) => values))),
  };
  const statistics = await context.store.json(
    "sampled-statistics",
    key,
    () => Promise.resolve(statisticsOf(replicates, conditions, config.prompts)),
  );
  bar.finish(statistics.cached ? "from the store" : undefined);
  const first = replicates.map(({ trials }) => trials[0]!.values);
  const findings: SampledFindings = {
    rewards,
    tasks: [...new Set(train.map(({ task }) => task))],
    prompts: { train: train.length, heldOut: heldOut.length },
    replicates: replicates.length,
    judged: first[0]!.steps,
    start: {
      train: meanValues(first.map((values) => meanValues(values.train[0]!))),
      heldOut: meanValues(first.map((values) => meanValues(values.heldOut[0]!))),
      cosines: rewards.map((_, i) => meanValues(replicates.map(({ cosines }) => cosines[i]!))),
    },
    conditions: conditions.map((condition, c) =>
      conditionFindings(
        condition,
        rewards,
        replicates.map(({ trials }) => trials[c]!),
        statistics.value.outcomes.filter((row) => row.condition === c),
      )
    ),
    differences: statistics.value.differences,
    hypotheses: statistics.value.hypotheses,
    protocol: { text: await hashFiles(PROTOCOL), config: await hashJson(config) },
    resamples: RESAMPLES,
  };
  const prompts = await hashJson([train, heldOut]);
  return {
    metrics: metricsOf(findings, prompts),
    comparisons: comparisonsOf(findings),
    seconds: {
      ...secondsOf(conditions, replicates),
      estimates: statistics.seconds,
    },
    notes: [
      "Values are exact: sums over the closed answers of probability times reward. Intervals are over replicates and prompts.",
      `All arms but GRPO differ from ${CONTROL} in the weights alone.`,
    ],
    findings,
  };
}

/** Seconds of the starts and of each arm over all replicates. */
function secondsOf(
  conditions: readonly Condition[],
  replicates: readonly ReplicateTrials[],
): Record<string, number> {
  const starts = replicates.reduce((sum, { startSeconds }) => sum + startSeconds, 0);
  const seconds: Record<string, number> = { starts };
  conditions.forEach(({ arm }, c) =>
    replicates.forEach(({ trials }) => seconds[arm] = (seconds[arm] ?? 0) + trials[c]!.seconds)
  );
  return seconds;
}
