/** From the ends of all sweeps to estimates, paired differences, and what the results hold. @module */

import type { Metric, Results } from "../../lib/runs/mod.ts";
import type { UnitValues } from "../core/experiment.ts";
import { reachableFronts, type RewardTables } from "../exact/pareto_points.ts";
import { differenceFamily } from "../laboratory/differences.ts";
import { bestInHindsight } from "../laboratory/hindsight.ts";
import { EQUAL, type Preference } from "../laboratory/preferences.ts";
import { replicateMean } from "../laboratory/replicates.ts";
import { preferredSum } from "../laboratory/trajectory.ts";
import {
  type Compared,
  type Ground,
  HINDSIGHT,
  type Mean,
  type ParetoFindings,
  type Single,
  type SweptGround,
  type SweptUnit,
} from "./findings.ts";
import {
  comparedNames,
  type MeasureName,
  measureNames,
  measures,
  measureSweep,
  type Part,
  parts,
  type Sweep,
  sweeps,
} from "./measures.ts";

/** Sweeps that are compared. MGDA is one point, whose volume does not compare with those of several. */
const pairs: readonly (readonly [sweep: Sweep, baseline: Sweep])[] = [
  ["capability-aware", "static"],
  ["UPGrad", "static"],
  ["capability-aware", "UPGrad"],
  ["rewarded soups", "static"],
  ["capability-aware", "rewarded soups"],
];

/** Sweeps whose corners are looked at. */
const cornered: readonly Sweep[] = ["static", "capability-aware", "UPGrad"];

function meanOf(values: readonly number[], limits: readonly [number, number]): Mean {
  const { mean: value, low, high, n } = replicateMean(values);
  return { n, value, low: Math.max(limits[0], low), high: Math.min(limits[1], high) };
}

const unlimited: readonly [number, number] = [-Infinity, Infinity];

/** Weights of a sweep's points: MGDA is judged by the equal preference. */
function weightsOf(sweep: Sweep, preferences: readonly Preference[]): (readonly number[])[] {
  return preferences.filter(({ name }) => sweep !== "MGDA" || name === EQUAL)
    .map(({ weights }) => weights);
}

/** A measure of a sweep in every unit; none where it is not known. */
function measured(
  units: readonly SweptUnit[],
  preferences: readonly Preference[],
  sweep: Sweep,
  part: Part,
): Record<MeasureName, number | null>[] {
  const kept = preferences.flatMap(({ name }, k) => sweep !== "MGDA" || name === EQUAL ? [k] : []);
  return units.flatMap((unit) => {
    const points = unit[part];
    return points === null ? [] : [measureSweep({
      start: points.start,
      ends: points.ends[sweep]!,
      weights: weightsOf(sweep, preferences),
      best: part === "train" ? kept.map((k) => unit.best[k]!) : null,
    })];
  });
}

const numbersOf = (
  rows: readonly Record<MeasureName, number | null>[],
  measure: MeasureName,
): number[] => rows.map((row) => row[measure]).filter((x) => x !== null);

/** How far the reward at its own corner lies above its mean at the others' corners. */
function leadOf(points: NonNullable<SweptUnit[Part]>, sweep: Sweep, i: number): number {
  const corners = points.ends[sweep]!.slice(0, points.start.length);
  const others = corners.filter((_, k) => k !== i).map((end) => end[i]!);
  return corners[i]![i]! - others.reduce((sum, x) => sum + x, 0) / others.length;
}

/** A point of the rewards' space in every unit: the training and the held-out end. */
interface Point {
  readonly system: string;
  readonly indices: readonly { readonly sweep: Sweep; readonly at: number }[];
}

/** Changes of the mean and of the worst-off reward at points. */
function changesOf(units: readonly SweptUnit[], { indices }: Point, part: Part) {
  const rows = units.flatMap((unit, u) => {
    const points = unit[part];
    if (points === null) return [];
    const { sweep, at } = indices[u]!;
    return [points.ends[sweep]![at]!.map((x, i) => x - points.start[i]!)];
  });
  return {
    gain: rows.map((row) => preferredSum(row, row.map(() => 1 / row.length))),
    least: rows.map((row) => Math.min(...row)),
  };
}

