/** Scores and paired differences of the main comparison, from the systems' answers item by item. @module */

import {
  average,
  bootstrapInterval,
  type MeanInterval,
  pairedDifference,
  wilsonInterval,
} from "../../lib/evaluation/mod.ts";
import type { Metric, Results } from "../../lib/runs/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { MainResultsFindings, SystemRuns } from "./findings.ts";
import type { UnitValues } from "../core/experiment.ts";
import { MEAN } from "../core/results.ts";
import { comparedPairs, measuredNames, MMLU } from "./systems.ts";

/** Scores of the same items, averaged over the seeds. */
interface ItemScores {
  readonly scores: readonly number[];
  readonly invalidRate: number;
}

/** Mean of rows of equal length, place by place. */
function averageOver(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, i) => average(rows.map((row) => row[i]!)));
}

/** Scores of one system in what is measured, undefined where it was not asked. */
function scoresOf(
  { items }: Pick<MainResultsFindings, "items">,
  { runs }: SystemRuns,
  measured: string,
): ItemScores | undefined {
  if (measured === MMLU) {
    const rows = runs.flatMap(({ mmlu }) => mmlu === null ? [] : [mmlu]);
    return rows.length === 0 ? undefined : { scores: averageOver(rows), invalidRate: 0 };
  }
  const own = items.flatMap(({ capability }, i) =>
    measured === MEAN || capability === measured ? [i] : []
  );
  const pick = <T>(row: readonly T[]): T[] => own.map((i) => row[i]!);
  return {
    scores: averageOver(runs.map(({ scores }) => pick(scores))),
    invalidRate: average(runs.flatMap(({ invalid }) => pick(invalid).map(Number))),
  };
}

/** Mean of scores with its 95 % interval: an accuracy's by Wilson, that of other scores by bootstrap over the items. */
function intervalOf(scores: readonly number[], isAccuracy: boolean): MeanInterval {
  if (!isAccuracy) return bootstrapInterval(scores, { seed: 0 });
  const right = scores.filter((score) => score === 1).length;
  return { n: scores.length, mean: right / scores.length, ...wilsonInterval(right, scores.length) };
}

/**
 * Scores of every system.
 *
 * @param findings the systems' answers
 * @returns a metric for each system and each thing that it was measured on
 */
export function metricsOf(findings: MainResultsFindings): Metric[] {
  return findings.systems.flatMap((system) =>
    measuredNames.flatMap((measured): Metric[] => {
      const found = scoresOf(findings, system, measured);
      if (found === undefined) return [];
      // Over several seeds a question's score is a mean, not right or wrong.
      const isAccuracy = measured === MMLU && system.runs.length === 1;
      const { n, mean, low, high } = intervalOf(found.scores, isAccuracy);
      return [{
        system: system.name,
        capability: measured,
        unit: "share",
        n,
        mean,
        low,
        high,
        seeds: system.runs.length,
        invalid_rate: found.invalidRate,
        prompt_hash: findings.promptHash[measured === MEAN ? capabilities[0] : measured]!,
      }];
    })
  );
}

/** Names of what a system's scores are of: items by their ids, questions of the benchmark by their place in it. */
function unitNames({ items, promptHash }: MainResultsFindings, measured: string, n: number) {
  if (measured === MMLU) return Array.from({ length: n }, (_, i) => `${promptHash[MMLU]}, ${i}`);
  return items.filter(({ capability }) => measured === MEAN || capability === measured)
    .map(({ id }) => id);
}

/**
 * Scores of every system item by item; over several seeds an item's mean.
 *
 * @param findings the systems' answers
 * @returns what the means of {@linkcode metricsOf} are over
 */
export function unitsOf(findings: MainResultsFindings): UnitValues[] {
  return findings.systems.flatMap((system) =>
    measuredNames.flatMap((measured): UnitValues[] => {
      const found = scoresOf(findings, system, measured);
      if (found === undefined) return [];
      const names = unitNames(findings, measured, found.scores.length);
      return [{
        system: system.name,
        capability: measured,
        units: measured === MMLU ? "questions" : "items",
        values: new Map(found.scores.map((score, i) => [names[i]!, score])),
      }];
    })
  );
}

/**
 * Paired differences.
 *
 * @param findings the systems' answers
 * @returns a comparison for each of {@linkcode comparedPairs} and each thing that both were measured on
 */
export function comparisonsOf(findings: MainResultsFindings): Results["comparisons"] {
  const named = (name: string) => findings.systems.find((system) => system.name === name);
  return comparedPairs.flatMap(([system, baseline]) => {
    const [first, second] = [named(system), named(baseline)];
    if (first === undefined || second === undefined) return [];
    return measuredNames.flatMap((capability) => {
      const [a, b] = [first, second].map((runs) => scoresOf(findings, runs, capability));
      if (a === undefined || b === undefined) return [];
      const { mean, low, high, p, n } = pairedDifference(a.scores, b.scores, { seed: 0 });
      return [{ system, baseline, capability, n, difference: mean, low, high, p }];
    });
  });
}
