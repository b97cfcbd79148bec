/** From the runs of all replicates to what is stored of them. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { COSINE_ROUNDING, type StepLog } from "../../lib/training/mod.ts";
import type { ResampleOptions } from "../stages/statistics.ts";
import { CONTROL } from "./arms.ts";
import { preferenceOf } from "./config.ts";
import { contrast, resampledOutcomes, type Term } from "./contrasts.ts";
import type {
  Condition,
  ConditionFindings,
  Difference,
  Harm,
  Hypothesis,
  Range,
} from "./findings.ts";
import { testedHypotheses } from "./hypotheses.ts";
import { meanValues, outcomeNames, parts, valuesOn } from "./outcomes.ts";
import type { Trial } from "./trial.ts";

/** The runs of one replicate. */
export interface ReplicateTrials {
  /** Cosines of the exact gradients at the start, [m][m]. */
  readonly cosines: readonly (readonly number[])[];
  /** Seconds of the start, now or when it was made. */
  readonly startSeconds: number;
  /** One run for each condition. */
  readonly trials: readonly Trial[];
}

/** An outcome of a condition on some prompts. */
type ConditionOutcome = ConditionFindings["outcomes"][number] & {
  /** Index of the condition. */
  readonly condition: number;
};

/** Everything that is estimated over replicates and prompts. */
export interface Statistics {
  /** Outcomes of every condition. */
  readonly outcomes: readonly ConditionOutcome[];
  /** Every arm against the control with the same preference and prompts. */
  readonly differences: Difference[];
  /** The claims. */
  readonly hypotheses: Hypothesis[];
}

const rangeOf = (values: readonly number[]): Range => ({
  mean: average(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

/**
 * Estimates outcomes and differences, and tests the claims.
 *
 * @param replicates the runs, those of a replicate in the order of the conditions
 * @param conditions arms, preferences and prompts a step
 * @param prompts the full number of prompts a step
 * @param options how often replicates and prompts are drawn again
 * @returns the estimates
 */
export function statisticsOf(
  replicates: readonly ReplicateTrials[],
  conditions: readonly Condition[],
  prompts: number,
  options: ResampleOptions = {},
): Statistics {
  const runs = replicates.map(({ trials }) => trials.map(({ values }) => values));
  const preferences = conditions.map(({ preference }) => preferenceOf(preference).weights);
  const found = parts.map((part) => ({
    part,
    outcomes: resampledOutcomes(runs, preferences, part, options),
  }));
  const controlOf = (own: Condition) =>
    conditions.findIndex(({ arm, preference, prompts }) =>
      arm === CONTROL && preference === own.preference && prompts === own.prompts
    );
  return {
    outcomes: found.flatMap(({ part, outcomes }) =>
      conditions.flatMap((_, condition) =>
        outcomeNames.map((outcome) => {
          const terms: Term[] = [{ condition, outcome, factor: 1 }];
          return { condition, part, outcome, estimate: contrast(outcomes, terms).estimate };
        })
      )
    ),
    differences: found.flatMap(({ part, outcomes }) =>
      conditions.flatMap((own, condition) =>
        own.arm === CONTROL ? [] : outcomeNames.map((outcome) => ({
          ...own,
          part,
          outcome,
          ...contrast(outcomes, [
            { condition, outcome, factor: 1 },
            { condition: controlOf(own), outcome, factor: -1 },
          ]),
        }))
      )
    ),
    hypotheses: testedHypotheses(found[0]!.outcomes, conditions, prompts, found[0]!.part),
  };
}

/** Steps of a run whose exact effect was measured, each with the least cosine over the rewards. */
const leastCosines = (log: readonly StepLog[], rewards: readonly string[]): number[] =>
  log.flatMap((entry) => {
    const cosines = rewards.map((name) => entry[`harm/${name}`]).filter((x) => x !== undefined);
    return cosines.length === 0 ? [] : [Math.min(...cosines)];
  });

function harmOf(trials: readonly Trial[], rewards: readonly string[]): Harm {
  const least = trials.flatMap(({ log }) => leastCosines(log, rewards));
  return {
    steps: least.length,
    harmful: least.filter((cosine) => cosine < -COSINE_ROUNDING).length,
    worst: least.length === 0 ? null : Math.min(...least),
    mean: least.length === 0 ? null : average(least),
  };
}

/** Weights of every step, mean over the replicates, [steps][rewards]; empty where they never move. */
function weightsOf(
  trials: readonly Trial[],
  rewards: readonly string[],
  preference: readonly number[],
): number[][] {
  const rows = trials[0]!.log.map((_, step) =>
    rewards.map((name, i) =>
      average(trials.map(({ log }) => log[step]![`weights/${name}`] ?? preference[i]!))
    )
  );
  const moves = rows.some((row) => row.some((w, i) => Math.abs(w - preference[i]!) > 1e-9));
  return moves ? rows : [];
}

/** Exact signal to noise at the steps where every replicate has it. */
function signalOf(
  trials: readonly Trial[],
  rewards: readonly string[],
): ConditionFindings["signal"] {
  return trials[0]!.log.flatMap((entry, at) => {
    if (entry[`signal/drawn/${rewards[0]}`] === undefined) return [];
    const read = (kind: string) =>
      rewards.map((name) => rangeOf(trials.map(({ log }) => log[at]![`signal/${kind}/${name}`]!)));
    return [{ step: entry.step - 1, drawn: read("drawn"), whole: read("whole") }];
  });
}

/**
 * What is stored of a condition.
 *
 * @param condition arm, preference and prompts a step
 * @param rewards names of the rewards
 * @param trials its runs, one a replicate
 * @param outcomes its outcomes
 * @returns the findings
 */
export function conditionFindings(
  condition: Condition,
  rewards: readonly string[],
  trials: readonly Trial[],
  outcomes: readonly ConditionOutcome[],
): ConditionFindings {
  const preference = preferenceOf(condition.preference).weights;
  return {
    ...condition,
    curves: parts.flatMap((part) => {
      const means = trials.map(({ values }) => valuesOn(values, part).map(meanValues));
      return rewards.map((reward, i) => ({
        part,
        reward,
        change: means[0]!.map((_, t) => rangeOf(means.map((run) => run[t]![i]! - run[0]![i]!))),
      }));
    }),
    weights: weightsOf(trials, rewards, preference),
    outcomes: outcomes.map(({ part, outcome, estimate }) => ({ part, outcome, estimate })),
    harm: harmOf(trials, rewards),
    logged: rewards.map((name) => {
      const values = trials.flatMap(({ log }) =>
        log.flatMap((entry) => entry[`balance/signal_to_noise/${name}`] ?? [])
      );
      return values.length === 0 ? null : average(values);
    }),
    signal: signalOf(trials, rewards),
    outside: {
      start: average(trials.map(({ outside }) => outside.start)),
      end: average(trials.map(({ outside }) => outside.end)),
    },
  };
}
