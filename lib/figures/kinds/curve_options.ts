/** What curves are drawn from. @module */

import type { LineDash } from "../method_style.ts";
import type { Reference } from "../panels.ts";

/** One line over x. `null` in y leaves a gap. */
export interface CurveSeries {
  /** The method, or another name for the legend. */
  readonly name: string;
  /**
   * What tells lines of one name apart, such as "train" and "held out": the first part of a figure is drawn solid, the
   * next ones in other kinds of line, which a legend of their own explains.
   */
  readonly part?: string;
  /** Where the points stand. */
  readonly x: readonly number[];
  /** Their heights. */
  readonly y: readonly (number | null)[];
  /** Lower edge of the band. */
  readonly low?: readonly (number | null)[];
  /** Upper edge of the band. */
  readonly high?: readonly (number | null)[];
  /**
   * `"bound"`: a line that theory gives, drawn dark and without markers; `"points"`: single values, such as those that
   * a line averages, as small pale markers without a line; default `"measured"`.
   */
  readonly kind?: "measured" | "bound" | "points";
  /** Kind of line; by default that of the part, else the method's own. */
  readonly dash?: LineDash;
}

/** One panel of small multiples. */
export interface CurvePanel {
  /** The panel's title. */
  readonly title: string;
  /** The panel's lines. */
  readonly series: readonly CurveSeries[];
  /** Title of the panel's own y axis, where it shows something else than the others. */
  readonly yTitle?: string;
  /** Values that this panel is read against, besides those of all panels. */
  readonly references?: readonly Reference[];
}

/** What {@linkcode curves} draws. */
export interface CurvesOptions {
  /** The figure's title. */
  readonly title: string;
  /** The lines of a single panel, or several panels with titles. */
  readonly series: readonly CurveSeries[] | readonly CurvePanel[];
  /** Title of the x axis. */
  readonly xTitle: string;
  /** Title of the y axis, with the unit. */
  readonly yTitle: string;
  /** What the figure shows; the meaning of the bands and n are added. */
  readonly caption?: string;
  /** Number of runs (seeds) behind each line. */
  readonly n: number;
  /** What n counts, in the plural; default "runs". */
  readonly unit?: string;
  /** What the bands are; default "95 % intervals". */
  readonly band?: string;
  /** What the lines without markers are; default "bounds from theory". */
  readonly bound?: string;
  /** Scale of the x axis; default linear. */
  readonly xScale?: "linear" | "log";
  /** Scale of the y axis; default linear. */
  readonly yScale?: "linear" | "log";
  /** Whether panels share the y axis, so that heights compare; default true. */
  readonly sharedY?: boolean;
  /** Panels in a row, fewer where they would be narrower than 90 px; default as many as give each 180 px, at most 3. */
  readonly columns?: number;
  /** Values that every panel is read against: dashed grey lines with labels. */
  readonly references?: readonly Reference[];
  /** Whether names stand at the lines' right ends instead of in a legend. Default false. */
  readonly directLabels?: boolean;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}
