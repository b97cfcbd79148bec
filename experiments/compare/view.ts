/** Two folders of results compared: everything for a file, and as text. @module */

import { formatNumber, plainTable, type Row } from "../../lib/figures/mod.ts";
import type { Results } from "../../lib/runs/mod.ts";
import type { MatchedFolders } from "./read.ts";
import { type ComparedResults, type ComparedRow, compareResults, corrected } from "./rows.ts";
import { differingPlaces, type SettingDifference, settingDifferences } from "./settings.ts";
import {
  type FoundDifferences,
  foundText,
  isRepeat,
  repeatText,
  settingText,
  some,
  testText,
} from "./wording.ts";

/** An experiment in two results. */
export interface ComparedExperiment extends Pick<ComparedResults, "onlyA" | "onlyB"> {
  readonly name: string;
  /** Folder, date and seconds of each result. */
  readonly a: RanResult;
  readonly b: RanResult;
  /** What differs in what was run. */
  readonly settings: readonly SettingDifference[];
  /** Places at which the findings differ, besides times and memory. */
  readonly places: readonly string[];
  /** Numbers in both. */
  readonly rows: readonly ComparedRow[];
}

/** When a result was made, and what it took. */
export interface RanResult extends Pick<Results, "date"> {
  readonly folder: string;
  /** Seconds of all stages. */
  readonly seconds: number;
}

/** Two folders compared. */
export interface ComparedFolders extends Pick<MatchedFolders, "onlyA" | "onlyB"> {
  /** Level of the tests. */
  readonly alpha: number;
  readonly experiments: readonly ComparedExperiment[];
  /** What the tests say. */
  readonly sentences: readonly string[];
}

const ranOf = (folder: string, { date, seconds }: Results): RanResult => ({
  folder,
  date,
  seconds: Object.values(seconds).reduce((sum, x) => sum + x, 0),
});

/**
 * Compares everything that two folders both hold.
 *
 * @param folders what they hold
 * @param alpha level of the tests
 * @returns differences by experiment, with one correction over the tests of all
 */
export function compareFolders(
  { matched, onlyA, onlyB }: MatchedFolders,
  alpha: number,
): ComparedFolders {
  const parts = matched.map((one) => ({ one, found: compareResults(one) }));
  const rows = corrected(parts.flatMap(({ found }) => found.rows));
  let next = 0;
  const experiments = parts.map(({ one: { name, a, b }, found }): ComparedExperiment => ({
    name,
    a: ranOf(a.folder, a.results),
    b: ranOf(b.folder, b.results),
    settings: settingDifferences(a, b),
    places: differingPlaces(a.found, b.found),
    onlyA: found.onlyA,
    onlyB: found.onlyB,
    rows: rows.slice(next, next += found.rows.length),
  }));
  return { alpha, experiments, onlyA, onlyB, sentences: testText(rows, alpha) };
}

/** A p value as tables have it. */
const pText = (p: number | null): string | null =>
  p === null ? null : p < 0.001 ? "< 0.001" : p.toFixed(3);

const text = (x: number): string => formatNumber(x, 3);

/** Rows that differ, the smallest p values first, then what was not tested. */
function differing(rows: readonly ComparedRow[]): ComparedRow[] {
  const rank = ({ p_holm, p }: ComparedRow) => [p_holm ?? 2, p ?? 2] as const;
  return rows.filter(({ kind, difference }) =>
    kind === "paired" || kind === "unpaired" || (kind === "untested" && difference !== 0)
  ).toSorted((x, y) => {
    const [[a, b], [c, d]] = [rank(x), rank(y)];
    return a - c || b - d;
  });
}

function tableRow({ experiment, system, capability, a, b, ...row }: ComparedRow): Row {
  return {
    experiment,
    system,
    capability,
    A: text(a),
    B: text(b),
    difference: text(row.difference),
    "interval 95 %": row.low === null ? null : `[${text(row.low)}, ${text(row.high!)}]`,
    p: pText(row.p),
    "p (Holm)": pText(row.p_holm),
    compared: row.how,
  };
}

