/**
 * What a preference among the capabilities buys: GRPO from one start under preferences over the simplex, with static and
 * with capability-aware weights, against interpolated parameters (rewarded soups, arXiv 2306.04488), and beside it a
 * tabular problem whose front is known exactly.
 *
 * @module
 */

import { z } from "zod";
import {
  aggregators,
  type RewardTable,
  rewardTable,
  softmaxProblem,
} from "../../lib/balance/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { Experiment, RunContext, RunOutput } from "../core/experiment.ts";
import {
  comparisonsOf,
  metricsOf,
  pointName,
  statisticsOf,
  type Sweep,
  type SweepPoint,
  sweeps,
} from "./statistics.ts";
import { presentPareto } from "./view.ts";
import { type Preference, simplexPreferences } from "./preferences.ts";
import { reinforced, type RewardRule, supervised, type TrainedSystem } from "../stages/train.ts";
import { soupRewards, trial } from "../stages/trials.ts";
import { openWorkshop, withReferences, type Workshop } from "../stages/workshop.ts";
import { systemsSchema } from "../stages/config.ts";
import { tabularRun } from "../exact/tabular.ts";
import { tabularSchema } from "../exact/config.ts";
import {
  paperStart,
  smokeGrpo,
  smokeStart,
  START_SEED,
  tinyGrpo,
  tinyStart,
} from "../stages/tiny_start.ts";
import type { Means, Runs } from "../stages/statistics.ts";

/** Options. */
export const paretoSchema = systemsSchema.omit({ mmluQuestions: true }).extend({
  faces: z.boolean().default(false).describe("Preferences for three capabilities too"),
  tabular: tabularSchema.prefault({}).describe("The exact problem beside it"),
});

/** See {@linkcode paretoSchema}. */
export type ParetoConfig = z.output<typeof paretoSchema>;

/** The tabular problem and where each sweep ends in it. */
export interface TabularSweep {
  /** Its rewards. */
  readonly table: RewardTable;
  /** Mean rewards of the uniform policy, `[m]`. */
  readonly start: readonly number[];
  /** Mean rewards by sweep and preference, `[preferences][m]`. */
  readonly points: Readonly<Record<Sweep, Means>>;
}

/** The rule of a sweep at a preference. */
function ruleOf(sweep: Exclude<Sweep, "rewarded soups">, { weights }: Preference): RewardRule {
  return {
    multiObjectiveAggregation: "leave_one_out",
    lossType: "dr_grpo",
    weighting: sweep === "static" ? "static" : "capability_aware",
    rewardWeights: [...weights],
  };
}

const isCorner = ({ weights }: Preference): boolean => weights.includes(1);

/** Trains and measures all points at a seed, in the order of `points`. */
async function measureAt(
  workshop: Workshop,
  start: TrainedSystem,
  points: readonly SweepPoint[],
  seed: number,
  spend: (stage: string, seconds: number) => void,
): Promise<Runs["heldOut"][number][]> {
  const corners = new Map<string, TrainedSystem>();
  const found: Runs["heldOut"][number][] = [];
  for (const { sweep, preference } of points) {
    const name = pointName({ sweep, preference });
    if (sweep === "rewarded soups" || (sweep === "static" && isCorner(preference))) {
      if (sweep === "static") {
        // The parameters of the corners are kept: soups are mixed of them.
        const corner = await reinforced(workshop, start, name, ruleOf(sweep, preference), seed);
        spend(sweep, corner.seconds);
        corners.set(preference.name, corner);
      }
      const shares = capabilities.flatMap((capability, i) =>
        preference.weights[i] === 0
          ? []
          : [{ system: corners.get(capability)!, share: preference.weights[i]! }]
      );
      const soup = await soupRewards(workshop, name, shares, seed);
      spend("rewarded soups", soup.seconds);
      found.push(soup.heldOut);
      continue;
    }
    const done = await trial(workshop, start, name, ruleOf(sweep, preference), seed);
    spend(sweep, done.seconds);
    found.push(done.heldOut);
  }
  return found;
}

