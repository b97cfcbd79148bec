/**
 * Which rule should weigh the capabilities' rewards? Every rule trains from the same start with the same seeds and the same
 * budget and answers the same held-out items; beside it the rules on tabular problems, where gradients are exact.
 *
 * @module
 */

import { z } from "zod";
import type { StepLog } from "../../lib/training/mod.ts";
import type { Experiment, RunContext, RunOutput } from "../core/experiment.ts";
import { comparisonsOf, metricsOf, ruleEstimates, startEstimates } from "./statistics.ts";
import { presentWeighting } from "./view.ts";
import { supervised } from "../stages/train.ts";
import { soupRewards, trial } from "../stages/trials.ts";
import { openWorkshop, withReferences } from "../stages/workshop.ts";
import { systemsSchema } from "../stages/config.ts";
import { tabularSchema } from "../exact/config.ts";
import { tabularOutcomes } from "./outcomes.ts";
import {
  paperGrpo,
  paperStart,
  smokeGrpo,
  smokeStart,
  START_SEED,
  tinyGrpo,
  tinyStart,
} from "../stages/tiny_start.ts";
import type { Runs } from "../stages/statistics.ts";
import { tabularRules, weightingNames, weightingRules } from "../exact/rules.ts";

/** Options. */
export const weightingSchema = systemsSchema.omit({ mmluQuestions: true }).extend({
  rules: z.array(z.enum(weightingNames)).min(2).default([...weightingNames]).describe(
    "The rules; static must be among them",
  ).refine((rules) => rules.includes("static"), "static among the rules"),
  tabular: tabularSchema.prefault({}).describe("The exact problems beside it"),
});

/** See {@linkcode weightingSchema}. */
export type WeightingConfig = z.output<typeof weightingSchema>;

async function run(context: RunContext, config: WeightingConfig): Promise<RunOutput> {
  const workshop = withReferences(
    await openWorkshop(context, { ...config, mmluQuestions: 0 }),
  );
  const seconds: Record<string, number> = {};
  const start = await supervised(workshop, START_SEED);
  seconds.SFT = start.seconds;
  const before = await soupRewards(
    workshop,
    "the start",
    [{ system: start, share: 1 }],
    START_SEED,
  );
  const logs = new Map<string, readonly (readonly StepLog[])[]>();
  const systems: Runs[] = [{ name: "start", heldOut: [before.heldOut] }];
  for (const name of config.rules) {
    const trials = [];
    for (const seed of context.seeds) {
      trials.push(await trial(workshop, start, name, weightingRules[name], seed));
    }
    seconds[name] = trials.reduce((sum, done) => sum + done.seconds, 0);
    logs.set(name, trials.map(({ log }) => log));
    systems.push({ name, heldOut: trials.map(({ heldOut }) => heldOut) });
  }
  const exact = context.stage("Exact problems");
  const stage = await context.store.json(
    "tabular",
    { version: 1, rules: Object.keys(tabularRules), config: config.tabular },
    () => Promise.resolve(Object.fromEntries(tabularOutcomes(config.tabular))),
  );
  exact.finish();
  seconds["exact problems"] = stage.seconds;
  const tabular = new Map(Object.entries(stage.value));
  const estimates = ruleEstimates(systems);
  return {
    metrics: metricsOf(
      systems,
      startEstimates(systems[0]!),
      estimates,
      tabular,
      workshop.itemsHash,
    ),
    comparisons: comparisonsOf(estimates, before.heldOut.ids.length),
    seconds,
    notes: [
      "Scores are the training rewards of greedy answers to held-out items, each capability over the items to which it applies. " +
      "Intervals are over items and seeds, drawn again together for all systems.",
      "Capability-aware weights without momentum are those of DualProj (gradient episodic memory). MO-GRPO differs from GDPO by a " +
      "shift and a scale of the whole batch, the latter of which the optimizer removes.",
    ],
    present: (results) => presentWeighting(results, { config, logs }),
  };
}

type Options = z.input<typeof weightingSchema>;

const smoke: Options = {
  ...smokeStart,
  grpo: { ...smokeGrpo, maxSteps: 2, gramSteps: 1 },
  testItems: 2,
  maxNewTokens: 8,
  evaluationRows: 128,
  rules: [
    "GRPO",
    "GDPO",
    "conditioned",
    "static",
    "capability-aware",
    "momentum-aware",
    "MGDA",
  ],
  tabular: { problems: 3, steps: 20 },
};

const quick: Options = {
  ...tinyStart,
  grpo: tinyGrpo,
  testItems: 12,
  maxNewTokens: 32,
  evaluationRows: 128,
};

const paper: Options = {
  ...paperStart,
  grpo: paperGrpo,
  testItems: 100,
  maxNewTokens: 56,
  evaluationRows: 128,
  tabular: { problems: 100, steps: 500 },
};

/** See the module. */
export const rewardWeighting: Experiment<typeof weightingSchema> = {
  id: "reward-weighting",
  question: "Which rule should weigh the capabilities' rewards?",
  schema: weightingSchema,
  presets: { smoke, quick, paper },
  seeds: { smoke: 1, quick: 3, paper: 5 },
  run,
};
