/**
 * What a form of the advantage keeps of several rewards: how many groups of completions it tells apart, counted over all
 * groups of binary rewards, and how far it follows each reward when their deviations differ. Nothing is trained.
 *
 * @module
 */

import { z } from "zod";
import { bootstrapInterval } from "../../lib/evaluation/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import {
  advantageForms,
  correlations,
  countDistinct,
  type DistinctCount,
  type FormName,
} from "./checks.ts";
import { presentAdvantages } from "./view.ts";
import type { Experiment, RunContext, RunOutput } from "../core/experiment.ts";
import type { Metric } from "../../lib/runs/mod.ts";

/** Options. */
export const advantagesSchema = z.object({
  twoRewards: z.array(z.int().min(2).max(16)).min(1).default([2, 3, 4, 5, 6, 7, 8, 10, 12])
    .describe("Sizes of the groups with two binary rewards"),
  threeRewards: z.array(z.int().min(2).max(8)).min(1).default([2, 3, 4, 5, 6]).describe(
    "Sizes of the groups with three binary rewards",
  ),
  deviations: z.array(z.number().positive()).min(1).default([1, 1.5, 2, 3, 5, 7, 10]).describe(
    "Deviations of the second reward; the first has 1",
  ),
  rewards: z.array(z.int().min(2).max(16)).min(1).default([2, 3, 4, 6, 8]).describe(
    "Numbers of rewards K, with deviations 1 to K",
  ),
  groups: z.int().min(2).default(200).describe("Groups in each draw of normal rewards"),
  completions: z.int().min(2).default(16).describe("Completions in each of these groups"),
  draws: z.int().min(2).default(10).describe("Draws for each seed"),
});

/** See {@linkcode advantagesSchema}. */
export type AdvantagesConfig = z.output<typeof advantagesSchema>;

/** Correlation of a reward with the advantage, over draws. */
export interface FollowedReward {
  /** The form of the advantage. */
  readonly form: FormName;
  /** Deviations of the rewards. */
  readonly deviations: readonly number[];
  /** Which reward, from 0. */
  readonly reward: number;
  /** Mean over draws with a 95 % bootstrap interval. */
  readonly mean: number;
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** Draws. */
  readonly n: number;
}

/** What was measured. */
export interface AdvantagesRecord {
  /** The configuration that ran. */
  readonly config: AdvantagesConfig;
  /** Numbers of distinct groups. */
  readonly counts: readonly DistinctCount[];
  /** Correlations with two rewards. */
  readonly pairs: readonly FollowedReward[];
  /** Correlations with K rewards of deviations 1 to K. */
  readonly many: readonly FollowedReward[];
}

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
    }));
  });
}

async function run(context: RunContext, config: AdvantagesConfig): Promise<RunOutput> {
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
      await Promise.resolve();
    }
    return found;
  });
  counting.finish();
  const drawing = context.stage("Correlating rewards and advantages");
  const { deviations, rewards, groups, completions, draws } = config;
  const settings = { deviations, rewards, groups, completions, draws };
  const key = { correlations: settings, seeds: context.seeds, version: 1 };
  const correlationStage = await context.store.json("advantages", key, async () => {
    const cases = [
      ...deviations.map((deviation) => [1, deviation]),
      ...rewards.map(upTo),
    ];
    const rows: FollowedReward[][] = [];
    for (const list of cases) {
      rows.push(followed(list, context.seeds, config));
      drawing.update(rows.length, cases.length);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return {
      pairs: rows.slice(0, deviations.length).flat(),
      many: rows.slice(deviations.length).flat(),
    };
  });
  drawing.finish();
  const record: AdvantagesRecord = { config, counts: counts.value, ...correlationStage.value };
  return {
    metrics: await metricsOf(record, context.seeds.length),
    comparisons: [],
    seconds: { counting: counts.seconds, correlations: correlationStage.seconds },
    notes: [
      "advantages: counts are over all groups of binary rewards up to the order of completions, so they have no interval.",
    ],
    present: (results) => presentAdvantages(results, record),
  };
}

async function metricsOf(record: AdvantagesRecord, seeds: number): Promise<Metric[]> {
  const shared = {
    unit: "value" as const,
    seeds,
    invalid_rate: 0,
    prompt_hash: await hashJson(record.config),
  };
  return [
    ...record.counts.map((row): Metric => ({
      ...shared,
      system: row.form,
      capability: `distinct groups, ${row.rewards} rewards, G = ${row.size}`,
      n: row.groups,
      mean: row.distinct,
      low: row.distinct,
      high: row.distinct,
    })),
    ...record.pairs.map((row): Metric => ({
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

/** The experiment. */
export const advantages: Experiment<typeof advantagesSchema> = {
  id: "advantages",
  question: "What does each form of the advantage keep of several rewards?",
  schema: advantagesSchema,
  presets: {
    smoke: {
      twoRewards: [2, 4, 8],
      threeRewards: [4],
      deviations: [1, 5],
      rewards: [2, 4],
      groups: 50,
      draws: 4,
    },
    quick: {},
    paper: { groups: 1000 },
  },
  seeds: { smoke: 1, quick: 3, paper: 5 },
  run,
};