/** A table of the first rows, and how many are left out. */
function tableText(rows: readonly Row[], most: number): string {
  const more = rows.length - most;
  return plainTable(rows.slice(0, most)) +
    (more > 0 ? `(${more} more; --rows ${rows.length} shows all, --json FILE writes them)\n` : "");
}

/** Longest value of an option that is shown. */
const LONGEST = 48;

function settingRow({ name, a, b }: SettingDifference): Row {
  const short = (value: SettingDifference["a"]): SettingDifference["a"] =>
    typeof value === "string" && value.length > LONGEST
      ? `${value.slice(0, LONGEST)}\u2026`
      : value === null
      ? null
      : String(value);
  return { "what was run": name, A: short(a), B: short(b) };
}

const names = (alone: ComparedExperiment["onlyA"]): string =>
  some(alone.map(({ system, capability }) => `${system} on ${capability}`));

/** What sentences on an experiment are made from. */
function foundOf({ a, b, onlyA, onlyB, ...rest }: ComparedExperiment): FoundDifferences {
  const alone = onlyA.length + onlyB.length;
  return { ...rest, alone, date: a.date !== b.date, seconds: a.seconds !== b.seconds };
}

/** What differs in one experiment, but for the table of its numbers. */
function experimentText(one: ComparedExperiment, most: number): string {
  const { name, a, b, settings, onlyA, onlyB } = one;
  const ran = ({ folder, date, seconds }: RanResult): string =>
    `${folder}, ${date.slice(0, 16).replace("T", " ")}, ${seconds.toFixed(0)} s`;
  const found = foundOf(one);
  const lines = isRepeat(found) ? [repeatText(found)] : [
    settingText(settings),
    ...settings.length === 0 ? [] : [tableText(settings.map(settingRow), most).trimEnd()],
    foundText(found),
    ...onlyA.length === 0 ? [] : [`In A alone: ${names(onlyA)}.`],
    ...onlyB.length === 0 ? [] : [`In B alone: ${names(onlyB)}.`],
  ];
  return `${[`${name}\n  A ${ran(a)}\n  B ${ran(b)}`, ...lines].join("\n")}\n`;
}

/** How many of several experiments are repeats. */
function repeatsText(experiments: readonly ComparedExperiment[]): string {
  const others = experiments.filter((one) => !isRepeat(foundOf(one))).map(({ name }) => name);
  return others.length === 0
    ? `Nothing that was found differs in any of ${experiments.length} experiments.\n`
    : `Of ${experiments.length} experiments in both, what was run or found differs in ${others.length}: ${
      others.join(", ")
    }.\n`;
}

/** Seconds and memory. */
function machineText(rows: readonly ComparedRow[], most: number): string[] {
  const shown = rows.filter(({ kind }) => kind === "machine").map((row): Row => ({
    experiment: row.experiment,
    system: row.system,
    "of the machine": row.capability,
    A: text(row.a),
    B: text(row.b),
    "B / A": row.a === 0 ? null : text(row.b / row.a),
  }));
  return shown.length === 0 ? [] : [tableText(shown, most)];
}

/**
 * A comparison as text.
 *
 * @param compared the comparison
 * @param most rows of a table that are shown
 * @returns what was run, what was found, and what the tests say
 */
export function comparisonText(compared: ComparedFolders, most: number): string {
  const { experiments, onlyA, onlyB, sentences } = compared;
  const rows = experiments.flatMap((one) => one.rows);
  const shown = differing(rows);
  return [
    ...experiments.map((one) => experimentText(one, most)),
    ...experiments.length === 1 ? [] : [repeatsText(experiments)],
    ...onlyA.length === 0 ? [] : [`In A alone: ${onlyA.join(", ")}.\n`],
    ...onlyB.length === 0 ? [] : [`In B alone: ${onlyB.join(", ")}.\n`],
    ...shown.length === 0 ? [] : [tableText(shown.map(tableRow), most)],
    ...sentences.length === 0 ? [] : [`${sentences.join("\n")}\n`],
    ...machineText(rows, most),
  ].join("\n").trimEnd();
}
