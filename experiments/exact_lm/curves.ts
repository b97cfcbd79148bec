/** Values over the steps of runs, a panel for each reward, averaged over replicates. @module */

import { type CurvePanel, curves, type Figure } from "../../lib/figures/mod.ts";
import { replicateMean } from "../laboratory/replicates.ts";

/** A value of every reward after some steps. */
export interface Stepped {
  readonly step: number;
  readonly values: readonly number[];
}

/**
 * Values of every step, counted from 0.
 *
 * @param values [steps][m]
 * @returns the same with their steps
 */
export function everyStep(values: readonly (readonly number[])[]): Stepped[] {
  return values.map((row, step) => ({ step, values: row }));
}

/**
 * Changes from the first values. Replicates differ in where they start: their changes are what compares.
 *
 * @param rows values over the steps
 * @returns the differences
 */
export function changes(rows: readonly Stepped[]): Stepped[] {
  const start = rows[0]!.values;
  return rows.map(({ step, values }) => ({ step, values: values.map((x, i) => x - start[i]!) }));
}

/** A line of every panel. */
export interface TrajectoryLine {
  /** The rule. */
  readonly name: string;
  /** What tells lines of a rule apart, such as train and held out. */
  readonly part: string;
  /** Runs, one a replicate, all measured at the same steps. */
  readonly rows: readonly (readonly Stepped[])[];
}

/** What {@linkcode trajectoryCurves} draws. */
export interface TrajectoryOptions {
  /** The figure's title. */
  readonly title: string;
  /** Names of the rewards, [m]. */
  readonly names: readonly string[];
  /** The lines. */
  readonly lines: readonly TrajectoryLine[];
  /** Title of the y axis. */
  readonly yTitle: string;
  /** What the figure shows. */
  readonly caption: string;
}

/**
 * Draws means over replicates with bands; a panel for each reward.
 *
 * @param options lines and texts
 * @returns the figure
 */
export function trajectoryCurves(options: TrajectoryOptions): Figure {
  const { title, names, lines, yTitle, caption } = options;
  const several = new Set(lines.map(({ part }) => part)).size > 1;
  const panels = names.map((name, i): CurvePanel => ({
    title: name,
    series: lines.map(({ name, part, rows }) => {
      const means = rows[0]!.map((_, t) => replicateMean(rows.map((row) => row[t]!.values[i]!)));
      return {
        name,
        ...several && { part },
        x: rows[0]!.map(({ step }) => step),
        y: means.map(({ mean }) => mean),
        ...rows.length > 1 && {
          low: means.map(({ low }) => low),
          high: means.map(({ high }) => high),
        },
      };
    }),
  }));
  return curves({
    title,
    series: panels,
    xTitle: "Step",
    yTitle,
    n: lines[0]!.rows.length,
    unit: "replicates",
    columns: 2,
    sharedY: false,
    digits: 3,
    caption,
  });
}