/** The same sweeps on a tabular problem, to the end. */
export function tabularSweep(
  config: ParetoConfig["tabular"],
  preferences: readonly Preference[],
): TabularSweep {
  const { prompts, answers, conflict } = config;
  const table = rewardTable({ prompts, answers, conflict, rewards: capabilities.length, seed: 0 });
  const run = (sweep: "static" | "capability_aware", weights: readonly number[]) =>
    tabularRun(table, aggregators[sweep], weights, config);
  const fixed = preferences.map(({ weights }) => run("static", weights));
  const aware = preferences.map(({ weights }) => run("capability_aware", weights));
  const corners = capabilities.map((_, i) =>
    fixed[preferences.findIndex(({ weights }) => weights[i] === 1)]!
  );
  const soup = preferences.map(({ weights }) => {
    const logits = corners[0]!.point.map((_, k) =>
      weights.reduce((sum, w, i) => sum + w * corners[i]!.point[k]!, 0)
    );
    return softmaxProblem(table).evaluate(logits).values;
  });
  const last = (runs: typeof fixed) => runs.map(({ values }) => values.at(-1)!);
  return {
    table,
    start: fixed[0]!.values[0]!,
    points: { static: last(fixed), "capability-aware": last(aware), "rewarded soups": soup },
  };
}

async function run(context: RunContext, config: ParetoConfig): Promise<RunOutput> {
  const workshop = withReferences(
    await openWorkshop(context, { ...config, mmluQuestions: 0 }),
  );
  const seconds: Record<string, number> = {};
  const spend = (stage: string, more: number) => seconds[stage] = (seconds[stage] ?? 0) + more;
  const start = await supervised(workshop, START_SEED);
  spend("SFT", start.seconds);
  const preferences = simplexPreferences(config.faces);
  const points: SweepPoint[] = sweeps.flatMap((sweep) =>
    preferences.map((preference) => ({ sweep, preference }))
  );
  const before = await soupRewards(
    workshop,
    "the start",
    [{ system: start, share: 1 }],
    START_SEED,
  );
  const bySeed: Runs["heldOut"][number][][] = [];
  for (const seed of context.seeds) {
    bySeed.push(await measureAt(workshop, start, points, seed, spend));
  }
  const systems: Runs[] = [
    { name: "start", heldOut: [before.heldOut] },
    ...points.map((point, k) => ({
      name: pointName(point),
      heldOut: bySeed.map((row) => row[k]!),
    })),
  ];
  const statistics = statisticsOf(systems, points);
  return {
    metrics: metricsOf(systems, statistics, context.seeds.length, workshop.itemsHash),
    comparisons: comparisonsOf(statistics, before.heldOut.ids.length),
    seconds,
    notes: [
      "Scores are the training rewards of greedy answers to held-out items, each capability over the items to which it applies. " +
      "Intervals are over items and seeds, drawn again together for all systems.",
      "Hypervolume is measured from 0, in units of what the start dominates. The best of many noisy points is too good on average, " +
      "in each sweep alike, which has as many points.",
    ],
    present: (results) =>
      presentPareto(results, {
        config,
        preferences,
        statistics: statistics.sweeps,
        tabular: tabularSweep(config.tabular, preferences),
      }),
  };
}

type Options = z.input<typeof paretoSchema>;

const smoke: Options = {
  ...smokeStart,
  grpo: { ...smokeGrpo, maxSteps: 2, gramSteps: 1, minSignalToNoise: 0 },
  testItems: 2,
  maxNewTokens: 8,
  evaluationRows: 128,
  tabular: { steps: 50 },
};

const quick: Options = {
  ...tinyStart,
  grpo: { ...tinyGrpo, maxSteps: 5, minSignalToNoise: 0 },
  testItems: 24,
  maxNewTokens: 32,
  evaluationRows: 128,
};

const paper: Options = {
  model: "smollm2",
  items: paperStart.items!,
  tuning: { kind: "lora", r: 16, loraAlpha: 32 },
  sft: { maxSteps: 300, learningRate: 1e-3, perDeviceTrainBatchSize: 16, packing: true },
  grpo: {
    maxSteps: 60,
    learningRate: 2e-4,
    promptsPerStep: 8,
    numGenerations: 8,
    maxCompletionLength: 72,
    beta: 0,
  },
  faces: true,
  testItems: 60,
  maxNewTokens: 72,
  evaluationRows: 96,
};

/** See the module. */
export const pareto: Experiment<typeof paretoSchema> = {
  id: "pareto",
  question: "What does a preference among the capabilities buy?",
  schema: paretoSchema,
  presets: { smoke, quick, paper },
  seeds: { smoke: 1, quick: 1, paper: 3 },
  run,
};
