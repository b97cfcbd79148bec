/** What the experiment on the gradients' geometry reports as numbers. @module */

import { bootstrapInterval, wilsonInterval } from "../../lib/evaluation/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import { exact } from "../core/results.ts";
import type { ExactGeometry } from "./checks.ts";
import {
  amongApart,
  bankCapabilities,
  capabilityPairs,
  type Cosine,
  type GeometryFindings,
  metricPairs,
  type MetricPoint,
} from "./findings.ts";

/**
 * Problems on which two metrics disagree about the sign of the cosine.
 *
 * @param points cosines on each problem
 * @param a one metric
 * @param b the other one
 * @returns their number
 */
export function signChanges(
  points: readonly MetricPoint[],
  a: keyof MetricPoint,
  b: keyof MetricPoint,
): number {
  return points.filter((point) => point[a] * point[b] < 0).length;
}

/**
 * Harm, metrics and products where everything is exact.
 *
 * @param geometry what was measured, with every point
 * @returns metrics of results.json
 */
export function exactMetrics({ harm, metrics, products }: ExactGeometry): Metric[] {
  return [
    ...harm.flatMap(({ capabilities, points, violations, conflicts }): Metric[] => {
      const n = points.length;
      const system = `${capabilities} capabilities`;
      const common = { ...exact, system, unit: "share", n } as const;
      return [
        {
          ...common,
          capability: "violations",
          mean: violations / n,
          ...wilsonInterval(violations, n),
        },
        {
          ...common,
          capability: "Gram matrices with a negative cosine",
          mean: conflicts / n,
          ...wilsonInterval(conflicts, n),
        },
        {
          ...common,
          capability: "preferences that harm",
          ...bootstrapInterval(points.map(({ share }) => share), { seed: 0 }),
        },
      ];
    }),
    ...metricPairs.map(([a, b]): Metric => {
      const k = signChanges(metrics, a, b);
      const n = metrics.length;
      return {
        ...exact,
        system: `${a} against ${b}`,
        capability: "cosines of another sign",
        unit: "share",
        n,
        mean: k / n,
        ...wilsonInterval(k, n),
      };
    }),
    ...products.flatMap(({ prompts, draws, single, cross }) =>
      ([["single batch", single], ["across halves", cross]] as const).flatMap((
        [system, { mean, half, positive }],
      ): Metric[] => [
        {
          ...exact,
          system,
          capability: `product, ${prompts} prompts`,
          unit: "value",
          n: draws,
          mean,
          low: mean - half,
          high: mean + half,
        },
        {
          ...exact,
          system,
          capability: `wrong sign, ${prompts} prompts`,
          unit: "share",
          n: draws,
          mean: positive / draws,
          ...wilsonInterval(positive, draws),
        },
      ])
    ),
  ];
}

/**
 * Cosines, signals, steps and banks of the model.
 *
 * @param findings what was measured on it
 * @param hash hash of the prompts
 * @returns metrics of results.json
 */
export function modelMetrics(
  { model, banks }: Pick<GeometryFindings, "model" | "banks">,
  hash: string,
): Metric[] {
  const common = { unit: "value", seeds: 1, invalid_rate: 0, prompt_hash: hash } as const;
  const cosines = (system: string, n: number, found: readonly Cosine[]) =>
    found.flatMap(({ mean, low, high }, p): Metric[] => {
      const [a, b] = capabilityPairs[p]!;
      // A pair without a cosine has no metric; an estimate that has no interval is its own.
      return mean === null ? [] : [{
        ...common,
        system,
        capability: `cosine of ${a} and ${b}`,
        n,
        mean,
        low: Math.min(mean, low ?? mean),
        high: Math.max(mean, high ?? mean),
      }];
    });
  return [
    ...cosines("Euclid", model.pool, model.euclidean.cosines),
    ...cosines("Adam's metric", model.pool, model.adam.cosines),
    ...cosines("natural gradient", model.pool, model.natural),
    ...([["Euclid", model.euclidean], ["Adam's metric", model.adam]] as const).flatMap((
      [system, { signal }],
    ) =>
      capabilities.map((c, i): Metric => ({
        ...common,
        system,
        capability: `signal to noise of ${c}, one prompt`,
        n: model.pool,
        ...signal[i]!,
      }))
    ),
    ...model.batches.flatMap(({ prompts, single, cross }) => [
      ...cosines(`single batch of ${prompts}`, model.batchDraws, single),
      ...cosines(`halves of ${prompts}`, model.batchDraws, cross),
    ]),
    ...model.steps.flatMap(({ movement, predicted, realised }) =>
      capabilities.flatMap((c, i): Metric[] => {
        const system = `step of ${movement.toFixed(2)} nats`;
        const { mean, low, high, n } = realised[i]!;
        return [
          { ...common, system, capability: `change of ${c}`, n, mean, low, high },
          {
            ...common,
            system,
            capability: `change of ${c}, first order`,
            n,
            mean: predicted[i]!,
            low: predicted[i]!,
            high: predicted[i]!,
          },
        ];
      })
    ),
    ...banks.outcomes.flatMap((outcome) =>
      bankCapabilities(banks, outcome).map(([capability, values]): Metric => ({
        ...common,
        system: outcome.kind,
        capability,
        ...bootstrapInterval(amongApart(values), { seed: 0 }),
      }))
    ),
  ];
}
