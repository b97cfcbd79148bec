/** Numbers and p values in the sentences of the exact experiment. @module */

import type { NamedFigure, NamedTable, ReportSection } from "../core/experiment.ts";
import type { ReplicateMean } from "../laboratory/replicates.ts";
import { minus, withInterval } from "../stages/verdicts.ts";

/** What a study is shown as. */
export interface StudyView {
  /** Its tables. */
  readonly tables: readonly NamedTable[];
  /** Its figures. */
  readonly figures: readonly NamedFigure[];
  /** Its section of the report. */
  readonly section: Omit<ReportSection, "command">;
}

/** A number with a sign for minus and at least one digit that is not 0. */
export function number(value: number, digits = 3): string {
  if (value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits) return minus(value.toExponential(0));
  return minus(value.toFixed(digits));
}

/** A mean over replicates; without an interval where there is one replicate. */
export function meanText(of: ReplicateMean, digits = 3, factor = 1): string {
  return of.n === 1
    ? minus((of.mean * factor).toFixed(digits))
    : withInterval(of.mean, of, digits, factor);
}

/** A ratio that may exceed every bound. */
export function ratioText(ratio: number | null, digits = 3): string {
  return ratio === null || ratio === Infinity ? "\u221e" : number(ratio, digits);
}

/** A p value. */
export function pText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
}

/** Median of numbers, some of which may be infinite. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)]!, sorted[Math.ceil(middle)]!];
  return low === high ? low : (low + high) / 2;
}

/** Median with the least and the largest. */
export function rangeText(values: readonly number[], digits = 3): string {
  const text = (x: number) => ratioText(x, digits);
  return `${text(median(values))} [${text(Math.min(...values))}, ${text(Math.max(...values))}]`;
}

/** A number as JSON holds it in figures: none where it is infinite. */
export const drawable = (value: number): number | null => Number.isFinite(value) ? value : null;
