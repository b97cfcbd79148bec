/** Numbers of the experiment on synthesis. @module */

import {
  average,
  bootstrapInterval,
  type MeanInterval,
  pairedDifference,
} from "../../lib/evaluation/mod.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import type { UnitValues } from "../core/experiment.ts";
import {
  type Arm,
  type ArmName,
  type MeasuredSet,
  measuredSets,
  type SynthesisFindings,
} from "./findings.ts";

/** The model that nothing was trained on, among systems. */
export const BASE = "base";

/** What a guess gets, among systems. */
export const CHANCE = "chance";

/** How decisions are read: by what the findings add, or by the likelihood alone. */
export type Reading = "predicted" | "likeliest";

/** Shares of right decisions of each group, the mean over the seeds; undefined where the arm was not measured. */
function sharesOf(
  { runs }: Pick<Arm, "runs">,
  set: MeasuredSet,
  reading: Reading,
): number[] | undefined {
  const rows = runs.flatMap(({ sets }) => sets[set] === undefined ? [] : [sets[set][reading]]);
  return rows[0]?.map((_, i) => average(rows.map((row) => row[i]!)));
}

/** The arms, and the model that nothing was trained on before them. */
function systemsOf({ arms, base }: SynthesisFindings): (Pick<Arm, "runs"> & { name: string })[] {
  return [{ name: BASE, runs: [{ seed: 0, sets: base }] }, ...arms];
}

/** Accuracy with its interval over groups. */
export function accuracyOf(units: readonly number[]): MeanInterval {
  return bootstrapInterval(units, { seed: 0 });
}

/**
 * Accuracy of every arm on every set.
 *
 * @param findings what was found
 * @param reading how decisions are read
 * @returns a metric for each that has groups, and what a guess gets
 */
export function metricsOf(
  findings: SynthesisFindings,
  reading: Reading = "predicted",
): Metric[] {
  const { sets, protocol } = findings;
  const metric = (
    system: string,
    set: MeasuredSet,
    { mean, low, high, n }: MeanInterval,
    seeds: number,
  ): Metric => ({
    system,
    capability: set,
    unit: "share",
    n,
    mean,
    low,
    high,
    seeds,
    invalid_rate: 0,
    prompt_hash: protocol,
  });
  return measuredSets.flatMap((set) => {
    const { units, chance } = sets.find((one) => one.set === set)!;
    if (units === 0) return [];
    return [
      metric(CHANCE, set, { mean: chance, low: chance, high: chance, n: units }, 1),
      ...systemsOf(findings).flatMap(({ name, runs }) => {
        const found = sharesOf({ runs }, set, reading);
        return found === undefined ? [] : [metric(name, set, accuracyOf(found), runs.length)];
      }),
    ];
  });
}

/**
 * Accuracy of every arm on every set, group by group.
 *
 * @param findings what was found
 * @returns what the means of {@linkcode metricsOf} are over
 */
export function unitsOf(findings: SynthesisFindings): UnitValues[] {
  return systemsOf(findings).flatMap(({ name, runs }) =>
    findings.sets.flatMap(({ set, prompts = findings.protocol }): UnitValues[] => {
      const found = sharesOf({ runs }, set, "predicted");
      if (found === undefined || found.length === 0) return [];
      const values = new Map(found.map((share, i) => [`${prompts}, ${set}, ${i}`, share]));
      return [{ system: name, capability: set, units: "groups", values }];
    })
  );
}

/** What arms are compared with. */
export const CONTROL: ArmName = "random drop";

/** The arm that is compared with a guess on held-out diseases. */
export const RIGHT: ArmName = "right keys";

/**
 * Paired differences from random drop, group by group.
 *
 * @param findings what was found
 * @returns a comparison for each other arm and each set that has groups
 */
export function comparisonsOf({ arms, sets }: SynthesisFindings): Results["comparisons"] {
  const control = arms.find(({ name }) => name === CONTROL);
  if (control === undefined) return [];
  return arms.filter((arm) => arm !== control).flatMap((arm) =>
    sets.flatMap(({ set }) => {
      const [own, other] = [arm, control].map((one) => sharesOf(one, set, "predicted"));
      if (own === undefined || other === undefined || own.length === 0) return [];
      const { mean, low, high, p, n } = pairedDifference(own, other, { seed: 0 });
      return [{
        system: arm.name,
        baseline: CONTROL,
        capability: set,
        n,
        difference: mean,
        low,
        high,
        p,
      }];
    })
  );
}
