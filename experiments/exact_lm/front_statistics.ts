/** From the ends of study 4 to volumes, ranks, and the best static preference in hindsight. @module */

import { hypervolume } from "../../lib/evaluation/mod.ts";
import { relativeVolume } from "../exact/pareto_points.ts";
import { bestInHindsight } from "../laboratory/hindsight.ts";
import { EQUAL } from "../laboratory/preferences.ts";
import { preferredSum } from "../laboratory/trajectory.ts";
import { meanRanks } from "../stages/statistics.ts";
import { type FrontRow, type Fronts, type Sweep, sweeps } from "./findings.ts";

/** What volumes are measured from. */
export const references = ["zero", "start"] as const;

/** One of {@linkcode references}. */
export type Reference = typeof references[number];

/** Which prompts are looked at. */
export type Part = "values" | "heldOut";

/** Rows of a sweep in a replicate. */
function rowsOf({ rows }: Fronts, sweep: Sweep, seed: number): FrontRow[] {
  return rows.filter((row) => row.sweep === sweep && row.seed === seed);
}

/**
 * Volume that a sweep's points dominate in every replicate: from 0 in units of what the start dominates, or from the
 * start in units of what lies between the start and 1.
 *
 * @param fronts study 4
 * @param sweep which points
 * @param reference where it is measured from
 * @param part training or held-out prompts
 * @returns one number a replicate
 */
export function volumes(
  fronts: Fronts,
  sweep: Sweep,
  reference: Reference,
  part: Part = "values",
): number[] {
  return fronts.starts.map((start) => {
    const points = rowsOf(fronts, sweep, start.seed).map((row) => row[part]);
    const from = start[part];
    if (reference === "zero") return relativeVolume(points, from);
    const box = from.reduce((product, x) => product * (1 - x), 1);
    return box > 0 ? hypervolume(points, from) / box : 0;
  });
}

/**
 * Mean rank of every sweep, 1 the best: over replicates, preferences and rewards.
 *
 * @param fronts study 4
 * @param part training or held-out prompts
 * @returns one number a sweep
 */
export function meanSweepRanks(fronts: Fronts, part: Part = "values"): number[] {
  return meanRanks(
    sweeps.map((sweep) =>
      fronts.starts.flatMap(({ seed }) =>
        fronts.preferences.flatMap(({ name }) =>
          rowsOf(fronts, sweep, seed).find((row) => row.preference === name)![part]
        )
      )
    ),
  );
}

/** The best static preference of a replicate, chosen by its outcome. */
export interface Hindsight {
  /** The replicate. */
  readonly seed: number;
  /** The preference whose run harms nobody, or least. */
  readonly preference: string;
  /** Its largest fall of a reward from the start, at least 0. */
  readonly fall: number;
  /** Its gain of the equally weighted sum. */
  readonly gain: number;
  /** Largest fall with capability-aware weights at equal preference. */
  readonly awareFall: number;
  /** Gain of the equally weighted sum with them. */
  readonly awareGain: number;
}

/**
 * The static preference that one would have chosen had one known where each leads: the one that harms nobody or least,
 * and of those that harm nobody the one with the largest gain of the equally weighted sum.
 *
 * @param fronts study 4
 * @returns one a replicate
 */
export function hindsight(fronts: Fronts): Hindsight[] {
  return fronts.starts.map(({ seed, values: start }) => {
    const equal = start.map(() => 1 / start.length);
    const outcome = (row: FrontRow) => ({
      preference: row.preference,
      fall: Math.max(0, ...row.values.map((value, i) => start[i]! - value)),
      gain: preferredSum(row.values, equal) - preferredSum(start, equal),
    });
    const rows = rowsOf(fronts, "static", seed);
    const best = outcome(rows[bestInHindsight(start, rows.map(({ values }) => values), equal)]!);
    const aware = outcome(
      rowsOf(fronts, "capability_aware", seed).find(({ preference }) => preference === EQUAL)!,
    );
    return { seed, ...best, awareFall: aware.fall, awareGain: aware.gain };
  });
}
