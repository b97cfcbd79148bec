/**
 * Measurements of several rounds as medians, and side by side with a peer's as ratios.
 *
 * @module
 */
import { type Measurements, median } from "./measure.ts";
import { short, textTable } from "./table.ts";

/** The unit at the end of a measurement's name, and whether more is better; undefined where neither is. */
export function unitOf(name: string): { unit: string; moreIsBetter: boolean } | undefined {
  const units = [
    ["_tok_s", "tokens/s", true],
    ["_gflops", "GFLOP/s", true],
    ["_us", "us", false],
    ["_mb", "MB", false],
    ["_s", "s", false],
  ] as const;
  const found = units.find(([end]) => name.endsWith(end));
  return found && { unit: found[1], moreIsBetter: found[2] };
}

/** The median of each measurement over the rounds that have it. */
export function medians(rounds: readonly Measurements[]): Measurements {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  return Object.fromEntries(names.map((name) => [
    name,
    median(rounds.flatMap((round) => round[name] ?? [])),
  ]));
}

/** One measurement side by side. */
export interface Comparison {
  /** Name of the measurement. */
  readonly name: string;
  /** Median of ours. */
  readonly ours: number;
  /** Median of theirs. */
  readonly theirs: number;
  /** Median over the rounds of how many times faster, or smaller, ours is. */
  readonly ratio: number;
  /** Smallest ratio of a round. */
  readonly low: number;
  /** Largest ratio of a round. */
  readonly high: number;
}

/** Both sides' measurements of a round. */
export interface Round {
  /** Ours. */
  readonly ours: Measurements;
  /** The peer's, measured just after ours. */
  readonly theirs: Measurements;
}

/** Compares what both sides have in every round; a ratio is taken within its round. */
export function compare(rounds: readonly Round[]): Comparison[] {
  const names = Object.keys(rounds[0]?.ours ?? {}).filter((name) =>
    unitOf(name) !== undefined &&
    rounds.every(({ ours, theirs }) => name in ours && name in theirs)
  );
  return names.map((name) => {
    const ratios = rounds.map(({ ours, theirs }) =>
      unitOf(name)!.moreIsBetter ? ours[name]! / theirs[name]! : theirs[name]! / ours[name]!
    );
    return {
      name,
      ours: median(rounds.map(({ ours }) => ours[name]!)),
      theirs: median(rounds.map(({ theirs }) => theirs[name]!)),
      ratio: median(ratios),
      low: Math.min(...ratios),
      high: Math.max(...ratios),
    };
  });
}

/** Counts that both sides report and that must be equal, or they did not do the same: one line for each that is not. */
export function differences(rounds: readonly Round[]): string[] {
  const { ours, theirs } = rounds[0]!;
  return ["params", "grpo_trainable"].flatMap((name) =>
    name in ours && name in theirs && ours[name] !== theirs[name]
      ? [
        `${name} differs: ${ours[name]} here and ${
          theirs[name]
        } there; the models are not the same`,
      ]
      : []
  );
}

/** The table of one model's measurements. */
export function measurementTable(benchmark: string, found: Measurements): string {
  return textTable([
    [benchmark, "median", "unit"],
    ...Object.entries(found).map((
      [name, value],
    ) => [name, short(value), unitOf(name)?.unit ?? ""]),
  ]);
}

/** The table of a comparison: medians of the rounds, and the lowest and the highest ratio of a round. */
export function comparisonTable(
  title: string,
  peer: string,
  comparisons: readonly Comparison[],
): string {
  return textTable([
    [title, "ours", peer, "ratio", "lowest", "highest"],
    ...comparisons.map(({ name, ours, theirs, ratio, low, high }) => [
      name,
      short(ours),
      short(theirs),
      ratio.toFixed(2),
      low.toFixed(2),
      high.toFixed(2),
    ]),
  ]);
}
