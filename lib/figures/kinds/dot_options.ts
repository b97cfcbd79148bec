/** What dots with intervals are drawn from. @module */

/** A value with its interval for each row. */
export interface DotValues {
  /** A value for each row. `null`: there is none. */
  readonly values: readonly (number | null)[];
  /** Lower ends of the intervals. */
  readonly low: readonly (number | null)[];
  /** Upper ends of the intervals. */
  readonly high: readonly (number | null)[];
  /** What each row's value is the mean of, such as single replicates: small pale dots. */
  readonly replicates?: readonly (readonly number[])[];
  /** What is said of a row in place of its value, such as "not defined", on a grey ground. */
  readonly notes?: readonly (string | null)[];
}

/** Further dots of the rows of a panel, such as those of held-out items. */
export interface DotPart extends DotValues {
  /** What they are, as it stands in the legend. */
  readonly name: string;
}

/** One metric of `dotIntervals`: a value with its interval for each row. */
export interface DotPanel extends DotValues {
  /** Title over the panel. */
  readonly title: string;
  /** Title of its x axis, with the unit. */
  readonly xTitle: string;
  /** A value to read the points against, such as 0 for differences; drawn as a dashed line. */
  readonly reference?: number;
  /** Scale of the axis; default linear. */
  readonly scale?: "linear" | "log";
  /** Ends of the axis: arrows stand at them for what lies beyond. Default where the values end. */
  readonly limits?: readonly [number, number];
  /** What the panel's own values are, beside those of the others. */
  readonly part?: string;
  /** Further values of each row, under the panel's own ones and hollow. */
  readonly others?: readonly DotPart[];
}

/** What `dotIntervals` draws. */
export interface DotIntervalsOptions {
  /** The figure's title. */
  readonly title: string;
  /** Names of the rows, from the top. Methods have their colour, other rows are black. */
  readonly rows: readonly string[];
  /** The metrics, one panel each. */
  readonly panels: readonly DotPanel[];
  /** What the figure shows; the meaning of the intervals and n are added. */
  readonly caption?: string;
  /** Number of items or runs behind each point. */
  readonly n: number;
  /** What n counts; default "items". */
  readonly unit?: string;
  /** What the intervals are; default "95 % intervals". */
  readonly interval?: string;
  /** Decimals of numbers in the text; default 2. */
  readonly digits?: number;
  /** Panels in a row; default as many as give each 130 px. */
  readonly columns?: number;
  /** Whether all panels have one range of x, so that places compare; default false. */
  readonly sharedX?: boolean;
  /** Width in px; default `pageWidth`. */
  readonly width?: number;
}
