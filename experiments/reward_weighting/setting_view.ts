/** Tables and figures of a setting: rules under a preference on one ground. @module */

import { dotIntervals, type DotPanel, type Figure, type Row } from "../../lib/figures/mod.ts";
import { minus, withInterval } from "../stages/verdicts.ts";
import {
  type Baseline,
  baselines,
  type Compared,
  type Estimate,
  type Setting,
} from "./findings.ts";
import {
  type ComparedName,
  comparedNames,
  type Measure,
  type MeasureName,
  measureNames,
  measures,
} from "./measures.ts";

/** What stands for a number that there is none of. */
const NONE = "\u2013";

/**
 * The estimate of a measure.
 *
 * @param setting where it stands
 * @param system the rule
 * @param measure what was measured
 * @returns undefined where no replicate or problem has the number
 */
export function estimateOf(
  { estimates }: Setting,
  system: string,
  measure: MeasureName,
): Estimate | undefined {
  return estimates.find((row) => row.system === system && row.measure === measure);
}

/** A mean with its interval in the measure's unit; without one where there is one replicate. */
function text(found: Pick<Estimate, "n" | "value" | "low" | "high">, measure: MeasureName): string {
  const { digits, factor } = measures[measure];
  return found.n === 1
    ? minus((found.value * factor).toFixed(digits))
    : withInterval(found.value, found, digits, factor);
}

/**
 * The mean of a measure with its interval.
 *
 * @param setting where it stands
 * @param system the rule
 * @param measure what was measured
 * @returns such as `1.2 [0.8, 1.6]`, with the number of replicates where some lack the number; a dash where all do
 */
export function meanText(setting: Setting, system: string, measure: MeasureName): string {
  const found = estimateOf(setting, system, measure);
  if (found === undefined) return NONE;
  const part = found.n < setting.n ? ` (${found.n} of ${setting.n})` : "";
  return `${text(found, measure)}${part}`;
}

/** What a setting's pairs are over. */
export function nounOf({ ground }: Pick<Setting, "ground">): string {
  return ground === "tabular" ? "problem" : "replicate";
}

/** Title with unit. */
const headOf = ({ title, unit }: Measure): string => unit === "" ? title : `${title} (${unit})`;

/** Measures that a setting has. */
function measuredIn({ estimates }: Setting): MeasureName[] {
  return measureNames.filter((name) => estimates.some(({ measure }) => measure === name));
}

/**
 * Every measure of every system.
 *
 * @param setting what was measured
 * @param extra further columns of a system, in front of the measures
 * @returns a row for each system
 */
export function outcomeRows(
  setting: Setting,
  extra: (system: string) => Row = () => ({}),
): Row[] {
  const shown = measuredIn(setting);
  return setting.systems.map((system): Row => ({
    rule: system,
    ...extra(system),
    ...Object.fromEntries(
      shown.map((measure) => [headOf(measures[measure]), meanText(setting, system, measure)]),
    ),
  }));
}

/** The difference of a system from a baseline in a measure. */
function differenceOf(
  { differences }: Setting,
  system: string,
  baseline: Baseline,
  measure: ComparedName,
): Compared | undefined {
  return differences.find((row) =>
    row.system === system && row.baseline === baseline && row.measure === measure
  );
}

/**
 * Every difference from both baselines, with its corrected p value.
 *
 * @param setting what was compared
 * @returns a row for each system and baseline
 */
export function differenceRows(setting: Setting): Row[] {
  const shown = comparedNames.filter((name) =>
    setting.differences.some(({ measure }) => measure === name)
  );
  return baselines.flatMap((baseline) =>
    setting.systems.filter((system) => system !== baseline).map((system): Row => ({
      rule: system,
      against: baseline,
      ...Object.fromEntries(shown.flatMap((measure) => {
        const found = differenceOf(setting, system, baseline, measure);
        const head = headOf(measures[measure]);
        return [
          [head, found === undefined ? NONE : text(found, measure)],
          [`p of ${measures[measure].title}`, found === undefined ? null : found.p_holm],
        ];
      })),
    }))
  );
}

/** Values of a measure by system, in its unit. */
function dots(setting: Setting, measure: MeasureName) {
  const { factor } = measures[measure];
  const found = setting.systems.map((system) => estimateOf(setting, system, measure));
  const column = (key: "value" | "low" | "high") =>
    found.map((row) => row === undefined ? null : row[key] * factor);
  return { values: column("value"), low: column("low"), high: column("high") };
}

