/** What is stored of a run Gram matrix by Gram matrix, problem by problem, and pair by pair of capabilities. @module */

import { byNumber, type UnitValues } from "../core/experiment.ts";
import {
  amongApart,
  apart,
  bankCapabilities,
  type GeometryFindings,
  type MetricPoint,
} from "./findings.ts";

/** Names of the ordered pairs, in the order of {@linkcode amongApart}. */
const pairNames = apart.flatMap((own) =>
  apart.flatMap((other) => own === other ? [] : [`${own}, ${other}`])
);

/** How each metric of a problem is called. */
const metricNames: Readonly<Record<keyof MetricPoint, string>> = {
  euclidean: "Euclid",
  adam: "Adam's metric",
  natural: "natural gradient",
};

/**
 * What is kept of the drawn Gram matrices and problems, the first ones, and what a bank of an adapter does to another.
 *
 * @param findings what was found
 * @returns values of the kept ones, and what the means of the banks in results.json are over
 */
export function unitsOf({ harm, metrics, banks }: GeometryFindings): UnitValues[] {
  return [
    ...harm.map(({ capabilities, points }): UnitValues => ({
      system: `${capabilities} capabilities`,
      capability: `preferences that harm, first ${points.length}`,
      units: "Gram matrices",
      values: byNumber("number", points.map(({ share }) => share)),
    })),
    ...(["euclidean", "adam", "natural"] as const).map((name): UnitValues => ({
      system: metricNames[name],
      capability: `cosine of two rewards, first ${metrics.points.length}`,
      units: "problems",
      values: byNumber("number", metrics.points.map((point) => point[name])),
    })),
    ...banks.outcomes.flatMap((outcome) =>
      bankCapabilities(banks, outcome).map(([capability, values]): UnitValues => ({
        system: outcome.kind,
        capability,
        units: "pairs of capabilities",
        values: new Map(amongApart(values).map((value, i) => [pairNames[i]!, value])),
      }))
    ),
  ];
}
