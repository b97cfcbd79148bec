/** From the measures of all runs to estimates, paired differences, and what the results hold. @module */

import type { Metric, Results } from "../../lib/runs/mod.ts";
import type { UnitValues } from "../core/experiment.ts";
import { differenceFamily } from "../laboratory/differences.ts";
import { bestInHindsight } from "../laboratory/hindsight.ts";
import { replicateMean } from "../laboratory/replicates.ts";
import {
  type Baseline,
  baselines,
  type Compared,
  type Estimate,
  HINDSIGHT,
  type Setting,
  systemName,
  type WeightingFindings,
} from "./findings.ts";
import {
  type ComparedName,
  comparedNames,
  type MeasuredRun,
  type MeasureName,
  measureNames,
  measures,
  type Outcome,
  outcomeOf,
  outcomesOf,
} from "./measures.ts";

/** What ran in one replicate or problem. */
export interface Unit {
  /** The systems, in the order of their names. */
  readonly runs: readonly MeasuredRun[];
  /** Runs with static weights at several preferences, out of which the best is chosen in hindsight. */
  readonly statics: readonly { readonly preference: string; readonly run: MeasuredRun }[];
}

type Outcomes = Readonly<Record<string, readonly Outcome[]>>;

/** Mean of the numbers that there are; none without. */
function estimateOf(outcomes: Outcomes, system: string, measure: MeasureName): Estimate[] {
  const values = outcomes[system]!.map((outcome) => outcome[measure]).filter((x) => x !== null);
  if (values.length === 0) return [];
  const { mean, low, high, n } = replicateMean(values);
  const [least, largest] = measures[measure].limits;
  return [{
    system,
    measure,
    n,
    value: mean,
    low: Math.max(least, low),
    high: Math.min(largest, high),
  }];
}

/** Paired differences of all other systems from a baseline in a measure. */
function differencesOf(
  outcomes: Outcomes,
  systems: readonly string[],
  baseline: Baseline,
  measure: ComparedName,
): Compared[] {
  const others = systems.filter((system) => system !== baseline).map((system) => ({
    system,
    pairs: outcomes[system]!.flatMap((outcome, k) => {
      const [a, b] = [outcome[measure], outcomes[baseline]![k]![measure]];
      return a === null || b === null ? [] : [a - b];
    }),
  })).filter(({ pairs }) => pairs.length > 0);
  return differenceFamily(others.map(({ pairs }) => pairs))
    .map((difference, k) => ({ ...difference, system: others[k]!.system, baseline, measure }));
}

/**
 * Measures and compares systems under a preference on one ground.
 *
 * @param place the ground and the preference
 * @param names names of the systems, the baselines among them
 * @param units what ran, one a replicate or problem, at least one
 * @returns measures, estimates and differences
 */
export function settingOf(
  place: Pick<Setting, "ground" | "preference">,
  names: readonly string[],
  units: readonly Unit[],
): Setting {
  const { weights } = place.preference;
  const byUnit = units.map(({ runs }) => outcomesOf(runs, weights));
  const chosen = units.filter(({ statics }) => statics.length > 0).map(({ statics }) => {
    const ends = statics.map(({ run }) => run.values.at(-1)!);
    return statics[bestInHindsight(statics[0]!.run.values[0]!, ends, weights)]!;
  });
  const systems = chosen.length === 0 ? [...names] : [...names, HINDSIGHT];
  const outcomes: Outcomes = Object.fromEntries([
    ...names.map((name, k) => [name, byUnit.map((row) => row[k]!)]),
    ...chosen.length === 0 ? [] : [[HINDSIGHT, chosen.map(({ run }) => outcomeOf(run, weights))]],
  ]);
  return {
    ...place,
    n: units.length,
    systems,
    outcomes,
    chosen: chosen.map(({ preference }) => preference),
    estimates: systems.flatMap((system) =>
      measureNames.flatMap((measure) => estimateOf(outcomes, system, measure))
    ),
    differences: baselines.flatMap((baseline) =>
      comparedNames.flatMap((measure) => differencesOf(outcomes, systems, baseline, measure))
    ),
  };
}

/**
 * Scores of results.json.
 *
 * @param settings what was compared
 * @param hash of what the prompts and problems are drawn by
 * @returns every estimate
 */
export function metricsOf(settings: readonly Setting[], hash: string): Metric[] {
  return settings.flatMap((setting) =>
    setting.estimates.map(({ system, measure, n, value, low, high }): Metric => ({
      system: systemName(setting, system),
      capability: measures[measure].title,
      unit: "value",
      n,
      mean: value,
      low,
      high,
      seeds: n,
      invalid_rate: 0,
      prompt_hash: hash,
    }))
  );
}

/**
 * Paired differences of results.json; p values are those before the correction.
 *
 * @param settings what was compared
 * @returns every difference
 */
export function comparisonsOf(settings: readonly Setting[]): Results["comparisons"] {
  return settings.flatMap((setting) =>
    setting.differences.map(({ system, baseline, measure, n, value, low, high, p }) => ({
      system: systemName(setting, system),
      baseline: systemName(setting, baseline),
      capability: measures[measure].title,
      n,
      difference: value,
      low,
      high,
      p,
    }))
  );
}

/**
 * Every measure replicate by replicate, or problem by problem.
 *
 * @param findings what was found
 * @returns the numbers that the scores are means of
 */
export function unitsOf({ settings }: Pick<WeightingFindings, "settings">): UnitValues[] {
  return settings.flatMap((setting) =>
    setting.systems.flatMap((system) =>
      measureNames.map((measure): UnitValues => ({
        system: systemName(setting, system),
        capability: measures[measure].title,
        units: setting.ground === "tabular" ? "problems" : "replicates",
        values: new Map(
          setting.outcomes[system]!.flatMap((outcome, k) => {
            const value = outcome[measure];
            return value === null ? [] : [[`seed ${k}`, value]];
          }),
        ),
      }))
    )
  ).filter(({ values }) => values.size > 0);
}