/** A panel of a measure, with the held-out one as further dots where there is one. */
function panelOf(setting: Setting, measure: MeasureName, heldOut?: MeasureName): DotPanel {
  const { title, unit } = measures[measure];
  const others = heldOut !== undefined && setting.estimates.some((e) => e.measure === heldOut)
    ? [{ name: "held out", ...dots(setting, heldOut) }]
    : [];
  return {
    title: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    xTitle: unit,
    ...dots(setting, measure),
    ...others.length > 0 && { part: "training", others },
  };
}

/** Ends of logarithmic axes, in decades below the largest value. */
const DECADES = 4;

/** A panel on a logarithmic axis: what is 0 there, or has no number, is said in words. */
function logPanel(setting: Setting, measure: "ratio" | "falls"): DotPanel {
  const { factor } = measures[measure];
  const panel = panelOf(setting, measure);
  const largest = Math.max(...panel.values.map((value) => value ?? 0));
  if (largest <= 0) return panel;
  const least = largest * 10 ** -DECADES;
  const within = panel.values.map((value) => value !== null && value >= least / 10);
  const notes = panel.values.map((value, k) =>
    value === null ? "no gain" : within[k] ? null : value === 0 ? "0" : `< ${least.toPrecision(1)}`
  );
  const kept = (ends: readonly (number | null)[]) =>
    ends.map((end, k) => within[k] ? Math.max(end!, least / 100) : null);
  const ends = [...panel.values, ...panel.high].map((value) => value ?? 0);
  return {
    ...panel,
    values: kept(panel.values),
    low: kept(panel.low),
    high: kept(panel.high),
    notes,
    scale: "log",
    limits: [least, Math.max(...ends, factor * 1e-9)],
  };
}

/**
 * Harm, gain and standing of every system, a panel for each measure.
 *
 * @param setting what was measured
 * @param title of the figure
 * @returns the figure
 */
export function outcomeFigure(setting: Setting, title: string): Figure {
  const standing = [
    { ...panelOf(setting, "volume"), reference: 1 },
    panelOf(setting, "reach"),
  ];
  return dotIntervals({
    title,
    rows: setting.systems,
    panels: [
      // Settings of the trainer are not ranked: they are not ways to weigh.
      ...setting.ground === "trainer" ? [panelOf(setting, "first_order")] : [],
      panelOf(setting, "harmful"),
      logPanel(setting, "falls"),
      logPanel(setting, "ratio"),
      { ...panelOf(setting, "gain", "held_out_gain"), reference: 0 },
      { ...panelOf(setting, "least", "held_out_least"), reference: 0 },
      panelOf(setting, "fall", "held_out_fall"),
      ...setting.ground === "trainer" ? [] : [panelOf(setting, "rank")],
      ...standing,
    ],
    columns: 3,
    digits: 3,
    n: setting.n,
    unit: `${nounOf(setting)}s`,
    interval: "Student's 95 % intervals",
    caption:
      "Falls and their relation to the gain of the preferred sum stand on logarithmic axes, of " +
      `${DECADES} decades at most; "no gain": in none does the preferred sum rise where a reward falls`,
  });
}

/** Differences from both baselines in gain and in the worst-off reward, with single pairs. */
export function differenceFigure(setting: Setting, title: string): Figure {
  const rows = setting.systems.filter((system) => system !== "static");
  const panels = baselines.flatMap((baseline) =>
    (["falls", "least", "gain"] as const).map((measure): DotPanel => {
      const { title, unit, factor } = measures[measure];
      const found = rows.map((system) => differenceOf(setting, system, baseline, measure));
      const column = (key: "value" | "low" | "high") =>
        found.map((row) => row === undefined ? null : row[key] * factor);
      return {
        title: `${title.charAt(0).toUpperCase()}${title.slice(1)} less that of ${baseline}`,
        xTitle: unit,
        values: column("value"),
        low: column("low"),
        high: column("high"),
        reference: 0,
        ...setting.n > 1 && {
          replicates: rows.map((system) => pairsOf(setting, system, baseline, measure)),
        },
      };
    })
  );
  return dotIntervals({
    title,
    rows,
    panels,
    columns: 3,
    digits: 2,
    n: setting.n,
    unit: `${nounOf(setting)}s`,
    interval: "Student's 95 % intervals of paired differences; pale dots: single ones",
  });
}

/** Single differences in the measure's unit. */
function pairsOf(
  { outcomes }: Setting,
  system: string,
  baseline: Baseline,
  measure: MeasureName,
): number[] {
  const { factor } = measures[measure];
  if (system === baseline) return [];
  return outcomes[system]!.flatMap((outcome, k) => {
    const [a, b] = [outcome[measure], outcomes[baseline]![k]![measure]];
    return a === null || b === null || a === undefined || b === undefined ? [] : [(a - b) * factor];
  });
}
