/** What is measured of a run, the same on the language model and in tabular problems. @module */

import { relativeVolume, volumeFromStart } from "../exact/pareto_points.ts";
import { fallToGain, gainOf, largestFall, ROUNDING, sumOfFalls } from "../laboratory/trajectory.ts";
import { meanRanks } from "../stages/statistics.ts";

/** How a measure is shown. */
export interface Measure {
  /** What it is. */
  readonly title: string;
  /** Its unit; an empty text without one. */
  readonly unit: string;
  /** By which it is multiplied to be in that unit. */
  readonly factor: number;
  /** Decimals. */
  readonly digits: number;
  /** What it cannot be below or above, before it is multiplied. */
  readonly limits: readonly [number, number];
}

const share = { unit: "%", factor: 100, digits: 1, limits: [0, 1] } as const;
const fall = { unit: "points", factor: 100, digits: 3, limits: [0, Infinity] } as const;
const change = { unit: "points", factor: 100, digits: 3, limits: [-1, 1] } as const;
const plain = { unit: "", factor: 1, limits: [0, Infinity] } as const;

/** The measures in the order of tables. PROTOCOL.md defines them. */
export const measures = {
  harmful: { title: "steps that lower a reward", ...share },
  first_order: { title: "steps that harm to first order", ...share },
  fall: { title: "largest fall", ...fall },
  falls: { title: "sum of falls", ...fall },
  ratio: { title: "fall / gain", ...plain, digits: 3 },
  gain: { title: "gain of the preferred sum", ...change },
  least: { title: "change of the worst-off reward", ...change },
  rank: { title: "mean rank", ...plain, digits: 1 },
  volume: { title: "hypervolume from 0, start = 1", ...plain, digits: 3 },
  reach: {
    title: "hypervolume from the start",
    unit: "millionths",
    factor: 1e6,
    digits: 1,
    limits: [0, 1],
  },
  smoothness: { title: "effective smoothness / L", ...plain, digits: 2 },
  held_out_fall: { title: "held out: largest fall", ...fall },
  held_out_gain: { title: "held out: gain of the preferred sum", ...change },
  held_out_least: { title: "held out: change of the worst-off reward", ...change },
} as const satisfies Record<string, Measure>;

/** Name of a measure. */
export type MeasureName = keyof typeof measures;

/** All names. */
export const measureNames = Object.keys(measures) as [MeasureName, ...MeasureName[]];

/** Measures in which rules are compared, and whether more of it is better. */
export const comparedMeasures = {
  falls: false,
  gain: true,
  least: true,
  held_out_gain: true,
  held_out_least: true,
} as const satisfies Partial<Record<MeasureName, boolean>>;

/** Name of such a measure. */
export type ComparedName = keyof typeof comparedMeasures;

/** All of them. */
export const comparedNames = Object.keys(comparedMeasures) as [ComparedName, ...ComparedName[]];

/** A run, as far as it is measured. */
export interface MeasuredRun {
  /** Mean rewards at the start and after every step, [steps + 1][m]. */
  readonly values: readonly (readonly number[])[];
  /** The same on held-out prompts, at some steps, the start and the end among them; null where there are none. */
  readonly heldOut: readonly (readonly number[])[] | null;
  /** Steps that harm a reward to first order. */
  readonly harmful: number;
  /** Largest effective smoothness along the run, in units of the L that sets the step size; null where none does. */
  readonly smoothness: number | null;
}

/** The measures of a run; null where there is no such number. */
export type Outcome = Readonly<Record<MeasureName, number | null>>;

/** The least change of a reward from the start to the end. */
const leastChange = (values: readonly (readonly number[])[]): number =>
  Math.min(...values.at(-1)!.map((value, i) => value - values[0]![i]!));

/** Share of the steps after which a reward is lower than before, beyond rounding. */
function harmfulShare(values: readonly (readonly number[])[]): number {
  const steps = values.slice(1);
  return steps.filter((row, t) => row.some((value, i) => value < values[t]![i]! - ROUNDING))
    .length / steps.length;
}

/**
 * Measures a run.
 *
 * @param run what happened
 * @param preference weights of the preferred sum, [m]
 * @returns its measures, without a rank
 */
export function outcomeOf(
  { values, heldOut, harmful, smoothness }: MeasuredRun,
  preference: readonly number[],
): Outcome {
  const [start, end] = [values[0]!, values.at(-1)!];
  return {
    harmful: harmfulShare(values),
    first_order: harmful / (values.length - 1),
    fall: largestFall(values),
    falls: sumOfFalls(values),
    ratio: fallToGain(values, preference),
    gain: gainOf(values, preference),
    least: leastChange(values),
    rank: null,
    volume: relativeVolume([end], start),
    reach: volumeFromStart([end], start),
    smoothness,
    held_out_fall: heldOut && largestFall(heldOut),
    held_out_gain: heldOut && gainOf(heldOut, preference),
    held_out_least: heldOut && leastChange(heldOut),
  };
}

/**
 * Measures runs that are ranked against each other.
 *
 * @param runs of every rule in one replicate or problem
 * @param preference weights of the preferred sum, [m]
 * @returns their measures; the rank is the mean over the rewards, 1 the best
 */
export function outcomesOf(
  runs: readonly MeasuredRun[],
  preference: readonly number[],
): Outcome[] {
  const ranks = meanRanks(runs.map(({ values }) => values.at(-1)!));
  return runs.map((run, k) => ({ ...outcomeOf(run, preference), rank: ranks[k]! }));
}
