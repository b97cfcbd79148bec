/**
 * When do capabilities conflict, and how can it be seen? Theorems 1, 2, 9 and 10 of `lib/balance/THEORY.md` on random Gram
 * matrices and tabular softmax policies, where gradients are exact, and on a trained tiny model; theorem 3 on its adapters.
 *
 * @module
 */

import { UsageError } from "../../lib/runtime/mod.ts";
import { breathe, type RunContext, type RunOutput } from "../core/experiment.ts";
import { sampledStart } from "../stages/gradient_samples.ts";
import { measureBanks } from "./banks.ts";
import {
  compareMetrics,
  countHarm,
  type ExactGeometry,
  LATTICE,
  metricProblem,
  opposedExact,
  opposedProducts,
  sizes,
  UNLIKELY,
} from "./checks.ts";
import type { GeometryConfig } from "./config.ts";
import type { GeometryFindings, HarmCount } from "./findings.ts";
import { exactMetrics, modelMetrics } from "./metrics.ts";
import { modelGeometry, poolOf } from "./model.ts";

/** Gram matrices and problems that are kept as points, for figures; the counts are over all. */
const SHOWN = 400;

async function measureExact(
  { grams, problems, prompts, draws }: Pick<
    GeometryConfig,
    "grams" | "problems" | "prompts" | "draws"
  >,
  onProgress: (done: number, total: number, note?: string) => void,
): Promise<ExactGeometry> {
  const total = sizes.length + 2;
  const harm: HarmCount[] = [];
  for (const [i, size] of sizes.entries()) {
    onProgress(i, total, `${size} capabilities`);
    await breathe();
    harm.push(countHarm(size, grams));
  }
  onProgress(total - 2, total, "metrics");
  await breathe();
  const metrics = compareMetrics(problems);
  onProgress(total - 1, total, "opposed gradients");
  await breathe();
  const products = opposedProducts(prompts, draws);
  onProgress(total, total);
  return { harm, metrics, products };
}

/**
 * What is kept of the exact part.
 *
 * @param geometry what was measured, with every point
 * @returns counts over all, points of the first ones, and what is exact in the opposed example
 */
export function exactFindings(
  { harm, metrics, products }: ExactGeometry,
): Omit<GeometryFindings, "model" | "banks"> {
  const { gram, covariance, cosine, flip } = opposedExact();
  return {
    harm: harm.map((row) => ({ ...row, points: row.points.slice(0, SHOWN) })),
    lattice: LATTICE,
    metrics: {
      ...metricProblem,
      problems: metrics.length,
      points: metrics.slice(0, SHOWN),
    },
    opposed: {
      inner: gram[0]![1]!,
      covariance: covariance[0]![1]!,
      cosine,
      flip,
      unlikely: UNLIKELY,
    },
    products,
  };
}

/**
 * Measures where everything is exact, then on the model and its adapters.
 *
 * @param context store, backend and bars; the seeds are not read
 * @param config options
 * @returns metrics and findings
 * @throws {UsageError} when a batch is larger than the pool, or there is no such model
 * @throws {WorkbenchError} when a capability has too few prompts whose completions differ in its reward
 */
export async function runGeometry(
  context: RunContext,
  config: GeometryConfig,
): Promise<RunOutput<GeometryFindings>> {
  const largest = Math.max(...config.modelPrompts);
  if (largest > poolOf(config.pool)) {
    throw new UsageError(
      `Expected modelPrompts to be at most ${
        poolOf(config.pool)
      }, what pool leaves, but found ${largest}`,
    );
  }
  const bar = context.stage("Checking Gram matrices");
  const { grams, problems, prompts, draws } = config;
  const checked = await context.store.json(
    "gradient-geometry",
    { version: 2, grams, problems, prompts, draws },
    () => measureExact(config, bar.update),
  );
  bar.finish(checked.cached ? "from the store" : undefined);
  const { workshop, start, samples } = await sampledStart(context, config);
  const model = await modelGeometry(workshop, start, config, samples);
  const banks = await measureBanks(workshop, start, samples, config.furtherPrompts);
  const onModel = { model: model.value, banks: banks.value };
  return {
    metrics: [...exactMetrics(checked.value), ...modelMetrics(onModel, workshop.itemsHash)],
    comparisons: [],
    seconds: {
      checks: checked.seconds,
      SFT: start.seconds,
      samples: samples.seconds,
      gradients: model.seconds,
      banks: banks.seconds,
    },
    notes: [
      "Intervals of products are normal over draws, those of shares Wilson's. Those of the model's " +
      "cosines and signals are bootstrapped over prompts; those of batches hold 95 % of the draws; those of banks are bootstrapped " +
      "over the six pairs of two of domain, reasoning and instruction.",
      "The model's gradients are those of a fresh adapter on the fine-tuned model. Its cosines come from products of different " +
      "prompts, so that they may lie beyond \u22121 and 1; where a capability's own product is not above 0 there is none, and resamples " +
      "and batches without one are left out.",
      "Batches are drawn from one pool without replacement: large ones overlap, so that their spread is too small.",
    ],
    findings: { ...exactFindings(checked.value), ...onModel },
  };
}
