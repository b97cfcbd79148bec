/** The numbers of results.json. @module */

import type { Metric, Results } from "../../lib/runs/mod.ts";
import { byNumber, type UnitValues } from "../core/experiment.ts";
import { CONTROL } from "./arms.ts";
import type { Condition, SampledFindings } from "./findings.ts";

/**
 * The name of a condition among systems.
 *
 * @param condition arm, preference and prompts a step
 * @returns such as `static, equal, 32 prompts`
 */
export function conditionName({ arm, preference, prompts }: Condition): string {
  return `${arm}, ${preference}, ${prompts} prompts`;
}

/**
 * Outcomes of every condition on both parts.
 *
 * @param findings what was found
 * @param hash of the last replicate's prompts
 * @returns the metrics
 */
export function metricsOf(findings: SampledFindings, hash: string): Metric[] {
  const { conditions, prompts, replicates } = findings;
  return conditions.flatMap((condition) =>
    condition.outcomes.map(({ part, outcome, estimate: { value, low, high } }): Metric => ({
      system: conditionName(condition),
      capability: `${outcome}, ${part}`,
      unit: "value",
      n: replicates * (part === "train" ? prompts.train : prompts.heldOut),
      mean: value,
      low,
      high,
      seeds: replicates,
      invalid_rate: condition.outside.end,
      prompt_hash: hash,
    }))
  );
}

/**
 * Every arm against the control.
 *
 * @param findings what was found
 * @returns the comparisons
 */
export function comparisonsOf(
  { differences, replicates }: SampledFindings,
): Results["comparisons"] {
  return differences.map(({ estimate: { value, low, high, p }, part, outcome, ...condition }) => ({
    system: conditionName(condition),
    baseline: conditionName({ ...condition, arm: CONTROL }),
    capability: `${outcome}, ${part}`,
    n: replicates,
    difference: value,
    low,
    high,
    p,
  }));
}

/**
 * The same replicate by replicate.
 *
 * @param findings what was found
 * @returns differences of every arm from the control with the same preference and prompts
 */
export function unitsOf({ differences }: SampledFindings): UnitValues[] {
  return differences.map(({ part, outcome, replicates, ...condition }) => ({
    system: `${conditionName(condition)} less ${CONTROL}`,
    capability: `${outcome}, ${part}`,
    units: "replicates",
    values: byNumber("seed", replicates),
  }));
}
