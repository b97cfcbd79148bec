/**
 * What a preference among the capabilities buys: GRPO from one start under preferences over the simplex, with static and
 * with capability-aware weights, against interpolated parameters (rewarded soups, arXiv 2306.04488), and beside it a
 * tabular problem whose front is known exactly.
 *
 * @module
 */

import { hashJson } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { RunContext, RunOutput } from "../core/experiment.ts";
import { heldOutItems } from "../stages/evaluate.ts";
import { type HeldOut, type LoggedSteps, storedSteps } from "../stages/findings.ts";
import { RESAMPLES, type Runs } from "../stages/statistics.ts";
import { START_SEED } from "../stages/tiny_start.ts";
import { reinforced, type RewardRule, supervised, type TrainedSystem } from "../stages/train.ts";
import { soupRewards, trial } from "../stages/trials.ts";
import { openWorkshop, withReferences, type Workshop } from "../stages/workshop.ts";
import type { ParetoConfig } from "./config.ts";
import {
  type ParetoFindings,
  pointName,
  type Preference,
  type Sweep,
  type SweepPoint,
  sweeps,
} from "./findings.ts";
import { simplexPreferences } from "./preferences.ts";
import { comparisonsOf, metricsOf, statisticsOf } from "./statistics.ts";
import { tabularSweep } from "./tabular.ts";
import { trialsNote } from "../stages/verdicts.ts";

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

/** A point at a seed. */
interface Measured {
  readonly heldOut: HeldOut;
  /** What its training logged; a soup has none. */
  readonly log?: LoggedSteps;
}

type Spend = (stage: string, seconds: number) => void;

/** Trains and measures all points at a seed, in the order of `points`. */
async function measureAt(
  workshop: Workshop,
  start: TrainedSystem,
  points: readonly SweepPoint[],
  seed: number,
  spend: Spend,
): Promise<Measured[]> {
  const corners = new Map<string, TrainedSystem>();
  const found: Measured[] = [];
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
      found.push({
        heldOut: soup.heldOut,
        ...(sweep === "static" && { log: corners.get(preference.name)!.log }),
      });
      continue;
    }
    const done = await trial(workshop, start, name, ruleOf(sweep, preference), seed);
    spend(sweep, done.seconds);
    found.push(done);
  }
  return found;
}

const notes = (seeds: number): string[] => [
  trialsNote(seeds),
  "Hypervolume is measured from 0, in units of what the start dominates. The best of many noisy points is too good on average, " +
  "in each sweep alike, which has as many points.",
];

/**
 * Trains and measures every sweep.
 *
 * @param context store, backend, seeds and bars
 * @param config options
 * @returns scores, volumes and the findings
 * @throws {UsageError} when the model or a family of items is not there
 */
export async function runPareto(
  context: RunContext,
  config: ParetoConfig,
): Promise<RunOutput<ParetoFindings>> {
  const workshop = withReferences(await openWorkshop(context, { ...config, mmluQuestions: 0 }));
  const seconds: Record<string, number> = {};
  const spend: Spend = (stage, more) => seconds[stage] = (seconds[stage] ?? 0) + more;
  const start = await supervised(workshop, START_SEED);
  spend("SFT", start.seconds);
  const preferences = simplexPreferences(config.faces);
  const points: SweepPoint[] = sweeps.flatMap((sweep) =>
    preferences.map((preference) => ({ sweep, preference }))
  );
  const shares = [{ system: start, share: 1 }];
  const { heldOut } = await soupRewards(workshop, "the start", shares, START_SEED);
  const bySeed: Measured[][] = [];
  for (const seed of context.seeds) {
    bySeed.push(await measureAt(workshop, start, points, seed, spend));
  }
  const systems: Runs[] = [
    { name: "start", heldOut: [heldOut] },
    ...points.map((point, k) => ({
      name: pointName(point),
      heldOut: bySeed.map((row) => row[k]!.heldOut),
    })),
  ];
  const estimating = context.stage("Estimating");
  const stage = await context.store.json(
    "sweep-statistics",
    { version: 1, resamples: RESAMPLES, systems: await hashJson(systems) },
    () => Promise.resolve(statisticsOf(systems, points)),
  );
  estimating.finish();
  spend("estimates", stage.seconds);
  const { means, ...statistics } = stage.value;
  return {
    metrics: metricsOf(systems, stage.value, context.seeds.length, workshop.itemsHash),
    comparisons: comparisonsOf(stage.value, heldOut.ids.length),
    seconds,
    notes: notes(context.seeds.length),
    findings: {
      items: heldOutItems(workshop),
      preferences,
      start: { log: storedSteps(start.log), heldOut, means: means[0]! },
      points: points.map(({ sweep, preference }, k) => ({
        sweep,
        preference: preference.name,
        means: means[k + 1]!,
        heldOut: systems[k + 1]!.heldOut,
        logs: bySeed.flatMap((row) => {
          const { log } = row[k]!;
          return log === undefined ? [] : [storedSteps(log)];
        }),
      })),
      resamples: RESAMPLES,
      ...statistics,
      tabular: tabularSweep(config.tabular, preferences),
    },
  };
}
