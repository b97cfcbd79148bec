/**
 * What a form of the advantage keeps of several rewards: how many groups of completions it tells apart, counted over all
 * groups of binary rewards, and how far it follows each reward when their deviations differ. Nothing is trained.
 *
 * @module
 */

import { bootstrapInterval } from "../../lib/evaluation/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import { breathe, type RunContext, type RunOutput } from "../core/experiment.ts";
import { correlations, countDistinct, expectedCorrelation, twoCompletions } from "./checks.ts";
import type { AdvantagesConfig } from "./config.ts";
import {
  advantageForms,
  type AdvantagesFindings,
  type DistinctCount,
  type FollowedReward,
  type FormName,
} from "./findings.ts";

const correlated = ["GRPO", "GDPO"] as const satisfies readonly FormName[];

/** The deviations 1 to K. */
const upTo = (rewards: number) => Array.from({ length: rewards }, (_, i) => i + 1);

function followed(
  deviations: readonly number[],
  seeds: readonly number[],
  config: AdvantagesConfig,
): FollowedReward[] {
  return correlated.flatMap((form) => {
    const draws = seeds.flatMap((seed) =>
      Array.from({ length: config.draws }, (_, draw) =>
        correlations(form, {
          deviations,
          groups: config.groups,
          completions: config.completions,
          seed,
          draw,
        }))
    );
    return deviations.map((_, reward) => ({
      form,
      deviations,
      reward,
      ...bootstrapInterval(draws.map((draw) => draw[reward]!), { seed: 0 }),
      derived: expectedCorrelation(form, deviations, reward),
    }));
  });
}

/** Counts groups and correlates drawn rewards with their advantages. */
export async function runAdvantages(
  context: RunContext,
  config: AdvantagesConfig,
): Promise<RunOutput<AdvantagesFindings>> {
  const counting = context.stage("Counting groups");
  const sizes = [
    ...config.twoRewards.map((size) => [2, size] as const),
    ...config.threeRewards.map((size) => [3, size] as const),
  ];
  const counts = await context.store.json("advantages", { counts: sizes, version: 1 }, async () => {
    const found: DistinctCount[] = [];
    for (const [k, [rewards, size]] of sizes.entries()) {
      found.push(...advantageForms.map((form) => countDistinct(form, rewards, size)));
      counting.update(k + 1, sizes.length);
      await breathe();
    }
    return found;
  });
  counting.finish();
  const drawing = context.stage("Correlating rewards and advantages");
  const { deviations, rewards, groups, completions, draws } = config;
  const settings = { deviations, rewards, groups, completions, draws };
  const key = { correlations: settings, seeds: context.seeds, version: 2 };
  const correlationStage = await context.store.json("advantages", key, async () => {
    const cases = [
      ...deviations.map((deviation) => [1, deviation]),
      ...rewards.map(upTo),
    ];
    const rows: FollowedReward[][] = [];
    for (const list of cases) {
      rows.push(followed(list, context.seeds, config));
      drawing.update(rows.length, cases.length);
      await breathe();
    }
    return {
      pairs: rows.slice(0, deviations.length).flat(),
      many: rows.slice(deviations.length).flat(),
    };
  });
  drawing.finish();
  const findings = {
    counts: counts.value,
    ...correlationStage.value,
    twoCompletions: twoCompletions(),
  };
  return {
    metrics: await metricsOf(findings, config, context.seeds.length),
    comparisons: [],
    seconds: { counting: counts.seconds, correlations: correlationStage.seconds },
    notes: [
      "advantages: counts are over all groups of binary rewards up to the order of completions, so they have no interval.",
    ],
    findings,
  };
}

async function metricsOf(
  { counts, pairs }: AdvantagesFindings,
  config: AdvantagesConfig,
  seeds: number,
): Promise<Metric[]> {
  const shared = {
    unit: "value" as const,
    seeds,
    invalid_rate: 0,
    prompt_hash: await hashJson(config),
  };
  return [
    ...counts.map((row): Metric => ({
      ...shared,
      system: row.form,
      capability: `distinct groups, ${row.rewards} rewards, G = ${row.size}`,
      n: row.groups,
      mean: row.distinct,
      low: row.distinct,
      high: row.distinct,
    })),
    ...pairs.map((row): Metric => ({
      ...shared,
      system: row.form,
      capability: `correlation with reward ${row.reward + 1}, deviations ${
        row.deviations.join(" and ")
      }`,
      n: row.n,
      mean: row.mean,
      low: row.low,
      high: row.high,
    })),
  ];
}