/** The sweeps at equal preference, and the best static preference in hindsight. */
function singlesOf(
  units: readonly SweptUnit[],
  preferences: readonly Preference[],
): { singles: Single[]; chosen: string[] } {
  const centre = preferences.findIndex(({ name }) => name === EQUAL);
  const { weights } = preferences[centre]!;
  const best = units.map(({ train }) => bestInHindsight(train.start, train.ends.static!, weights));
  const points: Point[] = [
    ...sweeps.map((sweep): Point => ({
      system: sweep,
      indices: units.map(() => ({ sweep, at: sweep === "MGDA" ? 0 : centre })),
    })),
    { system: HINDSIGHT, indices: best.map((at) => ({ sweep: "static", at })) },
  ];
  const changes = points.map((point) => changesOf(units, point, "train"));
  const held = points.map((point) => changesOf(units, point, "heldOut"));
  const aware = points.findIndex(({ system }) => system === "capability-aware");
  const others = points.map((_, k) => k).filter((k) => k !== aware);
  const family = (key: "gain" | "least") => {
    const found = differenceFamily(
      others.map((k) => changes[k]![key].map((x, u) => x - changes[aware]![key][u]!)),
    );
    return points.map((_, k) => k === aware ? null : found[others.indexOf(k)]!);
  };
  const [gainLess, leastLess] = [family("gain"), family("least")];
  return {
    singles: points.map(({ system }, k) => ({
      system,
      gain: meanOf(changes[k]!.gain, unlimited),
      least: meanOf(changes[k]!.least, unlimited),
      heldOutGain: held[k]!.gain.length === 0 ? null : meanOf(held[k]!.gain, unlimited),
      heldOutLeast: held[k]!.least.length === 0 ? null : meanOf(held[k]!.least, unlimited),
      gainLess: gainLess[k]!,
      leastLess: leastLess[k]!,
    })),
    chosen: best.map((at) => preferences[at]!.name),
  };
}

/** Paired differences of the sweeps in every measure and part that there is. */
function differencesOf(
  units: readonly SweptUnit[],
  preferences: readonly Preference[],
): Compared[] {
  return parts.flatMap((part) => {
    const rows = new Map(
      sweeps.map((sweep) => [sweep, measured(units, preferences, sweep, part)]),
    );
    if (rows.get("static")!.length === 0) return [];
    return comparedNames.flatMap((measure) => {
      const found = differenceFamily(pairs.map(([sweep, baseline]) => {
        const [own, others] = [sweep, baseline].map((s) => numbersOf(rows.get(s)!, measure));
        return own!.map((x, k) => x - others![k]!);
      }));
      return found.map((difference, k): Compared => ({
        ...difference,
        sweep: pairs[k]![0],
        baseline: pairs[k]![1],
        measure,
        part,
      }));
    });
  });
}

/**
 * Measures and compares the sweeps on one ground.
 *
 * @param ground which
 * @param rewardNames names of the rewards, [m]
 * @param preferences the preferences, corners first
 * @param units where they led, one a replicate or problem, at least one
 * @param tables rewards of all units' training prompts
 * @returns estimates, differences and fronts
 */
export function groundOf(
  ground: Ground,
  rewardNames: readonly string[],
  preferences: readonly Preference[],
  units: readonly SweptUnit[],
  tables: RewardTables,
): SweptGround {
  return {
    ground,
    units,
    reachable: reachableFronts(tables),
    estimates: parts.flatMap((part) =>
      sweeps.flatMap((sweep) => {
        const rows = measured(units, preferences, sweep, part);
        return measureNames.flatMap((measure) => {
          const values = numbersOf(rows, measure);
          return values.length === 0
            ? []
            : [{ ...meanOf(values, measures[measure].limits), sweep, measure, part }];
        });
      })
    ),
    differences: differencesOf(units, preferences),
    corners: cornered.flatMap((sweep) =>
      rewardNames.map((reward, i) => ({
        ...meanOf(units.map(({ train }) => leadOf(train, sweep, i)), unlimited),
        sweep,
        reward,
      }))
    ),
    ...singlesOf(units, preferences),
  };
}

const titleOf = (measure: MeasureName, part: Part): string =>
  `${part === "train" ? "" : "held out: "}${measures[measure].title}`;

/**
 * Scores of results.json.
 *
 * @param grounds what was compared
 * @param hash of what the prompts and problems are drawn by
 * @returns every estimate
 */
export function metricsOf(grounds: readonly SweptGround[], hash: string): Metric[] {
  return grounds.flatMap(({ ground, estimates }) =>
    estimates.map(({ sweep, measure, part, n, value, low, high }): Metric => ({
      system: `${ground}: ${sweep}`,
      capability: titleOf(measure, part),
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
 * @param grounds what was compared
 * @returns every difference
 */
export function comparisonsOf(grounds: readonly SweptGround[]): Results["comparisons"] {
  return grounds.flatMap(({ ground, differences }) =>
    differences.map(({ sweep, baseline, measure, part, n, value, low, high, p }) => ({
      system: `${ground}: ${sweep}`,
      baseline: `${ground}: ${baseline}`,
      capability: titleOf(measure, part),
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
export function unitsOf({ grounds, preferences }: ParetoFindings): UnitValues[] {
  return grounds.flatMap(({ ground, units }) =>
    parts.flatMap((part) => {
      const own = units.filter((unit) => unit[part] !== null);
      return sweeps.flatMap((sweep) => {
        const rows = measured(own, preferences, sweep, part);
        return measureNames.map((measure): UnitValues => ({
          system: `${ground}: ${sweep}`,
          capability: titleOf(measure, part),
          units: ground === "tabular" ? "problems" : "replicates",
          values: new Map(
            rows.flatMap((row, k) => {
              const value = row[measure];
              return value === null ? [] : [[`seed ${own[k]!.seed}`, value]];
            }),
          ),
        }));
      });
    })
  ).filter(({ values }) => values.size > 0);
}
