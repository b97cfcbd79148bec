/** What grouped bars are drawn from. @module */

/** One system's bars, a value for each group. `null`: not measured. */
export interface BarSeries {
  /** The system, as it stands in the legend. */
  readonly name: string;
  /** A value for each group. */
  readonly values: readonly (number | null)[];
  /** Lower ends of the error bars. */
  readonly low?: readonly (number | null)[];
  /** Upper ends of the error bars. */
  readonly high?: readonly (number | null)[];
  /** Number of items behind each value, one for all groups or one for each. */
  readonly n: number | readonly number[];
}

/** Numbers from elsewhere that were not measured here: drawn as hollow marks beside the bars. */
export interface ReportedSeries {
  /** As it stands in the legend, for example "reported by the paper (not comparable)". */
  readonly name: string;
  /** A number for each group, shown with the digits that it has. */
  readonly values: readonly (number | null)[];
}

/** What {@linkcode groupedBars} draws. */
export interface GroupedBarsOptions {
  /** The figure's title. */
  readonly title: string;
  /** Names of the groups along the x axis, such as the capabilities. */
  readonly groups: readonly string[];
  /** The systems. */
  readonly series: readonly BarSeries[];
  /** Title of the y axis, with the unit. */
  readonly yTitle: string;
  /** What the figure shows; sample sizes and the meaning of the error bars are added. */
  readonly caption?: string;
  /** What the error bars are; default "95 % intervals". */
  readonly interval?: string;
  /** What n counts, in the plural, where it is not clear from the caption; default none. */
  readonly unit?: string;
  /** Numbers from elsewhere, shown apart. */
  readonly reported?: ReportedSeries;
  /** Decimals of the labels; default 1. */
  readonly digits?: number;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}
