/**
 * Which rule should weigh the capabilities' rewards? Every rule trains from the same start with the same seeds and the same
 * budget and answers the same held-out items; beside it the rules on tabular problems, where gradients are exact.
 *
 * @module
 */

import { hashJson } from "../../lib/runtime/mod.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import { tabularRules, weightingRules } from "../exact/rules.ts";
import { heldOutItems } from "../stages/evaluate.ts";
import { storedSteps } from "../stages/findings.ts";
import { RESAMPLES, type Runs } from "../stages/statistics.ts";
import { START_SEED } from "../stages/tiny_start.ts";
import { supervised, type TrainedSystem } from "../stages/train.ts";
import { soupRewards, type Trial, trial } from "../stages/trials.ts";
import { openWorkshop, withReferences, type Workshop } from "../stages/workshop.ts";
import type { WeightingConfig } from "./config.ts";
import type { ExactRule, WeightingFindings } from "./findings.ts";
import { tabularOutcomes } from "./outcomes.ts";
import { comparisonsOf, type Estimates, estimatesOf, metricsOf } from "./statistics.ts";
import { trialsNote } from "../stages/verdicts.ts";

/** Trains every rule at every seed, `[rules][seeds]`. */
async function trainRules(
  { rules }: WeightingConfig,
  workshop: Workshop,
  start: TrainedSystem,
  seeds: readonly number[],
): Promise<Trial[][]> {
  const byRule: Trial[][] = [];
  for (const name of rules) {
    const trials: Trial[] = [];
    for (const seed of seeds) {
      trials.push(await trial(workshop, start, name, weightingRules[name], seed));
    }
    byRule.push(trials);
  }
  return byRule;
}

/** The rules on the exact problems, kept in the store. */
async function exactStage(
  { store, stage }: RunContext,
  config: WeightingConfig["tabular"],
): Promise<{ readonly value: readonly ExactRule[]; readonly seconds: number }> {
  const bar = stage("Exact problems");
  const key = { version: 2, rules: Object.keys(tabularRules), config };
  const found = await store.json("tabular", key, () => Promise.resolve(tabularOutcomes(config)));
  bar.finish();
  return found;
}

/** Estimates of all systems, kept in the store. */
async function estimatesStage(
  { store, stage }: RunContext,
  systems: readonly Runs[],
): Promise<{ readonly value: Estimates; readonly seconds: number }> {
  const bar = stage("Estimating");
  const key = { version: 1, resamples: RESAMPLES, systems: await hashJson(systems) };
  const found = await store.json(
    "rule-estimates",
    key,
    () => Promise.resolve(estimatesOf(systems)),
  );
  bar.finish();
  return found;
}

const notes = (seeds: number): string[] => [
  trialsNote(seeds),
  "Capability-aware weights without momentum are those of DualProj (gradient episodic memory). MO-GRPO differs from GDPO by a " +
  "shift and a scale of the whole batch, the latter of which the optimizer removes.",
];

/**
 * Trains and measures every rule.
 *
 * @param context store, backend, seeds and bars
 * @param config options
 * @returns scores, comparisons and the findings
 * @throws {UsageError} when the model or a family of items is not there
 */
export async function runWeighting(
  context: RunContext,
  config: WeightingConfig,
): Promise<RunOutput<WeightingFindings>> {
  const workshop = withReferences(await openWorkshop(context, { ...config, mmluQuestions: 0 }));
  const start = await supervised(workshop, START_SEED);
  const shares = [{ system: start, share: 1 }];
  const { heldOut } = await soupRewards(workshop, "the start", shares, START_SEED);
  const trials = await trainRules(config, workshop, start, context.seeds);
  const systems: Runs[] = [
    { name: "start", heldOut: [heldOut] },
    ...config.rules.map((name, k) => ({
      name,
      heldOut: trials[k]!.map(({ heldOut }) => heldOut),
    })),
  ];
  const exact = await exactStage(context, config.tabular);
  const estimates = await estimatesStage(context, systems);
  return {
    metrics: metricsOf(systems, estimates.value, exact.value, workshop.itemsHash),
    comparisons: comparisonsOf(config.rules, estimates.value, heldOut.ids.length),
    seconds: {
      SFT: start.seconds,
      ...Object.fromEntries(config.rules.map((name, k) => [
        name,
        trials[k]!.reduce((sum, { seconds }) => sum + seconds, 0),
      ])),
      "exact problems": exact.seconds,
      estimates: estimates.seconds,
    },
    notes: notes(context.seeds.length),
    findings: {
      items: heldOutItems(workshop),
      start: { log: storedSteps(start.log), heldOut, means: estimates.value.start },
      rules: config.rules.map((name, k) => ({
        name,
        estimates: estimates.value.rules[k]!,
        heldOut: systems[k + 1]!.heldOut,
        logs: trials[k]!.map(({ log }) => storedSteps(log)),
      })),
      resamples: RESAMPLES,
      exact: exact.value,
    },
  };
}
