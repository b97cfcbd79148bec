/** What results.json holds of the studies. @module */

import type { Metric, Results } from "../../lib/runs/mod.ts";
import type { UnitValues } from "../core/experiment.ts";
import { limitedMean, replicateDifference, replicateMean } from "../laboratory/replicates.ts";
import { type ExactLmFindings, optimizerWays, sweeps } from "./findings.ts";
import { references, volumes } from "./front_statistics.ts";
import { ruleNames, sweepNames, wayNames } from "./names.ts";

/** What is measured of a run. */
const GAIN = "gain of the preferred sum";
const FALL = "largest fall";

/** What a volume is called, by where it is measured from. */
const volumeNames = { zero: "hypervolume from 0", start: "hypervolume from the start" } as const;

/** Runs of study 1 by rule and preference, but for the controls. */
function ascentGroups({ ascents = [] }: ExactLmFindings) {
  const main = ascents.filter(({ control }) => control === null);
  return [...Map.groupBy(main, ({ rule, preference }) => `${ruleNames[rule]}, ${preference}`)];
}

/** A number of every replicate. */
interface Measured {
  readonly system: string;
  readonly capability: string;
  readonly unit: Metric["unit"];
  /** By seed. */
  readonly values: ReadonlyMap<number, number>;
}

/** A number of every row, by its seed. */
function bySeed<T extends { readonly seed: number }>(
  rows: readonly T[],
  of: (row: T) => number,
): Map<number, number> {
  return new Map(rows.map((row) => [row.seed, of(row)]));
}

/** Gains and falls by rule, harmful steps by way, volumes by sweep, replicate by replicate. */
function measured(findings: ExactLmFindings): Measured[] {
  const { optimizers = [], fronts } = findings;
  const changes = <
    T extends { readonly seed: number; readonly gain: number; readonly fall: number },
  >(
    system: string,
    rows: readonly T[],
  ): Measured[] => [
    { system, capability: GAIN, unit: "value", values: bySeed(rows, ({ gain }) => gain) },
    { system, capability: FALL, unit: "value", values: bySeed(rows, ({ fall }) => fall) },
  ];
  return [
    ...ascentGroups(findings).flatMap(([system, rows]) => changes(system, rows)),
    ...optimizerWays.flatMap((way) => {
      const rows = optimizers.filter((row) => row.way === way);
      if (rows.length === 0) return [];
      const system = `AdamW, ${wayNames[way]}`;
      const harmful = bySeed(rows, (row) => row.harmful / row.steps);
      return [
        { system, capability: "harmful steps", unit: "share" as const, values: harmful },
        ...changes(system, rows),
      ];
    }),
    ...fronts === undefined
      ? []
      : sweeps.flatMap((sweep) =>
        references.map((reference): Measured => {
          const found = volumes(fronts, sweep, reference);
          return {
            system: sweepNames[sweep],
            capability: volumeNames[reference],
            unit: "value",
            values: new Map(fronts.starts.map(({ seed }, k) => [seed, found[k]!])),
          };
        })
      ),
  ];
}

/**
 * Scores of results.json.
 *
 * @param findings what was found
 * @param hash of what the prompts are drawn by
 * @returns gains and falls by rule, harmful steps by way, volumes by sweep
 */
export function metricsOf(findings: ExactLmFindings, hash: string): Metric[] {
  return measured(findings).map(({ system, capability, unit, values }): Metric => {
    const found = [...values.values()];
    const { mean, low, high, n } = unit === "share"
      ? limitedMean(found, [0, 1])
      : replicateMean(found);
    return {
      system,
      capability,
      unit,
      n,
      mean,
      low,
      high,
      seeds: n,
      invalid_rate: 0,
      prompt_hash: hash,
    };
  });
}

/**
 * The same replicate by replicate.
 *
 * @param findings what was found
 * @returns the numbers that the scores are means of
 */
export function unitsOf(findings: ExactLmFindings): UnitValues[] {
  return measured(findings).map(({ system, capability, values }) => ({
    system,
    capability,
    units: "replicates",
    values: new Map([...values].map(([seed, value]) => [`seed ${seed}`, value])),
  }));
}

/** Sweeps whose volumes are compared. */
const pairs = [
  ["capability_aware", "static"],
  ["capability_aware", "upgrad"],
  ["capability_aware", "soup"],
  ["static", "soup"],
] as const;

/**
 * Paired differences of results.json.
 *
 * @param findings what was found
 * @returns gains and falls against static weights at the same preference, and differences of volume
 */
export function comparisonsOf(findings: ExactLmFindings): Results["comparisons"] {
  const { fronts } = findings;
  const comparison = (
    system: string,
    baseline: string,
    capability: string,
    values: readonly number[],
    others: readonly number[],
  ): Results["comparisons"][number] => {
    const { mean: difference, low, high, n, p } = replicateDifference(values, others);
    return { system, baseline, capability, n, difference, low, high, p };
  };
  const groups = new Map(ascentGroups(findings));
  return [
    ...[...groups].flatMap(([system, rows]) => {
      const { rule, preference } = rows[0]!;
      const fixed = groups.get(`${ruleNames.static}, ${preference}`);
      if (rule === "static" || fixed === undefined) return [];
      return (["gain", "fall"] as const).map((key) =>
        comparison(
          system,
          `${ruleNames.static}, ${preference}`,
          key === "gain" ? GAIN : FALL,
          rows.map((row) => row[key]),
          fixed.map((row) => row[key]),
        )
      );
    }),
    ...fronts === undefined
      ? []
      : references.flatMap((reference) =>
        pairs.map(([system, baseline]) =>
          comparison(
            sweepNames[system],
            sweepNames[baseline],
            volumeNames[reference],
            volumes(fronts, system, reference),
            volumes(fronts, baseline, reference),
          )
        )
      ),
  ];
}
