/** What results.json holds of the studies. @module */

import type { Metric, Results } from "../../lib/runs/mod.ts";
import {
  limitedMean,
  replicateDifference,
  type ReplicateMean,
  replicateMean,
} from "../laboratory/replicates.ts";
import { type ExactLmFindings, optimizerWays, sweeps } from "./findings.ts";
import { references, volumes } from "./front_statistics.ts";
import { ruleNames, sweepNames, wayNames } from "./names.ts";

/** What a volume is called, by where it is measured from. */
const volumeNames = { zero: "hypervolume from 0", start: "hypervolume from the start" } as const;

/** Runs of study 1 by rule and preference, but for the controls. */
function ascentGroups({ ascents = [] }: ExactLmFindings) {
  const main = ascents.filter(({ control }) => control === null);
  return [...Map.groupBy(main, ({ rule, preference }) => `${ruleNames[rule]}, ${preference}`)];
}

/**
 * Scores of results.json.
 *
 * @param findings what was found
 * @param hash of what the prompts are drawn by
 * @returns gains and falls by rule, harmful steps by way, volumes by sweep
 */
export function metricsOf(findings: ExactLmFindings, hash: string): Metric[] {
  const { optimizers = [], fronts } = findings;
  const metric = (
    system: string,
    capability: string,
    unit: "share" | "value",
    { mean, low, high, n }: ReplicateMean,
  ): Metric => ({
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
  });
  return [
    ...ascentGroups(findings).flatMap(([system, rows]) => [
      metric(system, "gain of the preferred sum", "value", replicateMean(rows.map((r) => r.gain))),
      metric(system, "largest fall", "value", replicateMean(rows.map((r) => r.fall))),
    ]),
    ...optimizerWays.flatMap((way) => {
      const rows = optimizers.filter((row) => row.way === way);
      if (rows.length === 0) return [];
      const system = `AdamW, ${wayNames[way]}`;
      const harmful = limitedMean(rows.map((r) => r.harmful / r.steps), [0, 1]);
      return [
        metric(system, "harmful steps", "share", harmful),
        metric(
          system,
          "gain of the preferred sum",
          "value",
          replicateMean(rows.map((r) => r.gain)),
        ),
        metric(system, "largest fall", "value", replicateMean(rows.map((r) => r.fall))),
      ];
    }),
    ...fronts === undefined ? [] : sweeps.flatMap((sweep) =>
      references.map((reference) =>
        metric(
          sweepNames[sweep],
          volumeNames[reference],
          "value",
          replicateMean(volumes(fronts, sweep, reference)),
        )
      )
    ),
  ];
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
          key === "gain" ? "gain of the preferred sum" : "largest fall",
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
